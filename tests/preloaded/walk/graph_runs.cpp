// SPDX-License-Identifier: MIT
#include <cudaTypedefs.h>

#include <algorithm>
#include <iostream>

#include "world.hpp"

namespace {

constexpr size_t kMaxExecs = 6;

// The spelling of CUDA 10 and 11; today's headers have no type for it.
using InstantiateWithLog = CUresult (*)(CUgraphExec*, CUgraph, CUgraphNode*, char*, size_t);

void instantiate(World& world, const GraphOf& graph) {
  ExecOf made{nullptr, graph.handle};
  CUgraphNode error = nullptr;
  char log[64] = "";
  int r = 0;
  const unsigned spelling = world.random.below(5);
  const unsigned long long flags =
      world.random.one_in(3)   ? CUDA_GRAPH_INSTANTIATE_FLAG_AUTO_FREE_ON_LAUNCH
      : world.random.one_in(3) ? CUDA_GRAPH_INSTANTIATE_FLAG_USE_NODE_PRIORITY
                               : 0;
  switch (spelling) {
    case 0:
      r = reinterpret_cast<InstantiateWithLog>(driver_entry("cuGraphInstantiate"))(
          &made.handle, graph.handle, &error, log, sizeof log);
      break;
    case 1:
      r = reinterpret_cast<InstantiateWithLog>(driver_entry("cuGraphInstantiate_v2"))(
          &made.handle, graph.handle, &error, log, sizeof log);
      break;
    case 2: {
      CUDA_GRAPH_INSTANTIATE_PARAMS params{};
      params.flags =
          flags | (world.random.one_in(2) ? CUDA_GRAPH_INSTANTIATE_FLAG_UPLOAD + 0ull : 0ull);
      params.hUploadStream = world.streams[1];
      r = cu(cuGraphInstantiateWithParams)(&made.handle, graph.handle, &params);
      error = params.hErrNode_out;
      world.say("result", params.result_out);
      break;
    }
    default:
      r = cu(cuGraphInstantiateWithFlags)(&made.handle, graph.handle, flags);
  }
  world.say("instantiate", r) << " by " << spelling << ' ' << world.name(graph.handle) << ' '
                              << world.name(made.handle) << " error ";
  // Of a cycle the driver names a node, and does not say which.
  const bool own = std::find(graph.nodes.begin(), graph.nodes.end(), error) != graph.nodes.end();
  std::cout << (own ? "one of its nodes" : world.name(error));
  cu(cuCtxSynchronize)();
  if (r != CUDA_SUCCESS) return;
  cuuint64_t has = 0;
  const int asked = cu(cuGraphExecGetFlags)(made.handle, &has);
  std::cout << " flags " << asked << ' ' << has;
  world.execs.push_back(made);
}

const GraphOf* graph_of(World& world, const ExecOf& exec) {
  const auto it = std::find_if(world.graphs.begin(), world.graphs.end(),
                               [&](const GraphOf& g) { return g.handle == exec.graph; });
  return it == world.graphs.end() ? nullptr : &*it;
}

// Why an update is refused, and for which node. Two graphs that differ in their nodes differ in the
// order in which they are compared: where the graph that the executable one was made from has been
// edited since, the library cannot tell which difference would have been met first.
std::string blamed(World& world, const GraphOf& from, CUgraphExecUpdateResult why,
                   CUgraphNode node) {
  const bool own =
      !node || std::find(from.nodes.begin(), from.nodes.end(), node) != from.nodes.end();
  const bool other_nodes = why == CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED ||
                           why == CU_GRAPH_EXEC_UPDATE_ERROR_NODE_TYPE_CHANGED;
  return other_nodes && own ? "other nodes" : std::to_string(why) + ' ' + world.name(node);
}

void update(World& world, const ExecOf& exec) {
  const GraphOf from = world.random.one_in(3)
                           ? world.graphs[world.random.below(world.graphs.size())]
                           : *graph_of(world, exec);
  if (world.random.one_in(2)) {
    CUgraphExecUpdateResultInfo info{};
    const int r = cu(cuGraphExecUpdate)(exec.handle, from.handle, &info);
    world.say("update", r) << ' ' << world.name(exec.handle) << " from " << world.name(from.handle)
                           << ' ' << blamed(world, from, info.result, info.errorNode) << ' '
                           << world.name(info.errorFromNode);
  } else {
    CUgraphNode node = nullptr;
    CUgraphExecUpdateResult result{};
    const int r = reinterpret_cast<PFN_cuGraphExecUpdate_v10020>(driver_entry("cuGraphExecUpdate"))(
        exec.handle, from.handle, &node, &result);
    world.say("update v1", r) << ' ' << world.name(exec.handle) << " from "
                              << world.name(from.handle) << ' '
                              << blamed(world, from, result, node);
  }
}

void set_params(World& world, const ExecOf& exec, CUgraphNode node) {
  Call call = world.call();
  const CUDA_KERNEL_NODE_PARAMS params = call.node();
  if (world.random.one_in(2)) {
    world.say("exec set kernel", cu(cuGraphExecKernelNodeSetParams)(exec.handle, node, &params))
        << ' ' << world.name(node);
    return;
  }
  CUgraphNodeParams any{};
  any.type = CU_GRAPH_NODE_TYPE_KERNEL;
  any.kernel.func = params.func;
  any.kernel.gridDimX = params.gridDimX, any.kernel.gridDimY = any.kernel.gridDimZ = 1;
  any.kernel.blockDimX = params.blockDimX, any.kernel.blockDimY = any.kernel.blockDimZ = 1;
  any.kernel.kernelParams = params.kernelParams;
  world.say("exec set node", cu(cuGraphExecNodeSetParams)(exec.handle, node, &any))
      << ' ' << world.name(node);
}

void launch(World& world, const ExecOf& exec) {
  for (unsigned i = 0; i <= world.random.below(3); ++i) {
    const CUstream stream = world.stream();
    if (world.random.one_in(4)) world.say("cuGraphUpload", cu(cuGraphUpload)(exec.handle, stream));
    world.say("cuGraphLaunch", cu(cuGraphLaunch)(exec.handle, stream))
        << ' ' << world.name(exec.handle);
  }
  world.fingerprint();
}

}  // namespace

