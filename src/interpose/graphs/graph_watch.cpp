// SPDX-License-Identifier: MIT
#include "interpose/graphs/graph_watch.hpp"

#include <utility>

#include "api/generated/real.hpp"
#include "interpose/graphs/update_probe.hpp"
#include "interpose/hooks/remember.hpp"
#include "interpose/runtime/stream_slots.hpp"

namespace nonans::interpose::graphs {
namespace {

constexpr size_t kBuried = 16;
constexpr size_t kGoneIds = 4096;
constexpr int kMaxDepth = 64;  // of graphs in graphs

// Of a node and of the graphs in it.
void collect_kernel_nodes(const BodiesOf& bodies, CUgraphNode node, int depth,
                          std::unordered_set<CUgraphNode>& out) {
  const std::optional<CUgraphNodeType> type = type_of(node);
  if (type == CU_GRAPH_NODE_TYPE_KERNEL) out.insert(node);
  std::vector<CUgraph> inside;
  if (type == CU_GRAPH_NODE_TYPE_GRAPH) inside.push_back(child_of(node));
  if (type == CU_GRAPH_NODE_TYPE_CONDITIONAL) inside = bodies(node);
  std::vector<CUgraphNode> nodes;
  for (const CUgraph graph : inside)
    if (graph && depth < kMaxDepth && nodes_of(graph, nodes))
      for (const CUgraphNode inner : nodes) collect_kernel_nodes(bodies, inner, depth + 1, out);
}

}  // namespace

std::shared_ptr<WatchedExec> GraphWatch::find(CUgraphExec exec) const {
  const std::lock_guard lock(mutex_);
  const auto found = execs_.find(exec);
  return found == execs_.end() ? nullptr : found->second.exec;
}

std::vector<std::shared_ptr<WatchedExec>> GraphWatch::all_execs() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<WatchedExec>> all;
  for (const auto& [handle, entry] : execs_) all.push_back(entry.exec);
  return all;
}

std::vector<CUgraph> GraphWatch::bodies_of(CUgraphNode conditional) const {
  const std::lock_guard lock(mutex_);
  const auto found = bodies_.find(conditional);
  return found == bodies_.end() ? std::vector<CUgraph>{} : found->second;
}

BodiesOf GraphWatch::bodies() const {
  return [this](CUgraphNode node) { return bodies_of(node); };
}

void GraphWatch::bodies_made(CUgraphNode conditional, const CUgraph* bodies, unsigned count) {
  if (!bodies) return;
  const std::lock_guard lock(mutex_);
  bodies_[conditional].assign(bodies, bodies + count);
}

// Functions that nobody announced: the driver took them for nodes, so their handles are good.
void GraphWatch::discover(const std::vector<KernelNode>& kernels) {
  for (const KernelNode& kernel : kernels)
    if (kernel.params.func && !runtime_.kernels.is_announced(handle_key(kernel.params.func)))
      runtime_.discovery.offer(kernel.params.func);
  runtime_.discovery.look_up(runtime_.code);
}

GraphWatch::Prepared GraphWatch::before_instantiate(CUgraph graph) {
  Prepared prepared{.graph = graph, .kernels = {}};
  if (!graph) return prepared;
  returns_.collect();
  any_.store(true, std::memory_order_release);
  put_scans(runtime_, bodies(), graph, prepared.kernels);
  discover(prepared.kernels);
  for (KernelNode& kernel : prepared.kernels) kernel.label = labels_.find(kernel.node);
  return prepared;
}

void GraphWatch::instantiated(Prepared prepared, CUgraphExec handle) {
  if (!handle || prepared.kernels.empty()) return;
  uint32_t id = 0;
  {
    const std::lock_guard lock(mutex_);
    id = ++last_id_;
  }
  const auto exec = std::make_shared<WatchedExec>(runtime_, handle, prepared.graph, id);
  try {
    exec->adopt(prepared.kernels);
    const std::lock_guard lock(mutex_);
    by_handle_.set(handle_key(handle), exec.get());
    execs_[handle] = {exec, nullptr, 0};
    ++sources_[prepared.graph].execs;
    steps_[id] = exec->steps;
  } catch (...) {
    by_handle_.forget(handle_key(handle));
    exec->rest();  // nobody will know of it: its scans must not look at anything
    throw;
  }
}

