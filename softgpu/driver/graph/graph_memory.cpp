// SPDX-License-Identifier: MIT
#include "driver/graph/graph_memory.hpp"

#include <algorithm>
#include <map>

#include "driver/graph/graph.hpp"

namespace softgpu::driver {
namespace {

// Bytes of all allocation nodes' memory, for cuDeviceGetGraphMemAttribute. This device backs an
// address when the node is made, so "reserved" is what exists and "used" what is allocated.
struct Account {
  std::atomic<uint64_t> now{0}, high{0};
  void add(uint64_t bytes) {
    const uint64_t sum = now.fetch_add(bytes) + bytes;
    uint64_t seen = high.load();
    while (seen < sum && !high.compare_exchange_weak(seen, sum)) {
    }
  }
  void take(uint64_t bytes) { now.fetch_sub(bytes); }
};
Account g_reserved[kMostDevices], g_used[kMostDevices];

// Every allocation by address; and those that are allocated, which live without their graph.
std::map<CUdeviceptr, std::weak_ptr<GraphAllocation>>& known() {
  static auto* const all = new std::map<CUdeviceptr, std::weak_ptr<GraphAllocation>>;
  return *all;
}
std::mutex& known_mutex() {
  static std::mutex* const mutex = new std::mutex;
  return *mutex;
}
std::map<CUdeviceptr, GraphAllocationPtr>& allocated() {
  static auto* const all = new std::map<CUdeviceptr, GraphAllocationPtr>;
  return *all;
}

class Show final : public StreamOperation {
 public:
  explicit Show(GraphAllocationPtr a) : StreamOperation(a->context), allocation_(std::move(a)) {}

 private:
  void run(Context&) override {
    memory().show(allocation_->memory);
    allocation_.reset();
  }
  void skipped(Context&) override { allocation_.reset(); }
  GraphAllocationPtr allocation_;
};

class Hide final : public StreamOperation {
 public:
  explicit Hide(GraphAllocationPtr a) : StreamOperation(a->context), allocation_(std::move(a)) {}

 private:
  void run(Context&) override {
    memory().conceal(*allocation_->memory);
    allocation_.reset();
  }
  void skipped(Context& context) override { run(context); }
  GraphAllocationPtr allocation_;
};

}  // namespace

GraphAllocation::~GraphAllocation() {
  {
    const std::lock_guard lock(known_mutex());
    const auto it = known().find(address);
    if (it != known().end() && it->second.expired()) known().erase(it);
  }
  softgpu::driver::memory().release_graph_memory(address, buffer_id);
  g_reserved[device].take(footprint);
}

GraphAllocationPtr make_graph_allocation(const std::shared_ptr<Context>& context, uint64_t size,
                                         int device, std::shared_ptr<const DeviceAccess> access) {
  const Allocation* const made =
      memory().allocate_device(*context, size, MemoryKind::graph, false, device, std::move(access));
  if (!made) return nullptr;
  auto a = std::make_shared<GraphAllocation>();
  a->address = made->address;
  a->size = size;
  a->device = device;
  a->footprint = made->footprint;
  a->buffer_id = made->buffer_id;
  a->memory = made;
  a->context = context;
  g_reserved[device].add(a->footprint);
  const std::lock_guard lock(known_mutex());
  known()[a->address] = a;
  return a;
}

GraphAllocationPtr find_graph_allocation(CUdeviceptr address) {
  const std::lock_guard lock(known_mutex());
  const auto it = known().find(address);
  return it == known().end() ? nullptr : it->second.lock();
}

OperationPtr make_show(const GraphAllocationPtr& allocation) {
  return std::make_shared<Show>(allocation);
}
OperationPtr make_hide(const GraphAllocationPtr& allocation) {
  return std::make_shared<Hide>(allocation);
}

void set_allocated(const GraphAllocationPtr& allocation, bool value) {
  if (allocation->allocated == value) return;
  allocation->allocated = value;
  if (value) {
    g_used[allocation->device].add(allocation->footprint);
    allocated()[allocation->address] = allocation;
  } else {
    g_used[allocation->device].take(allocation->footprint);
    allocated().erase(allocation->address);
  }
}

CUresult free_graph_memory(CUdeviceptr address, const std::shared_ptr<Stream>& stream) {
  const std::lock_guard lock(graph_mutex());
  const GraphAllocationPtr a = find_graph_allocation(address);
  if (!a || !a->allocated) return CUDA_ERROR_INVALID_VALUE;
  if (a->freed_in && a->freed_in == a->owner) return CUDA_ERROR_INVALID_VALUE;
  set_allocated(a, false);
  enqueue(stream, make_hide(a));
  return CUDA_SUCCESS;
}

void forget_graph_memory_of(const Context& context) {
  const std::lock_guard lock(graph_mutex());
  std::vector<GraphAllocationPtr> gone;
  for (const auto& [address, a] : allocated())
    if (a->context.get() == &context) gone.push_back(a);
  for (const GraphAllocationPtr& a : gone) set_allocated(a, false);
}

}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuDeviceGraphMemTrim(CUdevice device) {
  // Nothing is kept beyond what nodes need.
  return entry([&] { return is_device(device) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE; });
}

CUresult cuDeviceGetGraphMemAttribute(CUdevice device, CUgraphMem_attribute attribute,
                                      void* value) {
  return entry([&]() -> CUresult {
    if (!is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    if (!value) return CUDA_ERROR_INVALID_VALUE;
    cuuint64_t& out = *static_cast<cuuint64_t*>(value);
    switch (attribute) {
      case CU_GRAPH_MEM_ATTR_USED_MEM_CURRENT:
        out = g_used[device].now;
        return CUDA_SUCCESS;
      case CU_GRAPH_MEM_ATTR_USED_MEM_HIGH:
        out = g_used[device].high;
        return CUDA_SUCCESS;
      case CU_GRAPH_MEM_ATTR_RESERVED_MEM_CURRENT:
        out = g_reserved[device].now;
        return CUDA_SUCCESS;
      case CU_GRAPH_MEM_ATTR_RESERVED_MEM_HIGH:
        out = g_reserved[device].high;
        return CUDA_SUCCESS;
      default:
        return CUDA_ERROR_INVALID_VALUE;
    }
  });
}

CUresult cuDeviceSetGraphMemAttribute(CUdevice device, CUgraphMem_attribute attribute,
                                      void* value) {
  return entry([&]() -> CUresult {
    if (!is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    const bool used = attribute == CU_GRAPH_MEM_ATTR_USED_MEM_HIGH;
    if (!used && attribute != CU_GRAPH_MEM_ATTR_RESERVED_MEM_HIGH) return CUDA_ERROR_INVALID_VALUE;
    if (!value || *static_cast<cuuint64_t*>(value) != 0) return CUDA_ERROR_INVALID_VALUE;
    Account& account = (used ? g_used : g_reserved)[device];
    account.high = account.now.load();
    return CUDA_SUCCESS;
  });
}
