// SPDX-License-Identifier: MIT
#include <cudaTypedefs.h>

#include <algorithm>
#include <cstring>
#include <iostream>

#include "world.hpp"

namespace {

constexpr size_t kMaxGraphs = 8, kMaxNodes = 14;

// Some of the graph's nodes, each once; now and then one that is not.
std::vector<CUgraphNode> some_of(World& world, const GraphOf& graph) {
  std::vector<CUgraphNode> chosen;
  for (const CUgraphNode n : graph.nodes)
    if (chosen.size() < 3 && world.random.one_in(3)) chosen.push_back(n);
  return chosen;
}

CUgraphNode any_of(World& world, const GraphOf& graph) {
  return graph.nodes.empty() ? nullptr : graph.nodes[world.random.below(graph.nodes.size())];
}

CUDA_MEMCPY3D copy_of(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
  CUDA_MEMCPY3D c{};
  c.srcMemoryType = c.dstMemoryType = CU_MEMORYTYPE_DEVICE;
  c.dstDevice = to;
  c.srcDevice = from;
  c.WidthInBytes = bytes;
  c.Height = c.Depth = 1;
  return c;
}

CUresult add_kernel(World& world, const GraphOf& graph, const std::vector<CUgraphNode>& after,
                    CUgraphNode& node) {
  Call call = world.call();
  CUDA_KERNEL_NODE_PARAMS params = call.node();
  std::vector<char> block = call.block_of_arguments();
  size_t size = block.size();
  void* extra[] = {CU_LAUNCH_PARAM_BUFFER_POINTER, block.data(), CU_LAUNCH_PARAM_BUFFER_SIZE, &size,
                   CU_LAUNCH_PARAM_END};
  if (world.random.one_in(4)) params.kernelParams = nullptr, params.extra = extra;
  switch (world.random.below(4)) {
    case 0: {
      const auto v1 =
          reinterpret_cast<PFN_cuGraphAddKernelNode_v10000>(driver_entry("cuGraphAddKernelNode"));
      CUDA_KERNEL_NODE_PARAMS_v1 old{};
      std::memcpy(&old, &params, sizeof old);
      return v1(&node, graph.handle, after.data(), after.size(), &old);
    }
    case 1:
      return cu(cuGraphAddKernelNode_v2)(&node, graph.handle, after.data(), after.size(), &params);
    default: {
      CUgraphNodeParams any{};
      any.type = CU_GRAPH_NODE_TYPE_KERNEL;
      any.kernel = {params.func,         params.gridDimX,  params.gridDimY,  params.gridDimZ,
                    params.blockDimX,    params.blockDimY, params.blockDimZ, params.sharedMemBytes,
                    params.kernelParams, params.extra,     nullptr,          nullptr};
      if (world.random.one_in(2))
        return reinterpret_cast<PFN_cuGraphAddNode_v12020>(driver_entry("cuGraphAddNode"))(
            &node, graph.handle, after.data(), after.size(), &any);
      // Edges of every kind that kernels can have between them.
      std::vector<CUgraphEdgeData> data(after.size());
      for (size_t i = 0; i < after.size(); ++i) {
        CUgraphNodeType type = CU_GRAPH_NODE_TYPE_EMPTY;
        cu(cuGraphNodeGetType)(after[i], &type);
        if (type != CU_GRAPH_NODE_TYPE_KERNEL || !world.random.one_in(3)) continue;
        data[i].from_port = CU_GRAPH_KERNEL_NODE_PORT_PROGRAMMATIC;
        data[i].type = CU_GRAPH_DEPENDENCY_TYPE_PROGRAMMATIC;
      }
      return reinterpret_cast<PFN_cuGraphAddNode_v12030>(driver_entry("cuGraphAddNode_v2"))(
          &node, graph.handle, after.data(), data.data(), after.size(), &any);
    }
  }
}

CUresult add_conditional(World& world, const GraphOf& graph, const std::vector<CUgraphNode>& after,
                         CUgraphNode& node) {
  CUgraphConditionalHandle handle = 0;
  const unsigned start = world.random.below(3);
  const CUresult made = cu(cuGraphConditionalHandleCreate)(&handle, graph.handle, world.context,
                                                           start, CU_GRAPH_COND_ASSIGN_DEFAULT);
  world.say("cuGraphConditionalHandleCreate", made);
  if (made != CUDA_SUCCESS) return made;
  CUgraphNodeParams any{};
  any.type = CU_GRAPH_NODE_TYPE_CONDITIONAL;
  any.conditional.handle = handle;
  any.conditional.type = world.random.one_in(2) ? CU_GRAPH_COND_TYPE_IF : CU_GRAPH_COND_TYPE_SWITCH;
  any.conditional.size = 2;
  any.conditional.ctx = world.context;
  const CUresult added =
      reinterpret_cast<PFN_cuGraphAddNode_v12030>(driver_entry("cuGraphAddNode_v2"))(
          &node, graph.handle, after.data(), nullptr, after.size(), &any);
  if (added != CUDA_SUCCESS) return added;
  for (int i = 0; i < 2; ++i) {
    GraphOf body{any.conditional.phGraph_out[i], false, graph.handle, {}};
    world.say("body", 0) << ' ' << world.name(body.handle);
    for (int count = 0; count < 2; ++count) {
      CUgraphNode inner = nullptr;
      const CUresult r = add_kernel(world, body, body.nodes, inner);
      world.say(" add", r) << ' ' << world.name(inner);
      if (r == CUDA_SUCCESS) body.nodes.push_back(inner);
    }
    world.graphs.push_back(body);
  }
  return added;
}

CUresult add_memory(World& world, GraphOf& graph, CUgraphNode& node) {
  CUDA_MEM_ALLOC_NODE_PARAMS alloc{};
  alloc.poolProps.allocType = CU_MEM_ALLOCATION_TYPE_PINNED;
  alloc.poolProps.location = {CU_MEM_LOCATION_TYPE_DEVICE, {world.device}};
  alloc.bytesize = World::kN * sizeof(float);
  CUresult r = cu(cuGraphAddMemAllocNode)(&node, graph.handle, nullptr, 0, &alloc);
  if (r != CUDA_SUCCESS) return r;
  graph.nodes.push_back(node);
  world.say(" alloc", r) << ' ' << world.name(node);
  uint64_t out = alloc.dptr, a = world.input();
  float k = 0.25f;
  int n = World::kN;
  void* arguments[] = {&out, &a, &a, &k, &n};
  const CUDA_KERNEL_NODE_PARAMS kernel{
      world.function("blend"), 4, 1, 1, 64, 1, 1, 0, arguments, nullptr, nullptr, nullptr};
  CUgraphNode writes = nullptr, copies = nullptr;
  r = cu(cuGraphAddKernelNode_v2)(&writes, graph.handle, &node, 1, &kernel);
  world.say(" write", r) << ' ' << world.name(writes);
  graph.nodes.push_back(writes);
  const CUDA_MEMCPY3D copy = copy_of(world.slot(), alloc.dptr, alloc.bytesize);
  r = cu(cuGraphAddMemcpyNode)(&copies, graph.handle, &writes, 1, &copy, world.context);
  world.say(" copy", r) << ' ' << world.name(copies);
  graph.nodes.push_back(copies);
  if (world.random.one_in(4)) return r;  // it stays allocated: a second launch is refused
  return cu(cuGraphAddMemFreeNode)(&node, graph.handle, &copies, 1, alloc.dptr);
}

void add(World& world, GraphOf& graph) {
  const std::vector<CUgraphNode> after = some_of(world, graph);
  CUgraphNode node = nullptr;
  CUresult r = CUDA_SUCCESS;
  const unsigned kind = world.random.below(14);
  switch (kind) {
    case 0: {
      const CUDA_MEMCPY3D copy = copy_of(world.slot(), world.input(), 4 * World::kN);
      r = cu(cuGraphAddMemcpyNode)(&node, graph.handle, after.data(), after.size(), &copy,
                                   world.context);
      break;
    }
    case 1: {
      const CUDA_MEMSET_NODE_PARAMS fill{world.slot(), 0, world.random.below(1000), 4,
                                         World::kN,    1};
      r = cu(cuGraphAddMemsetNode)(&node, graph.handle, after.data(), after.size(), &fill,
                                   world.context);
      break;
    }
    case 2:
      r = cu(cuGraphAddEmptyNode)(&node, graph.handle, after.data(), after.size());
      break;
    case 3: {
      const CUDA_HOST_NODE_PARAMS host{&World::count_host_call, &world};
      // Host functions of one graph would count at the same time: only behind everything else.
      r = cu(cuGraphAddHostNode)(&node, graph.handle, graph.nodes.data(), graph.nodes.size(),
                                 &host);
      break;
    }
    case 4: {
      const GraphOf& child = world.graphs[world.random.below(world.graphs.size())];
      r = cu(cuGraphAddChildGraphNode)(&node, graph.handle, after.data(), after.size(),
                                       child.handle);
      break;
    }
    case 5:
      if (graph.nodes.size() > kMaxNodes / 2 || !world.random.one_in(3)) return;
      r = add_conditional(world, GraphOf(graph), after, node);
      break;
    case 6:
      if (!world.random.one_in(3)) return;
      r = add_memory(world, graph, node);
      break;
    case 7:
      r = cu(cuGraphAddEventRecordNode)(&node, graph.handle, after.data(), after.size(),
                                        world.events[world.random.below(world.events.size())]);
      break;
    default:
      r = add_kernel(world, graph, after, node);
  }
  world.say("add", r) << " kind " << kind << " to " << world.name(graph.handle) << ' '
                      << world.name(node);
}

// `add` may have made graphs of its own (bodies), so the graph is found again by its handle.
void add_to(World& world, CUgraph handle) {
  const auto find = [&]() -> GraphOf& {
    return *std::find_if(world.graphs.begin(), world.graphs.end(),
                         [&](const GraphOf& g) { return g.handle == handle; });
  };
  GraphOf copy = find();
  add(world, copy);
  size_t count = 0;
  cu(cuGraphGetNodes)(handle, nullptr, &count);
  std::vector<CUgraphNode> nodes(count);
  cu(cuGraphGetNodes)(handle, nodes.data(), &count);
  find().nodes = nodes;
}

void create(World& world) {
  GraphOf made;
  const CUresult r = cu(cuGraphCreate)(&made.handle, 0);
  made.own = r == CUDA_SUCCESS;
  world.say("cuGraphCreate", r) << ' ' << world.name(made.handle);
  if (made.own) world.graphs.push_back(made);
}

void clone(World& world, const GraphOf& graph) {
  GraphOf made;
  const CUresult r = cu(cuGraphClone)(&made.handle, graph.handle);
  world.say("cuGraphClone", r) << ' ' << world.name(made.handle);
  if (r != CUDA_SUCCESS) return;
  made.own = true;
  for (const CUgraphNode original : graph.nodes) {
    CUgraphNode found = nullptr;
    const CUresult in = cu(cuGraphNodeFindInClone)(&found, original, made.handle);
    world.say(" in clone", in) << ' ' << world.name(original) << ' ' << world.name(found);
    if (in == CUDA_SUCCESS) made.nodes.push_back(found);
  }
  world.graphs.push_back(made);
}

// A destroyed graph must not be used again, nor the bodies of its conditional nodes.
void forget(World& world, CUgraph gone) {
  std::erase_if(world.graphs, [&](const GraphOf& g) { return g.handle == gone; });
  for (size_t i = 0; i < world.graphs.size();) {
    if (world.graphs[i].inside != gone) {
      ++i;
      continue;
    }
    forget(world, world.graphs[i].handle);
    i = 0;
  }
}

void set_kernel(World& world, CUgraphNode node) {
  Call call = world.call();
  const CUDA_KERNEL_NODE_PARAMS params = call.node();
  if (world.random.one_in(3)) {
    CUgraphNodeParams any{};
    any.type = CU_GRAPH_NODE_TYPE_KERNEL;
    any.kernel.func = params.func;
    any.kernel.gridDimX = params.gridDimX, any.kernel.gridDimY = any.kernel.gridDimZ = 1;
    any.kernel.blockDimX = params.blockDimX, any.kernel.blockDimY = any.kernel.blockDimZ = 1;
    any.kernel.kernelParams = params.kernelParams;
    world.say("cuGraphNodeSetParams", cu(cuGraphNodeSetParams)(node, &any)) << world.name(node);
  } else {
    world.say("set kernel", cu(cuGraphKernelNodeSetParams)(node, &params)) << world.name(node);
  }
}

}  // namespace

