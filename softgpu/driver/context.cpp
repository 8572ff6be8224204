// SPDX-License-Identifier: MIT
#include "driver/context.hpp"

#include <algorithm>

#include "driver/capture/capture.hpp"
#include "driver/driver_state.hpp"
#include "driver/entry.hpp"
#include "driver/event.hpp"
#include "driver/graph/graph_memory.hpp"
#include "driver/green/green_context.hpp"
#include "driver/ipc/opened_memory.hpp"
#include "driver/lazy_loading.hpp"
#include "driver/module.hpp"
#include "driver/pool.hpp"
#include "driver/stream.hpp"
#include "driver/trace/resources.hpp"

namespace softgpu::driver {
namespace {

// The stack of current contexts of a thread. Plain data: it must outlive every other destructor of
// the thread, because API calls come from those too. Deeper than anyone nests; a push beyond it is
// refused.
struct ThreadContexts {
  CUcontext stack[256];
  unsigned depth;
  uint64_t number;
};
thread_local ThreadContexts t_contexts;

std::atomic<uint64_t> g_next_context_id{1};

CUresult push(CUcontext handle) {
  ThreadContexts& t = t_contexts;
  if (t.depth == std::size(t.stack)) return CUDA_ERROR_OUT_OF_MEMORY;
  t.stack[t.depth++] = handle;
  return CUDA_SUCCESS;
}

}  // namespace

ContextTable& contexts() {
  static ContextTable* const table = new ContextTable;
  return *table;
}

Context::Context(int device_, unsigned flags_, bool primary_)
    : device(device_), flags(flags_), primary(primary_), space(memory(), *this) {
  id = g_next_context_id.fetch_add(1);
  limits = {{CU_LIMIT_STACK_SIZE, 1024},
            {CU_LIMIT_PRINTF_FIFO_SIZE, size_t{1} << 20},
            {CU_LIMIT_MALLOC_HEAP_SIZE, size_t{8} << 20},
            {CU_LIMIT_DEV_RUNTIME_SYNC_DEPTH, 2},
            {CU_LIMIT_DEV_RUNTIME_PENDING_LAUNCH_COUNT, 2048},
            {CU_LIMIT_MAX_L2_FETCH_GRANULARITY, 64},
            {CU_LIMIT_PERSISTING_L2_CACHE_SIZE, 0}};
}

void Context::break_with(CUresult code, const std::string& message) {
  int expected = CUDA_SUCCESS;
  if (sticky_.compare_exchange_strong(expected, code, std::memory_order_acq_rel))
    say_once("fault " + std::to_string(id), message);
}

void Context::drop_finished_orphans() {
  std::erase_if(orphans, [&](const OperationPtr& op) {
    if (!op->done()) return false;
    orphans_ended = std::max(orphans_ended, op->ended_at());
    return true;
  });
}

CUresult Context::synchronize() {
  std::vector<OperationPtr> last;
  {
    const std::lock_guard lock(submission);
    drop_finished_orphans();
    last = orphans;
    last.push_back(legacy->tail);
    for (const auto& [thread, stream] : per_thread) last.push_back(stream->tail);
    for (const StreamPtr& stream : streams) last.push_back(stream->tail);
  }
  for (const OperationPtr& op : last)
    if (op) scheduler().wait(*op);
  trim_pools();
  return sticky();
}

std::shared_ptr<Context> create_context(int device, unsigned flags, bool primary) {
  auto context = std::make_shared<Context>(device, flags, primary);
  context->legacy = std::make_shared<Stream>();
  context->legacy->context = context;
  context->legacy->handle = CU_STREAM_LEGACY;
  context->legacy->is_legacy = true;
  context->legacy->id = next_stream_id();
  load_libraries_into(*context);
  return context;
}

void destroy_context(const std::shared_ptr<Context>& context) {
  context->synchronize();
  context->destroyed.store(true);
  contexts().remove(context->handle);
  destroy_green_contexts_of(*context);
  unload_modules_of(*context);
  destroy_events_of(*context);
  std::vector<StreamPtr> gone;
  {
    const std::lock_guard lock(context->submission);
    gone.swap(context->streams);
    for (auto& [thread, stream] : context->per_thread) gone.push_back(stream);
    context->per_thread.clear();
    gone.push_back(context->legacy);
    context->legacy.reset();
    context->orphans.clear();
  }
  for (const StreamPtr& stream : gone) {
    leave_capture(stream);
    streams().remove(stream->handle);
  }
  forget_peer(*context);
  forget_graph_memory_of(*context);
  close_memory_of(*context);
  release_pooled_memory_of(*context, memory().release_context(context->id));
}

CUresult current_context(std::shared_ptr<Context>& out) {
  const ThreadContexts& t = t_contexts;
  if (t.depth == 0 || !t.stack[t.depth - 1]) return CUDA_ERROR_INVALID_CONTEXT;
  out = contexts().find(t.stack[t.depth - 1]);
  return out ? CUDA_SUCCESS : CUDA_ERROR_CONTEXT_IS_DESTROYED;
}

CUcontext current_handle() {
  const ThreadContexts& t = t_contexts;
  return t.depth > 0 ? t.stack[t.depth - 1] : nullptr;
}

uint64_t thread_number() {
  static std::atomic<uint64_t> next{1};
  if (t_contexts.number == 0) t_contexts.number = next.fetch_add(1);
  return t_contexts.number;
}

namespace {

// What cuCtxCreate of every version does. The context is pushed on the thread's stack.
CUresult create(CUcontext* out, unsigned flags, CUdevice device, unsigned api_version) {
  return entry([&]() -> CUresult {
    constexpr unsigned kKnown = CU_CTX_SCHED_MASK | CU_CTX_MAP_HOST | CU_CTX_LMEM_RESIZE_TO_MAX |
                                CU_CTX_COREDUMP_ENABLE | CU_CTX_USER_COREDUMP_ENABLE |
                                CU_CTX_SYNC_MEMOPS;
    if (!out || (flags & ~kKnown) != 0) return CUDA_ERROR_INVALID_VALUE;
    if (!is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    const auto context = create_context(device, flags, false);
    context->api_version = api_version;
    context->handle = contexts().insert(context);
    if (const CUresult r = push(context->handle); r != CUDA_SUCCESS) {
      destroy_context(context);
      return r;
    }
    tell_created(context);
    *out = context->handle;
    return CUDA_SUCCESS;
  });
}

CUresult destroy(CUcontext handle) {
  return entry([&]() -> CUresult {
    if (!handle) return CUDA_ERROR_INVALID_VALUE;
    const auto context = contexts().find(handle);
    if (!context || context->primary) return CUDA_ERROR_INVALID_CONTEXT;
    tell_going(*context);
    destroy_context(context);
    ThreadContexts& t = t_contexts;
    if (t.depth > 0 && t.stack[t.depth - 1] == handle) --t.depth;
    return CUDA_SUCCESS;
  });
}

CUresult push_current(CUcontext handle) {
  return entry([&]() -> CUresult {
    if (!handle) return CUDA_ERROR_INVALID_VALUE;
    if (!contexts().find(handle)) return CUDA_ERROR_INVALID_CONTEXT;
    return push(handle);
  });
}

CUresult pop_current(CUcontext* out) {
  return entry([&]() -> CUresult {
    ThreadContexts& t = t_contexts;
    if (t.depth == 0) return CUDA_ERROR_INVALID_CONTEXT;
    const CUcontext handle = t.stack[--t.depth];
    if (out) *out = handle;
    return CUDA_SUCCESS;
  });
}

// NULL means the calling thread's own.
CUresult context_or_current(CUcontext handle, std::shared_ptr<Context>& out) {
  if (!handle) return current_context(out);
  out = contexts().find(handle);
  return out ? CUDA_SUCCESS : CUDA_ERROR_INVALID_CONTEXT;
}

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuCtxCreate(CUcontext* out, unsigned int flags, CUdevice device) {
  return create(out, flags, device, 3010);
}
CUresult cuCtxCreate_v2(CUcontext* out, unsigned int flags, CUdevice device) {
  return create(out, flags, device, 3020);
}
CUresult cuCtxCreate_v3(CUcontext* out, CUexecAffinityParam* params, int count, unsigned int flags,
                        CUdevice device) {
  if (count < 0 || (count > 0 && !params)) return CUDA_ERROR_INVALID_VALUE;
  if (count > 0) return CUDA_ERROR_UNSUPPORTED_EXEC_AFFINITY;
  return create(out, flags, device, 3020);
}
CUresult cuCtxCreate_v4(CUcontext* out, CUctxCreateParams* params, unsigned int flags,
                        CUdevice device) {
  if (params && params->numExecAffinityParams > 0) return CUDA_ERROR_UNSUPPORTED_EXEC_AFFINITY;
  if (params && params->cigParams) return CUDA_ERROR_NOT_SUPPORTED;
  return create(out, flags, device, 3020);
}

CUresult cuCtxDestroy(CUcontext context) {
  return destroy(context);
}
CUresult cuCtxDestroy_v2(CUcontext context) {
  return destroy(context);
}
CUresult cuCtxPushCurrent(CUcontext context) {
  return push_current(context);
}
CUresult cuCtxPushCurrent_v2(CUcontext context) {
  return push_current(context);
}
CUresult cuCtxPopCurrent(CUcontext* out) {
  return pop_current(out);
}
CUresult cuCtxPopCurrent_v2(CUcontext* out) {
  return pop_current(out);
}

CUresult cuCtxSetCurrent(CUcontext handle) {
  return entry([&]() -> CUresult {
    ThreadContexts& t = t_contexts;
    if (!handle) {
      if (t.depth > 0) --t.depth;
      return CUDA_SUCCESS;
    }
    if (!contexts().find(handle)) return CUDA_ERROR_INVALID_CONTEXT;
    if (t.depth == 0) return push(handle);
    t.stack[t.depth - 1] = handle;
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxGetCurrent(CUcontext* out) {
  return entry([&]() -> CUresult {
    if (!out) return CUDA_ERROR_INVALID_VALUE;
    *out = current_handle();
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxGetDevice(CUdevice* device) {
  return entry([&]() -> CUresult {
    std::shared_ptr<Context> context;
    if (const CUresult r = current_context(context); r != CUDA_SUCCESS) return r;
    if (!device) return CUDA_ERROR_INVALID_VALUE;
    *device = context->device;
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxGetDevice_v2(CUdevice* device, CUcontext handle) {
  return entry([&]() -> CUresult {
    std::shared_ptr<Context> context;
    if (const CUresult r = context_or_current(handle, context); r != CUDA_SUCCESS) return r;
    if (!device) return CUDA_ERROR_INVALID_VALUE;
    *device = context->device;
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxGetId(CUcontext handle, unsigned long long* id) {
  return entry([&]() -> CUresult {
    std::shared_ptr<Context> context;
    if (const CUresult r = context_or_current(handle, context); r != CUDA_SUCCESS) return r;
    if (!id) return CUDA_ERROR_INVALID_VALUE;
    *id = context->id;
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxGetApiVersion(CUcontext handle, unsigned int* version) {
  return entry([&]() -> CUresult {
    std::shared_ptr<Context> context;
    if (const CUresult r = context_or_current(handle, context); r != CUDA_SUCCESS) return r;
    if (!version) return CUDA_ERROR_INVALID_VALUE;
    *version = context->api_version;
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxSynchronize() {
  return with_context([](Context& context) -> CUresult {
    const CUresult r = refuse_while_capturing(context);
    return r == CUDA_SUCCESS ? context.synchronize() : r;
  });
}

CUresult cuCtxSynchronize_v2(CUcontext handle) {
  return entry([&]() -> CUresult {
    std::shared_ptr<Context> context;
    if (in_host_callback()) return CUDA_ERROR_NOT_PERMITTED;
    if (const CUresult r = context_or_current(handle, context); r != CUDA_SUCCESS) return r;
    if (const CUresult r = refuse_while_capturing(*context); r != CUDA_SUCCESS) return r;
    return context->synchronize();
  });
}
