// SPDX-License-Identifier: MIT
// Stream capture: what becomes a node, forks and joins, and what a capture can be asked.
#include <cstring>
#include <thread>

#include "softgpu/graph_fixture.hpp"

namespace {

constexpr auto kGlobal = CU_STREAM_CAPTURE_MODE_GLOBAL;
constexpr auto kRelaxed = CU_STREAM_CAPTURE_MODE_RELAXED;
constexpr auto kInvalid = CUDA_ERROR_INVALID_VALUE;

void begin(CUstream s, CUstreamCaptureMode mode = kGlobal) {
  REQUIRE(CU(cuStreamBeginCapture_v2)(s, mode) == CUDA_SUCCESS);
}
CUgraph end(CUstream s) {
  CUgraph g = nullptr;
  REQUIRE(CU(cuStreamEndCapture)(s, &g) == CUDA_SUCCESS);
  REQUIRE(g);
  return g;
}
std::vector<CUgraphNode> nodes_of(CUgraph g) {
  size_t n = 0;
  REQUIRE(CU(cuGraphGetNodes)(g, nullptr, &n) == CUDA_SUCCESS);
  std::vector<CUgraphNode> nodes(n);
  REQUIRE(CU(cuGraphGetNodes)(g, nodes.data(), &n) == CUDA_SUCCESS);
  return nodes;
}
std::vector<CUgraphNodeType> types_of(CUgraph g) {
  std::vector<CUgraphNodeType> types;
  for (const CUgraphNode node : nodes_of(g))
    REQUIRE(CU(cuGraphNodeGetType)(node, &types.emplace_back()) == CUDA_SUCCESS);
  return types;
}
size_t edges_of(CUgraph g) {
  size_t n = 0;
  REQUIRE(CU(cuGraphGetEdges)(g, nullptr, nullptr, &n) == CUDA_SUCCESS);
  return n;
}
CUstreamCaptureStatus status(CUstream s) {
  CUstreamCaptureStatus st{};
  REQUIRE(CU(cuStreamIsCapturing)(s, &st) == CUDA_SUCCESS);
  return st;
}

}  // namespace

