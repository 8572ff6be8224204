// SPDX-License-Identifier: MIT
// Executable graphs: a copy of a graph's nodes that launches take their operations from.
//
// A launch becomes a group of operations in the stream: a begin, the nodes each behind those it
// depends on, an end. Operations are made anew for each launch, so that an update changes later
// launches and never one that is under way. A conditional node is one operation that runs its body
// itself, node after node: what a body holds (kernels, copies, memsets) needs nothing from outside.
#pragma once

#include <type_traits>

#include "driver/graph/graph.hpp"

namespace softgpu::driver {

struct ExecGraph;

struct ExecNode {
  CUgraphNode source = nullptr;  // the node of the graph it was made from
  Work work;
  bool enabled = true;
  std::vector<size_t> after;     // indices of what it depends on, in the order of the edges
  std::vector<ExecGraph> inner;  // of a child graph node: one; of a conditional node: its bodies
};

struct ExecGraph {
  std::vector<ExecNode> nodes;  // in insertion order
  std::vector<size_t> order;    // in topological order
};

struct Exec {
  CUgraphExec handle = nullptr;
  CUgraph graph = nullptr;
  unsigned long long flags = 0;
  ExecGraph top;
  OperationPtr
      last;  // the end of the latest launch: launches of one executable graph do not overlap
  UserObjectReferences user_objects;
  std::vector<ConditionalPtr> conditionals;
};
using ExecPtr = std::shared_ptr<Exec>;
using ExecTable = HandleTable<Exec, CUgraphExec, HandleKind::graph_exec>;
ExecTable& execs();

// The node of an executable graph that was made from `node`, also inside child graphs.
// INVALID_VALUE for dead or foreign handles.
CUresult find_exec_node(CUgraphExec exec, CUgraphNode node, ExecNode*& out, Exec*& owner);

CUresult instantiate_graph(const Graph& graph, ExecGraph& out, Node*& offending);

// The way back, for a launch that is captured: a graph of the same nodes. NOT_SUPPORTED for nodes
// that a child graph may not have.
CUresult graph_of(const ExecGraph& exec, GraphPtr& out);

// Puts a launch on the stream. INVALID_VALUE when it would allocate what is still allocated.
CUresult launch_exec(Exec& exec, const StreamPtr& stream);

// Takes the parameters of `from` if nothing that may not change has changed.
CUgraphExecUpdateResult update_inner(ExecGraph& exec, const Graph& from, bool by_priority,
                                     CUgraphExecUpdateResultInfo& info);

// Runs the nodes one after the other on the calling worker thread, from `time` on the model's clock
// (modelled_time.hpp). Answers when the last one ended.
int64_t run_here(const ExecGraph& graph, const ContextPtr& context,
                 const ConditionTablePtr& conditions, int64_t time);
OperationPtr make_conditional(const ContextPtr& context, const ExecNode& node,
                              const ConditionTablePtr& conditions);

// What every cuGraphExec*NodeSetParams does: `make(now, next)` reads the parameters.
template <typename Kind, typename Make>
CUresult set_exec_work(CUgraphExec exec, CUgraphNode handle, Make&& make) noexcept {
  return with_graphs([&]() -> CUresult {
    ExecNode* node = nullptr;
    Exec* owner = nullptr;
    if (const CUresult r = find_exec_node(exec, handle, node, owner); r != CUDA_SUCCESS) return r;
    const Kind* const now = std::get_if<Kind>(&node->work);
    if (!now) return CUDA_ERROR_INVALID_VALUE;
    Work next{std::in_place_type<Kind>};
    if (const CUresult r = make(*now, std::get<Kind>(next)); r != CUDA_SUCCESS) return r;
    if (update_allowed(node->work, next, false) != CU_GRAPH_EXEC_UPDATE_SUCCESS)
      return CUDA_ERROR_INVALID_VALUE;
    node->work = std::move(next);
    return CUDA_SUCCESS;
  });
}

}  // namespace softgpu::driver
