// SPDX-License-Identifier: MIT
// cuStreamBeginCapture, cuStreamEndCapture and what may be asked and changed in between.
#include "driver/capture/sequence.hpp"

namespace softgpu::driver {
namespace {

template <DefaultStream V, typename Body>
CUresult with_locked_stream(CUstream handle, Body&& body) {
  return with_stream(handle, V, [&](Context&, const StreamPtr& stream) -> CUresult {
    const std::lock_guard lock(graph_mutex());
    return body(stream);
  });
}

bool is_mode(CUstreamCaptureMode mode) {
  return mode >= CU_STREAM_CAPTURE_MODE_GLOBAL && mode <= CU_STREAM_CAPTURE_MODE_RELAXED;
}

// Nodes of `graph` as tips. INVALID_VALUE for foreign nodes and duplicates.
CUresult read_tips(const Graph& graph, const CUgraphNode* nodes, const CUgraphEdgeData* data,
                   size_t count, std::vector<Tip>& out) {
  if (count > 0 && !nodes) return CUDA_ERROR_INVALID_VALUE;
  for (size_t i = 0; i < count; ++i) {
    const NodePtr node = graph_nodes().find(nodes[i]);
    if (!node || node->graph != &graph) return CUDA_ERROR_INVALID_VALUE;
    for (const Tip& t : out)
      if (t.node == nodes[i]) return CUDA_ERROR_INVALID_VALUE;
    out.push_back({nodes[i], data ? data[i] : CUgraphEdgeData{}});
  }
  return CUDA_SUCCESS;
}

template <DefaultStream V>
CUresult begin(CUstream handle, CUstreamCaptureMode mode) {
  return with_locked_stream<V>(handle, [&](const StreamPtr& stream) {
    return is_mode(mode) ? begin_capture(stream, mode, nullptr, {}) : CUDA_ERROR_INVALID_VALUE;
  });
}

template <DefaultStream V>
CUresult begin_to_graph(CUstream handle, CUgraph graph_handle, const CUgraphNode* nodes,
                        const CUgraphEdgeData* data, size_t count, CUstreamCaptureMode mode) {
  return with_locked_stream<V>(handle, [&](const StreamPtr& stream) -> CUresult {
    const GraphPtr graph = graphs().find(graph_handle);
    if (!is_mode(mode) || !graph || graph->capturing) return CUDA_ERROR_INVALID_VALUE;
    std::vector<Tip> tips;
    if (const CUresult r = read_tips(*graph, nodes, data, count, tips); r != CUDA_SUCCESS) return r;
    return begin_capture(stream, mode, graph, std::move(tips));
  });
}

template <DefaultStream V>
CUresult end(CUstream handle, CUgraph* out) {
  return with_locked_stream<V>(handle, [&](const StreamPtr& stream) {
    return out ? end_capture(stream, out) : CUDA_ERROR_INVALID_VALUE;
  });
}

CUresult status_of(const Stream& stream, CUstreamCaptureStatus* status) {
  if (!status) return CUDA_ERROR_INVALID_VALUE;
  if (legacy_is_unusable(stream)) return CUDA_ERROR_STREAM_CAPTURE_IMPLICIT;
  *status = !stream.capture                        ? CU_STREAM_CAPTURE_STATUS_NONE
            : stream.capture->capture->invalidated ? CU_STREAM_CAPTURE_STATUS_INVALIDATED
                                                   : CU_STREAM_CAPTURE_STATUS_ACTIVE;
  return CUDA_SUCCESS;
}

template <DefaultStream V>
CUresult is_capturing(CUstream handle, CUstreamCaptureStatus* status) {
  return with_locked_stream<V>(handle,
                               [&](const StreamPtr& stream) { return status_of(*stream, status); });
}

template <DefaultStream V>
CUresult info(CUstream handle, CUstreamCaptureStatus* status, cuuint64_t* id, CUgraph* graph,
              const CUgraphNode** nodes, const CUgraphEdgeData** data, size_t* count) {
  return with_locked_stream<V>(handle, [&](const StreamPtr& stream) -> CUresult {
    if (data && !nodes) return CUDA_ERROR_INVALID_VALUE;
    if (const CUresult r = status_of(*stream, status); r != CUDA_SUCCESS) return r;
    if (*status != CU_STREAM_CAPTURE_STATUS_ACTIVE) return CUDA_SUCCESS;
    CapturePart& part = *stream->capture;
    part.nodes_view.clear();
    part.data_view.clear();
    for (const Tip& t : part.tips) {
      if (nodes && !data && !is_default(t.data)) return CUDA_ERROR_LOSSY_QUERY;
      part.nodes_view.push_back(t.node);
      part.data_view.push_back(t.data);
    }
    if (id) *id = part.capture->id;
    if (graph) *graph = part.capture->graph->handle;
    if (nodes) *nodes = part.nodes_view.data();
    if (data) *data = part.data_view.data();
    if (count) *count = part.nodes_view.size();
    return CUDA_SUCCESS;
  });
}

template <DefaultStream V>
CUresult update(CUstream handle, const CUgraphNode* nodes, const CUgraphEdgeData* data,
                size_t count, unsigned flags) {
  return with_locked_stream<V>(handle, [&](const StreamPtr& stream) -> CUresult {
    if (!stream->capture) return CUDA_ERROR_ILLEGAL_STATE;
    if (flags > CU_STREAM_SET_CAPTURE_DEPENDENCIES) return CUDA_ERROR_INVALID_VALUE;
    CapturePart& part = *stream->capture;
    if (part.capture->invalidated) return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    std::vector<Tip> tips;
    if (const CUresult r = read_tips(*part.capture->graph, nodes, data, count, tips);
        r != CUDA_SUCCESS)
      return r;
    if (flags == CU_STREAM_SET_CAPTURE_DEPENDENCIES) part.tips.clear();
    for (const Tip& t : tips) {
      std::erase_if(part.tips, [&](const Tip& old) { return old.node == t.node; });
      part.tips.push_back(t);
    }
    return CUDA_SUCCESS;
  });
}

constexpr auto kLegacy = DefaultStream::legacy;
constexpr auto kPerThread = DefaultStream::per_thread;
constexpr auto kGlobal = CU_STREAM_CAPTURE_MODE_GLOBAL;

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuStreamBeginCapture(CUstream s) {
  return begin<kLegacy>(s, kGlobal);
}
CUresult cuStreamBeginCapture_ptsz(CUstream s) {
  return begin<kPerThread>(s, kGlobal);
}
CUresult cuStreamBeginCapture_v2(CUstream s, CUstreamCaptureMode mode) {
  return begin<kLegacy>(s, mode);
}
CUresult cuStreamBeginCapture_v2_ptsz(CUstream s, CUstreamCaptureMode mode) {
  return begin<kPerThread>(s, mode);
}
CUresult cuStreamBeginCaptureToGraph(CUstream s, CUgraph graph, const CUgraphNode* nodes,
                                     const CUgraphEdgeData* data, size_t count,
                                     CUstreamCaptureMode mode) {
  return begin_to_graph<kLegacy>(s, graph, nodes, data, count, mode);
}
CUresult cuStreamBeginCaptureToGraph_ptsz(CUstream s, CUgraph graph, const CUgraphNode* nodes,
                                          const CUgraphEdgeData* data, size_t count,
                                          CUstreamCaptureMode mode) {
  return begin_to_graph<kPerThread>(s, graph, nodes, data, count, mode);
}
CUresult cuStreamEndCapture(CUstream s, CUgraph* graph) {
  return end<kLegacy>(s, graph);
}
CUresult cuStreamEndCapture_ptsz(CUstream s, CUgraph* graph) {
  return end<kPerThread>(s, graph);
}
CUresult cuStreamIsCapturing(CUstream s, CUstreamCaptureStatus* status) {
  return is_capturing<kLegacy>(s, status);
}
CUresult cuStreamIsCapturing_ptsz(CUstream s, CUstreamCaptureStatus* status) {
  return is_capturing<kPerThread>(s, status);
}
CUresult cuStreamGetCaptureInfo(CUstream s, CUstreamCaptureStatus* status, cuuint64_t* id) {
  return info<kLegacy>(s, status, id, nullptr, nullptr, nullptr, nullptr);
}
CUresult cuStreamGetCaptureInfo_ptsz(CUstream s, CUstreamCaptureStatus* status, cuuint64_t* id) {
  return info<kPerThread>(s, status, id, nullptr, nullptr, nullptr, nullptr);
}
CUresult cuStreamGetCaptureInfo_v2(CUstream s, CUstreamCaptureStatus* status, cuuint64_t* id,
                                   CUgraph* graph, const CUgraphNode** nodes, size_t* count) {
  return info<kLegacy>(s, status, id, graph, nodes, nullptr, count);
}
CUresult cuStreamGetCaptureInfo_v2_ptsz(CUstream s, CUstreamCaptureStatus* status, cuuint64_t* id,
                                        CUgraph* graph, const CUgraphNode** nodes, size_t* count) {
  return info<kPerThread>(s, status, id, graph, nodes, nullptr, count);
}
CUresult cuStreamGetCaptureInfo_v3(CUstream s, CUstreamCaptureStatus* status, cuuint64_t* id,
                                   CUgraph* graph, const CUgraphNode** nodes,
                                   const CUgraphEdgeData** data, size_t* count) {
  return info<kLegacy>(s, status, id, graph, nodes, data, count);
}
CUresult cuStreamGetCaptureInfo_v3_ptsz(CUstream s, CUstreamCaptureStatus* status, cuuint64_t* id,
                                        CUgraph* graph, const CUgraphNode** nodes,
                                        const CUgraphEdgeData** data, size_t* count) {
  return info<kPerThread>(s, status, id, graph, nodes, data, count);
}
CUresult cuStreamUpdateCaptureDependencies(CUstream s, CUgraphNode* nodes, size_t count,
                                           unsigned int flags) {
  return update<kLegacy>(s, nodes, nullptr, count, flags);
}
CUresult cuStreamUpdateCaptureDependencies_ptsz(CUstream s, CUgraphNode* nodes, size_t count,
                                                unsigned int flags) {
  return update<kPerThread>(s, nodes, nullptr, count, flags);
}
CUresult cuStreamUpdateCaptureDependencies_v2(CUstream s, CUgraphNode* nodes,
                                              const CUgraphEdgeData* data, size_t count,
                                              unsigned int flags) {
  return update<kLegacy>(s, nodes, data, count, flags);
}
CUresult cuStreamUpdateCaptureDependencies_v2_ptsz(CUstream s, CUgraphNode* nodes,
                                                   const CUgraphEdgeData* data, size_t count,
                                                   unsigned int flags) {
  return update<kPerThread>(s, nodes, data, count, flags);
}

CUresult cuThreadExchangeStreamCaptureMode(CUstreamCaptureMode* mode) {
  return entry([&]() -> CUresult {
    if (!mode || !is_mode(*mode)) return CUDA_ERROR_INVALID_VALUE;
    *mode = exchange_thread_mode(*mode);
    return CUDA_SUCCESS;
  });
}