void edit_graph(World& world) {
  if (world.graphs.empty() || (world.graphs.size() < kMaxGraphs && world.random.one_in(8)))
    return create(world);
  const size_t index = world.random.below(world.graphs.size());
  const GraphOf graph = world.graphs[index];
  switch (world.random.below(10)) {
    case 0: {
      const CUgraphNode from = any_of(world, graph), to = any_of(world, graph);
      const auto v1 = reinterpret_cast<PFN_cuGraphAddDependencies_v10000>(
          driver_entry("cuGraphAddDependencies"));
      world.say("cuGraphAddDependencies", v1(graph.handle, &from, &to, 1))
          << ' ' << world.name(from) << '>' << world.name(to);
      break;
    }
    case 1: {
      const CUgraphNode from = any_of(world, graph), to = any_of(world, graph);
      const auto v1 = reinterpret_cast<PFN_cuGraphRemoveDependencies_v10000>(
          driver_entry("cuGraphRemoveDependencies"));
      world.say("cuGraphRemoveDependencies", v1(graph.handle, &from, &to, 1))
          << ' ' << world.name(from) << '>' << world.name(to);
      break;
    }
    case 2: {
      const CUgraphNode gone = any_of(world, graph);
      if (!gone) break;
      const CUresult r = cu(cuGraphDestroyNode)(gone);
      world.say("cuGraphDestroyNode", r) << ' ' << world.name(gone);
      if (r == CUDA_SUCCESS) std::erase(world.graphs[index].nodes, gone);
      break;
    }
    case 3:
      if (world.graphs.size() < kMaxGraphs) clone(world, graph);
      break;
    case 4:
      if (graph.nodes.empty()) break;
      set_kernel(world, any_of(world, graph));
      break;
    case 5: {
      if (graph.nodes.size() < 2) break;
      const CUgraphNode node = any_of(world, graph);
      CUlaunchAttributeValue value{};
      value.priority = -static_cast<int>(world.random.below(3));
      world.say("set priority",
                cu(cuGraphKernelNodeSetAttribute)(node, CU_LAUNCH_ATTRIBUTE_PRIORITY, &value))
          << ' ' << world.name(node);
      const CUgraphNode to = any_of(world, graph);
      world.say("copy attributes", cu(cuGraphKernelNodeCopyAttributes)(to, node))
          << ' ' << world.name(to);
      break;
    }
    case 6: {
      if (!graph.own || world.graphs.size() < 3 || !world.random.one_in(3)) break;
      world.say("cuGraphDestroy", cu(cuGraphDestroy)(graph.handle))
          << ' ' << world.name(graph.handle);
      forget(world, graph.handle);
      break;
    }
    default:
      if (graph.nodes.size() < kMaxNodes) add_to(world, graph.handle);
  }
}

void query_graphs(World& world) {
  if (world.graphs.empty()) return;
  const GraphOf& graph = world.graphs[world.random.below(world.graphs.size())];
  world.say("dump", 0) << ' ' << world.name(graph.handle);
  dump(world, graph.handle);
}
