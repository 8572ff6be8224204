// SPDX-License-Identifier: MIT
#include <cudaTypedefs.h>

#include <iostream>

#include "world.hpp"

namespace {

void say_info(World& world, CUstream stream) {
  CUstreamCaptureStatus status{};
  cuuint64_t id = 0;
  CUgraph graph = nullptr;
  const CUgraphNode* nodes = nullptr;
  const CUgraphEdgeData* data = nullptr;
  size_t count = 0;
  const int r = reinterpret_cast<PFN_cuStreamGetCaptureInfo_v12030>(driver_entry(
      "cuStreamGetCaptureInfo_v3"))(stream, &status, &id, &graph, &nodes, &data, &count);
  world.say("info", r) << ' ' << status;
  if (status != CU_STREAM_CAPTURE_STATUS_ACTIVE) return;
  std::cout << ' ' << world.name(graph) << " behind";
  for (size_t i = 0; i < count; ++i) std::cout << ' ' << world.name(nodes[i]);
  // What programs do to put a node of their own into a capture.
  if (!world.random.one_in(3)) return;
  CUgraphNode mine = nullptr;
  Call call = world.call();
  const CUDA_KERNEL_NODE_PARAMS params = call.node();
  const std::vector<CUgraphNode> after(nodes, nodes + count);
  world.say("add", cu(cuGraphAddKernelNode_v2)(&mine, graph, after.data(), after.size(), &params))
      << ' ' << world.name(mine);
  const unsigned how = world.random.one_in(2) ? CU_STREAM_SET_CAPTURE_DEPENDENCIES
                                              : CU_STREAM_ADD_CAPTURE_DEPENDENCIES;
  world.say("cuStreamUpdateCaptureDependencies",
            reinterpret_cast<PFN_cuStreamUpdateCaptureDependencies_v11030>(
                driver_entry("cuStreamUpdateCaptureDependencies"))(stream, &mine, 1, how));
}

void launch(World& world, CUstream stream) {
  Call call = world.call();
  if (world.random.one_in(2)) {
    world.say("cuLaunchKernel", cu(cuLaunchKernel)(call.function, call.grid, 1, 1, call.block, 1, 1,
                                                   0, stream, call.params(), nullptr));
    return;
  }
  CUlaunchAttribute attribute{};
  attribute.id = CU_LAUNCH_ATTRIBUTE_PRIORITY;
  attribute.value.priority = -1;
  const CUlaunchConfig config{call.grid, 1, 1,      call.block, 1,
                              1,         0, stream, &attribute, world.random.below(2)};
  world.say("cuLaunchKernelEx",
            cu(cuLaunchKernelEx)(&config, call.function, call.params(), nullptr));
}

void captured_step(World& world, CUstream stream) {
  switch (world.random.below(9)) {
    case 0:
      world.say("fill", cu(cuMemsetD32Async)(world.slot(), world.random.below(99), 16, stream));
      break;
    case 1:
      world.say("copy", cu(cuMemcpyDtoDAsync)(world.slot(), world.input(), 512, stream));
      break;
    case 2:
      say_info(world, stream);
      break;
    case 3: {
      CUstreamCaptureStatus status{};
      const int r = cu(cuStreamIsCapturing)(stream, &status);
      world.say("capturing", r) << ' ' << status;
      break;
    }
    default:
      launch(world, stream);
  }
}

void adopt(World& world, CUgraph graph) {
  GraphOf made{graph, true, nullptr, {}};
  size_t count = 0;
  cu(cuGraphGetNodes)(graph, nullptr, &count);
  made.nodes.resize(count);
  cu(cuGraphGetNodes)(graph, made.nodes.data(), &count);
  world.graphs.push_back(made);
  world.say("captured", 0) << ' ' << world.name(graph);
  dump(world, graph);
}

}  // namespace

void capture_graph(World& world) {
  constexpr CUstreamCaptureMode kModes[] = {CU_STREAM_CAPTURE_MODE_GLOBAL,
                                            CU_STREAM_CAPTURE_MODE_THREAD_LOCAL,
                                            CU_STREAM_CAPTURE_MODE_RELAXED};
  // Slots are allocated as the walk goes: this thread may.
  CUstreamCaptureMode mine = CU_STREAM_CAPTURE_MODE_RELAXED;
  world.say("exchange", cu(cuThreadExchangeStreamCaptureMode)(&mine)) << ' ' << mine;
  const CUstream origin = world.streams[2], other = world.streams[3];
  GraphOf* const onto = !world.graphs.empty() && world.random.one_in(4) && world.graphs.back().own
                            ? &world.graphs.back()
                            : nullptr;
  const CUstreamCaptureMode mode = kModes[world.random.below(3)];
  const int begun = onto ? cu(cuStreamBeginCaptureToGraph)(origin, onto->handle, onto->nodes.data(),
                                                           nullptr, onto->nodes.size(), mode)
                         : cu(cuStreamBeginCapture)(origin, mode);
  world.say("begin", begun) << ' ' << mode << (onto ? " onto" : "");
  if (begun == CUDA_SUCCESS) {
    const unsigned steps = 1 + world.random.below(6);
    bool forked = false;
    for (unsigned i = 0; i < steps; ++i) {
      if (!forked && world.random.one_in(4)) {
        world.say("fork", cu(cuEventRecord)(world.events[0], origin));
        world.say("fork", cu(cuStreamWaitEvent)(other, world.events[0], 0));
        forked = true;
      }
      captured_step(world, forked && world.random.one_in(2) ? other : origin);
    }
    // Now and then what is not allowed: the capture is then spoiled, and says so.
    if (world.random.one_in(8)) world.say("synchronize", cu(cuStreamSynchronize)(origin));
    if (forked && !world.random.one_in(10)) {
      world.say("join", cu(cuEventRecord)(world.events[1], other));
      world.say("join", cu(cuStreamWaitEvent)(origin, world.events[1], 0));
    }
    say_info(world, origin);
    CUgraph graph = nullptr;
    const int ended = cu(cuStreamEndCapture)(origin, &graph);
    world.say("end", ended) << ' ' << world.name(graph);
    if (ended == CUDA_SUCCESS && !onto) adopt(world, graph);
    if (onto) {
      size_t count = 0;
      cu(cuGraphGetNodes)(onto->handle, nullptr, &count);
      onto->nodes.resize(count);
      cu(cuGraphGetNodes)(onto->handle, onto->nodes.data(), &count);
      dump(world, onto->handle);
    }
  }
  world.say("exchange", cu(cuThreadExchangeStreamCaptureMode)(&mine)) << ' ' << mine;
  world.fingerprint();
}
