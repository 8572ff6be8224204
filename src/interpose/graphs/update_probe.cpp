// SPDX-License-Identifier: MIT
#include "interpose/graphs/update_probe.hpp"

#include "api/generated/real.hpp"

namespace nonans::interpose::graphs {
namespace {

template <typename Pfn, typename... Args>
CUresult call(Pfn pfn, Args... args) noexcept {
  return pfn ? pfn(args...) : CUDA_ERROR_NOT_FOUND;
}

// A copy of a graph without our nodes, for as long as the object lives.
class BareCopy {
 public:
  BareCopy(Runtime& runtime, const BodiesOf& bodies, CUgraph original) : original_(original) {
    if (call(real::cuGraphClone(), &graph_, original) != CUDA_SUCCESS)
      graph_ = nullptr;
    else
      take_scans_out(runtime, bodies, graph_);
  }
  ~BareCopy() {
    if (graph_) call(real::cuGraphDestroy(), graph_);
  }
  BareCopy(const BareCopy&) = delete;
  BareCopy& operator=(const BareCopy&) = delete;

  CUgraph graph() const { return graph_; }
  // The node that `copied` was made from; null if it is none of this copy's.
  CUgraphNode original_of(CUgraphNode copied) const {
    return copied ? find(original_, graph_, copied, 0) : nullptr;
  }

 private:
  static constexpr int kMaxDepth = 64;

  static CUgraphNode find(CUgraph original, CUgraph copy, CUgraphNode wanted, int depth) {
    std::vector<CUgraphNode> nodes;
    if (depth > kMaxDepth || !nodes_of(original, nodes)) return nullptr;
    for (const CUgraphNode node : nodes) {
      CUgraphNode copied = nullptr;
      if (call(real::cuGraphNodeFindInClone(), &copied, node, copy) != CUDA_SUCCESS) continue;
      if (copied == wanted) return node;
      if (type_of(node) != CU_GRAPH_NODE_TYPE_GRAPH) continue;
      if (const CUgraphNode inside = find(child_of(node), child_of(copied), wanted, depth + 1))
        return inside;
    }
    return nullptr;
  }

  CUgraph original_ = nullptr, graph_ = nullptr;
};

bool update(CUgraphExec exec, CUgraph from, CUgraphExecUpdateResultInfo& info) {
  info = {};
  if (const auto newer = real::cuGraphExecUpdate_v2())
    return newer(exec, from, &info) == CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE;
  const auto older = real::cuGraphExecUpdate_v1();
  return older &&
         older(exec, from, &info.errorNode, &info.result) == CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE;
}

}  // namespace

std::optional<CUgraphExecUpdateResultInfo> probe_update(Runtime& runtime, const BodiesOf& bodies,
                                                        CUgraphExec exec, CUgraph source,
                                                        CUgraph from) {
  const BareCopy mine(runtime, bodies, source), theirs(runtime, bodies, from);
  if (!mine.graph() || !theirs.graph()) return std::nullopt;
  cuuint64_t flags = 0;
  call(real::cuGraphExecGetFlags(), exec, &flags);
  CUgraphExec bare = nullptr;
  if (call(real::cuGraphInstantiateWithFlags(), &bare, mine.graph(),
           static_cast<unsigned long long>(flags)) != CUDA_SUCCESS)
    return std::nullopt;
  CUgraphExecUpdateResultInfo info{};
  const bool refused = update(bare, theirs.graph(), info);
  call(real::cuGraphExecDestroy(), bare);
  if (!refused) return std::nullopt;
  info.errorNode = theirs.original_of(info.errorNode);
  info.errorFromNode = theirs.original_of(info.errorFromNode);
  return info;
}

}  // namespace nonans::interpose::graphs
