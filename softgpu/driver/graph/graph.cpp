// SPDX-License-Identifier: MIT
#include "driver/graph/graph.hpp"

#include <algorithm>
#include <cstring>

namespace softgpu::driver {
namespace {

// What a body of a conditional node may hold.
bool allowed_in_body(const Work& work) {
  switch (type_of(work)) {
    case CU_GRAPH_NODE_TYPE_KERNEL:
    case CU_GRAPH_NODE_TYPE_EMPTY:
    case CU_GRAPH_NODE_TYPE_GRAPH:
    case CU_GRAPH_NODE_TYPE_MEMSET:
    case CU_GRAPH_NODE_TYPE_MEMCPY:
    case CU_GRAPH_NODE_TYPE_CONDITIONAL:
      return true;
    default:
      return false;
  }
}

bool is_memory_node(const Node& node) {
  return std::holds_alternative<AllocWork>(node.work) ||
         std::holds_alternative<FreeWork>(node.work);
}

// Only a kernel has ports, and a programmatic edge is between kernels.
bool fits(const CUgraphEdgeData& d, const Work& from, const Work& to) {
  for (const unsigned char r : d.reserved)
    if (r != 0) return false;
  if (d.to_port != 0 || d.from_port > CU_GRAPH_KERNEL_NODE_PORT_LAUNCH_ORDER) return false;
  if (d.from_port != 0 && !std::holds_alternative<KernelWork>(from)) return false;
  if (d.type == CU_GRAPH_DEPENDENCY_TYPE_DEFAULT)
    return d.from_port != CU_GRAPH_KERNEL_NODE_PORT_PROGRAMMATIC;
  return d.type == CU_GRAPH_DEPENDENCY_TYPE_PROGRAMMATIC && d.from_port != 0 &&
         std::holds_alternative<KernelWork>(to);
}

void forget_inner(const Node& node) {
  if (const auto* const child = std::get_if<ChildWork>(&node.work)) destroy_graph(child->graph);
  if (const auto* const conditional = std::get_if<ConditionalWork>(&node.work))
    for (const GraphPtr& body : conditional->bodies) destroy_graph(body);
}

}  // namespace

GraphTable& graphs() {
  static GraphTable* const table = new GraphTable;
  return *table;
}
NodeTable& graph_nodes() {
  static NodeTable* const table = new NodeTable;
  return *table;
}
std::recursive_mutex& graph_mutex() {
  static auto* const mutex = new std::recursive_mutex;
  return *mutex;
}

GraphPtr make_graph(Graph::Role role) {
  auto graph = std::make_shared<Graph>();
  graph->role = role;
  graph->handle = graphs().insert(graph);
  return graph;
}

void destroy_graph(const GraphPtr& graph) {
  graphs().remove(graph->handle);
  graph->destroyed = true;
  for (const NodePtr& node : graph->nodes) {
    graph_nodes().remove(node->handle);
    forget_inner(*node);
    // An allocation whose free node goes with this graph may be freed elsewhere again.
    if (const auto* const f = std::get_if<FreeWork>(&node->work))
      if (f->allocation->freed_in == graph.get()) f->allocation->freed_in = nullptr;
  }
  graph->nodes.clear();
  for (const ConditionalPtr& c : graph->conditionals) conditionals().remove(c->handle);
  graph->conditionals.clear();
  graph->user_objects = {};
}

bool any_node(const Graph& graph, const std::function<bool(const Node&)>& is) {
  for (const NodePtr& node : graph.nodes) {
    if (is(*node)) return true;
    if (const auto* const child = std::get_if<ChildWork>(&node->work))
      if (any_node(*child->graph, is)) return true;
    if (const auto* const conditional = std::get_if<ConditionalWork>(&node->work))
      for (const GraphPtr& body : conditional->bodies)
        if (any_node(*body, is)) return true;
  }
  return false;
}

bool has_memory_nodes(const Graph& graph) {
  return any_node(graph, is_memory_node);
}
bool has_conditional_nodes(const Graph& graph) {
  return any_node(graph,
                  [](const Node& n) { return std::holds_alternative<ConditionalWork>(n.work); });
}

bool same_data(const CUgraphEdgeData& a, const CUgraphEdgeData& b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}
bool is_default(const CUgraphEdgeData& data) {
  return same_data(data, CUgraphEdgeData{});
}

CUresult add_node(Graph& graph, std::span<const CUgraphNode> dependencies,
                  const CUgraphEdgeData* data, Work& work, NodePtr& out) {
  if (graph.destroyed) return CUDA_ERROR_INVALID_VALUE;
  if (graph.role == Graph::Role::body && !allowed_in_body(work)) return CUDA_ERROR_INVALID_VALUE;
  const bool memory =
      std::holds_alternative<AllocWork>(work) || std::holds_alternative<FreeWork>(work);
  if (memory && graph.role != Graph::Role::own) return CUDA_ERROR_INVALID_VALUE;

  std::vector<NodePtr> before;
  for (size_t i = 0; i < dependencies.size(); ++i) {
    NodePtr from = graph_nodes().find(dependencies[i]);
    if (!from || from->graph != &graph) return CUDA_ERROR_INVALID_VALUE;
    if (std::find(before.begin(), before.end(), from) != before.end())
      return CUDA_ERROR_INVALID_VALUE;
    if (data && !fits(data[i], from->work, work)) return CUDA_ERROR_INVALID_VALUE;
    before.push_back(std::move(from));
  }
  auto node = std::make_shared<Node>();
  node->graph = &graph;
  node->work = std::move(work);
  node->handle = graph_nodes().insert(node);
  for (size_t i = 0; i < before.size(); ++i) {
    const CUgraphEdgeData d = data ? data[i] : CUgraphEdgeData{};
    node->dependencies.push_back({before[i].get(), d});
    before[i]->dependents.push_back({node.get(), d});
  }
  graph.nodes.push_back(node);
  out = std::move(node);
  return CUDA_SUCCESS;
}

void discard(const Work& work) {
  if (const auto* const child = std::get_if<ChildWork>(&work)) {
    if (child->moved)
      child->graph->role = Graph::Role::own;
    else
      destroy_graph(child->graph);
  }
  if (const auto* const conditional = std::get_if<ConditionalWork>(&work)) {
    for (const GraphPtr& body : conditional->bodies) destroy_graph(body);
    conditional->variable->used = false;
  }
  if (const auto* const free = std::get_if<FreeWork>(&work)) free->allocation->freed_in = nullptr;
}

void remove_node(const NodePtr& node) {
  const auto unlink = [&](std::vector<Link>& links) {
    std::erase_if(links, [&](const Link& l) { return l.node == node.get(); });
  };
  for (const Link& l : node->dependencies) unlink(l.node->dependents);
  for (const Link& l : node->dependents) unlink(l.node->dependencies);
  forget_inner(*node);
  if (const auto* const conditional = std::get_if<ConditionalWork>(&node->work))
    conditional->variable->used = false;
  graph_nodes().remove(node->handle);
  std::erase(node->graph->nodes, node);
}

CUresult add_edge(Node& from, Node& to, const CUgraphEdgeData& data) {
  if (&from == &to || from.graph != to.graph || !fits(data, from.work, to.work))
    return CUDA_ERROR_INVALID_VALUE;
  for (const Link& l : to.dependencies)
    if (l.node == &from && same_data(l.data, data)) return CUDA_ERROR_INVALID_VALUE;
  to.dependencies.push_back({&from, data});
  from.dependents.push_back({&to, data});
  return CUDA_SUCCESS;
}

CUresult clone_graph(const Graph& original, Graph::Role role, GraphPtr& out) {
  if (has_memory_nodes(original) || has_conditional_nodes(original))
    return CUDA_ERROR_NOT_SUPPORTED;
  GraphPtr graph = make_graph(role);
  std::map<const Node*, Node*> copy_of;
  for (const NodePtr& node : original.nodes) {
    auto copy = std::make_shared<Node>();
    copy->graph = graph.get();
    copy->work = node->work;
    if (auto* const child = std::get_if<ChildWork>(&copy->work)) {
      const GraphPtr inner = child->graph;
      if (const CUresult r = clone_graph(*inner, Graph::Role::cloned, child->graph);
          r != CUDA_SUCCESS) {
        destroy_graph(graph);
        return r;
      }
    }
    copy->handle = graph_nodes().insert(copy);
    copy_of[node.get()] = copy.get();
    graph->clone_of[node->handle] = copy->handle;
    graph->nodes.push_back(std::move(copy));
  }
  for (size_t i = 0; i < original.nodes.size(); ++i) {
    for (const Link& l : original.nodes[i]->dependencies)
      graph->nodes[i]->dependencies.push_back({copy_of.at(l.node), l.data});
    for (const Link& l : original.nodes[i]->dependents)
      graph->nodes[i]->dependents.push_back({copy_of.at(l.node), l.data});
  }
  graph->user_objects = original.user_objects;
  out = std::move(graph);
  return CUDA_SUCCESS;
}

bool topological_order(const Graph& graph, std::vector<size_t>& order, Node*& in_cycle) {
  std::map<const Node*, size_t> index, missing;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    index[graph.nodes[i].get()] = i;
    missing[graph.nodes[i].get()] = graph.nodes[i]->dependencies.size();
  }
  order.clear();
  for (size_t i = 0; i < graph.nodes.size(); ++i)
    if (graph.nodes[i]->dependencies.empty()) order.push_back(i);
  for (size_t at = 0; at < order.size(); ++at)
    for (const Link& l : graph.nodes[order[at]]->dependents)
      if (--missing[l.node] == 0) order.push_back(index[l.node]);
  if (order.size() == graph.nodes.size()) return true;
  for (const NodePtr& node : graph.nodes)
    if (missing[node.get()] > 0) in_cycle = node.get();
  return false;
}

}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuGraphCreate(CUgraph* out, unsigned int flags) {
  return with_graphs([&]() -> CUresult {
    if (!out || flags != 0) return CUDA_ERROR_INVALID_VALUE;
    *out = make_graph(Graph::Role::own)->handle;
    return CUDA_SUCCESS;
  });
}

