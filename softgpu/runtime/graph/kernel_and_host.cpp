// SPDX-License-Identifier: MIT
// Kernel nodes and host function nodes.
#include "runtime/call.hpp"
#include "runtime/graph/nodes.hpp"

using namespace softgpu::runtime;

namespace {

static_assert(sizeof(cudaHostNodeParams) == sizeof(CUDA_HOST_NODE_PARAMS));
static_assert(sizeof(cudaLaunchAttributeValue) == sizeof(CUlaunchAttributeValue));

// A body with the driver's form of a kernel node's parameters.
template <typename Body>
cudaError_t with_kernel(const cudaKernelNodeParams* node, Body&& body) {
  return with_context([&](const Driver& driver) -> cudaError_t {
    CUDA_KERNEL_NODE_PARAMS_v2 translated;
    if (!node) return cudaErrorInvalidValue;
    if (const cudaError_t e = describe(driver, *node, translated); e != cudaSuccess) return e;
    return to_error(body(driver, &translated));
  });
}

}  // namespace

cudaError_t cudaGraphAddKernelNode(cudaGraphNode_t* out, cudaGraph_t graph,
                                   const cudaGraphNode_t* dependencies, size_t count,
                                   const cudaKernelNodeParams* node) {
  return with_kernel(node, [&](const Driver& driver, const CUDA_KERNEL_NODE_PARAMS_v2* p) {
    return driver.cuGraphAddKernelNode(out, graph, dependencies, count, p);
  });
}

cudaError_t cudaGraphKernelNodeGetParams(cudaGraphNode_t node, cudaKernelNodeParams* out) {
  return with_context([&](const Driver& driver) -> cudaError_t {
    CUDA_KERNEL_NODE_PARAMS_v2 found{};
    if (!out) return cudaErrorInvalidValue;
    const CUresult r = driver.cuGraphKernelNodeGetParams(node, &found);
    if (r == CUDA_SUCCESS) *out = describe(found);
    return to_error(r);
  });
}

cudaError_t cudaGraphKernelNodeSetParams(cudaGraphNode_t node, const cudaKernelNodeParams* to) {
  return with_kernel(to, [&](const Driver& driver, const CUDA_KERNEL_NODE_PARAMS_v2* p) {
    return driver.cuGraphKernelNodeSetParams(node, p);
  });
}

cudaError_t cudaGraphExecKernelNodeSetParams(cudaGraphExec_t exec, cudaGraphNode_t node,
                                             const cudaKernelNodeParams* to) {
  return with_kernel(to, [&](const Driver& driver, const CUDA_KERNEL_NODE_PARAMS_v2* p) {
    return driver.cuGraphExecKernelNodeSetParams(exec, node, p);
  });
}

// Attributes have the same numbers and layout on both sides.
cudaError_t cudaGraphKernelNodeCopyAttributes(cudaGraphNode_t to, cudaGraphNode_t from) {
  return with_context(
      [&](const Driver& driver) { return driver.cuGraphKernelNodeCopyAttributes(to, from); });
}

cudaError_t cudaGraphKernelNodeGetAttribute(cudaGraphNode_t node, cudaLaunchAttributeID attribute,
                                            cudaLaunchAttributeValue* value) {
  return with_context([&](const Driver& driver) {
    return driver.cuGraphKernelNodeGetAttribute(node, static_cast<CUkernelNodeAttrID>(attribute),
                                                reinterpret_cast<CUkernelNodeAttrValue*>(value));
  });
}

// softgpu-partial: as cuGraphKernelNodeSetAttribute
cudaError_t cudaGraphKernelNodeSetAttribute(cudaGraphNode_t node, cudaLaunchAttributeID attribute,
                                            const cudaLaunchAttributeValue* value) {
  return with_context([&](const Driver& driver) {
    return driver.cuGraphKernelNodeSetAttribute(
        node, static_cast<CUkernelNodeAttrID>(attribute),
        reinterpret_cast<const CUkernelNodeAttrValue*>(value));
  });
}

cudaError_t cudaGraphAddHostNode(cudaGraphNode_t* out, cudaGraph_t graph,
                                 const cudaGraphNode_t* dependencies, size_t count,
                                 const cudaHostNodeParams* node) {
  return with_context([&](const Driver& driver) {
    return driver.cuGraphAddHostNode(out, graph, dependencies, count,
                                     reinterpret_cast<const CUDA_HOST_NODE_PARAMS*>(node));
  });
}

cudaError_t cudaGraphHostNodeGetParams(cudaGraphNode_t node, cudaHostNodeParams* out) {
  return with_context([&](const Driver& driver) {
    return driver.cuGraphHostNodeGetParams(node, reinterpret_cast<CUDA_HOST_NODE_PARAMS*>(out));
  });
}

cudaError_t cudaGraphHostNodeSetParams(cudaGraphNode_t node, const cudaHostNodeParams* to) {
  return with_context([&](const Driver& driver) {
    return driver.cuGraphHostNodeSetParams(node,
                                           reinterpret_cast<const CUDA_HOST_NODE_PARAMS*>(to));
  });
}

cudaError_t cudaGraphExecHostNodeSetParams(cudaGraphExec_t exec, cudaGraphNode_t node,
                                           const cudaHostNodeParams* to) {
  return with_context([&](const Driver& driver) {
    return driver.cuGraphExecHostNodeSetParams(exec, node,
                                               reinterpret_cast<const CUDA_HOST_NODE_PARAMS*>(to));
  });
}
