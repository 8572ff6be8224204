// SPDX-License-Identifier: MIT
// Graphs, nodes, dependencies and executable graphs: callbacks of the resource domain, made from
// the calls. Parameter structures of a family begin alike: every cuGraphAdd…Node with the node's
// place and the graph, every cuGraphInstantiate… with the executable graph's place and the graph.

#include <cstring>
#include <mutex>
#include <new>
#include <set>
#include <string_view>
#include <vector>

#include "cupti/driver.hpp"
#include "cupti/listener.hpp"
#include "cupti/subscriber.hpp"

namespace softgpu::cupti {
namespace {

template <typename Parameters>
const Parameters& of(const driver::ApiCall& call) {
  return *static_cast<const Parameters*>(call.parameters);
}

struct Change {
  CUgraph graph = nullptr, original_graph = nullptr;
  CUgraphNode node = nullptr, original_node = nullptr, dependency = nullptr;
  CUgraphExec exec = nullptr;
};

void tell(const driver::ApiCall& call, CUpti_CallbackIdResource id, const Change& change) {
  if (!wanted(CUPTI_CB_DOMAIN_RESOURCE, id)) return;
  CUpti_GraphData data{};
  data.graph = change.graph;
  data.originalGraph = change.original_graph;
  data.node = change.node;
  data.originalNode = change.original_node;
  data.dependency = change.dependency;
  data.graphExec = change.exec;
  if (data.node) trace_table()->node_type(data.node, &data.nodeType);
  CUpti_ResourceData resource{};
  resource.context = call.context;
  resource.resourceDescriptor = &data;
  deliver(CUPTI_CB_DOMAIN_RESOURCE, id, &resource);
}

std::vector<CUgraphNode> nodes_of(CUgraph graph) {
  size_t count = 0;
  if (trace_table()->nodes_of(graph, nullptr, &count) != CUDA_SUCCESS) return {};
  std::vector<CUgraphNode> nodes(count);
  if (trace_table()->nodes_of(graph, nodes.data(), &count) != CUDA_SUCCESS) return {};
  return nodes;
}

void tell_dependencies(const driver::ApiCall& call, CUpti_CallbackIdResource id, CUgraph graph,
                       const CUgraphNode* from, const CUgraphNode* to, size_t count) {
  if (!from || !to) return;
  for (size_t i = 0; i < count; ++i)
    tell(call, id, {.graph = graph, .node = from[i], .dependency = to[i]});
}

// Streams capture into new graphs, which are told when they are done, or into graphs that exist.
std::mutex g_captured_mutex;
std::set<CUgraph>& captured_into() {
  static auto* const instance = new std::set<CUgraph>;
  return *instance;
}

void capture_ended(const driver::ApiCall& call) {
  const CUgraph* const where = of<cuStreamEndCapture_params>(call).phGraph;
  if (!where || !*where) return;
  {
    const std::lock_guard lock(g_captured_mutex);
    if (captured_into().erase(*where) != 0) return;
  }
  tell(call, CUPTI_CBID_RESOURCE_GRAPH_CREATED, {.graph = *where});
  if (!wanted(CUPTI_CB_DOMAIN_RESOURCE, CUPTI_CBID_RESOURCE_GRAPHNODE_CREATED)) return;
  for (const CUgraphNode node : nodes_of(*where))
    tell(call, CUPTI_CBID_RESOURCE_GRAPHNODE_CREATED, {.graph = *where, .node = node});
}

// Nodes of a clone stand in the order of the original.
void cloned(const driver::ApiCall& call) {
  const auto& p = of<cuGraphClone_params>(call);
  tell(call, CUPTI_CBID_RESOURCE_GRAPH_CLONED,
       {.graph = *p.phGraphClone, .original_graph = p.originalGraph});
  if (!wanted(CUPTI_CB_DOMAIN_RESOURCE, CUPTI_CBID_RESOURCE_GRAPHNODE_CLONED)) return;
  const auto nodes = nodes_of(*p.phGraphClone), originals = nodes_of(p.originalGraph);
  for (size_t i = 0; i < nodes.size() && i < originals.size(); ++i)
    tell(call, CUPTI_CBID_RESOURCE_GRAPHNODE_CLONED,
         {.graph = *p.phGraphClone,
          .original_graph = p.originalGraph,
          .node = nodes[i],
          .original_node = originals[i]});
}

void attribute_changed(const driver::ApiCall& call) {
  constexpr auto kId = CUPTI_CBID_RESOURCE_STREAM_ATTRIBUTE_CHANGED;
  if (!wanted(CUPTI_CB_DOMAIN_RESOURCE, kId)) return;
  const auto& p = of<cuStreamSetAttribute_params>(call);
  CUpti_StreamAttrData data{p.hStream, p.attr, p.param};
  CUpti_ResourceData resource{};
  resource.context = call.context;
  resource.resourceHandle.stream = p.hStream;
  resource.resourceDescriptor = &data;
  deliver(CUPTI_CB_DOMAIN_RESOURCE, kId, &resource);
}

bool starts_with(const driver::ApiCall& call, std::string_view prefix) {
  return std::string_view(call.function).substr(0, prefix.size()) == prefix;
}

bool adds_node(const driver::ApiCall& call) {
  return starts_with(call, "cuGraphAdd") && std::strstr(call.function, "Node");
}

}  // namespace

void graphs_before(const driver::ApiCall& call) {
  const driver::TraceTable& table = *trace_table();
  switch (call.callback_id) {
    case CUPTI_DRIVER_TRACE_CBID_cuGraphDestroy:
      if (const CUgraph graph = of<cuGraphDestroy_params>(call).hGraph; table.graph_id(graph) != 0)
        tell(call, CUPTI_CBID_RESOURCE_GRAPH_DESTROY_STARTING, {.graph = graph});
      return;
    case CUPTI_DRIVER_TRACE_CBID_cuGraphDestroyNode:
      if (const CUgraphNode node = of<cuGraphDestroyNode_params>(call).hNode;
          table.node_id(node) != 0)
        tell(call, CUPTI_CBID_RESOURCE_GRAPHNODE_DESTROY_STARTING, {.node = node});
      return;
    case CUPTI_DRIVER_TRACE_CBID_cuGraphExecDestroy:
      if (const CUgraphExec exec = of<cuGraphExecDestroy_params>(call).hGraphExec;
          table.exec_id(exec) != 0)
        tell(call, CUPTI_CBID_RESOURCE_GRAPHEXEC_DESTROY_STARTING, {.exec = exec});
      return;
    case CUPTI_DRIVER_TRACE_CBID_cuGraphRemoveDependencies_v2: {
      const auto& p = of<cuGraphRemoveDependencies_v2_params>(call);
      if (table.graph_id(p.hGraph) != 0)
        tell_dependencies(call, CUPTI_CBID_RESOURCE_GRAPHNODE_DEPENDENCY_DESTROY_STARTING, p.hGraph,
                          p.from, p.to, p.numDependencies);
      return;
    }
    default:
      break;
  }
  if (starts_with(call, "cuGraphInstantiate"))
    tell(call, CUPTI_CBID_RESOURCE_GRAPHEXEC_CREATE_STARTING,
         {.graph = of<cuGraphInstantiateWithFlags_params>(call).hGraph});
  else if (adds_node(call))
    tell(call, CUPTI_CBID_RESOURCE_GRAPHNODE_CREATE_STARTING,
         {.graph = of<cuGraphAddEmptyNode_params>(call).hGraph});
}

// Without memory for the lists of nodes, what is left is not told.
void graphs_after(const driver::ApiCall& call) try {
  if (*call.result != CUDA_SUCCESS) return;
  switch (call.callback_id) {
    case CUPTI_DRIVER_TRACE_CBID_cuGraphCreate:
      tell(call, CUPTI_CBID_RESOURCE_GRAPH_CREATED,
           {.graph = *of<cuGraphCreate_params>(call).phGraph});
      return;
    case CUPTI_DRIVER_TRACE_CBID_cuGraphClone:
      cloned(call);
      return;
    case CUPTI_DRIVER_TRACE_CBID_cuGraphAddDependencies_v2: {
      const auto& p = of<cuGraphAddDependencies_v2_params>(call);
      tell_dependencies(call, CUPTI_CBID_RESOURCE_GRAPHNODE_DEPENDENCY_CREATED, p.hGraph, p.from,
                        p.to, p.numDependencies);
      return;
    }
    case CUPTI_DRIVER_TRACE_CBID_cuStreamBeginCaptureToGraph:
    case CUPTI_DRIVER_TRACE_CBID_cuStreamBeginCaptureToGraph_ptsz: {
      const std::lock_guard lock(g_captured_mutex);
      captured_into().insert(of<cuStreamBeginCaptureToGraph_params>(call).hGraph);
      return;
    }
    case CUPTI_DRIVER_TRACE_CBID_cuStreamEndCapture:
    case CUPTI_DRIVER_TRACE_CBID_cuStreamEndCapture_ptsz:
      capture_ended(call);
      return;
    case CUPTI_DRIVER_TRACE_CBID_cuStreamSetAttribute:
    case CUPTI_DRIVER_TRACE_CBID_cuStreamSetAttribute_ptsz:
      attribute_changed(call);
      return;
    default:
      break;
  }
  if (starts_with(call, "cuGraphInstantiate")) {
    const auto& p = of<cuGraphInstantiateWithFlags_params>(call);
    tell(call, CUPTI_CBID_RESOURCE_GRAPHEXEC_CREATED, {.graph = p.hGraph, .exec = *p.phGraphExec});
  } else if (adds_node(call)) {
    const auto& p = of<cuGraphAddEmptyNode_params>(call);
    tell(call, CUPTI_CBID_RESOURCE_GRAPHNODE_CREATED, {.graph = p.hGraph, .node = *p.phGraphNode});
  } else if (starts_with(call, "cuGraphExec") && std::strstr(call.function, "NodeSetParams")) {
    const auto& p = of<cuGraphExecHostNodeSetParams_params>(call);
    tell(call, CUPTI_CBID_RESOURCE_GRAPH_NODE_SET_PARAMS, {.node = p.hNode, .exec = p.hGraphExec});
  }
} catch (const std::bad_alloc&) {
}

}  // namespace softgpu::cupti
