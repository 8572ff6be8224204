// SPDX-License-Identifier: MIT
// Copy nodes, of boxes, ranges and variables, and fill nodes.
#include "runtime/call.hpp"
#include "runtime/copy.hpp"
#include "runtime/graph/nodes.hpp"

using namespace softgpu::runtime;

namespace {

// What is done with a copy once it is put in the driver's words.
template <typename Apply>
cudaError_t apply_copy(const Driver& driver, const cudaMemcpy3DParms& box, Apply&& apply) {
  CUDA_MEMCPY3D_v2 copy;
  if (const cudaError_t e = describe(box, copy); e != cudaSuccess) return e;
  return to_error(apply(driver, &copy, current_context(driver)));
}

template <typename Apply>
cudaError_t with_box(const cudaMemcpy3DParms* box, Apply&& apply) {
  return with_context([&](const Driver& driver) {
    return box ? apply_copy(driver, *box, apply) : cudaErrorInvalidValue;
  });
}

template <typename Apply>
cudaError_t with_range(void* to, const void* from, size_t size, cudaMemcpyKind kind,
                       Apply&& apply) {
  return with_context(
      [&](const Driver& driver) { return apply_copy(driver, range(to, from, size, kind), apply); });
}

template <typename Apply>
cudaError_t with_range_to_symbol(const void* symbol, const void* from, size_t size, size_t offset,
                                 cudaMemcpyKind kind, Apply&& apply) {
  return with_context([&](const Driver& driver) -> cudaError_t {
    cudaMemcpy3DParms box;
    if (const cudaError_t e = range_to_symbol(driver, symbol, from, size, offset, kind, box);
        e != cudaSuccess)
      return e;
    return apply_copy(driver, box, apply);
  });
}

template <typename Apply>
cudaError_t with_range_from_symbol(void* to, const void* symbol, size_t size, size_t offset,
                                   cudaMemcpyKind kind, Apply&& apply) {
  return with_context([&](const Driver& driver) -> cudaError_t {
    cudaMemcpy3DParms box;
    if (const cudaError_t e = range_from_symbol(driver, to, symbol, size, offset, kind, box);
        e != cudaSuccess)
      return e;
    return apply_copy(driver, box, apply);
  });
}

auto adding(cudaGraphNode_t* out, cudaGraph_t graph, const cudaGraphNode_t* dependencies,
            size_t count) {
  return [=](const Driver& driver, const CUDA_MEMCPY3D_v2* copy, CUcontext context) {
    return driver.cuGraphAddMemcpyNode(out, graph, dependencies, count, copy, context);
  };
}

auto setting(cudaGraphNode_t node) {
  return [=](const Driver& driver, const CUDA_MEMCPY3D_v2* copy, CUcontext) {
    return driver.cuGraphMemcpyNodeSetParams(node, copy);
  };
}

auto setting(cudaGraphExec_t exec, cudaGraphNode_t node) {
  return [=](const Driver& driver, const CUDA_MEMCPY3D_v2* copy, CUcontext context) {
    return driver.cuGraphExecMemcpyNodeSetParams(exec, node, copy, context);
  };
}

}  // namespace

// softgpu-partial: as cuGraphAddMemcpyNode
cudaError_t cudaGraphAddMemcpyNode(cudaGraphNode_t* out, cudaGraph_t graph,
                                   const cudaGraphNode_t* dependencies, size_t count,
                                   const cudaMemcpy3DParms* box) {
  return with_box(box, adding(out, graph, dependencies, count));
}

cudaError_t cudaGraphAddMemcpyNode1D(cudaGraphNode_t* out, cudaGraph_t graph,
                                     const cudaGraphNode_t* dependencies, size_t count, void* to,
                                     const void* from, size_t size, cudaMemcpyKind kind) {
  return with_range(to, from, size, kind, adding(out, graph, dependencies, count));
}

cudaError_t cudaGraphAddMemcpyNodeToSymbol(cudaGraphNode_t* out, cudaGraph_t graph,
                                           const cudaGraphNode_t* dependencies, size_t count,
                                           const void* symbol, const void* from, size_t size,
                                           size_t offset, cudaMemcpyKind kind) {
  return with_range_to_symbol(symbol, from, size, offset, kind,
                              adding(out, graph, dependencies, count));
}

cudaError_t cudaGraphAddMemcpyNodeFromSymbol(cudaGraphNode_t* out, cudaGraph_t graph,
                                             const cudaGraphNode_t* dependencies, size_t count,
                                             void* to, const void* symbol, size_t size,
                                             size_t offset, cudaMemcpyKind kind) {
  return with_range_from_symbol(to, symbol, size, offset, kind,
                                adding(out, graph, dependencies, count));
}