void GraphWatch::exec_destroying(CUgraphExec handle) {
  Entry entry;
  {
    const std::lock_guard lock(mutex_);
    const auto found = execs_.find(handle);
    if (found == execs_.end()) return;
    entry = std::move(found->second);
    execs_.erase(found);
    by_handle_.forget(handle_key(handle));
  }
  const LastLaunch& last = entry.exec->last;
  if (!entry.fence || entry.fence_key != last.stream_key.load(std::memory_order_relaxed))
    entry.fence = record_fence(last);
  const std::lock_guard lock(mutex_);
  going_[handle] = std::move(entry);
}

void GraphWatch::exec_destroyed(CUgraphExec handle, bool done) {
  Entry entry;
  CUgraph orphan = nullptr;
  {
    const std::lock_guard lock(mutex_);
    const auto found = going_.find(handle);
    if (found == going_.end()) return;
    entry = std::move(found->second);
    going_.erase(found);
    if (!done) {
      by_handle_.set(handle_key(handle), entry.exec.get());
      execs_[handle] = std::move(entry);
      return;
    }
    const auto source = sources_.find(entry.exec->source());
    if (source != sources_.end() && --source->second.execs == 0) {
      if (source->second.destroyed) orphan = source->first;
      sources_.erase(source);
    }
    gone_ids_.push_back(entry.exec->id());
    if (gone_ids_.size() > kGoneIds) {
      steps_.erase(gone_ids_.front());
      gone_ids_.pop_front();
    }
    buried_.push_back(entry.exec);
    if (buried_.size() > kBuried) buried_.pop_front();
  }
  returns_.add(entry.exec->slots(), std::move(entry.fence),
               entry.exec->last.context.load(std::memory_order_acquire) != nullptr);
  if (!orphan) return;
  forget_labels(orphan);
  hooks::forget_owned(handle_key(orphan));
  if (const auto destroy = real::cuGraphDestroy()) destroy(orphan);
}

GraphWatch::Destroy GraphWatch::graph_destroying(CUgraph graph) {
  {
    const std::lock_guard lock(mutex_);
    const auto source = sources_.find(graph);
    if (source != sources_.end() && source->second.execs != 0)
      return std::exchange(source->second.destroyed, true) ? Destroy::refused : Destroy::later;
  }
  forget_labels(graph);
  return Destroy::now;
}

// The handle of one of its nodes may be given to another node.
void GraphWatch::forget_labels(CUgraph graph) {
  std::vector<CUgraphNode> nodes;
  if (labels_.empty() || !nodes_of(graph, nodes)) return;
  for (const CUgraphNode node : nodes) labels_.forget(node);
}

void GraphWatch::kernel_params_set(CUgraphExec exec, CUgraphNode node,
                                   const CUDA_KERNEL_NODE_PARAMS& params) {
  if (const auto watched = find(exec)) watched->set_kernel(node, params);
}

void GraphWatch::node_enabled(CUgraphExec exec, CUgraphNode node, bool enabled) {
  if (const auto watched = find(exec)) watched->set_node_enabled(node, enabled);
}

CUgraphNode GraphWatch::node_destroying(CUgraphNode node) {
  const std::optional<CUgraphNodeType> type = type_of(node);
  if (!type) return nullptr;
  std::unordered_set<CUgraphNode> going;
  collect_kernel_nodes(bodies(), node, 0, going);
  if (!going.empty())
    for (const auto& exec : all_execs()) exec->losing(going);
  {
    const std::lock_guard lock(mutex_);
    bodies_.erase(node);
  }
  labels_.forget(node);
  std::vector<CUgraphNode> after;
  if (type != CU_GRAPH_NODE_TYPE_KERNEL || !dependents_of(node, after)) return nullptr;
  for (const CUgraphNode next : after)
    if (is_scan(runtime_, next)) return next;
  return nullptr;
}

