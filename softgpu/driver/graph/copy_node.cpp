// SPDX-License-Identifier: MIT
// Memcpy and memset nodes. Their memory is looked up when they are made, so that a wrong pointer is
// refused there, and again at each launch, because a graph outlives allocations: memory that has
// gone by then is an illegal access of the launch, as for a kernel.
#include "driver/copy.hpp"

#include "driver/graph/exec.hpp"
#include "driver/graph/graph.hpp"

namespace softgpu::driver {

CUresult context_of(CUcontext handle, ContextPtr& out) {
  if (!handle) return current_context(out);
  out = contexts().find(handle);
  return out ? CUDA_SUCCESS : CUDA_ERROR_INVALID_CONTEXT;
}

CUresult copy_work(const CUDA_MEMCPY3D* copy, CUcontext context, CopyWork& out) {
  if (!copy) return CUDA_ERROR_INVALID_VALUE;
  if (const CUresult r = context_of(context, out.context); r != CUDA_SUCCESS) return r;
  Side to, from;
  Extent extent;
  out.copy = *copy;
  return sides_of(*copy, to, from, extent);
}

CUresult fill_work(const CUDA_MEMSET_NODE_PARAMS* fill, CUcontext context, FillWork& out) {
  if (!fill) return CUDA_ERROR_INVALID_VALUE;
  const unsigned size = fill->elementSize;
  if (size != 1 && size != 2 && size != 4) return CUDA_ERROR_INVALID_VALUE;
  if (fill->dst % size != 0 || fill->width > SIZE_MAX / size) return CUDA_ERROR_INVALID_VALUE;
  if (fill->height > 1 && (fill->pitch % size != 0 || fill->pitch < fill->width * size))
    return CUDA_ERROR_INVALID_VALUE;
  if (const CUresult r = context_of(context, out.context); r != CUDA_SUCCESS) return r;
  out.fill = *fill;
  Side to{.base = fill->dst, .pitch = fill->pitch};
  return locate(to, {fill->width * size, fill->height, 1}, Accepts::device_pointer);
}

namespace {

bool empty(const CUDA_MEMCPY3D& c) {
  return c.WidthInBytes == 0 || c.Height == 0 || c.Depth == 0;
}

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

// softgpu-partial: no copies to or from CUDA arrays
CUresult cuGraphAddMemcpyNode(CUgraphNode* out, CUgraph graph, const CUgraphNode* dependencies,
                              size_t count, const CUDA_MEMCPY3D* copy, CUcontext context) {
  return add(out, graph, dependencies, nullptr, count,
             [&](Work& work) { return copy_work(copy, context, work.emplace<CopyWork>()); });
}

CUresult cuGraphMemcpyNodeGetParams(CUgraphNode handle, CUDA_MEMCPY3D* copy) {
  return with_node<CopyWork>(handle, [&](Node&, CopyWork& work) -> CUresult {
    if (!copy) return CUDA_ERROR_INVALID_VALUE;
    *copy = work.copy;
    return CUDA_SUCCESS;
  });
}

// softgpu-partial: no copies to or from CUDA arrays
CUresult cuGraphMemcpyNodeSetParams(CUgraphNode handle, const CUDA_MEMCPY3D* copy) {
  return with_node<CopyWork>(handle, [&](Node&, CopyWork& work) -> CUresult {
    CopyWork next;
    const CUresult r = copy_work(copy, work.context->handle, next);
    if (r == CUDA_SUCCESS) work = next;
    return r;
  });
}

// softgpu-partial: no copies to or from CUDA arrays
CUresult cuGraphExecMemcpyNodeSetParams(CUgraphExec exec, CUgraphNode node,
                                        const CUDA_MEMCPY3D* copy, CUcontext context) {
  return set_exec_work<CopyWork>(exec, node, [&](const CopyWork&, CopyWork& next) -> CUresult {
    if (!copy || empty(*copy)) return CUDA_ERROR_INVALID_VALUE;
    return copy_work(copy, context, next);
  });
}

CUresult cuGraphAddMemsetNode(CUgraphNode* out, CUgraph graph, const CUgraphNode* dependencies,
                              size_t count, const CUDA_MEMSET_NODE_PARAMS* fill,
                              CUcontext context) {
  return add(out, graph, dependencies, nullptr, count,
             [&](Work& work) { return fill_work(fill, context, work.emplace<FillWork>()); });
}

CUresult cuGraphMemsetNodeGetParams(CUgraphNode handle, CUDA_MEMSET_NODE_PARAMS* fill) {
  return with_node<FillWork>(handle, [&](Node&, FillWork& work) -> CUresult {
    if (!fill) return CUDA_ERROR_INVALID_VALUE;
    *fill = work.fill;
    return CUDA_SUCCESS;
  });
}

CUresult cuGraphMemsetNodeSetParams(CUgraphNode handle, const CUDA_MEMSET_NODE_PARAMS* fill) {
  return with_node<FillWork>(handle, [&](Node&, FillWork& work) -> CUresult {
    FillWork next;
    const CUresult r = fill_work(fill, work.context->handle, next);
    if (r == CUDA_SUCCESS) work = next;
    return r;
  });
}

CUresult cuGraphExecMemsetNodeSetParams(CUgraphExec exec, CUgraphNode node,
                                        const CUDA_MEMSET_NODE_PARAMS* fill, CUcontext context) {
  return set_exec_work<FillWork>(exec, node, [&](const FillWork&, FillWork& next) -> CUresult {
    if (!fill || fill->width == 0 || fill->height == 0) return CUDA_ERROR_INVALID_VALUE;
    return fill_work(fill, context, next);
  });
}