CUresult cuGraphDestroy(CUgraph handle) {
  return with_graphs([&]() -> CUresult {
    const GraphPtr graph = graphs().find(handle);
    if (!graph || graph->role != Graph::Role::own || graph->capturing)
      return CUDA_ERROR_INVALID_VALUE;
    destroy_graph(graph);
    return CUDA_SUCCESS;
  });
}

CUresult cuGraphClone(CUgraph* out, CUgraph handle) {
  return with_graphs([&]() -> CUresult {
    const GraphPtr original = graphs().find(handle);
    if (!out || !original) return CUDA_ERROR_INVALID_VALUE;
    GraphPtr clone;
    const CUresult r = clone_graph(*original, Graph::Role::own, clone);
    if (r == CUDA_SUCCESS) *out = clone->handle;
    return r;
  });
}

CUresult cuGraphNodeFindInClone(CUgraphNode* out, CUgraphNode original, CUgraph clone) {
  return with_graphs([&]() -> CUresult {
    const GraphPtr graph = graphs().find(clone);
    if (!out || !graph) return CUDA_ERROR_INVALID_VALUE;
    const auto it = graph->clone_of.find(original);
    if (it == graph->clone_of.end() || !graph_nodes().find(it->second))
      return CUDA_ERROR_INVALID_VALUE;
    *out = it->second;
    return CUDA_SUCCESS;
  });
}

CUresult cuGraphDestroyNode(CUgraphNode handle) {
  return with_graphs([&]() -> CUresult {
    const NodePtr node = graph_nodes().find(handle);
    if (!node || has_memory_nodes(*node->graph) || node->graph->capturing)
      return CUDA_ERROR_INVALID_VALUE;
    remove_node(node);
    return CUDA_SUCCESS;
  });
}
