// SPDX-License-Identifier: MIT
// cuGraphInstantiate in its five spellings, and what may be asked of the result.
#include "driver/graph/exec.hpp"

namespace softgpu::driver {

ExecTable& execs() {
  static ExecTable* const table = new ExecTable;
  return *table;
}

CUresult instantiate_graph(const Graph& graph, ExecGraph& out, Node*& offending) {
  if (!topological_order(graph, out.order, offending)) return CUDA_ERROR_INVALID_VALUE;
  std::map<const Node*, size_t> index;
  for (size_t i = 0; i < graph.nodes.size(); ++i) index[graph.nodes[i].get()] = i;
  for (const NodePtr& node : graph.nodes) {
    ExecNode& made = out.nodes.emplace_back();
    made.source = node->handle;
    made.work = node->work;
    for (const Link& l : node->dependencies) made.after.push_back(index.at(l.node));
    const auto inner = [&](const Graph& g) {
      return instantiate_graph(g, made.inner.emplace_back(), offending);
    };
    if (const auto* const child = std::get_if<ChildWork>(&node->work))
      if (const CUresult r = inner(*child->graph); r != CUDA_SUCCESS) return r;
    if (const auto* const conditional = std::get_if<ConditionalWork>(&node->work))
      for (const GraphPtr& body : conditional->bodies)
        if (const CUresult r = inner(*body); r != CUDA_SUCCESS) return r;
  }
  return CUDA_SUCCESS;
}

CUresult graph_of(const ExecGraph& exec, GraphPtr& out) {
  const GraphPtr graph = make_graph(Graph::Role::cloned);
  std::vector<CUgraphNode> made(exec.nodes.size());
  const auto add_copy = [&](size_t i) -> CUresult {
    const ExecNode& node = exec.nodes[i];
    Work work = node.work;
    if (std::holds_alternative<AllocWork>(work) || std::holds_alternative<FreeWork>(work) ||
        std::holds_alternative<ConditionalWork>(work)) {
      say_once("captured launch",
               "a launch of a graph with memory or conditional nodes cannot be captured");
      return CUDA_ERROR_NOT_SUPPORTED;
    }
    if (!node.enabled) work = EmptyWork{};
    if (auto* const child = std::get_if<ChildWork>(&work))
      if (const CUresult r = graph_of(node.inner[0], child->graph); r != CUDA_SUCCESS) return r;
    std::vector<CUgraphNode> after;
    for (const size_t before : node.after) after.push_back(made[before]);
    NodePtr copy;
    const CUresult r = add_node(*graph, after, nullptr, work, copy);
    if (r == CUDA_SUCCESS) made[i] = copy->handle;
    return r;
  };
  for (const size_t i : exec.order)
    if (const CUresult r = add_copy(i); r != CUDA_SUCCESS) {
      destroy_graph(graph);
      return r;
    }
  out = graph;
  return CUDA_SUCCESS;
}

namespace {

constexpr unsigned long long kFlags = CUDA_GRAPH_INSTANTIATE_FLAG_AUTO_FREE_ON_LAUNCH |
                                      CUDA_GRAPH_INSTANTIATE_FLAG_DEVICE_LAUNCH |
                                      CUDA_GRAPH_INSTANTIATE_FLAG_USE_NODE_PRIORITY;

struct Failure {
  CUgraphNode node = nullptr;
  CUgraphInstantiateResult why = CUDA_GRAPH_INSTANTIATE_ERROR;
};

// Handles of the graph and of the graphs inside it that no node uses.
bool unused_conditional(const Graph& graph) {
  bool unused = false;
  const auto look = [&](const Graph& g) {
    for (const ConditionalPtr& c : g.conditionals) unused = unused || !c->used;
  };
  look(graph);
  any_node(graph, [&](const Node& n) {
    if (const auto* const c = std::get_if<ConditionalWork>(&n.work))
      for (const GraphPtr& body : c->bodies) look(*body);
    return false;
  });
  return unused;
}

void collect_conditionals(const ExecGraph& graph, std::vector<ConditionalPtr>& out) {
  for (const ExecNode& node : graph.nodes) {
    if (const auto* const c = std::get_if<ConditionalWork>(&node.work)) out.push_back(c->variable);
    for (const ExecGraph& inner : node.inner) collect_conditionals(inner, out);
  }
}

// Under the graph lock.
CUresult instantiate(CUgraphExec* out, CUgraph handle, unsigned long long flags, Failure& failure) {
  const GraphPtr graph = graphs().find(handle);
  if (!out || !graph || (flags & ~kFlags) != 0) return CUDA_ERROR_INVALID_VALUE;
  if (graph->capturing || graph->role == Graph::Role::moved || graph->role == Graph::Role::body)
    return CUDA_ERROR_INVALID_VALUE;
  if ((flags & CUDA_GRAPH_INSTANTIATE_FLAG_DEVICE_LAUNCH) != 0) {
    if ((flags & CUDA_GRAPH_INSTANTIATE_FLAG_AUTO_FREE_ON_LAUNCH) != 0)
      return CUDA_ERROR_INVALID_VALUE;
    say_once("device launch", "graphs that kernels launch are not supported");
    return CUDA_ERROR_NOT_SUPPORTED;
  }
  const bool sole = has_memory_nodes(*graph) || has_conditional_nodes(*graph);
  if (sole && graph->sole_exec && execs().find(graph->sole_exec)) return CUDA_ERROR_INVALID_VALUE;
  if (unused_conditional(*graph)) {
    failure.why = CUDA_GRAPH_INSTANTIATE_CONDITIONAL_HANDLE_UNUSED;
    return CUDA_ERROR_INVALID_VALUE;
  }
  auto exec = std::make_shared<Exec>();
  Node* offending = nullptr;
  if (const CUresult r = instantiate_graph(*graph, exec->top, offending); r != CUDA_SUCCESS) {
    failure = {offending ? offending->handle : nullptr, CUDA_GRAPH_INSTANTIATE_INVALID_STRUCTURE};
    return r;
  }
  collect_conditionals(exec->top, exec->conditionals);
  exec->graph = handle;
  exec->flags = flags;
  exec->user_objects = graph->user_objects;
  exec->handle = execs().insert(exec);
  if (sole) graph->sole_exec = exec->handle;
  *out = exec->handle;
  return CUDA_SUCCESS;
}

CUresult with_log(CUgraphExec* out, CUgraph graph, CUgraphNode* error_node, char* log,
                  size_t size) {
  return with_graphs([&]() -> CUresult {
    Failure failure;
    const CUresult r = instantiate(out, graph, 0, failure);
    if (error_node) *error_node = r == CUDA_SUCCESS ? nullptr : failure.node;
    if (log && size > 0) log[0] = '\0';
    return r;
  });
}

template <DefaultStream V>
CUresult with_params(CUgraphExec* out, CUgraph graph, CUDA_GRAPH_INSTANTIATE_PARAMS* params) {
  if (!params) return CUDA_ERROR_INVALID_VALUE;
  constexpr unsigned long long kUpload = CUDA_GRAPH_INSTANTIATE_FLAG_UPLOAD;
  Failure failure;
  CUresult r =
      with_graphs([&] { return instantiate(out, graph, params->flags & ~kUpload, failure); });
  if (r == CUDA_SUCCESS && (params->flags & kUpload) != 0) {
    // An upload moves nothing on this device; its stream is still checked.
    r = with_stream(params->hUploadStream, V,
                    [](Context&, const StreamPtr&) { return CUDA_SUCCESS; });
    if (r != CUDA_SUCCESS) cuGraphExecDestroy(*out);
  }
  params->result_out = r == CUDA_SUCCESS ? CUDA_GRAPH_INSTANTIATE_SUCCESS : failure.why;
  params->hErrNode_out = r == CUDA_SUCCESS ? nullptr : failure.node;
  return r;
}

ExecNode* find_source(ExecGraph& graph, CUgraphNode source) {
  for (ExecNode& node : graph.nodes) {
    if (node.source == source) return &node;
    for (ExecGraph& inner : node.inner)
      if (ExecNode* const found = find_source(inner, source)) return found;
  }
  return nullptr;
}

bool can_be_disabled(const Work& work) {
  return std::holds_alternative<KernelWork>(work) || std::holds_alternative<CopyWork>(work) ||
         std::holds_alternative<FillWork>(work);
}

}  // namespace

CUresult find_exec_node(CUgraphExec handle, CUgraphNode source, ExecNode*& out, Exec*& owner) {
  const ExecPtr exec = execs().find(handle);
  if (!exec || !graph_nodes().find(source)) return CUDA_ERROR_INVALID_VALUE;
  owner = exec.get();
  out = find_source(exec->top, source);
  return out ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuGraphInstantiate(CUgraphExec* out, CUgraph graph, CUgraphNode* error_node, char* log,
                            size_t size) {
  return with_log(out, graph, error_node, log, size);
}
CUresult cuGraphInstantiate_v2(CUgraphExec* out, CUgraph graph, CUgraphNode* error_node, char* log,
                               size_t size) {
  return with_log(out, graph, error_node, log, size);
}
// softgpu-partial: refuses graphs for launch by kernels (DEVICE_LAUNCH)
CUresult cuGraphInstantiateWithFlags(CUgraphExec* out, CUgraph graph, unsigned long long flags) {
  return with_graphs([&] {
    Failure failure;
    return instantiate(out, graph, flags, failure);
  });
}
// softgpu-partial: refuses graphs for launch by kernels (DEVICE_LAUNCH)
CUresult cuGraphInstantiateWithParams(CUgraphExec* out, CUgraph graph,
                                      CUDA_GRAPH_INSTANTIATE_PARAMS* params) {
  return with_params<DefaultStream::legacy>(out, graph, params);
}
CUresult cuGraphInstantiateWithParams_ptsz(CUgraphExec* out, CUgraph graph,
                                           CUDA_GRAPH_INSTANTIATE_PARAMS* params) {
  return with_params<DefaultStream::per_thread>(out, graph, params);
}

CUresult cuGraphExecGetFlags(CUgraphExec handle, cuuint64_t* flags) {
  return with_graphs([&]() -> CUresult {
    const ExecPtr exec = execs().find(handle);
    if (!exec || !flags) return CUDA_ERROR_INVALID_VALUE;
    *flags = exec->flags;
    return CUDA_SUCCESS;
  });
}

// A launch in flight holds its own operations.
CUresult cuGraphExecDestroy(CUgraphExec handle) {
  return with_graphs([&]() -> CUresult {
    const ExecPtr exec = execs().remove(handle);
    if (!exec) return CUDA_ERROR_INVALID_VALUE;
    if (const GraphPtr graph = graphs().find(exec->graph); graph && graph->sole_exec == handle)
      graph->sole_exec = nullptr;
    return CUDA_SUCCESS;
  });
}

CUresult cuGraphNodeSetEnabled(CUgraphExec exec, CUgraphNode handle, unsigned int enabled) {
  return with_graphs([&]() -> CUresult {
    ExecNode* node = nullptr;
    Exec* owner = nullptr;
    if (const CUresult r = find_exec_node(exec, handle, node, owner); r != CUDA_SUCCESS) return r;
    if (!can_be_disabled(node->work)) return CUDA_ERROR_INVALID_VALUE;
    node->enabled = enabled != 0;
    return CUDA_SUCCESS;
  });
}

CUresult cuGraphNodeGetEnabled(CUgraphExec exec, CUgraphNode handle, unsigned int* enabled) {
  return with_graphs([&]() -> CUresult {
    ExecNode* node = nullptr;
    Exec* owner = nullptr;
    if (const CUresult r = find_exec_node(exec, handle, node, owner); r != CUDA_SUCCESS) return r;
    if (!enabled || !can_be_disabled(node->work)) return CUDA_ERROR_INVALID_VALUE;
    *enabled = node->enabled ? 1 : 0;
    return CUDA_SUCCESS;
  });
}
