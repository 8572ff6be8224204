// SPDX-License-Identifier: MIT
// What a tool library is told about calls, resources and work of this driver.
//
//   static Listener listener{…};
//   table->listen(&listener);          // TraceTable (export_table.hpp)
//
// One listener at a time. It must stay where it is for the life of the process: a call that began
// before listen(nullptr) still ends with it. The functions may be called from any thread,
// `activity` from the driver's own worker threads; none is called with a lock of the driver held,
// except `activity` and `now`, which must not call the driver.
//
// Sources of the driver include driver/cuda_api.hpp before this.
//
// While `call` or `resource` runs, the thread's own driver calls are carried out and not reported.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include <cuda.h>

namespace softgpu::driver {

enum class Site : uint32_t { enter = 0, exit = 1 };

// A call of an exported function, told twice. The object is the same at enter and exit.
struct ApiCall {
  uint32_t callback_id = 0;  // CUPTI_DRIVER_TRACE_CBID_*
  Site site = Site::enter;
  const char* function = nullptr;    // "cuMemAlloc_v2"; a constant
  const void* parameters = nullptr;  // the arguments, one member each; nullptr if there are none
  CUresult* result = nullptr;        // at exit
  const char* symbol = nullptr;      // of launches: the kernel's name
  CUcontext context = nullptr;       // current on this thread
  uint32_t context_id = 0;
  uint32_t correlation = 0;  // work that the call puts on a stream carries the same
  uint64_t user = 0;         // the listener's, from enter to exit
  uint64_t notes[6] = {};    // likewise
};

// Numbered as CUpti_CallbackIdResource. What happens to graphs can be seen from the calls.
enum class ResourceEventKind : uint32_t {
  context_created = 1,
  context_destroy_starting = 2,
  stream_created = 3,
  stream_destroy_starting = 4,
  module_loaded = 6,
  module_unload_starting = 7,
};

struct ResourceEvent {
  ResourceEventKind kind{};
  CUcontext context = nullptr;
  uint32_t context_id = 0;
  uint32_t correlation = 0;  // of the call
  CUstream stream = nullptr;
  uint32_t stream_id = 0, stream_flags = 0;
  int32_t stream_priority = 0;
  uint32_t module_id = 0;
  const void* image = nullptr;  // the cubin for this device, or PTX
  size_t image_size = 0;
  const char* const* functions = nullptr;  // names of the module's kernels
  uint32_t function_count = 0;
};

enum class ActivityKind : uint32_t { none, kernel, copy, fill };
enum class MemoryPlace : uint32_t { pageable, pinned, device, managed };

// Work of a stream that is done. Times are the listener's.
struct Activity {
  ActivityKind kind{};
  uint32_t context_id = 0, device = 0, stream_id = 0, correlation = 0;
  uint64_t submitted = 0, start = 0, end = 0;
  uint64_t graph_exec = 0, graph_node = 0;  // numbers of those it was launched by, or 0
  // kernel
  const char* name = nullptr;
  uint64_t grid_id = 0;
  uint32_t grid[3] = {}, block[3] = {};
  uint32_t registers = 0, static_shared = 0, dynamic_shared = 0, local_bytes = 0;
  bool cooperative = false;
  // copy and fill
  uint64_t bytes = 0;
  MemoryPlace from{}, to{};
  bool async = false;
  uint32_t value = 0;  // fill: the pattern
};

struct Listener {
  uint32_t size = sizeof(Listener);
  std::atomic<bool> wants_activity{false};
  void (*call)(ApiCall& call) = nullptr;
  void (*resource)(const ResourceEvent& event) = nullptr;
  void (*activity)(const Activity& activity) = nullptr;
  uint64_t (*now)() = nullptr;  // nanoseconds
};

}  // namespace softgpu::driver
