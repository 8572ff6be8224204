// SPDX-License-Identifier: MIT
// Batch memory operation nodes: waits for and writes of words of memory.
#include "driver/graph/exec.hpp"
#include "driver/graph/graph.hpp"
#include "driver/memory_operation.hpp"

namespace softgpu::driver {

CUresult batch_work(const CUDA_BATCH_MEM_OP_NODE_PARAMS* params, BatchWork& out) {
  if (!params || !params->paramArray || params->count == 0 || params->count > 256 ||
      params->flags != 0)
    return CUDA_ERROR_INVALID_VALUE;
  if (const CUresult r = context_of(params->ctx, out.context); r != CUDA_SUCCESS) return r;
  out.operations.assign(params->paramArray, params->paramArray + params->count);
  out.flags = params->flags;
  OperationPtr probe;
  return make_batch(out.context, out.operations, probe);
}

}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuGraphAddBatchMemOpNode(CUgraphNode* out, CUgraph graph, const CUgraphNode* dependencies,
                                  size_t count, const CUDA_BATCH_MEM_OP_NODE_PARAMS* params) {
  return add(out, graph, dependencies, nullptr, count,
             [&](Work& work) { return batch_work(params, work.emplace<BatchWork>()); });
}

CUresult cuGraphBatchMemOpNodeGetParams(CUgraphNode node, CUDA_BATCH_MEM_OP_NODE_PARAMS* params) {
  return with_node<BatchWork>(node, [&](Node&, BatchWork& work) -> CUresult {
    if (!params) return CUDA_ERROR_INVALID_VALUE;
    *params = {work.context->handle, static_cast<unsigned>(work.operations.size()),
               work.operations.data(), work.flags};
    return CUDA_SUCCESS;
  });
}

CUresult cuGraphBatchMemOpNodeSetParams(CUgraphNode node,
                                        const CUDA_BATCH_MEM_OP_NODE_PARAMS* params) {
  return with_node<BatchWork>(node, [&](Node&, BatchWork& work) -> CUresult {
    BatchWork next;
    const CUresult r = batch_work(params, next);
    if (r == CUDA_SUCCESS) work = std::move(next);
    return r;
  });
}

CUresult cuGraphExecBatchMemOpNodeSetParams(CUgraphExec exec, CUgraphNode node,
                                            const CUDA_BATCH_MEM_OP_NODE_PARAMS* params) {
  return set_exec_work<BatchWork>(
      exec, node, [&](const BatchWork&, BatchWork& next) { return batch_work(params, next); });
}