void GraphWatch::node_destroyed(CUgraphNode scan) {
  if (scan) destroy_node(scan);
}

GraphWatch::Update GraphWatch::before_update(CUgraphExec handle, CUgraph from,
                                             CUgraphNode container) {
  Update update{.exec = find(handle), .container = container, .theirs = {}};
  if (!from) return {};
  if (update.exec) {
    put_scans(runtime_, bodies(), from, update.theirs);
    discover(update.theirs);
    for (KernelNode& kernel : update.theirs) kernel.label = labels_.find(kernel.node);
    update.exec->prepare_update(update.theirs, container);
    return update;
  }
  // An executable graph without scans takes parameters only from a graph without scans.
  for (const auto& exec : all_execs())
    if (exec->source() == from) exec->losing_all();
  take_scans_out(runtime_, bodies(), from);
  return update;
}

void GraphWatch::updated(Update update, bool taken) {
  if (update.exec) update.exec->finish_update(update.theirs, update.container, taken);
}

std::optional<CUgraphExecUpdateResultInfo> GraphWatch::explain(CUgraphExec handle, CUgraph from) {
  const auto exec = find(handle);
  if (!exec) return std::nullopt;
  return probe_update(runtime_, bodies(), handle, exec->source(), from);
}

CUgraphNode GraphWatch::application_node(CUgraphNode node) {
  std::vector<CUgraphNode> before;
  if (!node || !is_scan(runtime_, node) || !dependencies_of(node, before) || before.empty())
    return node;
  return before[0];
}

bool GraphWatch::captures(CUstream stream, api::StreamFlavour flavour) const noexcept {
  const auto is_capturing = real::cuStreamIsCapturing(flavour);
  CUstreamCaptureStatus status = CU_STREAM_CAPTURE_STATUS_NONE;
  return is_capturing && is_capturing(stream, &status) == CUDA_SUCCESS &&
         status != CU_STREAM_CAPTURE_STATUS_NONE;
}

void GraphWatch::before_launch(CUgraphExec handle, CUstream stream, api::StreamFlavour flavour) {
  WatchedExec* const exec = by_handle_.find(handle_key(handle));
  if (!exec) return;
  if (captures(stream, flavour))
    exec->rest();
  else if (exec->is_stale())
    exec->refresh();
}

void GraphWatch::launched(CUgraphExec handle, CUstream stream, api::StreamFlavour flavour,
                          bool accepted) {
  WatchedExec* const exec = by_handle_.find(handle_key(handle));
  if (!exec) return;
  if (exec->resting()) return exec->resume();
  if (!accepted) return;
  exec->last.stream.store(stream, std::memory_order_relaxed);
  exec->last.flavour.store(flavour, std::memory_order_relaxed);
  exec->last.stream_key.store(stream_key(stream, flavour), std::memory_order_relaxed);
  exec->last.context.store(runtime_.current_context(), std::memory_order_release);

  const ReplayCounts& counts = exec->counts();
  Statistics& statistics = runtime_.statistics;
  const auto add = [](Statistics::Counter& counter, uint64_t n) {
    if (n != 0) Statistics::add(counter, n);
  };
  add(statistics.launches, counts.kernels);
  add(statistics.unknown_kernels, counts.unknown);
  add(statistics.left_by_rule, counts.by_rule);
  add(statistics.unprovable, counts.unprovable);
  add(statistics.provable_launches, counts.provable);
  add(statistics.scanned, counts.scanned);
  add(statistics.scanned_bytes, counts.scanned_bytes);
  add(statistics.written_bytes, counts.written_bytes);
  add(statistics.provable_bytes, counts.provable_bytes);
  for (size_t i = 0; i < resolve::kEvidences; ++i) add(statistics.evidence[i], counts.evidence[i]);
  for (size_t i = 0; i < resolve::kLeftReasons; ++i) add(statistics.left[i], counts.left[i]);

  // A graph is a part of a step, a step, or an optimiser's end of one.
  uint32_t step = 0;
  if (exec->has_other_kernels()) step = runtime_.steps.on_launch(false);
  if (exec->has_optimiser()) {
    const uint32_t at_end = runtime_.steps.on_launch(true);
    if (!exec->has_other_kernels()) step = at_end;
  }
  exec->steps->note(step);
}

