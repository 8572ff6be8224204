// SPDX-License-Identifier: MIT
// Stream capture: operations become nodes of a graph instead of being executed.
//
//   if (const auto r = captured(stream, [&](Graph&, Work& work) { … })) return *r;
//   enqueue(…);
//
// A *capture* begins and ends on its origin stream. Another stream joins it by waiting for an event
// recorded in it, and must be joined back (its last nodes become ancestors of the origin's) before
// the end. Each stream in a capture has *tips*: the nodes that its next node depends on.
//
// What is not an operation of a stream cannot become a node. Three things protect a capture from
// it:
//   900  calls that wait for, or ask about, a capturing stream or its context
//   900  "potentially unsafe" calls (allocation, loading, event queries …), depending on the modes
//   of the
//        capture and of the calling thread; from any thread, if the capture is in global mode
//   906  use of the legacy stream while a blocking stream of its context captures
// All of them invalidate the captures they conflict with: 901 from then on, until the end. A
// capture in two sequences at once is 902, a dependency on work outside of it 905, a captured event
// where a real one is needed 907.
//
// State is under the graph lock. While nothing captures, every check is one load.
#pragma once

#include <optional>

#include "driver/graph/graph.hpp"

namespace softgpu::driver {

struct Tip {
  CUgraphNode node = nullptr;
  CUgraphEdgeData data{};
};

struct Capture {
  uint64_t id = 0;
  GraphPtr graph;
  bool to_existing_graph = false;
  CUstreamCaptureMode mode = CU_STREAM_CAPTURE_MODE_GLOBAL;
  uint64_t thread = 0;  // that began it
  bool invalidated = false, ended = false;
  std::vector<StreamPtr> streams;       // the origin first
  std::vector<CUgraphNode> left_alone;  // last nodes of streams destroyed meanwhile
};
using CapturePtr = std::shared_ptr<Capture>;

// A stream's part in a capture.
struct CapturePart {
  CapturePtr capture;
  std::vector<Tip> tips;
  // What cuStreamGetCaptureInfo points into.
  std::vector<CUgraphNode> nodes_view;
  std::vector<CUgraphEdgeData> data_view;
};

// An event's record in a capture.
struct CapturedRecord {
  CapturePtr capture;
  std::vector<Tip> tips;
};

bool any_capture();

// Under the graph lock.
void invalidate(Capture& capture);
// INVALIDATED, or IMPLICIT for the legacy stream; `captures` says whether the stream is in a
// capture.
CUresult admit(const Stream& stream, bool& captures);
// Adds a node behind the stream's tips, and makes it the tip.
CUresult add_captured(Stream& stream, Work& work);

// If the stream captures, makes the node: `make(graph, work)`. nullopt: not capturing, go on.
template <typename Make>
std::optional<CUresult> captured(const StreamPtr& stream, Make&& make) {
  if (!any_capture()) return std::nullopt;
  const std::lock_guard lock(graph_mutex());
  bool captures = false;
  if (const CUresult r = admit(*stream, captures); r != CUDA_SUCCESS) return r;
  if (!captures) return std::nullopt;
  Work work;
  if (const CUresult r = make(*stream->capture->capture->graph, work); r != CUDA_SUCCESS) return r;
  return add_captured(*stream, work);
}

// For calls that wait for a stream or ask how far it is, and for synchronous copies.
CUresult refuse_while_capturing(const StreamPtr& stream);
// For operations that cannot be nodes; allowed on other streams.
CUresult refuse_as_node(const StreamPtr& stream);
// For calls that wait for a context.
CUresult refuse_while_capturing(const Context& context);

CUresult record_event(const StreamPtr& stream, const EventPtr& event, bool external,
                      bool& captured);
CUresult wait_for_event(const StreamPtr& stream, const EventPtr& event, bool external,
                        bool& captured);
// CAPTURED_EVENT, and the capture is invalidated, if the event was last recorded in one.
CUresult refuse_captured(const Event& event);

// A stream or a context goes away.
void leave_capture(const StreamPtr& stream);

}  // namespace softgpu::driver
