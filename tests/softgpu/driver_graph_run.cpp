// SPDX-License-Identifier: MIT
// Executable graphs: what a launch does, in which order, and how it is updated.
#include <atomic>
#include <thread>

#include "softgpu/graph_fixture.hpp"

namespace {
constexpr auto kInvalid = CUDA_ERROR_INVALID_VALUE;
}

TEST_CASE("a graph gives what the same calls give eagerly") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(256), q = gpu.alloc(256), r = gpu.alloc(256);
  Words one(p, 1, 64), two(p, 2, 64), three(q, 3, 64);
  // memset p; mix p by 1, then by 2; copy p to q; mix q by 3; copy q to r.
  const CUstream s = gpu.stream_;
  REQUIRE(CU(cuMemsetD32Async)(p, 4, 64, s) == CUDA_SUCCESS);
  REQUIRE(one.launch(gpu.mix, s) == CUDA_SUCCESS);
  REQUIRE(two.launch(gpu.mix, s) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemcpyDtoDAsync_v2)(q, p, 256, s) == CUDA_SUCCESS);
  REQUIRE(three.launch(gpu.mix, s) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemcpyDtoDAsync_v2)(r, q, 256, s) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamSynchronize)(s) == CUDA_SUCCESS);
  const auto eager = gpu.read<uint32_t>(r, 64);
  REQUIRE(CU(cuMemsetD32Async)(r, 0, 64, s) == CUDA_SUCCESS);

  const CUgraph g = gpu.graph();
  CUgraphNode node = gpu.memset(g, p, 4, 64);
  node = gpu.kernel(g, gpu.mix, one, {node});
  node = gpu.kernel(g, gpu.mix, two, {node});
  const CUDA_MEMCPY3D pq = device_copy(q, p, 256), qr = device_copy(r, q, 256);
  REQUIRE(CU(cuGraphAddMemcpyNode)(&node, g, &node, 1, &pq, gpu.context) == CUDA_SUCCESS);
  node = gpu.kernel(g, gpu.mix, three, {node});
  REQUIRE(CU(cuGraphAddMemcpyNode)(&node, g, &node, 1, &qr, gpu.context) == CUDA_SUCCESS);
  const CUgraphExec e = gpu.instantiate(g);
  REQUIRE(CU(cuGraphDestroy)(g) == CUDA_SUCCESS);  // the executable graph is its own
  for (int i = 0; i < 3; ++i) {
    gpu.run(e);
    CHECK(gpu.read<uint32_t>(r, 64) == eager);
  }
  CHECK(eager[0] == ((4 * 3 + 1) * 3 + 2) * 3 + 3);
}

TEST_CASE("a launch is behind the work of its stream and before what follows") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(4);
  Words mix(p, 1, 1);
  const CUgraph g = gpu.graph();
  gpu.kernel(g, gpu.mix, mix);
  const CUgraphExec e = gpu.instantiate(g);
  const CUstream s = gpu.stream_;
  REQUIRE(CU(cuMemsetD32Async)(p, 0, 1, s) == CUDA_SUCCESS);
  Gate gate;
  gate.put_on(s);
  REQUIRE(CU(cuMemsetD32Async)(p, 10, 1, s) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphLaunch)(e, s) == CUDA_SUCCESS);
  REQUIRE(mix.launch(gpu.mix, s) == CUDA_SUCCESS);
  CHECK(CU(cuStreamQuery)(s) == CUDA_ERROR_NOT_READY);
  gate.open();
  REQUIRE(CU(cuStreamSynchronize)(s) == CUDA_SUCCESS);
  CHECK(gpu.word(p) == (10 * 3 + 1) * 3 + 1);
}

