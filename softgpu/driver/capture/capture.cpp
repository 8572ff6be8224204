// SPDX-License-Identifier: MIT
#include "driver/capture/capture.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "driver/capture/sequence.hpp"

namespace softgpu::driver {
namespace {

std::atomic<unsigned> g_in_progress{0};
thread_local CUstreamCaptureMode t_mode = CU_STREAM_CAPTURE_MODE_GLOBAL;

std::vector<CapturePtr>& captures() {
  static auto* const all = new std::vector<CapturePtr>;
  return *all;
}

// Takes all its streams out of the capture.
void dissolve(Capture& capture) {
  for (const StreamPtr& stream : capture.streams) stream->capture.reset();
  capture.streams.clear();
  capture.graph->capturing = false;
  capture.ended = true;
  std::erase_if(captures(), [&](const CapturePtr& c) { return c.get() == &capture; });
  g_in_progress.fetch_sub(1, std::memory_order_release);
}

void discard_graph(Capture& capture) {
  if (!capture.to_existing_graph) destroy_graph(capture.graph);
}

// The nodes from which `tips` can be reached, themselves included.
std::set<CUgraphNode> ancestors(const std::vector<Tip>& tips) {
  std::set<CUgraphNode> seen;
  std::vector<CUgraphNode> todo;
  for (const Tip& t : tips) todo.push_back(t.node);
  while (!todo.empty()) {
    const CUgraphNode handle = todo.back();
    todo.pop_back();
    if (!seen.insert(handle).second) continue;
    if (const NodePtr node = graph_nodes().find(handle))
      for (const Link& l : node->dependencies) todo.push_back(l.node->handle);
  }
  return seen;
}

bool all_joined(const Capture& capture) {
  const std::set<CUgraphNode> reached = ancestors(capture.streams[0]->capture->tips);
  // A node that the program has removed from the graph needs no joining.
  const auto open = [&](CUgraphNode n) { return graph_nodes().find(n) && !reached.count(n); };
  for (const StreamPtr& stream : capture.streams)
    for (const Tip& t : stream->capture->tips)
      if (open(t.node)) return false;
  return std::none_of(capture.left_alone.begin(), capture.left_alone.end(), open);
}

void join(CapturePart& part, const std::vector<Tip>& tips) {
  for (const Tip& t : tips) {
    const bool there = std::any_of(part.tips.begin(), part.tips.end(),
                                   [&](const Tip& mine) { return mine.node == t.node; });
    if (!there) part.tips.push_back(t);
  }
}

bool conflicts_with_legacy(const Capture& capture, const Context& context) {
  return std::any_of(capture.streams.begin(), capture.streams.end(), [&](const StreamPtr& s) {
    return s->blocking && s->context.get() == &context;
  });
}

CUresult implicit_dependency(const Context& context) {
  bool any = false;
  for (const CapturePtr& c : captures())
    if (conflicts_with_legacy(*c, context)) {
      invalidate(*c);
      any = true;
    }
  return any ? CUDA_ERROR_STREAM_CAPTURE_IMPLICIT : CUDA_SUCCESS;
}

CUresult conflict(Capture& capture) {
  if (capture.invalidated) return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
  invalidate(capture);
  return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
}

// Under the graph lock.
CUresult unsafe_call() {
  if (t_mode == CU_STREAM_CAPTURE_MODE_RELAXED) return CUDA_SUCCESS;
  bool prohibited = false;
  for (const CapturePtr& c : captures()) {
    const bool mine = c->thread == thread_number() && c->mode != CU_STREAM_CAPTURE_MODE_RELAXED;
    const bool global =
        t_mode == CU_STREAM_CAPTURE_MODE_GLOBAL && c->mode == CU_STREAM_CAPTURE_MODE_GLOBAL;
    if (!mine && !global) continue;
    invalidate(*c);
    prohibited = true;
  }
  return prohibited ? CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED : CUDA_SUCCESS;
}

}  // namespace

bool any_capture() {
  return g_in_progress.load(std::memory_order_acquire) != 0;
}

CUstreamCaptureMode exchange_thread_mode(CUstreamCaptureMode mode) {
  return std::exchange(t_mode, mode);
}

void invalidate(Capture& capture) {
  capture.invalidated = true;
}

bool legacy_is_unusable(const Stream& stream) {
  return stream.is_legacy &&
         std::any_of(captures().begin(), captures().end(), [&](const CapturePtr& c) {
           return conflicts_with_legacy(*c, *stream.context);
         });
}

CUresult admit(const Stream& stream, bool& in_capture) {
  in_capture = stream.capture != nullptr;
  if (in_capture)
    return stream.capture->capture->invalidated ? CUDA_ERROR_STREAM_CAPTURE_INVALIDATED
                                                : CUDA_SUCCESS;
  return stream.is_legacy ? implicit_dependency(*stream.context) : CUDA_SUCCESS;
}

namespace {

// A launch that asks for programmatic stream serialization may start before the kernels in front of
// it have ended: its edges from kernels say so.
bool starts_early(const Work& work) {
  const auto* const kernel = std::get_if<KernelWork>(&work);
  if (!kernel) return false;
  const auto it = kernel->attributes.find(CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION);
  return it != kernel->attributes.end() && it->second.programmaticStreamSerializationAllowed != 0;
}

CUgraphEdgeData edge_from(const Tip& tip, bool early) {
  const NodePtr node = graph_nodes().find(tip.node);
  if (!early || !is_default(tip.data) || !std::holds_alternative<KernelWork>(node->work))
    return tip.data;
  CUgraphEdgeData data{};
  data.from_port = CU_GRAPH_KERNEL_NODE_PORT_PROGRAMMATIC;
  data.type = CU_GRAPH_DEPENDENCY_TYPE_PROGRAMMATIC;
  return data;
}

}  // namespace

CUresult add_captured(Stream& stream, Work& work) {
  CapturePart& part = *stream.capture;
  // The program may have removed nodes from the graph.
  std::erase_if(part.tips, [](const Tip& t) { return !graph_nodes().find(t.node); });
  const bool early = starts_early(work);
  std::vector<CUgraphNode> after;
  std::vector<CUgraphEdgeData> data;
  for (const Tip& t : part.tips) {
    after.push_back(t.node);
    data.push_back(edge_from(t, early));
  }
  NodePtr node;
  const CUresult r = add_node(*part.capture->graph, after, data.data(), work, node);
  if (r != CUDA_SUCCESS) {
    discard(work);
    return r;
  }
  part.tips = {{node->handle, {}}};
  return CUDA_SUCCESS;
}

CUresult refuse_as_node(const StreamPtr& stream) {
  if (!any_capture()) return CUDA_SUCCESS;
  const std::lock_guard lock(graph_mutex());
  bool captures_now = false;
  if (const CUresult r = admit(*stream, captures_now); r != CUDA_SUCCESS) return r;
  return captures_now ? conflict(*stream->capture->capture) : CUDA_SUCCESS;
}

CUresult refuse_while_capturing(const StreamPtr& stream) {
  if (const CUresult r = refuse_as_node(stream); r != CUDA_SUCCESS) return r;
  return potentially_unsafe_call();
}

CUresult refuse_while_capturing(const Context& context) {
  if (!any_capture()) return CUDA_SUCCESS;
  const std::lock_guard lock(graph_mutex());
  CUresult result = CUDA_SUCCESS;
  for (const CapturePtr& c : captures())
    for (const StreamPtr& s : c->streams)
      if (s->context.get() == &context) {
        invalidate(*c);
        result = CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
      }
  return result != CUDA_SUCCESS ? result : unsafe_call();
}

CUresult potentially_unsafe_call() {
  if (!any_capture()) return CUDA_SUCCESS;
  const std::lock_guard lock(graph_mutex());
  return unsafe_call();
}

CUresult record_event(const StreamPtr& stream, const EventPtr& event, bool external,
                      bool& captured_here) {
  captured_here = false;
  const std::lock_guard lock(graph_mutex());
  if (const CUresult r = admit(*stream, captured_here); r != CUDA_SUCCESS) return r;
  if (!captured_here) {
    // "External" is about a capture: it means nothing outside of one.
    if (external) return CUDA_ERROR_INVALID_VALUE;
    event->captured.reset();
    return CUDA_SUCCESS;
  }
  if (external) {
    Work work = RecordWork{event};
    return add_captured(*stream, work);
  }
  event->captured = std::make_shared<CapturedRecord>(
      CapturedRecord{stream->capture->capture, stream->capture->tips});
  return CUDA_SUCCESS;
}

CUresult wait_for_event(const StreamPtr& stream, const EventPtr& event, bool external,
                        bool& captured_here) {
  captured_here = false;
  const std::lock_guard lock(graph_mutex());
  if (const CUresult r = admit(*stream, captured_here); r != CUDA_SUCCESS) return r;
  const auto record = event->captured;
  if (external) {
    if (!captured_here) return CUDA_ERROR_INVALID_VALUE;
    Work work = WaitWork{event};
    return add_captured(*stream, work);
  }
  if (captured_here) {
    Capture& mine = *stream->capture->capture;
    if (!record && !event->recorded()) return CUDA_SUCCESS;  // never recorded: nothing to wait for
    if (!record || record->capture->ended) {
      invalidate(mine);
      return CUDA_ERROR_STREAM_CAPTURE_ISOLATION;
    }
    if (record->capture.get() != &mine) {
      invalidate(mine);
      invalidate(*record->capture);
      return CUDA_ERROR_STREAM_CAPTURE_MERGE;
    }
    join(*stream->capture, record->tips);
    return CUDA_SUCCESS;
  }
  if (!record) return CUDA_SUCCESS;  // an ordinary wait: the caller's
  if (record->capture->ended) return CUDA_ERROR_CAPTURED_EVENT;
  if (record->capture->invalidated) return CUDA_ERROR_INVALID_VALUE;
  if (stream->is_legacy) return conflict(*record->capture);
  // The stream joins the capture.
  captured_here = true;
  stream->capture =
      std::make_shared<CapturePart>(CapturePart{record->capture, record->tips, {}, {}});
  record->capture->streams.push_back(stream);
  return CUDA_SUCCESS;
}

CUresult refuse_captured(const Event& event) {
  const std::lock_guard lock(graph_mutex());
  if (!event.captured) return CUDA_SUCCESS;
  invalidate(*event.captured->capture);
  return CUDA_ERROR_CAPTURED_EVENT;
}

void leave_capture(const StreamPtr& stream) {
  if (!any_capture()) return;
  const std::lock_guard lock(graph_mutex());
  const auto part = stream->capture;
  if (!part) return;
  Capture& capture = *part->capture;
  if (capture.streams[0] == stream) {
    // Nobody can end it any more.
    dissolve(capture);
    discard_graph(capture);
    return;
  }
  for (const Tip& t : part->tips) capture.left_alone.push_back(t.node);
  std::erase(capture.streams, stream);
  stream->capture.reset();
}

CUresult begin_capture(const StreamPtr& stream, CUstreamCaptureMode mode, const GraphPtr& existing,
                       std::vector<Tip> tips) {
  if (stream->is_legacy) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  if (stream->capture)
    return stream->capture->capture->invalidated ? CUDA_ERROR_STREAM_CAPTURE_INVALIDATED
                                                 : CUDA_ERROR_ILLEGAL_STATE;
  static std::atomic<uint64_t> next{1};
  auto capture = std::make_shared<Capture>();
  capture->id = next.fetch_add(1);
  capture->graph = existing ? existing : make_graph(Graph::Role::own);
  capture->to_existing_graph = existing != nullptr;
  capture->graph->capturing = true;
  capture->mode = mode;
  capture->thread = thread_number();
  capture->streams = {stream};
  stream->capture = std::make_shared<CapturePart>(CapturePart{capture, std::move(tips), {}, {}});
  captures().push_back(std::move(capture));
  g_in_progress.fetch_add(1, std::memory_order_release);
  return CUDA_SUCCESS;
}

CUresult end_capture(const StreamPtr& stream, CUgraph* out) {
  if (!stream->capture) return CUDA_ERROR_ILLEGAL_STATE;
  const CapturePtr capture = stream->capture->capture;
  if (capture->streams[0] != stream) {
    invalidate(*capture);
    return CUDA_ERROR_STREAM_CAPTURE_UNMATCHED;
  }
  if (capture->mode != CU_STREAM_CAPTURE_MODE_RELAXED && capture->thread != thread_number())
    return CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD;
  // The graph of a body goes with its node, also while a capture adds to it.
  if (capture->graph->destroyed) invalidate(*capture);
  const CUresult result = capture->invalidated    ? CUDA_ERROR_STREAM_CAPTURE_INVALIDATED
                          : !all_joined(*capture) ? CUDA_ERROR_STREAM_CAPTURE_UNJOINED
                                                  : CUDA_SUCCESS;
  dissolve(*capture);
  *out = result == CUDA_SUCCESS ? capture->graph->handle : nullptr;
  if (result != CUDA_SUCCESS) discard_graph(*capture);
  return result;
}

}  // namespace softgpu::driver
