// SPDX-License-Identifier: MIT
// All graphs of the process, for the hooks: what is to be done before and after each real call.
//
//   GraphWatch::Prepared prepared = watch.before_instantiate(graph);
//   const CUresult result = real(&exec, graph, …);
//   watch.instantiated(std::move(prepared), result == CUDA_SUCCESS ? exec : nullptr);
//
// Captured or built node by node, a graph gets its scans when it is made executable, so a capture
// is never disturbed by us (scan_nodes.hpp: how; watched_exec.hpp: with what). Nothing is done per
// replay but counting, and a look at a number when memory was freed since.
//
// The scans of an executable graph can only be reached through the nodes of the graph that it was
// made from. Programs destroy that graph early (PyTorch does at once); we then keep it until the
// last executable graph is gone. The application has no handle to it any more.
//
// A failure of any of our own calls leaves scans that look at nothing, or none: the graph runs as
// without us. Functions may throw std::bad_alloc; hooks call them through quietly(). No lock is
// held while a driver function runs.
#pragma once

#include <cuda.h>

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "api/function.hpp"
#include "interpose/graphs/node_labels.hpp"
#include "interpose/graphs/slot_returns.hpp"
#include "interpose/graphs/watched_exec.hpp"

namespace nonans::interpose::graphs {

class GraphWatch {
 public:
  explicit GraphWatch(Runtime& runtime) : runtime_(runtime) {}
  GraphWatch(const GraphWatch&) = delete;
  GraphWatch& operator=(const GraphWatch&) = delete;

  // True once a graph was given scans: until then no query needs filtering.
  bool any() const noexcept { return any_.load(std::memory_order_acquire); }

  struct Prepared {
    CUgraph graph = nullptr;
    std::vector<KernelNode> kernels;
  };
  Prepared before_instantiate(CUgraph graph);
  void instantiated(Prepared prepared, CUgraphExec exec);  // null: the driver refused
  void exec_destroying(CUgraphExec exec);                  // before the real call …
  void exec_destroyed(CUgraphExec exec, bool done);        // … and after it
  enum class Destroy { now, later, refused };
  // later: the graph is still needed and will be destroyed then. refused: it has been destroyed
  // already, as far as the application can know.
  Destroy graph_destroying(CUgraph graph);

  void kernel_params_set(CUgraphExec exec, CUgraphNode node, const CUDA_KERNEL_NODE_PARAMS& params);
  void node_enabled(CUgraphExec exec, CUgraphNode node, bool enabled);
  // Before the real call. Answers the scan behind the node, which is to go with it, or null.
  CUgraphNode node_destroying(CUgraphNode node);
  void node_destroyed(CUgraphNode scan);

  struct Update {
    std::shared_ptr<WatchedExec> exec;  // null: nothing of ours is in it
    CUgraphNode container = nullptr;
    std::vector<KernelNode> theirs;
  };
  // Before cuGraphExecUpdate; with a container, before cuGraphExecChildGraphNodeSetParams of it.
  Update before_update(CUgraphExec exec, CUgraph from, CUgraphNode container);
  void updated(Update update, bool taken);
  // A refused update, as the driver would explain it to a program without us.
  std::optional<CUgraphExecUpdateResultInfo> explain(CUgraphExec exec, CUgraph from);
  // What the driver names in an answer must not be ours.
  CUgraphNode application_node(CUgraphNode node);

  // A launch of the calling thread became a node of a capture. [launch]
  void captured(CUstream stream, api::StreamFlavour flavour, uint32_t label) noexcept;
  void bodies_made(CUgraphNode conditional, const CUgraph* bodies, unsigned count);

  // Around a launch. The first may change what scans look at; the second counts.
  void before_launch(CUgraphExec exec, CUstream stream, api::StreamFlavour flavour);
  void launched(CUgraphExec exec, CUstream stream, api::StreamFlavour flavour, bool accepted);
  void stream_going(CUstream stream, api::StreamFlavour flavour);
  // The context is current; nothing that was launched in it runs any more.
  void context_going(const ContextState& context) noexcept;
  // It is gone, and its events with it.
  void context_gone(const ContextState& context) noexcept;

  // The step of a replay of one node; nothing if it is not known (any more). Any thread.
  std::optional<uint32_t> step_of(uint32_t node, uint32_t replay) const;

 private:
  struct Entry {
    std::shared_ptr<WatchedExec> exec;
    Fence fence;             // behind the last launch, on a stream that is gone
    uint64_t fence_key = 0;  // which stream that was
  };
  std::shared_ptr<WatchedExec> find(CUgraphExec exec) const;
  std::vector<CUgraph> bodies_of(CUgraphNode conditional) const;
  BodiesOf bodies() const;
  std::vector<std::shared_ptr<WatchedExec>> all_execs() const;
  void discover(const std::vector<KernelNode>& kernels);
  void forget_labels(CUgraph graph);
  bool captures(CUstream stream, api::StreamFlavour flavour) const noexcept;

  Runtime& runtime_;
  std::atomic<bool> any_{false};
  SlotReturns returns_;

  HandleMap<WatchedExec> by_handle_;  // for launches: no lock
  NodeLabels labels_;                 // of captured launches

  mutable std::mutex mutex_;  // what follows
  std::unordered_map<CUgraphExec, Entry> execs_;
  std::unordered_map<CUgraphExec, Entry> going_;  // between exec_destroying and exec_destroyed
  // A launch that races with the destruction of its executable graph must not crash in here.
  std::deque<std::shared_ptr<WatchedExec>> buried_;
  struct Source {
    unsigned execs = 0;
    bool destroyed = false;  // by the application
  };
  std::unordered_map<CUgraph, Source> sources_;
  std::unordered_map<CUgraphNode, std::vector<CUgraph>> bodies_;
  // By id of the executable graph: kept for records that arrive after it has gone.
  uint32_t last_id_ = 0;
  std::unordered_map<uint32_t, std::shared_ptr<ReplaySteps>> steps_;
  std::deque<uint32_t> gone_ids_;
};

}  // namespace nonans::interpose::graphs