TEST_CASE("captured work does not run, and replays as it would have run") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(256), q = gpu.alloc(256);
  void* pinned = nullptr;
  REQUIRE(CU(cuMemHostAlloc)(&pinned, 256, 0) == CUDA_SUCCESS);
  auto* const host = static_cast<uint32_t*>(pinned);
  REQUIRE(CU(cuMemsetD32_v2)(p, 77, 64) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemsetD32_v2)(q, 1, 64) == CUDA_SUCCESS);
  REQUIRE(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
  int calls = 0;
  Words mix(p, 5, 64);
  const CUstream s = gpu.stream_;
  const auto work = [&] {
    REQUIRE(CU(cuMemcpyHtoDAsync_v2)(p, host, 256, s) == CUDA_SUCCESS);
    REQUIRE(mix.launch(gpu.mix, s) == CUDA_SUCCESS);
    REQUIRE(CU(cuMemsetD2D32Async)(q, 32, 9, 4, 8, s) == CUDA_SUCCESS);
    CUDA_MEMCPY2D rows{};
    rows.srcMemoryType = rows.dstMemoryType = CU_MEMORYTYPE_DEVICE;
    rows.srcDevice = p;
    rows.dstDevice = q;
    rows.srcPitch = rows.dstPitch = 32;
    rows.WidthInBytes = 8;
    rows.Height = 8;
    REQUIRE(CU(cuMemcpy2DAsync_v2)(&rows, s) == CUDA_SUCCESS);
    REQUIRE(CU(cuLaunchHostFunc)(
                s, [](void* n) { ++*static_cast<int*>(n); }, &calls) == CUDA_SUCCESS);
    REQUIRE(CU(cuMemcpyDtoHAsync_v2)(host, q, 256, s) == CUDA_SUCCESS);
  };
  for (uint32_t i = 0; i < 64; ++i) host[i] = i;
  work();
  REQUIRE(CU(cuStreamSynchronize)(s) == CUDA_SUCCESS);
  const std::vector<uint32_t> eager(host, host + 64);

  for (uint32_t i = 0; i < 64; ++i) host[i] = i;
  REQUIRE(CU(cuMemsetD32_v2)(q, 1, 64) == CUDA_SUCCESS);
  REQUIRE(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
  begin(s);
  CHECK(status(s) == CU_STREAM_CAPTURE_STATUS_ACTIVE);
  work();
  const CUgraph g = end(s);
  CHECK(status(s) == CU_STREAM_CAPTURE_STATUS_NONE);
  CHECK(types_of(g) ==
        std::vector<CUgraphNodeType>{CU_GRAPH_NODE_TYPE_MEMCPY, CU_GRAPH_NODE_TYPE_KERNEL,
                                     CU_GRAPH_NODE_TYPE_MEMSET, CU_GRAPH_NODE_TYPE_MEMCPY,
                                     CU_GRAPH_NODE_TYPE_HOST, CU_GRAPH_NODE_TYPE_MEMCPY});
  CHECK(edges_of(g) == 5);
  CHECK(calls == 1);
  CHECK(gpu.word(q) == 1);
  const CUgraphExec e = gpu.instantiate(g);
  for (int i = 0; i < 2; ++i) {
    for (uint32_t k = 0; k < 64; ++k) host[k] = k;
    gpu.run(e);
    CHECK(std::vector<uint32_t>(host, host + 64) == eager);
  }
  CHECK(calls == 3);
}

TEST_CASE("every spelling of a launch is captured, with its attributes") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(64);
  Words w(p, 1, 4);
  struct {
    CUdeviceptr p;
    uint32_t value, n;
  } buffer{p, 1, 4};
  size_t size = sizeof buffer;
  void* extra[] = {CU_LAUNCH_PARAM_BUFFER_POINTER, &buffer, CU_LAUNCH_PARAM_BUFFER_SIZE, &size,
                   CU_LAUNCH_PARAM_END};
  const CUstream s = gpu.stream_;
  begin(s);
  REQUIRE(w.launch(gpu.mix, s) == CUDA_SUCCESS);
  REQUIRE(CU(cuLaunchKernel_ptsz)(gpu.mix, 1, 1, 1, 4, 1, 1, 0, s, nullptr, extra) == CUDA_SUCCESS);
  REQUIRE(CU(cuLaunchCooperativeKernel)(gpu.mix, 1, 1, 1, 4, 1, 1, 0, s, w.params) == CUDA_SUCCESS);
  CUlaunchAttribute attribute{};
  attribute.id = CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN;
  attribute.value.memSyncDomain = CU_LAUNCH_MEM_SYNC_DOMAIN_REMOTE;
  CUlaunchConfig config{1, 1, 1, 4, 1, 1, 0, s, &attribute, 1};
  REQUIRE(CU(cuLaunchKernelEx)(&config, gpu.mix, w.params, nullptr) == CUDA_SUCCESS);
  const CUgraph g = end(s);
  const auto nodes = nodes_of(g);
  REQUIRE(nodes.size() == 4);
  CUDA_KERNEL_NODE_PARAMS k{};
  REQUIRE(CU(cuGraphKernelNodeGetParams_v2)(nodes[1], &k) == CUDA_SUCCESS);
  CHECK((k.extra && !k.kernelParams));
  CUlaunchAttributeValue v{};
  REQUIRE(CU(cuGraphKernelNodeGetAttribute)(nodes[2], CU_LAUNCH_ATTRIBUTE_COOPERATIVE, &v) ==
          CUDA_SUCCESS);
  CHECK(v.cooperative == 1);
  REQUIRE(CU(cuGraphKernelNodeGetAttribute)(nodes[3], CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN, &v) ==
          CUDA_SUCCESS);
  CHECK(v.memSyncDomain == CU_LAUNCH_MEM_SYNC_DOMAIN_REMOTE);
  REQUIRE(CU(cuMemsetD32Async)(p, 0, 4, s) == CUDA_SUCCESS);
  gpu.run(gpu.instantiate(g));
  CHECK(gpu.word(p) == 40);  // 1, 4, 13, 40
}

