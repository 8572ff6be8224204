// SPDX-License-Identifier: MIT
// The shape of a graph: nodes, edges, dependencies; and changing it.
//
// Lists come back in two steps: without an array the call answers the count; with one it fills as
// many entries as there is room for, sets the rest to NULL, and answers how many it filled. Version
// 1 of the calls has no edge data: it may not be used on edges that have any (LOSSY_QUERY), nor may
// version 2 without an array for it.
#include <algorithm>

#include "driver/graph/graph.hpp"

namespace softgpu::driver {
namespace {

CUresult give_nodes(const std::vector<CUgraphNode>& all, CUgraphNode* out, size_t* count) {
  if (!out) {
    *count = all.size();
    return CUDA_SUCCESS;
  }
  const size_t filled = std::min(*count, all.size());
  std::copy_n(all.begin(), filled, out);
  std::fill(out + filled, out + *count, nullptr);
  *count = filled;
  return CUDA_SUCCESS;
}

CUresult nodes_of(CUgraph handle, CUgraphNode* out, size_t* count, bool roots) {
  return with_graphs([&]() -> CUresult {
    const GraphPtr graph = graphs().find(handle);
    if (!graph || !count) return CUDA_ERROR_INVALID_VALUE;
    std::vector<CUgraphNode> all;
    for (const NodePtr& node : graph->nodes)
      if (!roots || node->dependencies.empty()) all.push_back(node->handle);
    return give_nodes(all, out, count);
  });
}

CUresult links_of(CUgraphNode handle, std::vector<Link> Node::*which, CUgraphNode* out,
                  CUgraphEdgeData* data, size_t* count) {
  return with_graphs([&]() -> CUresult {
    const NodePtr node = graph_nodes().find(handle);
    if (!node || !count || (data && !out)) return CUDA_ERROR_INVALID_VALUE;
    const std::vector<Link>& links = (*node).*which;
    std::vector<CUgraphNode> all;
    for (const Link& l : links) {
      if (out && !data && !is_default(l.data)) return CUDA_ERROR_LOSSY_QUERY;
      all.push_back(l.node->handle);
    }
    const size_t room = out ? *count : 0;
    for (size_t i = 0; data && i < room; ++i)
      data[i] = i < links.size() ? links[i].data : CUgraphEdgeData{};
    return give_nodes(all, out, count);
  });
}

CUresult edges_of(CUgraph handle, CUgraphNode* from, CUgraphNode* to, CUgraphEdgeData* data,
                  size_t* count) {
  return with_graphs([&]() -> CUresult {
    const GraphPtr graph = graphs().find(handle);
    if (!graph || !count || !from != !to || (data && !from)) return CUDA_ERROR_INVALID_VALUE;
    std::vector<CUgraphNode> starts, ends;
    std::vector<CUgraphEdgeData> all;
    for (const NodePtr& node : graph->nodes)
      for (const Link& l : node->dependencies) {
        if (from && !data && !is_default(l.data)) return CUDA_ERROR_LOSSY_QUERY;
        starts.push_back(l.node->handle);
        ends.push_back(node->handle);
        all.push_back(l.data);
      }
    const size_t room = from ? *count : 0;
    for (size_t i = 0; data && i < room; ++i) data[i] = i < all.size() ? all[i] : CUgraphEdgeData{};
    size_t same = *count;
    give_nodes(starts, from, &same);
    return give_nodes(ends, to, count);
  });
}

// Calls `change(from, to, data)` for each edge after all have been found to be the graph's.
template <typename Change>
CUresult for_edges(CUgraph handle, const CUgraphNode* from, const CUgraphNode* to,
                   const CUgraphEdgeData* data, size_t count, Change&& change) {
  return with_graphs([&]() -> CUresult {
    const GraphPtr graph = graphs().find(handle);
    if (!graph) return CUDA_ERROR_INVALID_VALUE;
    if (count == 0) return CUDA_SUCCESS;
    if (!from || !to) return CUDA_ERROR_INVALID_VALUE;
    std::vector<std::pair<NodePtr, NodePtr>> edges;
    for (size_t i = 0; i < count; ++i) {
      edges.emplace_back(graph_nodes().find(from[i]), graph_nodes().find(to[i]));
      const auto& [a, b] = edges.back();
      if (!a || !b || a->graph != graph.get() || b->graph != graph.get())
        return CUDA_ERROR_INVALID_VALUE;
    }
    return change(*graph, edges, data);
  });
}

using Edges = std::vector<std::pair<NodePtr, NodePtr>>;

void unlink(Node& from, Node& to, const CUgraphEdgeData& d) {
  const auto drop = [&](std::vector<Link>& links, const Node* other) {
    const auto it = std::find_if(links.begin(), links.end(), [&](const Link& l) {
      return l.node == other && same_data(l.data, d);
    });
    if (it != links.end()) links.erase(it);
  };
  drop(from.dependents, &to);
  drop(to.dependencies, &from);
}

CUresult add_dependencies(CUgraph handle, const CUgraphNode* from, const CUgraphNode* to,
                          const CUgraphEdgeData* data, size_t count) {
  return for_edges(handle, from, to, data, count,
                   [](Graph&, const Edges& edges, const CUgraphEdgeData* d) -> CUresult {
                     for (size_t i = 0; i < edges.size(); ++i) {
                       const CUresult r = add_edge(*edges[i].first, *edges[i].second,
                                                   d ? d[i] : CUgraphEdgeData{});
                       if (r == CUDA_SUCCESS) continue;
                       // All or none.
                       while (i-- > 0)
                         unlink(*edges[i].first, *edges[i].second, d ? d[i] : CUgraphEdgeData{});
                       return r;
                     }
                     return CUDA_SUCCESS;
                   });
}

CUresult remove_dependencies(CUgraph handle, const CUgraphNode* from, const CUgraphNode* to,
                             const CUgraphEdgeData* data, size_t count) {
  return for_edges(handle, from, to, data, count,
                   [](Graph& graph, const Edges& edges, const CUgraphEdgeData* d) -> CUresult {
                     if (has_memory_nodes(graph)) return CUDA_ERROR_INVALID_VALUE;
                     const auto at = [&](size_t i) { return d ? d[i] : CUgraphEdgeData{}; };
                     for (size_t i = 0; i < edges.size(); ++i) {
                       const auto& links = edges[i].second->dependencies;
                       const bool there =
                           std::any_of(links.begin(), links.end(), [&](const Link& l) {
                             return l.node == edges[i].first.get() && same_data(l.data, at(i));
                           });
                       if (!there) return CUDA_ERROR_INVALID_VALUE;
                     }
                     for (size_t i = 0; i < edges.size(); ++i)
                       unlink(*edges[i].first, *edges[i].second, at(i));
                     return CUDA_SUCCESS;
                   });
}

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuGraphNodeGetType(CUgraphNode handle, CUgraphNodeType* type) {
  return with_graphs([&]() -> CUresult {
    const NodePtr node = graph_nodes().find(handle);
    if (!node || !type) return CUDA_ERROR_INVALID_VALUE;
    *type = type_of(node->work);
    return CUDA_SUCCESS;
  });
}

CUresult cuGraphGetNodes(CUgraph graph, CUgraphNode* nodes, size_t* count) {
  return nodes_of(graph, nodes, count, false);
}
CUresult cuGraphGetRootNodes(CUgraph graph, CUgraphNode* nodes, size_t* count) {
  return nodes_of(graph, nodes, count, true);
}
CUresult cuGraphGetEdges(CUgraph graph, CUgraphNode* from, CUgraphNode* to, size_t* count) {
  return edges_of(graph, from, to, nullptr, count);
}
CUresult cuGraphGetEdges_v2(CUgraph graph, CUgraphNode* from, CUgraphNode* to,
                            CUgraphEdgeData* data, size_t* count) {
  return edges_of(graph, from, to, data, count);
}
CUresult cuGraphNodeGetDependencies(CUgraphNode node, CUgraphNode* out, size_t* count) {
  return links_of(node, &Node::dependencies, out, nullptr, count);
}
CUresult cuGraphNodeGetDependencies_v2(CUgraphNode node, CUgraphNode* out, CUgraphEdgeData* data,
                                       size_t* count) {
  return links_of(node, &Node::dependencies, out, data, count);
}
CUresult cuGraphNodeGetDependentNodes(CUgraphNode node, CUgraphNode* out, size_t* count) {
  return links_of(node, &Node::dependents, out, nullptr, count);
}
CUresult cuGraphNodeGetDependentNodes_v2(CUgraphNode node, CUgraphNode* out, CUgraphEdgeData* data,
                                         size_t* count) {
  return links_of(node, &Node::dependents, out, data, count);
}
CUresult cuGraphAddDependencies(CUgraph graph, const CUgraphNode* from, const CUgraphNode* to,
                                size_t count) {
  return add_dependencies(graph, from, to, nullptr, count);
}
CUresult cuGraphAddDependencies_v2(CUgraph graph, const CUgraphNode* from, const CUgraphNode* to,
                                   const CUgraphEdgeData* data, size_t count) {
  return add_dependencies(graph, from, to, data, count);
}
CUresult cuGraphRemoveDependencies(CUgraph graph, const CUgraphNode* from, const CUgraphNode* to,
                                   size_t count) {
  return remove_dependencies(graph, from, to, nullptr, count);
}
CUresult cuGraphRemoveDependencies_v2(CUgraph graph, const CUgraphNode* from, const CUgraphNode* to,
                                      const CUgraphEdgeData* data, size_t count) {
  return remove_dependencies(graph, from, to, data, count);
}