TEST_CASE("launches of one executable graph do not overlap, on whatever streams") {
  const GraphGpu gpu;
  const CUstream other = gpu.stream(CU_STREAM_NON_BLOCKING);
  struct Seen {
    std::atomic<int> running{0}, most{0}, runs{0};
  } seen;
  const CUDA_HOST_NODE_PARAMS host{[](void* data) {
                                     auto& s = *static_cast<Seen*>(data);
                                     const int now = ++s.running;
                                     if (now > s.most) s.most = now;
                                     ++s.runs;
                                     --s.running;
                                   },
                                   &seen};
  const CUgraph g = gpu.graph();
  CUgraphNode node = nullptr;
  REQUIRE(CU(cuGraphAddHostNode)(&node, g, nullptr, 0, &host) == CUDA_SUCCESS);
  const CUgraphExec e = gpu.instantiate(g);
  for (int i = 0; i < 50; ++i)
    REQUIRE(CU(cuGraphLaunch)(e, i % 2 ? gpu.stream_ : other) == CUDA_SUCCESS);
  REQUIRE(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
  CHECK(seen.most == 1);
  CHECK(seen.runs == 50);
}

TEST_CASE("branches without an edge may run at the same time") {
  const GraphGpu gpu;
  const CUfunction hand = gpu.function(ptx::kHandshake, "hand");
  const CUdeviceptr flags = gpu.alloc(8);
  // Each spins until the other has begun.
  const CUgraph g = gpu.graph();
  const CUgraphNode zero = gpu.memset(g, flags, 0, 2);
  for (uint32_t me = 0; me < 2; ++me) {
    CUdeviceptr p = flags;
    uint32_t mine = me, other = 1 - me;
    void* params[] = {&p, &mine, &other};
    CUDA_KERNEL_NODE_PARAMS k{};
    k.func = hand;
    k.gridDimX = k.gridDimY = k.gridDimZ = k.blockDimX = k.blockDimY = k.blockDimZ = 1;
    k.kernelParams = params;
    CUgraphNode node = nullptr;
    REQUIRE(CU(cuGraphAddKernelNode_v2)(&node, g, &zero, 1, &k) == CUDA_SUCCESS);
  }
  gpu.run(gpu.instantiate(g));
}

TEST_CASE("an empty graph can be launched") {
  const GraphGpu gpu;
  gpu.run(gpu.instantiate(gpu.graph()));
}

TEST_CASE("every spelling of instantiation works and reports a cycle") {
  const GraphGpu gpu;
  const CUgraph g = gpu.graph();
  CUgraphNode a = nullptr, b = nullptr, bad = nullptr;
  REQUIRE(CU(cuGraphAddEmptyNode)(&a, g, nullptr, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphAddEmptyNode)(&b, g, &a, 1) == CUDA_SUCCESS);
  CUgraphExec e = nullptr;
  char log[16] = "x";
  CHECK(CU(cuGraphInstantiate)(&e, g, &bad, log, sizeof log) == CUDA_SUCCESS);
  CHECK(CU(cuGraphInstantiate_v2)(&e, g, nullptr, nullptr, 0) == CUDA_SUCCESS);
  CUDA_GRAPH_INSTANTIATE_PARAMS params{};
  params.flags = CUDA_GRAPH_INSTANTIATE_FLAG_UPLOAD | CUDA_GRAPH_INSTANTIATE_FLAG_USE_NODE_PRIORITY;
  params.hUploadStream = gpu.stream_;
  params.result_out = CUDA_GRAPH_INSTANTIATE_ERROR;
  REQUIRE(CU(cuGraphInstantiateWithParams)(&e, g, &params) == CUDA_SUCCESS);
  CHECK(params.result_out == CUDA_GRAPH_INSTANTIATE_SUCCESS);
  cuuint64_t flags = 0;
  CHECK(CU(cuGraphExecGetFlags)(e, &flags) == CUDA_SUCCESS);
  CHECK(flags == CUDA_GRAPH_INSTANTIATE_FLAG_USE_NODE_PRIORITY);  // the upload is not a property
  CHECK(CU(cuGraphInstantiateWithFlags)(&e, g, 0x100) == kInvalid);
  CHECK(CU(cuGraphInstantiateWithFlags)(&e, g, CUDA_GRAPH_INSTANTIATE_FLAG_UPLOAD) == kInvalid);
  CHECK(CU(cuGraphInstantiateWithFlags)(&e, g,
                                        CUDA_GRAPH_INSTANTIATE_FLAG_DEVICE_LAUNCH |
                                            CUDA_GRAPH_INSTANTIATE_FLAG_AUTO_FREE_ON_LAUNCH) ==
        kInvalid);
  CHECK(CU(cuGraphInstantiateWithFlags)(&e, g, CUDA_GRAPH_INSTANTIATE_FLAG_DEVICE_LAUNCH) ==
        CUDA_ERROR_NOT_SUPPORTED);

  REQUIRE(CU(cuGraphAddDependencies)(g, &b, &a, 1) == CUDA_SUCCESS);
  CHECK(CU(cuGraphInstantiate_v2)(&e, g, &bad, log, sizeof log) == kInvalid);
  CHECK((bad == a || bad == b));
  CHECK(CU(cuGraphInstantiateWithParams)(&e, g, &params) == kInvalid);
  CHECK(params.result_out == CUDA_GRAPH_INSTANTIATE_INVALID_STRUCTURE);
  CHECK((params.hErrNode_out == a || params.hErrNode_out == b));
}

TEST_CASE("an executable graph destroyed in flight finishes") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(4);
  const CUgraph g = gpu.graph();
  gpu.memset(g, p, 6, 1);
  const CUgraphExec e = gpu.instantiate(g);
  Gate gate;
  gate.put_on(gpu.stream_);
  REQUIRE(CU(cuGraphLaunch)(e, gpu.stream_) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphExecDestroy)(e) == CUDA_SUCCESS);
  CHECK(CU(cuGraphExecDestroy)(e) == kInvalid);
  CHECK(CU(cuGraphLaunch)(e, gpu.stream_) == kInvalid);
  gate.open();
  REQUIRE(CU(cuStreamSynchronize)(gpu.stream_) == CUDA_SUCCESS);
  CHECK(gpu.word(p) == 6);
}

