// SPDX-License-Identifier: MIT
// Allocation and free nodes.
#include "driver/graph/memory_nodes.hpp"

#include "driver/graph/graph.hpp"
#include "driver/peer_access.hpp"

namespace softgpu::driver {

CUresult alloc_work(CUDA_MEM_ALLOC_NODE_PARAMS* params, const Graph& graph, ContextPtr context,
                    AllocWork& out) {
  if (!params || params->bytesize == 0) return CUDA_ERROR_INVALID_VALUE;
  const CUmemPoolProps& pool = params->poolProps;
  if (pool.allocType != CU_MEM_ALLOCATION_TYPE_PINNED ||
      pool.handleTypes != CU_MEM_HANDLE_TYPE_NONE)
    return CUDA_ERROR_INVALID_VALUE;
  if (pool.location.type != CU_MEM_LOCATION_TYPE_DEVICE) return CUDA_ERROR_NOT_SUPPORTED;
  if (!is_device(pool.location.id)) return CUDA_ERROR_INVALID_VALUE;
  auto granted = std::make_shared<DeviceAccess>(pool.location.id);
  if (apply(params->accessDescs, params->accessDescCount, pool.location.id, *granted) !=
      CUDA_SUCCESS)
    return CUDA_ERROR_INVALID_VALUE;
  if (graph.role != Graph::Role::own) return CUDA_ERROR_INVALID_VALUE;
  if (!context)
    if (const CUresult r = current_context(context); r != CUDA_SUCCESS) return r;
  out.allocation = make_graph_allocation(context, params->bytesize, pool.location.id, granted);
  if (!out.allocation) return CUDA_ERROR_OUT_OF_MEMORY;
  out.allocation->owner = &graph;
  auto access = std::make_shared<std::vector<CUmemAccessDesc>>(
      params->accessDescs, params->accessDescs + params->accessDescCount);
  out.access = access;
  params->dptr = out.allocation->address;
  out.params = *params;
  out.params.accessDescs = access->empty() ? nullptr : access->data();
  return CUDA_SUCCESS;
}

CUresult free_work(CUdeviceptr address, Graph& graph, FreeWork& out) {
  const GraphAllocationPtr a = find_graph_allocation(address);
  if (!a || a->freed_in) return CUDA_ERROR_INVALID_VALUE;
  if (graph.role != Graph::Role::own) return CUDA_ERROR_INVALID_VALUE;
  out.allocation = a;
  a->freed_in = &graph;
  return CUDA_SUCCESS;
}

}  // namespace softgpu::driver

using namespace softgpu::driver;

// softgpu-partial: allocates device memory only
CUresult cuGraphAddMemAllocNode(CUgraphNode* out, CUgraph graph, const CUgraphNode* dependencies,
                                size_t count, CUDA_MEM_ALLOC_NODE_PARAMS* params) {
  return add(out, graph, dependencies, nullptr, count, [&](Work& work) {
    return alloc_work(params, *graphs().find(graph), nullptr, work.emplace<AllocWork>());
  });
}

CUresult cuGraphMemAllocNodeGetParams(CUgraphNode node, CUDA_MEM_ALLOC_NODE_PARAMS* params) {
  return with_node<AllocWork>(node, [&](Node&, AllocWork& work) -> CUresult {
    if (!params) return CUDA_ERROR_INVALID_VALUE;
    *params = work.params;
    return CUDA_SUCCESS;
  });
}

CUresult cuGraphAddMemFreeNode(CUgraphNode* out, CUgraph graph, const CUgraphNode* dependencies,
                               size_t count, CUdeviceptr address) {
  return add(out, graph, dependencies, nullptr, count, [&](Work& work) {
    return free_work(address, *graphs().find(graph), work.emplace<FreeWork>());
  });
}

CUresult cuGraphMemFreeNodeGetParams(CUgraphNode node, CUdeviceptr* address) {
  return with_node<FreeWork>(node, [&](Node&, FreeWork& work) -> CUresult {
    if (!address) return CUDA_ERROR_INVALID_VALUE;
    *address = work.allocation->address;
    return CUDA_SUCCESS;
  });
}