void GraphWatch::stream_going(CUstream stream, api::StreamFlavour flavour) {
  const uint64_t key = stream_key(stream, flavour);
  std::vector<std::shared_ptr<WatchedExec>> here;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [handle, entry] : execs_)
      if (entry.exec->last.stream_key.load(std::memory_order_relaxed) == key)
        here.push_back(entry.exec);
  }
  for (const auto& exec : here) {
    Fence fence = record_fence(exec->last);
    if (!fence) continue;
    // The one of before, or of a graph that is gone by now, is given up after the lock.
    {
      const std::lock_guard lock(mutex_);
      const auto found = execs_.find(exec->handle());
      if (found != execs_.end()) {
        std::swap(found->second.fence, fence);
        found->second.fence_key = key;
      }
    }
  }
}

std::optional<uint32_t> GraphWatch::step_of(uint32_t node, uint32_t replay) const {
  std::shared_ptr<ReplaySteps> steps;
  {
    const std::lock_guard lock(mutex_);
    const auto found = steps_.find(node);
    if (found == steps_.end()) return std::nullopt;
    steps = found->second;
  }
  const uint32_t step = steps->at(replay);
  return step == 0 ? std::nullopt : std::optional(step);
}

// Asked of the driver only where names are in force: what it answers is the node just made.
void GraphWatch::captured(CUstream stream, api::StreamFlavour flavour, uint32_t label) noexcept {
  if (label == 0) return;
  CUstreamCaptureStatus status{};
  cuuint64_t id = 0;
  const CUgraphNode* nodes = nullptr;
  const CUgraphEdgeData* data = nullptr;
  size_t count = 0;
  CUresult result = CUDA_ERROR_NOT_FOUND;
  if (const auto info = real::cuStreamGetCaptureInfo_v3(flavour))
    result = info(stream, &status, &id, nullptr, &nodes, &data, &count);
  else if (const auto old = real::cuStreamGetCaptureInfo_v2(flavour))
    result = old(stream, &status, &id, nullptr, &nodes, &count);
  if (result != CUDA_SUCCESS || status != CU_STREAM_CAPTURE_STATUS_ACTIVE || count != 1) return;
  labels_.set(nodes[0], label);
}

void GraphWatch::context_going(const ContextState& context) noexcept {
  returns_.context_going(context);
  // One at a time: it must work without memory too, and no lock is held while a driver function
  // runs.
  Fence fence;
  do {
    fence.reset();
    const std::lock_guard lock(mutex_);
    for (auto& [handle, entry] : execs_)
      if (entry.fence && entry.exec->last.context.load(std::memory_order_acquire) == &context) {
        fence = std::move(entry.fence);
        break;
      }
  } while (fence);
}

// What waits for a fence is given up by SlotReturns::collect(), which sees that the context is not
// ready.
void GraphWatch::context_gone(const ContextState& context) noexcept {
  const std::lock_guard lock(mutex_);
  for (auto& [handle, entry] : execs_)
    if (entry.fence && entry.exec->last.context.load(std::memory_order_acquire) == &context)
      static_cast<void>(entry.fence.release());
}

}  // namespace nonans::interpose::graphs

namespace nonans::interpose {

std::optional<uint32_t> RecordDirectory::step_of(uint32_t node, uint32_t replay) const {
  return graphs_.step_of(node, replay);
}

}  // namespace nonans::interpose
