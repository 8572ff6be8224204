// SPDX-License-Identifier: MIT
#include "interpose/hooks/graph_memory.hpp"

#include "api/generated/hooks.hpp"
#include "interpose/hooks/remember.hpp"

namespace nonans::interpose::hooks {

void remember_graph_allocation(Runtime& runtime, CUgraph graph, const CUmemPoolProps& properties,
                               const CUmemAccessDesc* access, size_t access_count, uint64_t base,
                               uint64_t size) {
  memory::Buffer buffer{
      .base = base, .size = size, .kind = memory::BufferKind::graph, .owner = handle_key(graph)};
  if (properties.location.type == CU_MEM_LOCATION_TYPE_DEVICE)
    buffer.device = properties.location.id;
  for (size_t i = 0; access && i < access_count; ++i) {
    if (access[i].flags == CU_MEM_ACCESS_FLAGS_PROT_NONE) continue;
    if (access[i].location.type != CU_MEM_LOCATION_TYPE_DEVICE)
      buffer.sharing |= memory::kHostReaches;
    else if (access[i].location.id != buffer.device)
      buffer.sharing |= memory::kPeers;
  }
  runtime.owned_ranges.add(buffer.owner, base);
  runtime.buffers.add(buffer);
}

CUresult cuGraphAddMemAllocNode(const HookCall&, PFN_cuGraphAddMemAllocNode_v11040 real,
                                CUgraphNode* phGraphNode, CUgraph hGraph,
                                const CUgraphNode* dependencies, size_t numDependencies,
                                CUDA_MEM_ALLOC_NODE_PARAMS* nodeParams) {
  const CUresult result = real(phGraphNode, hGraph, dependencies, numDependencies, nodeParams);
  if (result == CUDA_SUCCESS)
    quietly([&](Runtime& runtime) {
      remember_graph_allocation(runtime, hGraph, nodeParams->poolProps, nodeParams->accessDescs,
                                nodeParams->accessDescCount, nodeParams->dptr,
                                nodeParams->bytesize);
    });
  return result;
}

}  // namespace nonans::interpose::hooks