TEST_CASE("programmatic serialization becomes a programmatic edge, from kernels only") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(64);
  Words w(p, 1, 4);
  const CUstream s = gpu.stream_;
  CUlaunchAttribute attribute{};
  attribute.id = CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION;
  attribute.value.programmaticStreamSerializationAllowed = 1;
  CUlaunchConfig config{1, 1, 1, 4, 1, 1, 0, s, &attribute, 1};
  begin(s);
  REQUIRE(CU(cuMemsetD32Async)(p, 0, 4, s) == CUDA_SUCCESS);
  REQUIRE(CU(cuLaunchKernelEx)(&config, gpu.mix, w.params, nullptr) == CUDA_SUCCESS);
  REQUIRE(CU(cuLaunchKernelEx)(&config, gpu.mix, w.params, nullptr) == CUDA_SUCCESS);
  const CUgraph g = end(s);
  CUgraphNode from[2], to[2];
  CUgraphEdgeData data[2];
  size_t n = 2;
  CHECK(CU(cuGraphGetEdges)(g, from, to, &n) == CUDA_ERROR_LOSSY_QUERY);
  n = 2;
  REQUIRE(CU(cuGraphGetEdges_v2)(g, from, to, data, &n) == CUDA_SUCCESS);
  CHECK((data[0].type == CU_GRAPH_DEPENDENCY_TYPE_DEFAULT && data[0].from_port == 0));
  CHECK((data[1].type == CU_GRAPH_DEPENDENCY_TYPE_PROGRAMMATIC &&
         data[1].from_port == CU_GRAPH_KERNEL_NODE_PORT_PROGRAMMATIC));
  gpu.run(gpu.instantiate(g));
  CHECK(gpu.word(p) == 4);
}

TEST_CASE("streams fork and join through events") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(4), q = gpu.alloc(4);
  const CUstream s = gpu.stream_, t = gpu.stream();
  const CUevent fork = gpu.event(), joined = gpu.event();
  begin(s);
  REQUIRE(CU(cuMemsetD32Async)(p, 1, 1, s) == CUDA_SUCCESS);
  REQUIRE(CU(cuEventRecord)(fork, s) == CUDA_SUCCESS);
  CHECK(status(t) == CU_STREAM_CAPTURE_STATUS_NONE);
  REQUIRE(CU(cuStreamWaitEvent)(t, fork, 0) == CUDA_SUCCESS);
  CHECK(status(t) == CU_STREAM_CAPTURE_STATUS_ACTIVE);
  REQUIRE(CU(cuMemcpyDtoDAsync_v2)(q, p, 4, t) == CUDA_SUCCESS);
  REQUIRE(CU(cuEventRecord)(joined, t) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamWaitEvent)(s, joined, 0) == CUDA_SUCCESS);
  Words mix(q, 2, 1);
  REQUIRE(mix.launch(gpu.mix, s) == CUDA_SUCCESS);
  const CUgraph g = end(s);
  CHECK(status(t) == CU_STREAM_CAPTURE_STATUS_NONE);
  // memset -> copy -> kernel, and memset -> kernel from the origin's own order.
  CHECK(edges_of(g) == 3);
  gpu.run(gpu.instantiate(g));
  CHECK(gpu.word(q) == 5);
}

