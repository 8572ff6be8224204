// SPDX-License-Identifier: MIT
// Graphs: nodes, edges, handles.
//
//   return with_graphs([&]() -> CUresult {
//     const GraphPtr graph = graphs().find(handle);
//     if (!graph) return CUDA_ERROR_INVALID_VALUE;
//     …
//
// Graph objects are not thread-safe for the program, but a program that errs must get an answer and
// not a crash: one lock (with_graphs) covers all graphs, executable graphs and captures. It is
// taken before Context::submission, never while waiting, and not by worker threads. Recursive:
// making a node may load a kernel's module, which asks whether a capture is in progress.
//
// Everything is found by handle. A node's handle dies with the node, also when its graph goes.
#pragma once

#include <functional>
#include <mutex>
#include <span>

#include "driver/entry.hpp"
#include "driver/graph/user_object.hpp"
#include "driver/graph/work.hpp"

namespace softgpu::driver {

struct Node;
using NodePtr = std::shared_ptr<Node>;

struct Link {
  Node* node = nullptr;
  CUgraphEdgeData data{};
};

struct Node {
  CUgraphNode handle = nullptr;
  Graph* graph = nullptr;  // it outlives its nodes' handles
  Work work;
  std::vector<Link> dependencies, dependents;  // in the order in which the edges were added

  // What GetParams points into; rebuilt by each GetParams.
  std::vector<void*> kernel_params;
  std::vector<void*> extra;
  size_t extra_size = 0;
};

struct Graph : std::enable_shared_from_this<Graph> {
  CUgraph handle = nullptr;
  // own: the program's. cloned, moved: in a child graph node. body: in a conditional node.
  enum class Role { own, cloned, moved, body } role = Role::own;
  std::vector<NodePtr> nodes;                   // in insertion order
  std::map<CUgraphNode, CUgraphNode> clone_of;  // original -> the node here, from cuGraphClone
  std::vector<ConditionalPtr> conditionals;
  UserObjectReferences user_objects;
  CUgraphExec sole_exec = nullptr;  // of a graph with memory nodes: at most one at a time
  bool capturing = false;           // a capture in progress adds to it
  bool destroyed = false;           // somebody may still hold it: nothing may be added
};

using GraphTable = HandleTable<Graph, CUgraph, HandleKind::graph>;
using NodeTable = HandleTable<Node, CUgraphNode, HandleKind::graph_node>;
using ConditionalTable =
    HandleTable<Conditional, CUgraphConditionalHandle, HandleKind::conditional>;
GraphTable& graphs();
ConditionalTable& conditionals();
NodeTable& graph_nodes();
std::recursive_mutex& graph_mutex();

GraphPtr make_graph(Graph::Role role);
// Takes the graph and all it holds out of the tables.
void destroy_graph(const GraphPtr& graph);
// Of a graph, and of the graphs in its nodes.
bool any_node(const Graph& graph, const std::function<bool(const Node&)>& is);
bool has_memory_nodes(const Graph& graph);
bool has_conditional_nodes(const Graph& graph);

// Takes `work` if it succeeds. INVALID_VALUE for foreign or duplicate dependencies, edge data that
// does not fit, and node types the graph may not have.
CUresult add_node(Graph& graph, std::span<const CUgraphNode> dependencies,
                  const CUgraphEdgeData* data, Work& work, NodePtr& out);
// Undoes what making work for a node that is then not added has done: graphs, claims on
// allocations.
void discard(const Work& work);
void remove_node(const NodePtr& node);
CUresult add_edge(Node& from, Node& to, const CUgraphEdgeData& data);
bool same_data(const CUgraphEdgeData& a, const CUgraphEdgeData& b);
bool is_default(const CUgraphEdgeData& data);

// NOT_SUPPORTED when a node of it cannot be copied.
CUresult clone_graph(const Graph& original, Graph::Role role, GraphPtr& out);

// Each node after those it depends on; false when there is a cycle (`in_cycle` is then one of its
// nodes).
bool topological_order(const Graph& graph, std::vector<size_t>& order, Node*& in_cycle);

template <typename Body>
CUresult with_graphs(Body&& body) noexcept {
  return entry([&]() -> CUresult {
    if (in_host_callback()) return CUDA_ERROR_NOT_PERMITTED;
    const std::lock_guard lock(graph_mutex());
    return body();
  });
}

// What every cuGraphAdd*Node does: `make(work)` reads the parameters.
template <typename Make>
CUresult add(CUgraphNode* out, CUgraph handle, const CUgraphNode* dependencies,
             const CUgraphEdgeData* data, size_t count, Make&& make) noexcept {
  return with_graphs([&]() -> CUresult {
    const GraphPtr graph = graphs().find(handle);
    if (!out || !graph || (count > 0 && !dependencies)) return CUDA_ERROR_INVALID_VALUE;
    Work work;
    if (const CUresult r = make(work); r != CUDA_SUCCESS) return r;
    NodePtr node;
    const CUresult r = add_node(*graph, {dependencies, count}, data, work, node);
    if (r == CUDA_SUCCESS)
      *out = node->handle;
    else
      discard(work);
    return r;
  });
}

// A node of one kind: `body(node, work)`; INVALID_VALUE for a dead handle or another kind.
template <typename Kind, typename Body>
CUresult with_node(CUgraphNode handle, Body&& body) noexcept {
  return with_graphs([&]() -> CUresult {
    const NodePtr node = graph_nodes().find(handle);
    Kind* const work = node ? std::get_if<Kind>(&node->work) : nullptr;
    return work ? body(*node, *work) : CUDA_ERROR_INVALID_VALUE;
  });
}

}  // namespace softgpu::driver
