// SPDX-License-Identifier: MIT
// Nodes whose kind is in their parameters: cudaGraphAddNode, cudaGraphNodeSetParams,
// cudaGraphExecNodeSetParams.
//
// The kinds have the same numbers on both sides. What the parameters of kernels, copies, fills and
// conditions say is put into the driver's words; the rest are the same bytes.
#include <cstring>

#include "runtime/call.hpp"
#include "runtime/copy.hpp"
#include "runtime/graph/nodes.hpp"

using namespace softgpu::runtime;

namespace {

static_assert(sizeof(cudaGraphNodeParams) == sizeof(CUgraphNodeParams));
static_assert(sizeof(cudaMemAllocNodeParamsV2) == sizeof(CUDA_MEM_ALLOC_NODE_PARAMS_v2));
static_assert(sizeof(cudaHostNodeParamsV2) == sizeof(CUDA_HOST_NODE_PARAMS_v2));
static_assert(sizeof(cudaGraphEdgeData) == sizeof(CUgraphEdgeData));

cudaError_t describe_kernel(const Driver& driver, const cudaKernelNodeParamsV2& node,
                            CUDA_KERNEL_NODE_PARAMS_v3& out) {
  cudaKernelNodeParams plain{};
  plain.func = node.func;
  plain.gridDim = dim3(node.gridDim.x, node.gridDim.y, node.gridDim.z);
  plain.blockDim = dim3(node.blockDim.x, node.blockDim.y, node.blockDim.z);
  plain.sharedMemBytes = node.sharedMemBytes;
  plain.kernelParams = node.kernelParams;
  plain.extra = node.extra;
  CUDA_KERNEL_NODE_PARAMS_v2 described;
  if (const cudaError_t e = describe(driver, plain, described); e != cudaSuccess) return e;
  static_assert(sizeof described == sizeof out);
  std::memcpy(&out, &described, sizeof out);
  out.ctx = current_context(driver);
  return cudaSuccess;
}

cudaError_t describe_copy(const Driver& driver, const cudaMemcpyNodeParams& node,
                          CUDA_MEMCPY_NODE_PARAMS& out) {
  CUDA_MEMCPY3D_v2 copy;
  if (const cudaError_t e = describe(node.copyParams, copy); e != cudaSuccess) return e;
  static_assert(sizeof copy == sizeof out.copyParams);
  out.flags = node.flags;
  out.copyCtx = current_context(driver);
  std::memcpy(&out.copyParams, &copy, sizeof copy);
  return cudaSuccess;
}

cudaError_t describe(const Driver& driver, const cudaGraphNodeParams& node,
                     CUgraphNodeParams& out) {
  std::memset(&out, 0, sizeof out);
  out.type = static_cast<CUgraphNodeType>(node.type);
  switch (node.type) {
    case cudaGraphNodeTypeKernel:
      return describe_kernel(driver, node.kernel, out.kernel);
    case cudaGraphNodeTypeMemcpy:
      return describe_copy(driver, node.memcpy, out.memcpy);
    case cudaGraphNodeTypeMemset:
      out.memset = {address(node.memset.dst), node.memset.pitch, node.memset.value,
                    node.memset.elementSize,  node.memset.width, node.memset.height,
                    current_context(driver)};
      return cudaSuccess;
    case cudaGraphNodeTypeConditional:
      out.conditional.handle = node.conditional.handle;
      out.conditional.type = static_cast<CUgraphConditionalNodeType>(node.conditional.type);
      out.conditional.size = node.conditional.size;
      out.conditional.ctx = current_context(driver);
      return cudaSuccess;
    default:
      std::memcpy(out.reserved1, node.reserved1, sizeof out.reserved1);
      return cudaSuccess;
  }
}

cudaError_t add_node(cudaGraphNode_t* out, cudaGraph_t graph, const cudaGraphNode_t* dependencies,
                     const cudaGraphEdgeData* edges, size_t count, cudaGraphNodeParams* node) {
  return with_context([&](const Driver& driver) -> cudaError_t {
    CUgraphNodeParams translated;
    if (!node) return cudaErrorInvalidValue;
    if (const cudaError_t e = describe(driver, *node, translated); e != cudaSuccess) return e;
    const CUresult r =
        driver.cuGraphAddNode(out, graph, dependencies,
                              reinterpret_cast<const CUgraphEdgeData*>(edges), count, &translated);
    if (r != CUDA_SUCCESS) return to_error(r);
    // What the driver answers through the parameters.
    if (node->type == cudaGraphNodeTypeMemAlloc)
      node->alloc.dptr = reinterpret_cast<void*>(translated.alloc.dptr);
    if (node->type == cudaGraphNodeTypeConditional)
      node->conditional.phGraph_out = translated.conditional.phGraph_out;
    return cudaSuccess;
  });
}

template <typename Apply>
cudaError_t set_parameters(const cudaGraphNodeParams* to, Apply&& apply) {
  return with_context([&](const Driver& driver) -> cudaError_t {
    CUgraphNodeParams translated;
    if (!to) return cudaErrorInvalidValue;
    if (const cudaError_t e = describe(driver, *to, translated); e != cudaSuccess) return e;
    return to_error(apply(driver, &translated));
  });
}

}  // namespace

#if CUDART_VERSION >= 13000
// softgpu-partial: as cuGraphAddNode
cudaError_t cudaGraphAddNode(cudaGraphNode_t* out, cudaGraph_t graph,
                             const cudaGraphNode_t* dependencies, const cudaGraphEdgeData* edges,
                             size_t count, cudaGraphNodeParams* node) {
  return add_node(out, graph, dependencies, edges, count, node);
}
#else
cudaError_t cudaGraphAddNode(cudaGraphNode_t* out, cudaGraph_t graph,
                             const cudaGraphNode_t* dependencies, size_t count,
                             cudaGraphNodeParams* node) {
  return add_node(out, graph, dependencies, nullptr, count, node);
}

cudaError_t cudaGraphAddNode_v2(cudaGraphNode_t* out, cudaGraph_t graph,
                                const cudaGraphNode_t* dependencies, const cudaGraphEdgeData* edges,
                                size_t count, cudaGraphNodeParams* node) {
  return add_node(out, graph, dependencies, edges, count, node);
}
#endif

// softgpu-partial: as cuGraphNodeSetParams
cudaError_t cudaGraphNodeSetParams(cudaGraphNode_t node, cudaGraphNodeParams* to) {
  return set_parameters(to, [&](const Driver& driver, CUgraphNodeParams* p) {
    return driver.cuGraphNodeSetParams(node, p);
  });
}

// softgpu-partial: as cuGraphExecNodeSetParams
cudaError_t cudaGraphExecNodeSetParams(cudaGraphExec_t exec, cudaGraphNode_t node,
                                       cudaGraphNodeParams* to) {
  return set_parameters(to, [&](const Driver& driver, CUgraphNodeParams* p) {
    return driver.cuGraphExecNodeSetParams(exec, node, p);
  });
}
