// SPDX-License-Identifier: MIT
// Stream capture. CUDA 12 has queries and updates without edge data beside those with it.
#include "runtime/call.hpp"

using namespace softgpu::runtime;

namespace {

static_assert(sizeof(cudaGraphEdgeData) == sizeof(CUgraphEdgeData));

cudaError_t begin(Streams streams, cudaStream_t stream, cudaStreamCaptureMode mode) {
  return with_context(streams, [&](const Driver& driver) {
    return driver.cuStreamBeginCapture(stream, static_cast<CUstreamCaptureMode>(mode));
  });
}

cudaError_t begin_to_graph(Streams streams, cudaStream_t stream, cudaGraph_t graph,
                           const cudaGraphNode_t* dependencies, const cudaGraphEdgeData* edges,
                           size_t count, cudaStreamCaptureMode mode) {
  return with_context(streams, [&](const Driver& driver) {
    return driver.cuStreamBeginCaptureToGraph(stream, graph, dependencies,
                                              reinterpret_cast<const CUgraphEdgeData*>(edges),
                                              count, static_cast<CUstreamCaptureMode>(mode));
  });
}

cudaError_t end(Streams streams, cudaStream_t stream, cudaGraph_t* graph) {
  return with_context(
      streams, [&](const Driver& driver) { return driver.cuStreamEndCapture(stream, graph); });
}

cudaError_t is_capturing(Streams streams, cudaStream_t stream, cudaStreamCaptureStatus* status) {
  return with_context(streams, [&](const Driver& driver) {
    return driver.cuStreamIsCapturing(stream, reinterpret_cast<CUstreamCaptureStatus*>(status));
  });
}

cudaError_t info(Streams streams, cudaStream_t stream, cudaStreamCaptureStatus* status,
                 unsigned long long* id, cudaGraph_t* graph, const cudaGraphNode_t** dependencies,
                 const cudaGraphEdgeData** edges, size_t* count) {
  return with_context(streams, [&](const Driver& driver) {
    // The driver's 64-bit number is an unsigned long on this system.
    static_assert(sizeof(cuuint64_t) == sizeof *id);
    return driver.cuStreamGetCaptureInfo(stream, reinterpret_cast<CUstreamCaptureStatus*>(status),
                                         reinterpret_cast<cuuint64_t*>(id), graph, dependencies,
                                         reinterpret_cast<const CUgraphEdgeData**>(edges), count);
  });
}

cudaError_t update(Streams streams, cudaStream_t stream, cudaGraphNode_t* dependencies,
                   const cudaGraphEdgeData* edges, size_t count, unsigned flags) {
  return with_context(streams, [&](const Driver& driver) {
    return driver.cuStreamUpdateCaptureDependencies(
        stream, dependencies, reinterpret_cast<const CUgraphEdgeData*>(edges), count, flags);
  });
}

}  // namespace

SOFTGPU_TWINS(cudaStreamBeginCapture, ptsz, begin,
              (cudaStream_t stream, cudaStreamCaptureMode mode), stream, mode)
SOFTGPU_TWINS(cudaStreamBeginCaptureToGraph, ptsz, begin_to_graph,
              (cudaStream_t stream, cudaGraph_t graph, const cudaGraphNode_t* dependencies,
               const cudaGraphEdgeData* edges, size_t count, cudaStreamCaptureMode mode),
              stream, graph, dependencies, edges, count, mode)
SOFTGPU_TWINS(cudaStreamEndCapture, ptsz, end, (cudaStream_t stream, cudaGraph_t* graph), stream,
              graph)
SOFTGPU_TWINS(cudaStreamIsCapturing, ptsz, is_capturing,
              (cudaStream_t stream, cudaStreamCaptureStatus* status), stream, status)

#if CUDART_VERSION >= 13000
SOFTGPU_TWINS(cudaStreamGetCaptureInfo, ptsz, info,
              (cudaStream_t stream, cudaStreamCaptureStatus* status, unsigned long long* id,
               cudaGraph_t* graph, const cudaGraphNode_t** dependencies,
               const cudaGraphEdgeData** edges, size_t* count),
              stream, status, id, graph, dependencies, edges, count)
SOFTGPU_TWINS(cudaStreamUpdateCaptureDependencies, ptsz, update,
              (cudaStream_t stream, cudaGraphNode_t* dependencies, const cudaGraphEdgeData* edges,
               size_t count, unsigned flags),
              stream, dependencies, edges, count, flags)
#else
SOFTGPU_TWINS(cudaStreamGetCaptureInfo, ptsz, info,
              (cudaStream_t stream, cudaStreamCaptureStatus* status, unsigned long long* id),
              stream, status, id, nullptr, nullptr, nullptr, nullptr)
SOFTGPU_TWINS(cudaStreamGetCaptureInfo_v2, ptsz, info,
              (cudaStream_t stream, cudaStreamCaptureStatus* status, unsigned long long* id,
               cudaGraph_t* graph, const cudaGraphNode_t** dependencies, size_t* count),
              stream, status, id, graph, dependencies, nullptr, count)
SOFTGPU_TWINS(cudaStreamGetCaptureInfo_v3, ptsz, info,
              (cudaStream_t stream, cudaStreamCaptureStatus* status, unsigned long long* id,
               cudaGraph_t* graph, const cudaGraphNode_t** dependencies,
               const cudaGraphEdgeData** edges, size_t* count),
              stream, status, id, graph, dependencies, edges, count)
SOFTGPU_TWINS(cudaStreamUpdateCaptureDependencies, ptsz, update,
              (cudaStream_t stream, cudaGraphNode_t* dependencies, size_t count, unsigned flags),
              stream, dependencies, nullptr, count, flags)
SOFTGPU_TWINS(cudaStreamUpdateCaptureDependencies_v2, ptsz, update,
              (cudaStream_t stream, cudaGraphNode_t* dependencies, const cudaGraphEdgeData* edges,
               size_t count, unsigned flags),
              stream, dependencies, edges, count, flags)
#endif

cudaError_t cudaThreadExchangeStreamCaptureMode(cudaStreamCaptureMode* mode) {
  return with_context([&](const Driver& driver) {
    return driver.cuThreadExchangeStreamCaptureMode(reinterpret_cast<CUstreamCaptureMode*>(mode));
  });
}
