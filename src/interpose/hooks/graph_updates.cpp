// SPDX-License-Identifier: MIT
// Changes to executable graphs. A scan follows its kernel node: new parameters, on and off, and an
// update from another graph, which must be of the same shape and hence get scans first.
#include <utility>

#include "api/generated/hooks.hpp"
#include "interpose/graphs/graph_watch.hpp"
#include "interpose/hooks/quietly.hpp"

namespace nonans::interpose::hooks {
namespace {

using graphs::GraphWatch;

void kernel_set(CUgraphExec exec, CUgraphNode node,
                const CUDA_KERNEL_NODE_PARAMS& params) noexcept {
  quietly_if_running([&](Runtime& runtime) {
    if (runtime.graphs().any()) runtime.graphs().kernel_params_set(exec, node, params);
  });
}

template <typename Real>
CUresult update(CUgraphExec exec, CUgraph from, CUgraphNode container, Real real) noexcept {
  GraphWatch::Update update;
  quietly_if_running([&](Runtime& runtime) {
    if (runtime.graphs().any()) update = runtime.graphs().before_update(exec, from, container);
  });
  const CUresult result = real();
  quietly_if_running([&](Runtime& runtime) {
    runtime.graphs().updated(std::move(update), result == CUDA_SUCCESS);
  });
  return result;
}

// A graph that differs is refused by the driver for the nodes that it sees; the application hears
// what it would without ours.
void explain(CUgraphExec exec, CUgraph from, CUresult result, CUgraphExecUpdateResult* why,
             CUgraphNode* node, CUgraphNode* from_node) noexcept {
  if (result != CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE) return;
  quietly_if_running([&](Runtime& runtime) {
    graphs::GraphWatch& watch = runtime.graphs();
    if (!watch.any()) return;
    if (const auto info = watch.explain(exec, from)) {
      if (why) *why = info->result;
      if (node) *node = info->errorNode;
      if (from_node) *from_node = info->errorFromNode;
    } else {
      if (node) *node = watch.application_node(*node);
      if (from_node) *from_node = watch.application_node(*from_node);
    }
  });
}

}  // namespace

CUresult cuGraphExecKernelNodeSetParams_v1(const HookCall&,
                                           PFN_cuGraphExecKernelNodeSetParams_v10010 real,
                                           CUgraphExec hGraphExec, CUgraphNode hNode,
                                           const CUDA_KERNEL_NODE_PARAMS_v1* nodeParams) {
  const CUresult result = real(hGraphExec, hNode, nodeParams);
  if (result == CUDA_SUCCESS && nodeParams) {
    const CUDA_KERNEL_NODE_PARAMS_v1& p = *nodeParams;
    kernel_set(hGraphExec, hNode,
               {p.func, p.gridDimX, p.gridDimY, p.gridDimZ, p.blockDimX, p.blockDimY, p.blockDimZ,
                p.sharedMemBytes, p.kernelParams, p.extra, nullptr, nullptr});
  }
  return result;
}

CUresult cuGraphExecKernelNodeSetParams_v2(const HookCall&,
                                           PFN_cuGraphExecKernelNodeSetParams_v12000 real,
                                           CUgraphExec hGraphExec, CUgraphNode hNode,
                                           const CUDA_KERNEL_NODE_PARAMS_v2* nodeParams) {
  const CUresult result = real(hGraphExec, hNode, nodeParams);
  if (result == CUDA_SUCCESS && nodeParams) kernel_set(hGraphExec, hNode, *nodeParams);
  return result;
}

CUresult cuGraphExecNodeSetParams(const HookCall&, PFN_cuGraphExecNodeSetParams_v12020 real,
                                  CUgraphExec hGraphExec, CUgraphNode hNode,
                                  CUgraphNodeParams* nodeParams) {
  if (nodeParams && nodeParams->type == CU_GRAPH_NODE_TYPE_GRAPH)
    return update(hGraphExec, nodeParams->graph.graph, hNode,
                  [&] { return real(hGraphExec, hNode, nodeParams); });
  const CUresult result = real(hGraphExec, hNode, nodeParams);
  if (result == CUDA_SUCCESS && nodeParams && nodeParams->type == CU_GRAPH_NODE_TYPE_KERNEL) {
    const CUDA_KERNEL_NODE_PARAMS_v3& p = nodeParams->kernel;
    kernel_set(hGraphExec, hNode,
               {p.func, p.gridDimX, p.gridDimY, p.gridDimZ, p.blockDimX, p.blockDimY, p.blockDimZ,
                p.sharedMemBytes, p.kernelParams, p.extra, p.kern, p.ctx});
  }
  return result;
}

CUresult cuGraphExecChildGraphNodeSetParams(const HookCall&,
                                            PFN_cuGraphExecChildGraphNodeSetParams_v11010 real,
                                            CUgraphExec hGraphExec, CUgraphNode hNode,
                                            CUgraph childGraph) {
  return update(hGraphExec, childGraph, hNode, [&] { return real(hGraphExec, hNode, childGraph); });
}

CUresult cuGraphNodeSetEnabled(const HookCall&, PFN_cuGraphNodeSetEnabled_v11060 real,
                               CUgraphExec hGraphExec, CUgraphNode hNode, unsigned int isEnabled) {
  const CUresult result = real(hGraphExec, hNode, isEnabled);
  if (result == CUDA_SUCCESS)
    quietly_if_running([&](Runtime& runtime) {
      if (runtime.graphs().any()) runtime.graphs().node_enabled(hGraphExec, hNode, isEnabled != 0);
    });
  return result;
}

CUresult cuGraphExecUpdate_v1(const HookCall&, PFN_cuGraphExecUpdate_v10020 real,
                              CUgraphExec hGraphExec, CUgraph hGraph, CUgraphNode* hErrorNode_out,
                              CUgraphExecUpdateResult* updateResult_out) {
  const CUresult result = update(hGraphExec, hGraph, nullptr, [&] {
    return real(hGraphExec, hGraph, hErrorNode_out, updateResult_out);
  });
  explain(hGraphExec, hGraph, result, updateResult_out, hErrorNode_out, nullptr);
  return result;
}

CUresult cuGraphExecUpdate_v2(const HookCall&, PFN_cuGraphExecUpdate_v12000 real,
                              CUgraphExec hGraphExec, CUgraph hGraph,
                              CUgraphExecUpdateResultInfo* resultInfo) {
  const CUresult result =
      update(hGraphExec, hGraph, nullptr, [&] { return real(hGraphExec, hGraph, resultInfo); });
  if (resultInfo)
    explain(hGraphExec, hGraph, result, &resultInfo->result, &resultInfo->errorNode,
            &resultInfo->errorFromNode);
  return result;
}

}  // namespace nonans::interpose::hooks
