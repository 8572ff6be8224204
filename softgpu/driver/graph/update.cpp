// SPDX-License-Identifier: MIT
// cuGraphExecUpdate: new parameters from a graph of the same shape.
//
// Nodes are paired from the ends: the exit nodes of both in order, then the dependencies of a pair
// in the order of their edges. A node that would be paired with two different ones, or a different
// number of nodes, exits or dependencies, is a change of topology. Nothing is changed unless all
// may be.
#include "driver/graph/exec.hpp"

namespace softgpu::driver {
namespace {

using Pairs = std::vector<std::pair<ExecNode*, const Node*>>;

class Pairing {
 public:
  Pairing(ExecGraph& exec, const Graph& from, CUgraphExecUpdateResultInfo& info)
      : exec_(exec), from_(from), info_(info), partner_(exec.nodes.size()) {}

  bool run(Pairs& out) {
    if (exec_.nodes.size() != from_.nodes.size()) return topology(nullptr, nullptr);
    std::vector<bool> followed(exec_.nodes.size());
    for (const ExecNode& node : exec_.nodes)
      for (const size_t before : node.after) followed[before] = true;
    std::vector<size_t> exits;
    for (size_t i = 0; i < followed.size(); ++i)
      if (!followed[i]) exits.push_back(i);
    std::vector<const Node*> their_exits;
    for (const NodePtr& node : from_.nodes)
      if (node->dependents.empty()) their_exits.push_back(node.get());
    if (their_exits.size() != exits.size())
      return topology(their_exits.empty() ? nullptr : their_exits.back(), nullptr);
    for (size_t i = 0; i < exits.size(); ++i)
      if (!pair(exits[i], their_exits[i], nullptr)) return false;
    // Each pair's dependencies, once.
    for (size_t at = 0; at < found_.size(); ++at) {
      const auto [mine, theirs] = found_[at];
      const std::vector<size_t>& after = exec_.nodes[mine].after;
      if (after.size() != theirs->dependencies.size()) return topology(theirs, nullptr);
      for (size_t i = 0; i < after.size(); ++i)
        if (!pair(after[i], theirs->dependencies[i].node, theirs)) return false;
    }
    for (const auto& [mine, theirs] : found_) out.emplace_back(&exec_.nodes[mine], theirs);
    return true;
  }

 private:
  bool topology(const Node* node, const Node* from) {
    info_ = {CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED, node ? node->handle : nullptr,
             from ? from->handle : nullptr};
    return false;
  }
  bool pair(size_t mine, const Node* theirs, const Node* dependent) {
    const auto it = mine_of_.find(theirs);
    if (partner_[mine] == theirs) return true;
    if (partner_[mine] || it != mine_of_.end()) return topology(dependent, theirs);
    partner_[mine] = theirs;
    mine_of_[theirs] = mine;
    found_.emplace_back(mine, theirs);
    return true;
  }

  ExecGraph& exec_;
  const Graph& from_;
  CUgraphExecUpdateResultInfo& info_;
  std::vector<const Node*> partner_;
  std::map<const Node*, size_t> mine_of_;
  std::vector<std::pair<size_t, const Node*>> found_;
};

bool check(ExecGraph& exec, const Graph& from, bool by_priority, CUgraphExecUpdateResultInfo& info,
           Pairs& out) {
  Pairs pairs;
  if (!Pairing(exec, from, info).run(pairs)) return false;
  for (const auto& [mine, theirs] : pairs) {
    const auto why = update_allowed(mine->work, theirs->work, by_priority);
    if (why != CU_GRAPH_EXEC_UPDATE_SUCCESS) {
      info = {why, theirs->handle, nullptr};
      return false;
    }
    if (const auto* const child = std::get_if<ChildWork>(&theirs->work))
      if (!check(mine->inner[0], *child->graph, by_priority, info, out)) return false;
    if (const auto* const conditional = std::get_if<ConditionalWork>(&theirs->work))
      for (size_t i = 0; i < mine->inner.size(); ++i)
        if (!check(mine->inner[i], *conditional->bodies[i], by_priority, info, out)) return false;
  }
  out.insert(out.end(), pairs.begin(), pairs.end());
  return true;
}

void take(ExecNode& mine, const Node& theirs) {
  if (const auto* const conditional = std::get_if<ConditionalWork>(&theirs.work)) {
    Conditional& variable = *std::get<ConditionalWork>(mine.work).variable;
    variable.default_value = conditional->variable->default_value;
    variable.assign_default = conditional->variable->assign_default;
    return;
  }
  if (!std::holds_alternative<ChildWork>(theirs.work)) mine.work = theirs.work;
}

}  // namespace

CUgraphExecUpdateResult update_inner(ExecGraph& exec, const Graph& from, bool by_priority,
                                     CUgraphExecUpdateResultInfo& info) {
  Pairs pairs;
  if (!check(exec, from, by_priority, info, pairs)) return info.result;
  for (const auto& [mine, theirs] : pairs) take(*mine, *theirs);
  info = {CU_GRAPH_EXEC_UPDATE_SUCCESS, nullptr, nullptr};
  return info.result;
}

namespace {

CUresult update(CUgraphExec exec_handle, CUgraph graph_handle, CUgraphExecUpdateResultInfo& info) {
  info = {CU_GRAPH_EXEC_UPDATE_ERROR, nullptr, nullptr};
  return with_graphs([&]() -> CUresult {
    const ExecPtr exec = execs().find(exec_handle);
    const GraphPtr graph = graphs().find(graph_handle);
    if (!exec || !graph || graph->capturing || graph->role == Graph::Role::moved)
      return CUDA_ERROR_INVALID_VALUE;
    const bool by_priority = (exec->flags & CUDA_GRAPH_INSTANTIATE_FLAG_USE_NODE_PRIORITY) != 0;
    return update_inner(exec->top, *graph, by_priority, info) == CU_GRAPH_EXEC_UPDATE_SUCCESS
               ? CUDA_SUCCESS
               : CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE;
  });
}

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuGraphExecUpdate(CUgraphExec exec, CUgraph graph, CUgraphNode* error_node,
                           CUgraphExecUpdateResult* result) {
  if (!result) return CUDA_ERROR_INVALID_VALUE;
  CUgraphExecUpdateResultInfo info;
  const CUresult r = update(exec, graph, info);
  *result = info.result;
  if (error_node) *error_node = info.errorNode;
  return r;
}

CUresult cuGraphExecUpdate_v2(CUgraphExec exec, CUgraph graph, CUgraphExecUpdateResultInfo* info) {
  if (!info) return CUDA_ERROR_INVALID_VALUE;
  return update(exec, graph, *info);
}

CUresult cuGraphExecChildGraphNodeSetParams(CUgraphExec exec, CUgraphNode handle, CUgraph child) {
  return with_graphs([&]() -> CUresult {
    const GraphPtr graph = graphs().find(child);
    ExecNode* node = nullptr;
    Exec* owner = nullptr;
    if (const CUresult r = find_exec_node(exec, handle, node, owner); r != CUDA_SUCCESS) return r;
    if (!graph || !std::holds_alternative<ChildWork>(node->work)) return CUDA_ERROR_INVALID_VALUE;
    const bool by_priority = (owner->flags & CUDA_GRAPH_INSTANTIATE_FLAG_USE_NODE_PRIORITY) != 0;
    CUgraphExecUpdateResultInfo info{};
    return update_inner(node->inner[0], *graph, by_priority, info) == CU_GRAPH_EXEC_UPDATE_SUCCESS
               ? CUDA_SUCCESS
               : CUDA_ERROR_INVALID_VALUE;
  });
}