TEST_CASE("a fork that never comes back is unjoined, unless it captured nothing") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(4);
  const CUstream s = gpu.stream_, t = gpu.stream(CU_STREAM_NON_BLOCKING);
  const CUevent fork = gpu.event();
  begin(s);
  REQUIRE(CU(cuMemsetD32Async)(p, 1, 1, s) == CUDA_SUCCESS);
  REQUIRE(CU(cuEventRecord)(fork, s) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamWaitEvent)(t, fork, 0) == CUDA_SUCCESS);
  end(s);

  begin(s);
  REQUIRE(CU(cuEventRecord)(fork, s) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamWaitEvent)(t, fork, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemsetD32Async)(p, 2, 1, t) == CUDA_SUCCESS);
  CUgraph g = reinterpret_cast<CUgraph>(1);
  CHECK(CU(cuStreamEndCapture)(s, &g) == CUDA_ERROR_STREAM_CAPTURE_UNJOINED);
  CHECK(g == nullptr);
  CHECK(status(s) == CU_STREAM_CAPTURE_STATUS_NONE);
  CHECK(status(t) == CU_STREAM_CAPTURE_STATUS_NONE);
  CHECK(CU(cuMemsetD32Async)(p, 3, 1, t) == CUDA_SUCCESS);
  CHECK(CU(cuStreamSynchronize)(t) == CUDA_SUCCESS);
}

TEST_CASE("external events become nodes") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(4);
  const CUevent e = gpu.event();
  const CUstream s = gpu.stream_;
  begin(s);
  REQUIRE(CU(cuStreamWaitEvent)(s, e, CU_EVENT_WAIT_EXTERNAL) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemsetD32Async)(p, 4, 1, s) == CUDA_SUCCESS);
  REQUIRE(CU(cuEventRecordWithFlags)(e, s, CU_EVENT_RECORD_EXTERNAL) == CUDA_SUCCESS);
  const CUgraph g = end(s);
  CHECK(types_of(g) == std::vector<CUgraphNodeType>{CU_GRAPH_NODE_TYPE_WAIT_EVENT,
                                                    CU_GRAPH_NODE_TYPE_MEMSET,
                                                    CU_GRAPH_NODE_TYPE_EVENT_RECORD});
  REQUIRE(CU(cuGraphLaunch)(gpu.instantiate(g), s) == CUDA_SUCCESS);
  REQUIRE(CU(cuEventSynchronize)(e) == CUDA_SUCCESS);  // a real record, not a captured one
  CHECK(gpu.word(p) == 4);
  CHECK(CU(cuEventRecordWithFlags)(e, s, CU_EVENT_RECORD_EXTERNAL) == kInvalid);
  CHECK(CU(cuStreamWaitEvent)(s, e, CU_EVENT_WAIT_EXTERNAL) == kInvalid);
}

TEST_CASE("allocations in a capture are memory of the graph") {
  const GraphGpu gpu;
  const CUdeviceptr result = gpu.alloc(4);
  CUdeviceptr ordinary = 0;
  const CUstream s = gpu.stream_;
  REQUIRE(CU(cuMemAllocAsync)(&ordinary, 64, s) == CUDA_SUCCESS);
  begin(s);
  CUdeviceptr p = 0;
  REQUIRE(CU(cuMemAllocAsync)(&p, 64, s) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemsetD32Async)(p, 6, 1, s) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemcpyDtoDAsync_v2)(result, p, 4, s) == CUDA_SUCCESS);
  CHECK(CU(cuMemFreeAsync)(ordinary, s) == kInvalid);  // not an allocation node's
  REQUIRE(CU(cuMemFreeAsync)(p, s) == CUDA_SUCCESS);
  const CUgraph g = end(s);
  CHECK(types_of(g).front() == CU_GRAPH_NODE_TYPE_MEM_ALLOC);
  CHECK(types_of(g).back() == CU_GRAPH_NODE_TYPE_MEM_FREE);
  const CUgraphExec e = gpu.instantiate(g);
  gpu.run(e);
  gpu.run(e);
  CHECK(gpu.word(result) == 6);
  CHECK(CU(cuMemFreeAsync)(ordinary, s) == CUDA_SUCCESS);
}

