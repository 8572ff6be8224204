// SPDX-License-Identifier: MIT
// What the application may ask about a graph: our nodes, and the edges to and from them, are not in
// the answers.
//
// Lists come in two calls. Without an array the driver answers how many there are; with one it
// fills as many entries as there is room for, sets the rest to null, and answers how many it filled
// (cuda.h). We get the whole list from the driver, take ours out, and answer by the same rules. A
// call that the driver refuses is refused as it did; what is odd is passed on as it is.
#include <algorithm>
#include <unordered_set>
#include <vector>

#include "api/generated/hooks.hpp"
#include "api/generated/real.hpp"
#include "interpose/graphs/graph_watch.hpp"
#include "interpose/hooks/quietly.hpp"

namespace nonans::interpose::hooks {
namespace {

struct Row {
  CUgraphNode first = nullptr, second = nullptr;  // a node, or an edge
  CUgraphEdgeData data{};
};
// The columns that the application wants filled; null where it does not.
struct Columns {
  CUgraphNode *first = nullptr, *second = nullptr;
  CUgraphEdgeData* data = nullptr;
};

// `ask(columns, &count)` is the real call; `count_all` the same in the newest ABI, which loses
// nothing. False: nothing was done, pass the call on.
template <typename Ask, typename CountAll>
bool answer(const Columns& wanted, size_t* count, Ask ask, CountAll count_all,
            CUresult& result) noexcept {
  if (!count) return false;
  bool done = false;
  quietly_if_running([&](Runtime& runtime) {
    if (!runtime.graphs().any()) return;
    size_t all = 0;
    // Refused: as the application's own call will be.
    if (ask(Columns{}, &all) != CUDA_SUCCESS || all == 0) return;
    std::vector<CUgraphNode> first(all), second(all);
    std::vector<CUgraphEdgeData> data(all);
    const bool fills = wanted.first != nullptr;
    if (fills)
      result = ask(Columns{first.data(), wanted.second ? second.data() : nullptr,
                           wanted.data ? data.data() : nullptr},
                   &all);
    else
      result = count_all(Columns{first.data(), second.data(), data.data()}, &all);
    if (result != CUDA_SUCCESS) {
      done = fills;  // lossy, for one: what the application would be told
      return;
    }
    std::vector<Row> rows;
    for (size_t i = 0; i < std::min(all, first.size()); ++i)
      if (!graphs::is_scan(runtime, first[i]) &&
          (!second[i] || !graphs::is_scan(runtime, second[i])))
        rows.push_back({first[i], second[i], data[i]});
    if (!fills) {
      *count = rows.size();
    } else {
      const size_t room = *count;
      for (size_t i = 0; i < room; ++i) {
        const Row row = i < rows.size() ? rows[i] : Row{};
        wanted.first[i] = row.first;
        if (wanted.second) wanted.second[i] = row.second;
        if (wanted.data) wanted.data[i] = row.data;
      }
      *count = std::min(room, rows.size());
    }
    done = true;
  });
  return done;
}

CUresult nodes_of(CUresult (*real)(CUgraph, CUgraphNode*, size_t*), CUgraph graph, CUgraphNode* out,
                  size_t* count) noexcept {
  CUresult result = CUDA_SUCCESS;
  const auto ask = [&](const Columns& c, size_t* n) { return real(graph, c.first, n); };
  return answer({out, nullptr, nullptr}, count, ask, ask, result) ? result
                                                                  : real(graph, out, count);
}

// Nodes that wait for none of the application's. The driver would leave out those that wait for a
// scan only: the edge from the scan's own kernel may have been removed since.
bool roots(CUgraph graph, CUgraphNode* out, size_t* count) noexcept {
  if (!count) return false;
  bool done = false;
  quietly_if_running([&](Runtime& runtime) {
    std::vector<CUgraphNode> nodes;
    std::vector<graphs::Edge> edges;
    if (!runtime.graphs().any() || !graphs::nodes_of(graph, nodes) ||
        !graphs::edges_of(graph, edges))
      return;
    std::erase_if(nodes, [&](CUgraphNode n) { return graphs::is_scan(runtime, n); });
    std::unordered_set<CUgraphNode> waiting;
    for (const graphs::Edge& edge : edges)
      if (!graphs::is_scan(runtime, edge.from)) waiting.insert(edge.to);
    std::erase_if(nodes, [&](CUgraphNode n) { return waiting.count(n) != 0; });
    if (out) {
      const size_t room = *count;
      for (size_t i = 0; i < room; ++i) out[i] = i < nodes.size() ? nodes[i] : nullptr;
      *count = std::min(room, nodes.size());
    } else {
      *count = nodes.size();
    }
    done = true;
  });
  return done;
}

using NeighboursV1 = CUresult (*)(CUgraphNode, CUgraphNode*, size_t*);
using NeighboursV2 = CUresult (*)(CUgraphNode, CUgraphNode*, CUgraphEdgeData*, size_t*);

CUresult neighbours(NeighboursV1 real, NeighboursV2 newest, CUgraphNode node, CUgraphNode* out,
                    size_t* count) noexcept {
  CUresult result = CUDA_SUCCESS;
  const auto ask = [&](const Columns& c, size_t* n) { return real(node, c.first, n); };
  const auto count_all = [&](const Columns& c, size_t* n) {
    return newest ? newest(node, c.first, c.data, n) : real(node, c.first, n);
  };
  return answer({out, nullptr, nullptr}, count, ask, count_all, result) ? result
                                                                        : real(node, out, count);
}

CUresult neighbours(NeighboursV2 real, CUgraphNode node, CUgraphNode* out, CUgraphEdgeData* data,
                    size_t* count) noexcept {
  if (!out && data) return real(node, out, data, count);
  CUresult result = CUDA_SUCCESS;
  const auto ask = [&](const Columns& c, size_t* n) { return real(node, c.first, c.data, n); };
  return answer({out, nullptr, data}, count, ask, ask, result) ? result
                                                               : real(node, out, data, count);
}

}  // namespace

CUresult cuGraphGetNodes(const HookCall&, PFN_cuGraphGetNodes_v10000 real, CUgraph hGraph,
                         CUgraphNode* nodes, size_t* numNodes) {
  return nodes_of(real, hGraph, nodes, numNodes);
}

CUresult cuGraphGetRootNodes(const HookCall&, PFN_cuGraphGetRootNodes_v10000 real, CUgraph hGraph,
                             CUgraphNode* rootNodes, size_t* numRootNodes) {
  // Whether it answers at all is the driver's to say.
  size_t of_the_driver = 0;
  if (real(hGraph, nullptr, &of_the_driver) == CUDA_SUCCESS &&
      roots(hGraph, rootNodes, numRootNodes))
    return CUDA_SUCCESS;
  return real(hGraph, rootNodes, numRootNodes);
}

CUresult cuGraphNodeGetDependencies_v1(const HookCall&, PFN_cuGraphNodeGetDependencies_v10000 real,
                                       CUgraphNode hNode, CUgraphNode* dependencies,
                                       size_t* numDependencies) {
  return neighbours(real, interpose::real::cuGraphNodeGetDependencies_v2(), hNode, dependencies,
                    numDependencies);
}

CUresult cuGraphNodeGetDependentNodes_v1(const HookCall&,
                                         PFN_cuGraphNodeGetDependentNodes_v10000 real,
                                         CUgraphNode hNode, CUgraphNode* dependentNodes,
                                         size_t* numDependentNodes) {
  return neighbours(real, interpose::real::cuGraphNodeGetDependentNodes_v2(), hNode, dependentNodes,
                    numDependentNodes);
}

CUresult cuGraphNodeGetDependencies_v2(const HookCall&, PFN_cuGraphNodeGetDependencies_v12030 real,
                                       CUgraphNode hNode, CUgraphNode* dependencies,
                                       CUgraphEdgeData* edgeData, size_t* numDependencies) {
  return neighbours(real, hNode, dependencies, edgeData, numDependencies);
}

CUresult cuGraphNodeGetDependentNodes_v2(const HookCall&,
                                         PFN_cuGraphNodeGetDependentNodes_v12030 real,
                                         CUgraphNode hNode, CUgraphNode* dependentNodes,
                                         CUgraphEdgeData* edgeData, size_t* numDependentNodes) {
  return neighbours(real, hNode, dependentNodes, edgeData, numDependentNodes);
}

CUresult cuGraphGetEdges_v1(const HookCall&, PFN_cuGraphGetEdges_v10000 real, CUgraph hGraph,
                            CUgraphNode* from, CUgraphNode* to, size_t* numEdges) {
  if (!from != !to) return real(hGraph, from, to, numEdges);
  CUresult result = CUDA_SUCCESS;
  const auto ask = [&](const Columns& c, size_t* n) { return real(hGraph, c.first, c.second, n); };
  const auto count_all = [&](const Columns& c, size_t* n) {
    const auto newest = interpose::real::cuGraphGetEdges_v2();
    return newest ? newest(hGraph, c.first, c.second, c.data, n) : ask(c, n);
  };
  return answer({from, to, nullptr}, numEdges, ask, count_all, result)
             ? result
             : real(hGraph, from, to, numEdges);
}

CUresult cuGraphGetEdges_v2(const HookCall&, PFN_cuGraphGetEdges_v12030 real, CUgraph hGraph,
                            CUgraphNode* from, CUgraphNode* to, CUgraphEdgeData* edgeData,
                            size_t* numEdges) {
  CUresult result = CUDA_SUCCESS;
  const auto ask = [&](const Columns& c, size_t* n) {
    return real(hGraph, c.first, c.second, c.data, n);
  };
  if (!from != !to || (edgeData && !from)) return real(hGraph, from, to, edgeData, numEdges);
  return answer({from, to, edgeData}, numEdges, ask, ask, result)
             ? result
             : real(hGraph, from, to, edgeData, numEdges);
}

}  // namespace nonans::interpose::hooks