void run_graph(World& world) {
  if (world.graphs.empty()) return;
  if (world.execs.empty() || (world.execs.size() < kMaxExecs && world.random.one_in(4)))
    return instantiate(world, world.graphs[world.random.below(world.graphs.size())]);
  const size_t index = world.random.below(world.execs.size());
  const ExecOf exec = world.execs[index];
  const GraphOf* const graph = graph_of(world, exec);
  const CUgraphNode node = graph && !graph->nodes.empty()
                               ? graph->nodes[world.random.below(graph->nodes.size())]
                               : nullptr;
  switch (world.random.below(8)) {
    case 0:
      if (graph) update(world, exec);
      break;
    case 1:
      if (node) set_params(world, exec, node);
      break;
    case 2: {
      if (!node) break;
      const unsigned on = world.random.below(2);
      world.say("cuGraphNodeSetEnabled", cu(cuGraphNodeSetEnabled)(exec.handle, node, on))
          << ' ' << world.name(node) << ' ' << on;
      break;
    }
    case 3:
      if (!graph) break;
      for (const CUgraphNode n : graph->nodes) {
        unsigned on = 7;
        const int r = cu(cuGraphNodeGetEnabled)(exec.handle, n, &on);
        world.say("enabled", r) << ' ' << world.name(n) << ' ' << on;
      }
      break;
    case 4:
      if (!world.random.one_in(2)) break;
      world.say("cuGraphExecDestroy", cu(cuGraphExecDestroy)(exec.handle))
          << ' ' << world.name(exec.handle);
      world.execs.erase(world.execs.begin() + static_cast<std::ptrdiff_t>(index));
      break;
    default:
      launch(world, exec);
  }
}
