// SPDX-License-Identifier: MIT
// An executable graph and the scans in it: which kernel node each belongs to, what it looks at, and
// with which counters.
//
//   WatchedExec exec(runtime, handle, source);
//   exec.adopt(kernels);          // after cuGraphInstantiate
//   exec.set_kernel(node, params);  // after cuGraphExecKernelNodeSetParams
//   …before cuGraphLaunch: if (exec.is_stale()) exec.refresh();
//
// Scans are scans of nothing in the graph that the executable graph was made from, and get what
// they look at here: so no two executable graphs share counters, and a step that fails leaves a
// scan of nothing behind. A scan that has nothing to look at is disabled.
//
// What a scan looks at is tied to the buffers that were live when it was planned (by generation).
// When one of them has gone the scan must not run again as it is: a replay that leaves the memory
// alone would fault because of us. refresh() plans such scans anew, or disables them.
//
// Like the handle it stands for, an object is used by one thread at a time; what other threads read
// (steps) is atomic. No lock is held while a driver function runs.
#pragma once

#include <cuda.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "interpose/graphs/replay_steps.hpp"
#include "interpose/graphs/scan_nodes.hpp"
#include "interpose/runtime/scan_plan.hpp"

namespace nonans::interpose::graphs {

struct NodeSlot {
  ContextState* context = nullptr;
  uint64_t address = 0;
  uint32_t room = 0;  // outputs
};

// One kernel node of an executable graph and the scan behind it.
struct WatchedNode {
  CUgraphNode node = nullptr, scan = nullptr, container = nullptr;
  ContextState* context = nullptr;
  bool detect_only = false;
  bool node_enabled = true;    // the application's
  bool scan_enabled = true;    // ours
  bool looks = false;          // `scan` has been given something to look at
  bool waits_for_f16 = false;  // fp16 may be repaired once an optimiser step has ended
  // The kernel and the arguments it runs with, as last told.
  Kernel* kernel = nullptr;  // null: unknown
  LaunchGeometry geometry{};
  bool arguments_known = false;
  std::vector<std::byte> arguments;

  NodeSlot slot;
  bool slot_is_shared = false;  // an update gave it to this node or to another, the driver knows
  uint32_t label = 0;
  struct Binding {  // a range that is looked at, and the buffer that it was part of
    uint64_t begin, end, generation;
    memory::Sharing sharing;
  };
  std::vector<Binding> bindings;
  resolve::Plan plan;
};

// Where an executable graph was launched last. Written by its launches, read when a stream goes.
struct LastLaunch {
  std::atomic<ContextState*> context{nullptr};  // null: never launched
  std::atomic<uint64_t> stream_key{0};
  std::atomic<CUstream> stream{nullptr};
  std::atomic<api::StreamFlavour> flavour{api::StreamFlavour::legacy};
};

// What one launch adds to the statistics.
struct ReplayCounts {
  uint64_t kernels = 0, unknown = 0, unprovable = 0, provable = 0, scanned = 0, by_rule = 0;
  uint64_t scanned_bytes = 0, written_bytes = 0, provable_bytes = 0;
  uint64_t evidence[resolve::kEvidences] = {};
  uint64_t left[resolve::kLeftReasons] = {};
};

class WatchedExec {
 public:
  // `id`: nn_scan_params.node of all its scans.
  WatchedExec(Runtime& runtime, CUgraphExec exec, CUgraph source, uint32_t id)
      : runtime_(runtime), exec_(exec), source_(source), id_(id) {}
  WatchedExec(const WatchedExec&) = delete;
  WatchedExec& operator=(const WatchedExec&) = delete;

  // Of a fresh executable graph: all its scans look at nothing yet.
  void adopt(const std::vector<KernelNode>& kernels);
  // New parameters of one kernel node. Unknown nodes are ignored.
  void set_kernel(CUgraphNode node, const CUDA_KERNEL_NODE_PARAMS& params);
  void set_node_enabled(CUgraphNode node, bool enabled);
  // These nodes are about to be destroyed in the source graph: their scans can be reached for the
  // last time.
  void losing(const std::unordered_set<CUgraphNode>& nodes);
  void losing_all();

  // Before cuGraphExecUpdate, or cuGraphExecChildGraphNodeSetParams of `container`: gives the scans
  // of the other graph what they will look at, in its nodes.
  void prepare_update(std::vector<KernelNode>& theirs, CUgraphNode container);
  // Afterwards, and before anything else.
  void finish_update(const std::vector<KernelNode>& theirs, CUgraphNode container, bool taken);

  // Before a launch: may what the scans look at have changed since they were planned?
  bool is_stale() const noexcept;
  void refresh();
  // A launch that is captured copies the nodes as they are: they must look at nothing meanwhile.
  void rest();
  void resume();
  bool resting() const { return resting_; }

  CUgraphExec handle() const { return exec_; }
  CUgraph source() const { return source_; }
  const ReplayCounts& counts() const { return counts_; }
  bool has_optimiser() const { return has_optimiser_; }
  bool has_other_kernels() const { return has_other_kernels_; }
  // All slots it ever took: nothing may run when they are given to others.
  const std::vector<NodeSlot>& slots() const { return slots_; }
  uint32_t id() const { return id_; }

  std::shared_ptr<ReplaySteps> steps = std::make_shared<ReplaySteps>();
  LastLaunch last;

 private:
  void learn(WatchedNode& node, const CUDA_KERNEL_NODE_PARAMS& params);
  // What the scan should look at now; false: nothing.
  bool plan(WatchedNode& node, nn_scan_params& scan);
  bool is_backed(const nn_scan_params& scan) const;
  bool has_slot(WatchedNode& node);
  void apply(WatchedNode& node);
  void switch_scan(WatchedNode& node);
  void turn_off(WatchedNode& node);
  void recount();
  bool is_bound(const WatchedNode& node) const;

  Runtime& runtime_;
  const CUgraphExec exec_;
  const CUgraph source_;
  const uint32_t id_;
  std::vector<WatchedNode> nodes_;
  std::unordered_map<CUgraphNode, size_t> at_;
  std::vector<NodeSlot> slots_;
  std::vector<WatchedNode> update_;  // between prepare_update() and finish_update()
  // After an update the driver alone knows which scan got whose parameters.
  bool paired_by_driver_ = false;
  bool resting_ = false;
  bool has_optimiser_ = false, has_other_kernels_ = false, any_waits_for_f16_ = false;
  uint64_t seen_losses_ = 0;
  ReplayCounts counts_;
};

}  // namespace nonans::interpose::graphs