TEST_CASE("a child graph runs in its place; the original may change") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(4);
  Words mix(p, 1, 1);
  const CUgraph child = gpu.graph();
  const CUgraphNode inner = gpu.kernel(child, gpu.mix, mix);
  gpu.kernel(child, gpu.mix, mix, {inner});
  const CUgraph g = gpu.graph();
  const CUgraphNode first = gpu.memset(g, p, 1, 1);
  CUgraphNode node = nullptr;
  REQUIRE(CU(cuGraphAddChildGraphNode)(&node, g, &first, 1, child) == CUDA_SUCCESS);
  gpu.kernel(g, gpu.mix, mix, {node});
  REQUIRE(CU(cuGraphDestroy)(child) == CUDA_SUCCESS);
  const CUgraphExec e = gpu.instantiate(g);
  gpu.run(e);
  CHECK(gpu.word(p) == 40);  // 1, 4, 13, 40
  CUgraph embedded = nullptr;
  REQUIRE(CU(cuGraphChildGraphNodeGetGraph)(node, &embedded) == CUDA_SUCCESS);
  CHECK(embedded != child);
  CHECK(CU(cuGraphDestroy)(embedded) == kInvalid);  // the node owns it
  size_t n = 0;
  CHECK(CU(cuGraphGetNodes)(embedded, nullptr, &n) == CUDA_SUCCESS);
  CHECK(n == 2);
  // New parameters for a node inside it, and for all of it.
  CUgraphNode inside[2];
  n = 2;
  REQUIRE(CU(cuGraphGetNodes)(embedded, inside, &n) == CUDA_SUCCESS);
  Words by5(p, 5, 1);
  const CUDA_KERNEL_NODE_PARAMS k = by5.node(gpu.mix);
  REQUIRE(CU(cuGraphExecKernelNodeSetParams_v2)(e, inside[1], &k) == CUDA_SUCCESS);
  gpu.run(e);
  CHECK(gpu.word(p) == 52);  // 1, 4, 17, 52
  REQUIRE(CU(cuGraphExecChildGraphNodeSetParams)(e, node, embedded) == CUDA_SUCCESS);
  gpu.run(e);
  CHECK(gpu.word(p) == 40);
  CHECK(CU(cuGraphExecChildGraphNodeSetParams)(e, node, g) == kInvalid);  // another shape
}

TEST_CASE("event nodes record and wait outside the graph") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(4);
  const CUstream other = gpu.stream(CU_STREAM_NON_BLOCKING);
  const CUevent recorded = gpu.event(), awaited = gpu.event();
  Gate gate;
  gate.put_on(other);
  REQUIRE(CU(cuMemsetD32Async)(p, 1, 1, other) == CUDA_SUCCESS);
  REQUIRE(CU(cuEventRecord)(awaited, other) == CUDA_SUCCESS);
  const CUgraph g = gpu.graph();
  CUgraphNode wait = nullptr, record = nullptr;
  REQUIRE(CU(cuGraphAddEventWaitNode)(&wait, g, nullptr, 0, awaited) == CUDA_SUCCESS);
  const CUgraphNode set = gpu.memset(g, p, 2, 1, {wait});
  REQUIRE(CU(cuGraphAddEventRecordNode)(&record, g, &set, 1, recorded) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphLaunch)(gpu.instantiate(g), gpu.stream_) == CUDA_SUCCESS);
  CHECK(CU(cuEventQuery)(recorded) == CUDA_ERROR_NOT_READY);
  gate.open();
  REQUIRE(CU(cuEventSynchronize)(recorded) == CUDA_SUCCESS);
  CHECK(gpu.word(p) == 2);
}

