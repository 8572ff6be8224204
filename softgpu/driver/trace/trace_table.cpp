// SPDX-License-Identifier: MIT
// What libcupti asks of the driver (export_table.hpp).
#include "driver/trace/trace_table.hpp"

#include "driver/entry.hpp"
#include "driver/graph/exec.hpp"
#include "driver/graph/graph.hpp"
#include "driver/pool.hpp"
#include "driver/trace/call.hpp"

namespace softgpu::driver {
namespace {

CUresult listen(Listener* listener) {
  Listener* expected = nullptr;
  if (!listener) {
    g_listener.store(nullptr, std::memory_order_release);
    return CUDA_SUCCESS;
  }
  return g_listener.compare_exchange_strong(expected, listener, std::memory_order_acq_rel) ||
                 expected == listener
             ? CUDA_SUCCESS
             : CUDA_ERROR_INVALID_VALUE;
}

CUresult find_context(CUcontext handle, std::shared_ptr<Context>& out) {
  if (!handle) return current_context(out);
  out = contexts().find(handle);
  return out ? CUDA_SUCCESS : CUDA_ERROR_INVALID_CONTEXT;
}

CUresult context_id(CUcontext handle, uint32_t* id) {
  return entry([&]() -> CUresult {
    std::shared_ptr<Context> context;
    const CUresult r = find_context(handle, context);
    if (r == CUDA_SUCCESS) *id = static_cast<uint32_t>(context->id);
    return r;
  });
}

CUresult stream_id(CUcontext handle, CUstream stream_handle, bool per_thread, uint32_t* id) {
  return entry([&]() -> CUresult {
    std::shared_ptr<Context> context;
    if (const CUresult r = find_context(handle, context); r != CUDA_SUCCESS) return r;
    StreamPtr stream;
    const CUresult r = resolve_stream(*context, stream_handle, per_thread, stream);
    if (r == CUDA_SUCCESS && handle && stream->context != context) return CUDA_ERROR_INVALID_HANDLE;
    if (r == CUDA_SUCCESS) *id = static_cast<uint32_t>(stream->id);
    return r;
  });
}

CUresult context_device(CUcontext handle, int* device) {
  return entry([&]() -> CUresult {
    std::shared_ptr<Context> context;
    const CUresult r = find_context(handle, context);
    if (r == CUDA_SUCCESS) *device = context->device;
    return r;
  });
}

// Values of CUpti_ActivityMemoryKind.
uint32_t kind_number(MemoryKind kind) {
  switch (kind) {
    case MemoryKind::pinned:
    case MemoryKind::registered:
      return 2;
    case MemoryKind::device:
    case MemoryKind::pooled:
    case MemoryKind::graph:
    case MemoryKind::mapped:
      return 3;
    case MemoryKind::managed:
      return 5;
    case MemoryKind::module:
      return 6;
  }
  return 0;
}

bool memory_facts(uint64_t address, MemoryFacts* facts) {
  if (driver_state() != CUDA_SUCCESS) return false;
  const auto found = memory().find(address);
  if (!found) return false;
  *facts = {};
  facts->address = found->address;
  facts->bytes = found->size;
  facts->context_id = static_cast<uint32_t>(found->context_id);
  facts->kind = kind_number(found->kind);
  if (const PoolPtr& pool = found->pool) {
    const std::lock_guard lock(pool->mutex);
    facts->pool = reinterpret_cast<uint64_t>(pool->handle);
    facts->pool_size = pool->reserved;
    facts->pool_used = pool->used;
    facts->release_threshold = pool->release_threshold;
  }
  return true;
}

template <typename Table, typename Handle>
uint64_t number_of(Table& table, Handle handle) {
  return table.find(handle) ? number_in(handle) : 0;
}

uint64_t graph_id(CUgraph handle) {
  return number_of(graphs(), handle);
}
uint64_t node_id(CUgraphNode handle) {
  return number_of(graph_nodes(), handle);
}
uint64_t exec_id(CUgraphExec handle) {
  return number_of(execs(), handle);
}

}  // namespace

const TraceTable* trace_table() {
  static const TraceTable table{
      sizeof(TraceTable), listen,  context_id, stream_id,          context_device, memory_facts,
      graph_id,           node_id, exec_id,    cuGraphNodeGetType, cuGraphGetNodes};
  return &table;
}

}  // namespace softgpu::driver