TEST_CASE("a graph launched into a capturing stream becomes a child graph") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(4);
  Words mix(p, 1, 1);
  const CUgraph inner = gpu.graph();
  gpu.kernel(inner, gpu.mix, mix, {gpu.kernel(inner, gpu.mix, mix)});
  const CUgraphExec e = gpu.instantiate(inner);
  const CUstream s = gpu.stream_;
  begin(s);
  REQUIRE(CU(cuMemsetD32Async)(p, 2, 1, s) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphLaunch)(e, s) == CUDA_SUCCESS);
  const CUgraph g = end(s);
  CHECK(types_of(g).back() == CU_GRAPH_NODE_TYPE_GRAPH);
  gpu.run(gpu.instantiate(g));
  CHECK(gpu.word(p) == 22);  // 2, 7, 22
}

TEST_CASE("value waits and writes become batch nodes") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(8);
  REQUIRE(CU(cuMemsetD32_v2)(p, 0, 2) == CUDA_SUCCESS);
  REQUIRE(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
  const CUstream s = gpu.stream_;
  begin(s);
  REQUIRE(CU(cuStreamWriteValue32_v2)(s, p, 3, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamWaitValue32_v2)(s, p, 3, CU_STREAM_WAIT_VALUE_EQ) == CUDA_SUCCESS);
  const CUgraph g = end(s);
  CHECK(types_of(g) == std::vector<CUgraphNodeType>(2, CU_GRAPH_NODE_TYPE_BATCH_MEM_OP));
  CHECK(gpu.word(p) == 0);
  gpu.run(gpu.instantiate(g));
  CHECK(gpu.word(p) == 3);
}

TEST_CASE("the per-thread default stream can capture, by either spelling") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(4);
  REQUIRE(CU(cuStreamBeginCapture_v2_ptsz)(nullptr, kGlobal) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemsetD32Async_ptsz)(p, 5, 1, nullptr) == CUDA_SUCCESS);
  CUgraph g = nullptr;
  REQUIRE(CU(cuStreamEndCapture)(CU_STREAM_PER_THREAD, &g) == CUDA_SUCCESS);
  gpu.run(gpu.instantiate(g));
  CHECK(gpu.word(p) == 5);
}

TEST_CASE("capture info: status, id, graph and dependencies") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(4);
  const CUstream s = gpu.stream_;
  CUstreamCaptureStatus st{};
  cuuint64_t id = 0, id2 = 0;
  REQUIRE(CU(cuStreamGetCaptureInfo)(s, &st, &id) == CUDA_SUCCESS);
  CHECK(st == CU_STREAM_CAPTURE_STATUS_NONE);
  begin(s);
  CUgraph g = nullptr;
  const CUgraphNode* tips = nullptr;
  const CUgraphEdgeData* data = nullptr;
  size_t n = 7;
  REQUIRE(CU(cuStreamGetCaptureInfo_v3)(s, &st, &id, &g, &tips, &data, &n) == CUDA_SUCCESS);
  CHECK(n == 0);
  REQUIRE(CU(cuMemsetD32Async)(p, 1, 1, s) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamGetCaptureInfo_v2)(s, &st, &id2, &g, &tips, &n) == CUDA_SUCCESS);
  CHECK(st == CU_STREAM_CAPTURE_STATUS_ACTIVE);
  CHECK(id == id2);
  REQUIRE(n == 1);
  CHECK(nodes_of(g).front() == tips[0]);
  CHECK(CU(cuStreamGetCaptureInfo_v3)(s, &st, &id, &g, nullptr, &data, &n) == kInvalid);
  // The graph may be added to, and the stream told to wait for what was added.
  const CUgraphNode mine = gpu.memset(g, p, 2, 1, {tips[0]});
  CUgraphNode set[] = {mine};
  REQUIRE(CU(cuStreamUpdateCaptureDependencies)(s, set, 1, CU_STREAM_SET_CAPTURE_DEPENDENCIES) ==
          CUDA_SUCCESS);
  Words mix(p, 1, 1);
  REQUIRE(mix.launch(gpu.mix, s) == CUDA_SUCCESS);
  CHECK(CU(cuGraphDestroy)(g) == kInvalid);  // a capture is in progress
  CUgraphExec e = nullptr;
  CHECK(CU(cuGraphInstantiateWithFlags)(&e, g, 0) == kInvalid);
  CHECK(end(s) == g);
  gpu.run(gpu.instantiate(g));
  CHECK(gpu.word(p) == 7);
  CHECK(CU(cuStreamUpdateCaptureDependencies)(s, set, 1, 0) == CUDA_ERROR_ILLEGAL_STATE);
  begin(s);
  REQUIRE(CU(cuStreamGetCaptureInfo)(s, &st, &id2) == CUDA_SUCCESS);
  CHECK(id2 != id);
  CHECK(CU(cuStreamUpdateCaptureDependencies)(s, set, 1, 0) == kInvalid);  // another graph's node
  CHECK(CU(cuStreamUpdateCaptureDependencies_v2)(s, nullptr, nullptr, 0, 2) == kInvalid);
  end(s);
}