TEST_CASE("updates change later launches and not the one under way") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(8);
  Words w(p, 1, 1), w2(p, 2, 1);
  const CUgraph g = gpu.graph();
  const CUgraphNode node = gpu.kernel(g, gpu.fill, w);
  const CUgraphExec e = gpu.instantiate(g);
  Gate gate;
  gate.put_on(gpu.stream_);
  REQUIRE(CU(cuGraphLaunch)(e, gpu.stream_) == CUDA_SUCCESS);
  const CUDA_KERNEL_NODE_PARAMS k = w2.node(gpu.fill);
  REQUIRE(CU(cuGraphExecKernelNodeSetParams_v2)(e, node, &k) == CUDA_SUCCESS);
  gate.open();
  REQUIRE(CU(cuStreamSynchronize)(gpu.stream_) == CUDA_SUCCESS);
  CHECK(gpu.word(p) == 1);
  gpu.run(e);
  CHECK(gpu.word(p) == 2);
  gpu.run(gpu.instantiate(g));  // the graph's own node was not touched
  CHECK(gpu.word(p) == 1);
  REQUIRE(CU(cuGraphDestroyNode)(node) == CUDA_SUCCESS);
  CHECK(CU(cuGraphExecKernelNodeSetParams_v2)(e, node, &k) == kInvalid);  // removed
}

TEST_CASE("what an executable copy or fill may become") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(64), q = gpu.alloc(64);
  const CUgraph g = gpu.graph();
  const CUgraphNode m = gpu.memset(g, p, 1, 4);
  CUgraphNode c = nullptr;
  CUDA_MEMCPY3D copy = device_copy(q, p, 16);
  REQUIRE(CU(cuGraphAddMemcpyNode)(&c, g, &m, 1, &copy, gpu.context) == CUDA_SUCCESS);
  const CUgraphExec e = gpu.instantiate(g);
  CUDA_MEMSET_NODE_PARAMS fill = word_fill(p + 4, 7, 4);
  CHECK(CU(cuGraphExecMemsetNodeSetParams)(e, m, &fill, gpu.context) == CUDA_SUCCESS);
  copy = device_copy(q + 16, p + 4, 16);
  CHECK(CU(cuGraphExecMemcpyNodeSetParams)(e, c, &copy, gpu.context) == CUDA_SUCCESS);
  gpu.run(e);
  CHECK(gpu.word(q + 16) == 7);
  fill.height = 2;
  fill.pitch = 16;
  CHECK(CU(cuGraphExecMemsetNodeSetParams)(e, m, &fill, gpu.context) == kInvalid);
  fill = word_fill(p, 7, 0);
  CHECK(CU(cuGraphExecMemsetNodeSetParams)(e, m, &fill, gpu.context) == kInvalid);
  copy.Height = 2;
  copy.WidthInBytes = 8;
  CHECK(CU(cuGraphExecMemcpyNodeSetParams)(e, c, &copy, gpu.context) == kInvalid);
  uint32_t host[4];
  copy = device_copy(q, p, 16);
  copy.dstMemoryType = CU_MEMORYTYPE_HOST;
  copy.dstHost = host;
  CHECK(CU(cuGraphExecMemcpyNodeSetParams)(e, c, &copy, gpu.context) == kInvalid);
}