cudaError_t cudaGraphMemcpyNodeGetParams(cudaGraphNode_t node, cudaMemcpy3DParms* out) {
  return with_context([&](const Driver& driver) -> cudaError_t {
    CUDA_MEMCPY3D_v2 found{};
    if (!out) return cudaErrorInvalidValue;
    const CUresult r = driver.cuGraphMemcpyNodeGetParams(node, &found);
    if (r == CUDA_SUCCESS) *out = describe(found);
    return to_error(r);
  });
}

// softgpu-partial: as cuGraphMemcpyNodeSetParams
cudaError_t cudaGraphMemcpyNodeSetParams(cudaGraphNode_t node, const cudaMemcpy3DParms* box) {
  return with_box(box, setting(node));
}

cudaError_t cudaGraphMemcpyNodeSetParams1D(cudaGraphNode_t node, void* to, const void* from,
                                           size_t size, cudaMemcpyKind kind) {
  return with_range(to, from, size, kind, setting(node));
}

cudaError_t cudaGraphMemcpyNodeSetParamsToSymbol(cudaGraphNode_t node, const void* symbol,
                                                 const void* from, size_t size, size_t offset,
                                                 cudaMemcpyKind kind) {
  return with_range_to_symbol(symbol, from, size, offset, kind, setting(node));
}

cudaError_t cudaGraphMemcpyNodeSetParamsFromSymbol(cudaGraphNode_t node, void* to,
                                                   const void* symbol, size_t size, size_t offset,
                                                   cudaMemcpyKind kind) {
  return with_range_from_symbol(to, symbol, size, offset, kind, setting(node));
}

// softgpu-partial: as cuGraphExecMemcpyNodeSetParams
cudaError_t cudaGraphExecMemcpyNodeSetParams(cudaGraphExec_t exec, cudaGraphNode_t node,
                                             const cudaMemcpy3DParms* box) {
  return with_box(box, setting(exec, node));
}

cudaError_t cudaGraphExecMemcpyNodeSetParams1D(cudaGraphExec_t exec, cudaGraphNode_t node, void* to,
                                               const void* from, size_t size, cudaMemcpyKind kind) {
  return with_range(to, from, size, kind, setting(exec, node));
}

cudaError_t cudaGraphExecMemcpyNodeSetParamsToSymbol(cudaGraphExec_t exec, cudaGraphNode_t node,
                                                     const void* symbol, const void* from,
                                                     size_t size, size_t offset,
                                                     cudaMemcpyKind kind) {
  return with_range_to_symbol(symbol, from, size, offset, kind, setting(exec, node));
}

cudaError_t cudaGraphExecMemcpyNodeSetParamsFromSymbol(cudaGraphExec_t exec, cudaGraphNode_t node,
                                                       void* to, const void* symbol, size_t size,
                                                       size_t offset, cudaMemcpyKind kind) {
  return with_range_from_symbol(to, symbol, size, offset, kind, setting(exec, node));
}

cudaError_t cudaGraphAddMemsetNode(cudaGraphNode_t* out, cudaGraph_t graph,
                                   const cudaGraphNode_t* dependencies, size_t count,
                                   const cudaMemsetParams* node) {
  return with_context([&](const Driver& driver) -> cudaError_t {
    if (!node) return cudaErrorInvalidValue;
    const CUDA_MEMSET_NODE_PARAMS_v1 fill = describe(*node);
    return to_error(driver.cuGraphAddMemsetNode(out, graph, dependencies, count, &fill,
                                                current_context(driver)));
  });
}

cudaError_t cudaGraphMemsetNodeGetParams(cudaGraphNode_t node, cudaMemsetParams* out) {
  return with_context([&](const Driver& driver) -> cudaError_t {
    CUDA_MEMSET_NODE_PARAMS_v1 found{};
    if (!out) return cudaErrorInvalidValue;
    const CUresult r = driver.cuGraphMemsetNodeGetParams(node, &found);
    if (r == CUDA_SUCCESS) *out = describe(found);
    return to_error(r);
  });
}

cudaError_t cudaGraphMemsetNodeSetParams(cudaGraphNode_t node, const cudaMemsetParams* to) {
  return with_context([&](const Driver& driver) -> cudaError_t {
    if (!to) return cudaErrorInvalidValue;
    const CUDA_MEMSET_NODE_PARAMS_v1 fill = describe(*to);
    return to_error(driver.cuGraphMemsetNodeSetParams(node, &fill));
  });
}

cudaError_t cudaGraphExecMemsetNodeSetParams(cudaGraphExec_t exec, cudaGraphNode_t node,
                                             const cudaMemsetParams* to) {
  return with_context([&](const Driver& driver) -> cudaError_t {
    if (!to) return cudaErrorInvalidValue;
    const CUDA_MEMSET_NODE_PARAMS_v1 fill = describe(*to);
    return to_error(
        driver.cuGraphExecMemsetNodeSetParams(exec, node, &fill, current_context(driver)));
  });
}
