// SPDX-License-Identifier: MIT
#include "objects.hpp"

#include <algorithm>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "call.hpp"

namespace faulty {
namespace {

enum class What : uint8_t { makes, makes_given, ends };  // makes_given: the argument is the object

struct Row {
  const char* base;  // of every variant
  faulty_kind kind;
  What what;
  int argument = 0;
};

constexpr Row kRows[] = {
    {"cuMemAlloc", FAULTY_MEMORY, What::makes},
    {"cuMemAllocPitch", FAULTY_MEMORY, What::makes},
    {"cuMemAllocManaged", FAULTY_MEMORY, What::makes},
    {"cuMemAllocAsync", FAULTY_MEMORY, What::makes},
    {"cuMemAllocFromPoolAsync", FAULTY_MEMORY, What::makes},
    {"cuMemAllocHost", FAULTY_MEMORY, What::makes},
    {"cuMemHostAlloc", FAULTY_MEMORY, What::makes},
    {"cuMemCreate", FAULTY_MEMORY, What::makes},
    {"cuMemPoolCreate", FAULTY_MEMORY, What::makes},
    {"cuMemAddressReserve", FAULTY_MEMORY, What::makes},
    {"cuMemFree", FAULTY_MEMORY, What::ends},
    {"cuMemFreeAsync", FAULTY_MEMORY, What::ends},
    {"cuMemFreeHost", FAULTY_MEMORY, What::ends},
    {"cuMemRelease", FAULTY_MEMORY, What::ends},
    {"cuMemPoolDestroy", FAULTY_MEMORY, What::ends},
    {"cuMemAddressFree", FAULTY_MEMORY, What::ends},
    {"cuMemHostRegister", FAULTY_REGISTRATION, What::makes_given},
    {"cuMemHostUnregister", FAULTY_REGISTRATION, What::ends},
    {"cuModuleLoad", FAULTY_MODULE, What::makes},
    {"cuModuleLoadData", FAULTY_MODULE, What::makes},
    {"cuModuleLoadDataEx", FAULTY_MODULE, What::makes},
    {"cuModuleLoadFatBinary", FAULTY_MODULE, What::makes},
    {"cuLibraryLoadData", FAULTY_MODULE, What::makes},
    {"cuLibraryLoadFromFile", FAULTY_MODULE, What::makes},
    {"cuModuleUnload", FAULTY_MODULE, What::ends},
    {"cuLibraryUnload", FAULTY_MODULE, What::ends},
    {"cuStreamCreate", FAULTY_STREAM, What::makes},
    {"cuStreamCreateWithPriority", FAULTY_STREAM, What::makes},
    {"cuStreamDestroy", FAULTY_STREAM, What::ends},
    {"cuEventCreate", FAULTY_EVENT, What::makes},
    {"cuEventDestroy", FAULTY_EVENT, What::ends},
    {"cuGraphCreate", FAULTY_GRAPH, What::makes},
    {"cuGraphClone", FAULTY_GRAPH, What::makes},
    {"cuGraphInstantiate", FAULTY_GRAPH, What::makes},
    {"cuGraphInstantiateWithFlags", FAULTY_GRAPH, What::makes},
    {"cuGraphInstantiateWithParams", FAULTY_GRAPH, What::makes},
    {"cuGraphDestroy", FAULTY_GRAPH, What::ends},
    {"cuGraphExecDestroy", FAULTY_GRAPH, What::ends},
    {"cuCtxCreate", FAULTY_CONTEXT, What::makes},
    {"cuCtxDestroy", FAULTY_CONTEXT, What::ends},
};

// "cuMemAlloc" of "cuMemAlloc_v2", "cuMemFreeAsync" of "cuMemFreeAsync_ptsz".
std::string_view base_of(std::string_view name) {
  return name.substr(0, name.find('_'));
}

const Row* row_of(const char* function) {
  const auto found =
      std::find_if(std::begin(kRows), std::end(kRows),
                   [base = base_of(function)](const Row& row) { return base == row.base; });
  return found == std::end(kRows) ? nullptr : found;
}

struct Object {
  faulty_kind kind;
  uint64_t handle;
  uint64_t context;  // that was current when it was made
};
std::mutex mutex;
std::vector<Object>& objects() {
  static auto* all = new std::vector<Object>;  // outlives every destructor that calls the driver
  return *all;
}

void end(faulty_kind kind, uint64_t handle) {
  const std::lock_guard lock(mutex);
  const auto found = std::find_if(objects().begin(), objects().end(), [&](const Object& o) {
    return o.kind == kind && o.handle == handle;
  });
  if (found != objects().end()) objects().erase(found);
}

template <typename Pfn>
Pfn real_function(std::string_view name) {
  for (int i = 0; i < function_count; ++i)
    if (functions[i].name == name) return reinterpret_cast<Pfn>(functions[i].real);
  return nullptr;
}

uint64_t current_context() {
  const auto get = real_function<CUresult (*)(CUcontext*)>("cuCtxGetCurrent");
  CUcontext context = nullptr;
  return get && get(&context) == CUDA_SUCCESS ? reinterpret_cast<uint64_t>(context) : 0;
}

bool is_active(CUdevice device) {
  const auto ask =
      real_function<CUresult (*)(CUdevice, unsigned*, int*)>("cuDevicePrimaryCtxGetState");
  unsigned flags = 0;
  int active = 1;
  return !ask || ask(device, &flags, &active) != CUDA_SUCCESS || active != 0;
}

// What lives in a context ends with it: a primary context's end is nobody's explicit call.
void note_primary(std::string_view base, const uint64_t* words) {
  static std::unordered_map<CUdevice, uint64_t>& contexts =
      *new std::unordered_map<CUdevice, uint64_t>;
  if (base == "cuDevicePrimaryCtxRetain") {
    const std::lock_guard lock(mutex);
    contexts[static_cast<CUdevice>(words[1])] = *reinterpret_cast<const uint64_t*>(words[0]);
    return;
  }
  const auto device = static_cast<CUdevice>(words[0]);
  if (base == "cuDevicePrimaryCtxRelease" ? is_active(device) : base != "cuDevicePrimaryCtxReset")
    return;
  const std::lock_guard lock(mutex);
  const auto gone = contexts.find(device);
  if (gone == contexts.end()) return;
  std::erase_if(objects(), [&](const Object& o) { return o.context == gone->second; });
}

}  // namespace

void note_objects(const char* function, const uint64_t* words, bool by_library) {
  if (base_of(function).starts_with("cuDevicePrimaryCtxR")) note_primary(base_of(function), words);
  const Row* row = row_of(function);
  if (row == nullptr) return;
  const uint64_t word = words[row->argument];
  if (row->what == What::ends) return end(row->kind, word);
  const uint64_t handle =
      row->what == What::makes_given ? word : *reinterpret_cast<const uint64_t*>(word);
  end(row->kind, handle);  // a handle that was handed out again without our seeing its end
  if (!by_library) return;
  const uint64_t context = current_context();
  const std::lock_guard lock(mutex);
  objects().push_back({row->kind, handle, context});
}

void excuse_objects(const char* function, const uint64_t* words) {
  const Row* row = row_of(function);
  if (row != nullptr && row->what == What::ends) end(row->kind, words[row->argument]);
}

long live_objects(faulty_kind kind) {
  const std::lock_guard lock(mutex);
  return std::count_if(objects().begin(), objects().end(),
                       [&](const Object& o) { return o.kind == kind; });
}

}  // namespace faulty
