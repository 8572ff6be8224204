// SPDX-License-Identifier: MIT
#include "driver/graph/child_nodes.hpp"

#include <algorithm>

#include "driver/graph/graph.hpp"

namespace softgpu::driver {

ConditionalTable& conditionals() {
  static ConditionalTable* const table = new ConditionalTable;
  return *table;
}

namespace {

// At any depth.
bool contains(const Graph& outer, const Graph& inner) {
  return any_node(outer, [&](const Node& node) {
    if (const auto* const child = std::get_if<ChildWork>(&node.work))
      return child->graph.get() == &inner;
    const auto* const conditional = std::get_if<ConditionalWork>(&node.work);
    return conditional && std::any_of(conditional->bodies.begin(), conditional->bodies.end(),
                                      [&](const GraphPtr& body) { return body.get() == &inner; });
  });
}

}  // namespace

CUresult child_work(const Graph& parent, CUgraph handle, CUgraphChildGraphNodeOwnership ownership,
                    ChildWork& out) {
  const GraphPtr child = graphs().find(handle);
  if (!child || child.get() == &parent || child->capturing) return CUDA_ERROR_INVALID_VALUE;
  if (child->role == Graph::Role::moved || has_conditional_nodes(*child))
    return CUDA_ERROR_INVALID_VALUE;
  if (ownership == CU_GRAPH_CHILD_GRAPH_OWNERSHIP_MOVE) {
    if (child->role != Graph::Role::own || contains(*child, parent) ||
        parent.role == Graph::Role::body)
      return CUDA_ERROR_INVALID_VALUE;
    child->role = Graph::Role::moved;
    out = {child, true};
    return CUDA_SUCCESS;
  }
  if (ownership != CU_GRAPH_CHILD_GRAPH_OWNERSHIP_CLONE || has_memory_nodes(*child))
    return CUDA_ERROR_INVALID_VALUE;
  return clone_graph(*child, Graph::Role::cloned, out.graph);
}

CUresult conditional_work(Graph& parent, CUDA_CONDITIONAL_NODE_PARAMS& params,
                          ConditionalWork& out) {
  const ConditionalPtr variable = conditionals().find(params.handle);
  if (!variable || variable->used) return CUDA_ERROR_INVALID_VALUE;
  ContextPtr context;
  if (const CUresult r = context_of(params.ctx, context); r != CUDA_SUCCESS) return r;
  if (context != variable->context || parent.role == Graph::Role::cloned)
    return CUDA_ERROR_INVALID_VALUE;
  switch (params.type) {
    case CU_GRAPH_COND_TYPE_IF:
      if (params.size < 1 || params.size > 2) return CUDA_ERROR_INVALID_VALUE;
      break;
    case CU_GRAPH_COND_TYPE_WHILE:
      if (params.size != 1) return CUDA_ERROR_INVALID_VALUE;
      break;
    case CU_GRAPH_COND_TYPE_SWITCH:
      if (params.size < 1) return CUDA_ERROR_INVALID_VALUE;
      break;
    default:
      return CUDA_ERROR_INVALID_VALUE;
  }
  out.variable = variable;
  out.type = params.type;
  out.handles = std::make_shared<std::vector<CUgraph>>();
  for (unsigned i = 0; i < params.size; ++i) {
    out.bodies.push_back(make_graph(Graph::Role::body));
    out.handles->push_back(out.bodies.back()->handle);
  }
  variable->used = true;
  params.phGraph_out = out.handles->data();
  return CUDA_SUCCESS;
}

}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuGraphAddChildGraphNode(CUgraphNode* out, CUgraph graph, const CUgraphNode* dependencies,
                                  size_t count, CUgraph child) {
  return add(out, graph, dependencies, nullptr, count, [&](Work& work) {
    return child_work(*graphs().find(graph), child, CU_GRAPH_CHILD_GRAPH_OWNERSHIP_CLONE,
                      work.emplace<ChildWork>());
  });
}

CUresult cuGraphChildGraphNodeGetGraph(CUgraphNode node, CUgraph* out) {
  return with_node<ChildWork>(node, [&](Node&, ChildWork& work) -> CUresult {
    if (!out) return CUDA_ERROR_INVALID_VALUE;
    *out = work.graph->handle;
    return CUDA_SUCCESS;
  });
}

CUresult cuGraphConditionalHandleCreate(CUgraphConditionalHandle* out, CUgraph handle,
                                        CUcontext context_handle, unsigned int default_value,
                                        unsigned int flags) {
  return with_graphs([&]() -> CUresult {
    const GraphPtr graph = graphs().find(handle);
    if (!out || !graph || (flags & ~static_cast<unsigned>(CU_GRAPH_COND_ASSIGN_DEFAULT)) != 0)
      return CUDA_ERROR_INVALID_VALUE;
    ContextPtr context;
    if (const CUresult r = context_of(context_handle, context); r != CUDA_SUCCESS) return r;
    auto conditional = std::make_shared<Conditional>();
    conditional->context = context;
    conditional->default_value = default_value;
    conditional->assign_default = flags == CU_GRAPH_COND_ASSIGN_DEFAULT;
    conditional->handle = conditionals().insert(conditional);
    graph->conditionals.push_back(conditional);
    *out = conditional->handle;
    return CUDA_SUCCESS;
  });
}
