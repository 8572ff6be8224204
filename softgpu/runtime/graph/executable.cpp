// SPDX-License-Identifier: MIT
// Executable graphs: instantiating, launching and updating them.
#include "runtime/call.hpp"

using namespace softgpu::runtime;

namespace {

static_assert(sizeof(cudaGraphInstantiateParams) == sizeof(CUDA_GRAPH_INSTANTIATE_PARAMS));
static_assert(sizeof(cudaGraphExecUpdateResultInfo) == sizeof(CUgraphExecUpdateResultInfo));

cudaError_t instantiate_with(Streams streams, cudaGraphExec_t* out, cudaGraph_t graph,
                             cudaGraphInstantiateParams* parameters) {
  return with_context(streams, [&](const Driver& driver) {
    return driver.cuGraphInstantiateWithParams(
        out, graph, reinterpret_cast<CUDA_GRAPH_INSTANTIATE_PARAMS*>(parameters));
  });
}

cudaError_t upload(Streams streams, cudaGraphExec_t exec, cudaStream_t stream) {
  return with_context(streams,
                      [&](const Driver& driver) { return driver.cuGraphUpload(exec, stream); });
}

cudaError_t launch_graph(Streams streams, cudaGraphExec_t exec, cudaStream_t stream) {
  return with_context(streams,
                      [&](const Driver& driver) { return driver.cuGraphLaunch(exec, stream); });
}

}  // namespace

// softgpu-partial: as cuGraphInstantiateWithParams
SOFTGPU_TWINS(cudaGraphInstantiateWithParams, ptsz, instantiate_with,
              (cudaGraphExec_t * out, cudaGraph_t graph, cudaGraphInstantiateParams* parameters),
              out, graph, parameters)
SOFTGPU_TWINS(cudaGraphUpload, ptsz, upload, (cudaGraphExec_t exec, cudaStream_t stream), exec,
              stream)
// softgpu-partial: as cuGraphLaunch
SOFTGPU_TWINS(cudaGraphLaunch, ptsz, launch_graph, (cudaGraphExec_t exec, cudaStream_t stream),
              exec, stream)

// softgpu-partial: as cuGraphInstantiateWithFlags
cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t* out, cudaGraph_t graph,
                                          unsigned long long flags) {
  return with_context(
      [&](const Driver& driver) { return driver.cuGraphInstantiateWithFlags(out, graph, flags); });
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* out, cudaGraph_t graph,
                                 unsigned long long flags) {
  return cudaGraphInstantiateWithFlags(out, graph, flags);
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec) {
  return with_context([&](const Driver& driver) { return driver.cuGraphExecDestroy(exec); });
}

cudaError_t cudaGraphExecGetFlags(cudaGraphExec_t exec, unsigned long long* flags) {
  return with_context([&](const Driver& driver) {
    // The driver's 64-bit number is an unsigned long on this system.
    return driver.cuGraphExecGetFlags(exec, reinterpret_cast<cuuint64_t*>(flags));
  });
}

cudaError_t cudaGraphExecUpdate(cudaGraphExec_t exec, cudaGraph_t graph,
                                cudaGraphExecUpdateResultInfo* result) {
  return with_context([&](const Driver& driver) {
    return driver.cuGraphExecUpdate(exec, graph,
                                    reinterpret_cast<CUgraphExecUpdateResultInfo*>(result));
  });
}

cudaError_t cudaGraphNodeSetEnabled(cudaGraphExec_t exec, cudaGraphNode_t node, unsigned enabled) {
  return with_context(
      [&](const Driver& driver) { return driver.cuGraphNodeSetEnabled(exec, node, enabled); });
}

cudaError_t cudaGraphNodeGetEnabled(cudaGraphExec_t exec, cudaGraphNode_t node, unsigned* enabled) {
  return with_context(
      [&](const Driver& driver) { return driver.cuGraphNodeGetEnabled(exec, node, enabled); });
}