TEST_CASE("cuGraphExecUpdate takes a graph of the same shape and says what differs") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(64);
  Words a(p, 1, 4), b(p, 2, 4);
  const auto build = [&](uint32_t start, Words& w) {
    const CUgraph g = gpu.graph();
    gpu.kernel(g, gpu.mix, w, {gpu.memset(g, p, start, 4)});
    return g;
  };
  const CUgraph g = build(1, a);
  const CUgraphExec e = gpu.instantiate(g);
  gpu.run(e);
  CHECK(gpu.word(p) == 4);
  CUgraphExecUpdateResultInfo info{};
  REQUIRE(CU(cuGraphExecUpdate_v2)(e, build(2, b), &info) == CUDA_SUCCESS);
  CHECK(info.result == CU_GRAPH_EXEC_UPDATE_SUCCESS);
  gpu.run(e);
  CHECK(gpu.word(p) == 8);

  CUgraph wrong = build(3, a);
  const CUgraphNode extra = gpu.memset(wrong, p, 0, 1);
  CHECK(CU(cuGraphExecUpdate_v2)(e, wrong, &info) == CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE);
  CHECK(info.result == CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED);
  CHECK(info.errorNode == nullptr);  // the number of nodes
  REQUIRE(CU(cuGraphDestroyNode)(extra) == CUDA_SUCCESS);

  wrong = gpu.graph();  // the same nodes, no edge: two exits
  gpu.memset(wrong, p, 3, 4);
  gpu.kernel(wrong, gpu.mix, a);
  CHECK(CU(cuGraphExecUpdate_v2)(e, wrong, &info) == CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE);
  CHECK(info.result == CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED);
  CHECK(info.errorNode != nullptr);

  wrong = gpu.graph();  // the other way round
  const CUgraphNode k = gpu.kernel(wrong, gpu.mix, a);
  gpu.memset(wrong, p, 3, 4, {k});
  CUgraphNode error = nullptr;
  CUgraphExecUpdateResult result{};
  CHECK(CU(cuGraphExecUpdate)(e, wrong, &error, &result) == CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE);
  CHECK(result == CU_GRAPH_EXEC_UPDATE_ERROR_NODE_TYPE_CHANGED);
  CHECK(error != nullptr);

  wrong = build(3, a);  // an attribute that may not change
  CUgraphNode nodes[2];
  size_t n = 2;
  REQUIRE(CU(cuGraphGetNodes)(wrong, nodes, &n) == CUDA_SUCCESS);
  CUlaunchAttributeValue v{};
  v.cooperative = 1;
  REQUIRE(CU(cuGraphKernelNodeSetAttribute)(nodes[1], CU_LAUNCH_ATTRIBUTE_COOPERATIVE, &v) ==
          CUDA_SUCCESS);
  CHECK(CU(cuGraphExecUpdate_v2)(e, wrong, &info) == CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE);
  CHECK(info.result == CU_GRAPH_EXEC_UPDATE_ERROR_ATTRIBUTES_CHANGED);
  CHECK(info.errorNode == nodes[1]);

  gpu.run(e);  // no refused update left anything behind
  CHECK(gpu.word(p) == 8);
  CHECK(CU(cuGraphExecUpdate_v2)(e, nullptr, &info) == kInvalid);
  CHECK(info.result == CU_GRAPH_EXEC_UPDATE_ERROR);
}

TEST_CASE("a disabled node does nothing until it is enabled again") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(4);
  Words mix(p, 1, 1);
  const CUgraph g = gpu.graph();
  const CUgraphNode set = gpu.memset(g, p, 2, 1), k = gpu.kernel(g, gpu.mix, mix, {set});
  CUgraphNode none = nullptr;
  REQUIRE(CU(cuGraphAddEmptyNode)(&none, g, &k, 1) == CUDA_SUCCESS);
  const CUgraphExec e = gpu.instantiate(g);
  unsigned enabled = 9;
  REQUIRE(CU(cuGraphNodeSetEnabled)(e, k, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphNodeGetEnabled)(e, k, &enabled) == CUDA_SUCCESS);
  CHECK(enabled == 0);
  gpu.run(e);
  CHECK(gpu.word(p) == 2);
  REQUIRE(CU(cuGraphNodeSetEnabled)(e, k, 1) == CUDA_SUCCESS);
  gpu.run(e);
  CHECK(gpu.word(p) == 7);
  CHECK(CU(cuGraphNodeSetEnabled)(e, none, 0) == kInvalid);  // not for empty nodes
}

