// SPDX-License-Identifier: MIT
// Calls that CUDA 13 changed, in one form: with edge data there, without here.
#pragma once

#include "fixture.hpp"

inline cudaError_t add_node(cudaGraphNode_t* node, cudaGraph_t graph,
                            const cudaGraphNode_t* dependencies, size_t count,
                            cudaGraphNodeParams* parameters) {
#if SOFTGPU_RUNTIME == 13
  return cudaGraphAddNode(node, graph, dependencies, nullptr, count, parameters);
#else
  return cudaGraphAddNode(node, graph, dependencies, count, parameters);
#endif
}

inline cudaError_t add_edge(cudaGraph_t graph, cudaGraphNode_t from, cudaGraphNode_t to) {
#if SOFTGPU_RUNTIME == 13
  return cudaGraphAddDependencies(graph, &from, &to, nullptr, 1);
#else
  return cudaGraphAddDependencies(graph, &from, &to, 1);
#endif
}

inline cudaError_t remove_edge(cudaGraph_t graph, cudaGraphNode_t from, cudaGraphNode_t to) {
#if SOFTGPU_RUNTIME == 13
  return cudaGraphRemoveDependencies(graph, &from, &to, nullptr, 1);
#else
  return cudaGraphRemoveDependencies(graph, &from, &to, 1);
#endif
}

inline size_t edges_of(cudaGraph_t graph) {
  size_t count = 99;
#if SOFTGPU_RUNTIME == 13
  OK(cudaGraphGetEdges(graph, nullptr, nullptr, nullptr, &count));
#else
  OK(cudaGraphGetEdges(graph, nullptr, nullptr, &count));
#endif
  return count;
}

inline std::vector<cudaGraphNode_t> dependencies_of(cudaGraphNode_t node) {
  std::vector<cudaGraphNode_t> out(8);
  size_t count = out.size();
#if SOFTGPU_RUNTIME == 13
  OK(cudaGraphNodeGetDependencies(node, out.data(), nullptr, &count));
#else
  OK(cudaGraphNodeGetDependencies(node, out.data(), &count));
#endif
  out.resize(count);
  return out;
}

inline cudaError_t capture_state(cudaStream_t stream, cudaStreamCaptureStatus* status,
                                 unsigned long long* id) {
#if SOFTGPU_RUNTIME == 13
  return cudaStreamGetCaptureInfo(stream, status, id, nullptr, nullptr, nullptr, nullptr);
#else
  return cudaStreamGetCaptureInfo(stream, status, id);
#endif
}
