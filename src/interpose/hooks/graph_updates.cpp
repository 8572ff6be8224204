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

void name_own_node(CUgraphNode& node) noexcept {
  if (!node) return;
  quietly_if_running([&](Runtime& runtime) { node = runtime.graphs().application_node(node); });
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
  if (result != CUDA_SUCCESS && hErrorNode_out) name_own_node(*hErrorNode_out);
  return result;
}

CUresult cuGraphExecUpdate_v2(const HookCall&, PFN_cuGraphExecUpdate_v12000 real,
                              CUgraphExec hGraphExec, CUgraph hGraph,
                              CUgraphExecUpdateResultInfo* resultInfo) {
  const CUresult result =
      update(hGraphExec, hGraph, nullptr, [&] { return real(hGraphExec, hGraph, resultInfo); });
  if (result != CUDA_SUCCESS && resultInfo) {
    name_own_node(resultInfo->errorNode);
    name_own_node(resultInfo->errorFromNode);
  }
  return result;
}

}  // namespace nonans::interpose::hooks
