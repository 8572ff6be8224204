// SPDX-License-Identifier: MIT
#include "driver/graph/user_object.hpp"

#include <climits>

#include "driver/graph/graph.hpp"

namespace softgpu::driver {
namespace {

using UserObjectTable = HandleTable<UserObject, CUuserObject, HandleKind::user_object>;
UserObjectTable& user_objects() {
  static UserObjectTable* const table = new UserObjectTable;
  return *table;
}

class Destroy final : public Operation {
 public:
  Destroy(CUhostFn function, void* data) : function_(function), data_(data) {}
  void execute() override {
    const HostCallbackScope scope;
    function_(data_);
  }

 private:
  CUhostFn function_;
  void* data_;
};

void retain(UserObject& object, uint64_t count) {
  const std::lock_guard lock(object.mutex);
  object.references += count;
}

// False if there are fewer. The last one calls the program's function, on a worker thread.
bool give_back(UserObject& object, uint64_t count) {
  {
    const std::lock_guard lock(object.mutex);
    if (object.references < count) return false;
    object.references -= count;
    if (object.references > 0) return true;
  }
  user_objects().remove(object.handle);
  scheduler().submit(std::make_shared<Destroy>(object.destroy, object.data), {}, 0, false);
  return true;
}

bool countable(unsigned count) {
  return count > 0 && count <= INT_MAX;
}

}  // namespace

UserObjectReferences::UserObjectReferences(const UserObjectReferences& other) : held_(other.held_) {
  for (const auto& [object, count] : held_) retain(*object, count);
}

UserObjectReferences& UserObjectReferences::operator=(const UserObjectReferences& other) {
  UserObjectReferences copy(other);
  held_.swap(copy.held_);
  return *this;
}

UserObjectReferences::~UserObjectReferences() {
  for (const auto& [object, count] : held_) give_back(*object, count);
}

void UserObjectReferences::adopt(const UserObjectPtr& object, uint64_t count) {
  held_[object] += count;
}

bool UserObjectReferences::release(const UserObjectPtr& object, uint64_t count) {
  const auto it = held_.find(object);
  if (it == held_.end() || it->second < count) return false;
  it->second -= count;
  if (it->second == 0) held_.erase(it);
  return give_back(*object, count);
}

}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuUserObjectCreate(CUuserObject* out, void* data, CUhostFn destroy, unsigned int count,
                            unsigned int flags) {
  return with_graphs([&]() -> CUresult {
    if (!out || !destroy || !countable(count) || flags != CU_USER_OBJECT_NO_DESTRUCTOR_SYNC)
      return CUDA_ERROR_INVALID_VALUE;
    auto object = std::make_shared<UserObject>();
    object->destroy = destroy;
    object->data = data;
    object->references = count;
    object->handle = user_objects().insert(object);
    *out = object->handle;
    return CUDA_SUCCESS;
  });
}

CUresult cuUserObjectRetain(CUuserObject handle, unsigned int count) {
  return with_graphs([&]() -> CUresult {
    const UserObjectPtr object = user_objects().find(handle);
    if (!object || !countable(count)) return CUDA_ERROR_INVALID_VALUE;
    retain(*object, count);
    return CUDA_SUCCESS;
  });
}

CUresult cuUserObjectRelease(CUuserObject handle, unsigned int count) {
  return with_graphs([&]() -> CUresult {
    const UserObjectPtr object = user_objects().find(handle);
    if (!object || !countable(count)) return CUDA_ERROR_INVALID_VALUE;
    return give_back(*object, count) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
  });
}

CUresult cuGraphRetainUserObject(CUgraph graph_handle, CUuserObject handle, unsigned int count,
                                 unsigned int flags) {
  return with_graphs([&]() -> CUresult {
    const GraphPtr graph = graphs().find(graph_handle);
    const UserObjectPtr object = user_objects().find(handle);
    if (!graph || !object || !countable(count)) return CUDA_ERROR_INVALID_VALUE;
    if ((flags & ~static_cast<unsigned>(CU_GRAPH_USER_OBJECT_MOVE)) != 0)
      return CUDA_ERROR_INVALID_VALUE;
    if (flags == 0) retain(*object, count);
    graph->user_objects.adopt(object, count);
    return CUDA_SUCCESS;
  });
}

CUresult cuGraphReleaseUserObject(CUgraph graph_handle, CUuserObject handle, unsigned int count) {
  return with_graphs([&]() -> CUresult {
    const GraphPtr graph = graphs().find(graph_handle);
    const UserObjectPtr object = user_objects().find(handle);
    if (!graph || !object || !countable(count)) return CUDA_ERROR_INVALID_VALUE;
    return graph->user_objects.release(object, count) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
  });
}