TEST_CASE("capture into a graph that exists, behind nodes of it") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(4);
  Words mix(p, 1, 1);
  const CUgraph g = gpu.graph(), other = gpu.graph();
  const CUgraphNode first = gpu.memset(g, p, 3, 1), foreign = gpu.memset(other, p, 3, 1);
  const CUstream s = gpu.stream_;
  CHECK(CU(cuStreamBeginCaptureToGraph)(s, g, &foreign, nullptr, 1, kGlobal) == kInvalid);
  CHECK(CU(cuStreamBeginCaptureToGraph)(s, nullptr, nullptr, nullptr, 0, kGlobal) == kInvalid);
  REQUIRE(CU(cuStreamBeginCaptureToGraph)(s, g, &first, nullptr, 1, kGlobal) == CUDA_SUCCESS);
  REQUIRE(mix.launch(gpu.mix, s) == CUDA_SUCCESS);
  CHECK(end(s) == g);
  CHECK(edges_of(g) == 1);
  gpu.run(gpu.instantiate(g));
  CHECK(gpu.word(p) == 10);
  // A capture that fails leaves the program its graph.
  REQUIRE(CU(cuStreamBeginCaptureToGraph)(s, g, nullptr, nullptr, 0, kGlobal) == CUDA_SUCCESS);
  CHECK(CU(cuStreamQuery)(s) == CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  CUgraph none = g;
  CHECK(CU(cuStreamEndCapture)(s, &none) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  CHECK(none == nullptr);
  CHECK(nodes_of(g).size() == 2);
}

TEST_CASE("many threads capture at the same time, each for itself") {
  const GraphGpu gpu;
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < 6; ++t)
    threads.emplace_back([&, t] {
      CU(cuCtxSetCurrent)(gpu.context);
      CUstream s = nullptr;
      CU(cuStreamCreate)(&s, CU_STREAM_NON_BLOCKING);
      CUdeviceptr p = 0;
      CUstreamCaptureMode mode = kRelaxed;  // allocation beside the captures of the others
      CU(cuThreadExchangeStreamCaptureMode)(&mode);
      CU(cuMemAlloc_v2)(&p, 4);
      Words mix(p, t, 1);
      for (int i = 0; i < 10; ++i) {
        if (CU(cuStreamBeginCapture_v2)(s, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL) != CUDA_SUCCESS)
          ++wrong;
        CU(cuMemsetD32Async)(p, 1, 1, s);
        mix.launch(gpu.mix, s);
        CUgraph g = nullptr;
        CUgraphExec e = nullptr;
        if (CU(cuStreamEndCapture)(s, &g) != CUDA_SUCCESS) ++wrong;
        CU(cuGraphInstantiateWithFlags)(&e, g, 0);
        CU(cuGraphLaunch)(e, s);
        uint32_t back = 0;
        CU(cuMemcpyDtoHAsync_v2)(&back, p, 4, s);
        if (CU(cuStreamSynchronize)(s) != CUDA_SUCCESS || back != 3 + t) ++wrong;
        CU(cuGraphExecDestroy)(e);
        CU(cuGraphDestroy)(g);
      }
    });
  for (auto& t : threads) t.join();
  CHECK(wrong == 0);
}