TEST_CASE("batch nodes wait for and write words") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(8);
  REQUIRE(CU(cuMemsetD32_v2)(p, 0, 2) == CUDA_SUCCESS);
  REQUIRE(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
  CUstreamBatchMemOpParams ops[2] = {};
  ops[0].waitValue.operation = CU_STREAM_MEM_OP_WAIT_VALUE_32;
  ops[0].waitValue.address = p;
  ops[0].waitValue.value = 1;
  ops[0].waitValue.flags = CU_STREAM_WAIT_VALUE_EQ;
  ops[1].writeValue.operation = CU_STREAM_MEM_OP_WRITE_VALUE_32;
  ops[1].writeValue.address = p + 4;
  ops[1].writeValue.value = 8;
  CUDA_BATCH_MEM_OP_NODE_PARAMS params{gpu.context, 2, ops, 0}, back{};
  const CUgraph g = gpu.graph();
  CUgraphNode node = nullptr;
  REQUIRE(CU(cuGraphAddBatchMemOpNode)(&node, g, nullptr, 0, &params) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphBatchMemOpNodeGetParams)(node, &back) == CUDA_SUCCESS);
  CHECK(back.count == 2);
  REQUIRE(CU(cuGraphLaunch)(gpu.instantiate(g), gpu.stream_) == CUDA_SUCCESS);
  const CUstream other = gpu.stream(CU_STREAM_NON_BLOCKING);
  CHECK(CU(cuStreamQuery)(gpu.stream_) == CUDA_ERROR_NOT_READY);
  REQUIRE(CU(cuStreamWriteValue32_v2)(other, p, 1, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamSynchronize)(gpu.stream_) == CUDA_SUCCESS);
  CHECK(gpu.word(p + 4) == 8);
  params.count = 0;
  CHECK(CU(cuGraphAddBatchMemOpNode)(&node, g, nullptr, 0, &params) == kInvalid);
}

TEST_CASE("a graph whose module or memory is gone fails in the launch, not in the process") {
  GraphGpu gpu;
  CUmodule module = nullptr;
  CUfunction f = nullptr;
  REQUIRE(CU(cuModuleLoadData)(&module, ptx::kFill.c_str()) == CUDA_SUCCESS);
  REQUIRE(CU(cuModuleGetFunction)(&f, module, "fill") == CUDA_SUCCESS);
  const CUdeviceptr p = gpu.alloc(4);
  Words w(p, 1, 1);
  const CUgraph g = gpu.graph();
  gpu.kernel(g, f, w);
  const CUgraphExec e = gpu.instantiate(g);
  REQUIRE(CU(cuModuleUnload)(module) == CUDA_SUCCESS);
  CHECK(CU(cuGraphLaunch)(e, gpu.stream_) == CUDA_ERROR_INVALID_HANDLE);
  const CUgraph g2 = gpu.graph();
  gpu.memset(g2, p, 1, 1);
  const CUgraphExec e2 = gpu.instantiate(g2);
  REQUIRE(CU(cuMemFree_v2)(p) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphLaunch)(e2, gpu.stream_) == CUDA_SUCCESS);
  CHECK(CU(cuStreamSynchronize)(gpu.stream_) == CUDA_ERROR_ILLEGAL_ADDRESS);
}

TEST_CASE("threads that build, launch and destroy graphs at the same time") {
  const GraphGpu gpu;
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < 6; ++t)
    threads.emplace_back([&, t] {
      CU(cuCtxSetCurrent)(gpu.context);
      CUstream s = nullptr;
      CUdeviceptr p = 0;
      if (CU(cuStreamCreate)(&s, CU_STREAM_NON_BLOCKING) != CUDA_SUCCESS) ++wrong;
      if (CU(cuMemAlloc_v2)(&p, 4) != CUDA_SUCCESS) ++wrong;
      for (uint32_t i = 0; i < 20; ++i) {
        CUgraph g = nullptr;
        CUgraphNode a = nullptr;
        CUgraphExec e = nullptr;
        const CUDA_MEMSET_NODE_PARAMS m = word_fill(p, t * 100 + i, 1);
        CU(cuGraphCreate)(&g, 0);
        CU(cuGraphAddMemsetNode)(&a, g, nullptr, 0, &m, gpu.context);
        CU(cuGraphInstantiateWithFlags)(&e, g, 0);
        uint32_t back = 0;
        if (CU(cuGraphLaunch)(e, s) != CUDA_SUCCESS) ++wrong;
        CU(cuMemcpyDtoHAsync_v2)(&back, p, 4, s);
        if (CU(cuStreamSynchronize)(s) != CUDA_SUCCESS || back != t * 100 + i) ++wrong;
        CU(cuGraphExecDestroy)(e);
        CU(cuGraphDestroy)(g);
      }
    });
  for (auto& t : threads) t.join();
  CHECK(wrong == 0);
}
