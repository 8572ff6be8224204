// SPDX-License-Identifier: MIT
// Graphs: made executable, launched, destroyed. What happens in between is in graph_updates.cpp and
// graph_queries.cpp.
//
// Scans are put into a graph before the driver makes it executable, and told what to look at
// afterwards. An executable graph is forgotten before the driver destroys it: its handle may be
// given out again before our call returns.
#include <utility>

#include "api/generated/hooks.hpp"
#include "interpose/graphs/graph_watch.hpp"
#include "interpose/hooks/graph_memory.hpp"
#include "interpose/hooks/quietly.hpp"
#include "interpose/hooks/remember.hpp"

namespace nonans::interpose::hooks {
namespace {

using graphs::GraphWatch;

template <typename Real>
CUresult instantiate(CUgraphExec* exec, CUgraph graph, Real real) noexcept {
  GraphWatch::Prepared prepared;
  quietly([&](Runtime& runtime) {
    runtime.see_context();
    prepared = runtime.graphs().before_instantiate(graph);
  });
  const CUresult result = real();
  quietly_if_running([&](Runtime& runtime) {
    runtime.graphs().instantiated(std::move(prepared),
                                  result == CUDA_SUCCESS && exec ? *exec : nullptr);
  });
  return result;
}

// The node that the driver blames must be the application's. What it did not write is not looked
// at: it may be anything.
void name_own_node(CUgraphNode* node, CUgraphNode before) noexcept {
  if (!node || *node == before || !*node) return;
  quietly_if_running([&](Runtime& runtime) { *node = runtime.graphs().application_node(*node); });
}

void node_added(CUgraph graph, const CUgraphNode* node, const CUgraphNodeParams* params) noexcept {
  if (!node || !params) return;
  if (params->type == CU_GRAPH_NODE_TYPE_CONDITIONAL)
    quietly([&](Runtime& runtime) {
      runtime.graphs().bodies_made(*node, params->conditional.phGraph_out,
                                   params->conditional.size);
    });
  if (params->type == CU_GRAPH_NODE_TYPE_MEM_ALLOC)
    quietly([&](Runtime& runtime) {
      const CUDA_MEM_ALLOC_NODE_PARAMS_v2& p = params->alloc;
      remember_graph_allocation(runtime, graph, p.poolProps, p.accessDescs, p.accessDescCount,
                                p.dptr, p.bytesize);
    });
}

}  // namespace

CUresult cuGraphInstantiate_v2(const HookCall&, PFN_cuGraphInstantiate_v11000 real,
                               CUgraphExec* phGraphExec, CUgraph hGraph, CUgraphNode* phErrorNode,
                               char* logBuffer, size_t bufferSize) {
  const CUgraphNode before = phErrorNode ? *phErrorNode : nullptr;
  const CUresult result = instantiate(phGraphExec, hGraph, [&] {
    return real(phGraphExec, hGraph, phErrorNode, logBuffer, bufferSize);
  });
  if (result != CUDA_SUCCESS) name_own_node(phErrorNode, before);
  return result;
}

CUresult cuGraphInstantiateWithFlags(const HookCall&, PFN_cuGraphInstantiateWithFlags_v11040 real,
                                     CUgraphExec* phGraphExec, CUgraph hGraph,
                                     unsigned long long flags) {
  return instantiate(phGraphExec, hGraph, [&] { return real(phGraphExec, hGraph, flags); });
}

CUresult cuGraphInstantiateWithParams(const HookCall&, PFN_cuGraphInstantiateWithParams_v12000 real,
                                      CUgraphExec* phGraphExec, CUgraph hGraph,
                                      CUDA_GRAPH_INSTANTIATE_PARAMS* instantiateParams) {
  const CUgraphNode before = instantiateParams ? instantiateParams->hErrNode_out : nullptr;
  const CUresult result = instantiate(phGraphExec, hGraph,
                                      [&] { return real(phGraphExec, hGraph, instantiateParams); });
  if (result != CUDA_SUCCESS && instantiateParams)
    name_own_node(&instantiateParams->hErrNode_out, before);
  return result;
}

CUresult cuGraphExecDestroy(const HookCall&, PFN_cuGraphExecDestroy_v10000 real,
                            CUgraphExec hGraphExec) {
  quietly_if_running([&](Runtime& runtime) { runtime.graphs().exec_destroying(hGraphExec); });
  const CUresult result = real(hGraphExec);
  quietly_if_running([&](Runtime& runtime) {
    runtime.graphs().exec_destroyed(hGraphExec, result == CUDA_SUCCESS);
  });
  return result;
}

CUresult cuGraphDestroy(const HookCall&, PFN_cuGraphDestroy_v10000 real, CUgraph hGraph) {
  GraphWatch::Destroy what = GraphWatch::Destroy::now;
  quietly_if_running([&](Runtime& runtime) { what = runtime.graphs().graph_destroying(hGraph); });
  switch (what) {
    case GraphWatch::Destroy::later:
      return CUDA_SUCCESS;
    case GraphWatch::Destroy::refused:
      return CUDA_ERROR_INVALID_VALUE;
    case GraphWatch::Destroy::now:
      break;
  }
  return release_owned(handle_key(hGraph), [&] { return real(hGraph); });
}

CUresult cuGraphDestroyNode(const HookCall&, PFN_cuGraphDestroyNode_v10000 real,
                            CUgraphNode hNode) {
  CUgraphNode scan = nullptr;
  quietly_if_running([&](Runtime& runtime) {
    if (runtime.graphs().any()) scan = runtime.graphs().node_destroying(hNode);
  });
  const CUresult result = real(hNode);
  if (result == CUDA_SUCCESS && scan)
    quietly_if_running([&](Runtime& runtime) { runtime.graphs().node_destroyed(scan); });
  return result;
}

CUresult cuGraphAddNode_v1(const HookCall&, PFN_cuGraphAddNode_v12020 real,
                           CUgraphNode* phGraphNode, CUgraph hGraph,
                           const CUgraphNode* dependencies, size_t numDependencies,
                           CUgraphNodeParams* nodeParams) {
  const CUresult result = real(phGraphNode, hGraph, dependencies, numDependencies, nodeParams);
  if (result == CUDA_SUCCESS) node_added(hGraph, phGraphNode, nodeParams);
  return result;
}

CUresult cuGraphAddNode_v2(const HookCall&, PFN_cuGraphAddNode_v12030 real,
                           CUgraphNode* phGraphNode, CUgraph hGraph,
                           const CUgraphNode* dependencies, const CUgraphEdgeData* dependencyData,
                           size_t numDependencies, CUgraphNodeParams* nodeParams) {
  const CUresult result =
      real(phGraphNode, hGraph, dependencies, dependencyData, numDependencies, nodeParams);
  if (result == CUDA_SUCCESS) node_added(hGraph, phGraphNode, nodeParams);
  return result;
}

CUresult cuGraphLaunch(const HookCall& call, PFN_cuGraphLaunch_v10000 real, CUgraphExec hGraph,
                       CUstream hStream) {
  quietly_if_running([&](Runtime& runtime) {
    if (runtime.graphs().any()) runtime.graphs().before_launch(hGraph, hStream, call.stream);
  });
  const CUresult result = real(hGraph, hStream);
  quietly_if_running([&](Runtime& runtime) {
    if (runtime.graphs().any())
      runtime.graphs().launched(hGraph, hStream, call.stream, result == CUDA_SUCCESS);
  });
  return result;
}

}  // namespace nonans::interpose::hooks
