// SPDX-License-Identifier: MIT
// Allocation and free nodes, user objects.
#include <future>

#include "softgpu/graph_fixture.hpp"

namespace {

constexpr auto kInvalid = CUDA_ERROR_INVALID_VALUE;

CUDA_MEM_ALLOC_NODE_PARAMS wanted(size_t bytes) {
  CUDA_MEM_ALLOC_NODE_PARAMS p{};
  p.poolProps.allocType = CU_MEM_ALLOCATION_TYPE_PINNED;
  p.poolProps.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
  p.bytesize = bytes;
  return p;
}

struct Allocating {
  CUgraph graph = nullptr;
  CUgraphNode alloc = nullptr;
  CUdeviceptr p = 0;
  explicit Allocating(const GraphGpu& gpu, size_t bytes = 64) : graph(gpu.graph()) {
    auto params = wanted(bytes);
    REQUIRE(CU(cuGraphAddMemAllocNode)(&alloc, graph, nullptr, 0, &params) == CUDA_SUCCESS);
    REQUIRE(params.dptr != 0);
    p = params.dptr;
  }
};

}  // namespace

TEST_CASE("memory allocated and freed in a graph holds values between the two nodes") {
  const GraphGpu gpu;
  const CUdeviceptr result = gpu.alloc(4);
  const Allocating a(gpu);
  Words mix(a.p, 1, 1);
  const CUgraphNode k =
      gpu.kernel(a.graph, gpu.mix, mix, {gpu.memset(a.graph, a.p, 2, 1, {a.alloc})});
  CUgraphNode copy = nullptr, free = nullptr;
  const CUDA_MEMCPY3D c = device_copy(result, a.p, 4);
  REQUIRE(CU(cuGraphAddMemcpyNode)(&copy, a.graph, &k, 1, &c, gpu.context) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphAddMemFreeNode)(&free, a.graph, &copy, 1, a.p) == CUDA_SUCCESS);
  CUdeviceptr back = 0;
  CHECK(CU(cuGraphMemFreeNodeGetParams)(free, &back) == CUDA_SUCCESS);
  CHECK(back == a.p);
  CUDA_MEM_ALLOC_NODE_PARAMS params{};
  CHECK(CU(cuGraphMemAllocNodeGetParams)(a.alloc, &params) == CUDA_SUCCESS);
  CHECK((params.dptr == a.p && params.bytesize == 64));
  const CUgraphExec e = gpu.instantiate(a.graph);
  for (int i = 0; i < 3; ++i) {
    gpu.run(e);
    CHECK(gpu.word(result) == 7);
  }
  // Between launches there is nothing.
  CHECK(CU(cuMemFree_v2)(a.p) == kInvalid);
  REQUIRE(mix.launch(gpu.fill, gpu.stream_) == CUDA_SUCCESS);
  CHECK(CU(cuStreamSynchronize)(gpu.stream_) == CUDA_ERROR_ILLEGAL_ADDRESS);
}

TEST_CASE("memory that its graph does not free lives until somebody does") {
  const GraphGpu gpu;
  const Allocating a(gpu);
  gpu.memset(a.graph, a.p, 3, 1, {a.alloc});
  const CUgraphExec e = gpu.instantiate(a.graph);
  CHECK(CU(cuMemFreeAsync)(a.p, gpu.stream_) == kInvalid);  // not allocated yet
  gpu.run(e);
  CHECK(gpu.word(a.p) == 3);
  CHECK(CU(cuGraphLaunch)(e, gpu.stream_) == kInvalid);  // still allocated
  REQUIRE(CU(cuMemFreeAsync)(a.p, gpu.stream_) == CUDA_SUCCESS);
  CHECK(CU(cuMemFreeAsync)(a.p, gpu.stream_) == kInvalid);
  gpu.run(e);
  REQUIRE(CU(cuMemFree_v2)(a.p) == CUDA_SUCCESS);
  CHECK(CU(cuMemFree_v2)(a.p) == kInvalid);
  gpu.run(e);
  // It outlives graph and executable graph.
  REQUIRE(CU(cuGraphDestroy)(a.graph) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphExecDestroy)(e) == CUDA_SUCCESS);
  CHECK(gpu.word(a.p) == 3);
  CHECK(CU(cuMemFree_v2)(a.p) == CUDA_SUCCESS);
}

TEST_CASE("automatic free: each launch frees what the last one left") {
  const GraphGpu gpu;
  const Allocating a(gpu);
  gpu.memset(a.graph, a.p, 3, 1, {a.alloc});
  const CUgraphExec e = gpu.instantiate(a.graph, CUDA_GRAPH_INSTANTIATE_FLAG_AUTO_FREE_ON_LAUNCH);
  for (int i = 0; i < 3; ++i) gpu.run(e);
  CHECK(gpu.word(a.p) == 3);
}

TEST_CASE("another graph may free an allocation") {
  const GraphGpu gpu;
  const Allocating a(gpu);
  const CUgraph freeing = gpu.graph();
  CUgraphNode node = nullptr;
  REQUIRE(CU(cuGraphAddMemFreeNode)(&node, freeing, nullptr, 0, a.p) == CUDA_SUCCESS);
  CHECK(CU(cuGraphAddMemFreeNode)(&node, a.graph, &a.alloc, 1, a.p) == kInvalid);  // no longer
  const CUgraphExec allocate = gpu.instantiate(a.graph), free = gpu.instantiate(freeing);
  CHECK(CU(cuGraphLaunch)(free, gpu.stream_) == kInvalid);
  for (int i = 0; i < 2; ++i) {
    gpu.run(allocate);
    gpu.run(free);
  }
  CHECK(CU(cuGraphLaunch)(free, gpu.stream_) == kInvalid);
}

TEST_CASE("what graphs with memory nodes may not do") {
  const GraphGpu gpu;
  const CUdeviceptr ordinary = gpu.alloc(64);
  const Allocating a(gpu);
  CUgraphNode node = nullptr, free = nullptr;
  REQUIRE(CU(cuGraphAddMemFreeNode)(&free, a.graph, &a.alloc, 1, a.p) == CUDA_SUCCESS);
  CHECK(CU(cuGraphAddMemFreeNode)(&node, a.graph, &a.alloc, 1, a.p) == kInvalid);  // twice
  CHECK(CU(cuGraphAddMemFreeNode)(&node, a.graph, nullptr, 0, ordinary) == kInvalid);
  CHECK(CU(cuGraphAddMemFreeNode)(&node, a.graph, nullptr, 0, 0x1234) == kInvalid);
  CHECK(CU(cuGraphDestroyNode)(free) == kInvalid);
  CHECK(CU(cuGraphRemoveDependencies)(a.graph, &a.alloc, &free, 1) == kInvalid);
  CUgraph clone = nullptr;
  CHECK(CU(cuGraphClone)(&clone, a.graph) == CUDA_ERROR_NOT_SUPPORTED);
  const CUgraph parent = gpu.graph();
  CHECK(CU(cuGraphAddChildGraphNode)(&node, parent, nullptr, 0, a.graph) == kInvalid);
  const CUgraphExec e = gpu.instantiate(a.graph);
  CUgraphExec second = nullptr;
  CHECK(CU(cuGraphInstantiateWithFlags)(&second, a.graph, 0) == kInvalid);
  REQUIRE(CU(cuGraphExecDestroy)(e) == CUDA_SUCCESS);
  CHECK(CU(cuGraphInstantiateWithFlags)(&second, a.graph, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphExecDestroy)(second) == CUDA_SUCCESS);

  // Moved into a parent it may be a child; then it is no graph of its own any more.
  CUgraphNodeParams params{};
  params.type = CU_GRAPH_NODE_TYPE_GRAPH;
  params.graph = {a.graph, CU_GRAPH_CHILD_GRAPH_OWNERSHIP_MOVE};
  REQUIRE(CU(cuGraphAddNode_v2)(&node, parent, nullptr, nullptr, 0, &params) == CUDA_SUCCESS);
  CHECK(CU(cuGraphDestroy)(a.graph) == kInvalid);
  CHECK(CU(cuGraphInstantiateWithFlags)(&second, a.graph, 0) == kInvalid);
  gpu.run(gpu.instantiate(parent));

  // Nor into a graph inside itself.
  const CUgraph outer = gpu.graph(), inner = gpu.graph();
  REQUIRE(CU(cuGraphAddChildGraphNode)(&node, outer, nullptr, 0, inner) == CUDA_SUCCESS);
  CUgraph embedded = nullptr;
  REQUIRE(CU(cuGraphChildGraphNodeGetGraph)(node, &embedded) == CUDA_SUCCESS);
  params.graph = {outer, CU_GRAPH_CHILD_GRAPH_OWNERSHIP_MOVE};
  CHECK(CU(cuGraphAddNode_v2)(&node, embedded, nullptr, nullptr, 0, &params) == kInvalid);

  auto none = wanted(0);
  CHECK(CU(cuGraphAddMemAllocNode)(&node, parent, nullptr, 0, &none) == kInvalid);
  auto host = wanted(16);
  host.poolProps.location.type = CU_MEM_LOCATION_TYPE_HOST;
  CHECK(CU(cuGraphAddMemAllocNode)(&node, parent, nullptr, 0, &host) == CUDA_ERROR_NOT_SUPPORTED);
}

TEST_CASE("graph memory is accounted and given back") {
  const GraphGpu gpu;
  const auto ask = [](CUgraphMem_attribute a) {
    cuuint64_t v = ~0ull;
    REQUIRE(CU(cuDeviceGetGraphMemAttribute)(0, a, &v) == CUDA_SUCCESS);
    return v;
  };
  const auto reserved = ask(CU_GRAPH_MEM_ATTR_RESERVED_MEM_CURRENT);
  const auto used = ask(CU_GRAPH_MEM_ATTR_USED_MEM_CURRENT);
  size_t before = 0, after = 0, total = 0;
  REQUIRE(CU(cuMemGetInfo_v2)(&before, &total) == CUDA_SUCCESS);
  {
    const Allocating a(gpu, 1 << 20);
    CHECK(ask(CU_GRAPH_MEM_ATTR_RESERVED_MEM_CURRENT) == reserved + (1 << 20));
    const CUgraphExec e = gpu.instantiate(a.graph);
    gpu.run(e);
    CHECK(ask(CU_GRAPH_MEM_ATTR_USED_MEM_CURRENT) == used + (1 << 20));
    REQUIRE(CU(cuMemFree_v2)(a.p) == CUDA_SUCCESS);
    REQUIRE(CU(cuGraphExecDestroy)(e) == CUDA_SUCCESS);
    REQUIRE(CU(cuGraphDestroy)(a.graph) == CUDA_SUCCESS);
  }
  CHECK(ask(CU_GRAPH_MEM_ATTR_USED_MEM_CURRENT) == used);
  CHECK(ask(CU_GRAPH_MEM_ATTR_RESERVED_MEM_CURRENT) == reserved);
  REQUIRE(CU(cuMemGetInfo_v2)(&after, &total) == CUDA_SUCCESS);
  CHECK(after == before);
  CHECK(CU(cuDeviceGraphMemTrim)(0) == CUDA_SUCCESS);
  CHECK(CU(cuDeviceGraphMemTrim)(1) == CUDA_ERROR_INVALID_DEVICE);
  cuuint64_t one = 1;
  CHECK(CU(cuDeviceSetGraphMemAttribute)(0, CU_GRAPH_MEM_ATTR_USED_MEM_HIGH, &one) == kInvalid);
}

TEST_CASE("user objects live as long as graphs and executable graphs that hold them") {
  const GraphGpu gpu;
  std::promise<void> gone;
  const CUhostFn destroy = [](void* data) { static_cast<std::promise<void>*>(data)->set_value(); };
  CUuserObject object = nullptr;
  CHECK(CU(cuUserObjectCreate)(&object, &gone, destroy, 1, 0) == kInvalid);  // the flag is required
  REQUIRE(CU(cuUserObjectCreate)(&object, &gone, destroy, 1, CU_USER_OBJECT_NO_DESTRUCTOR_SYNC) ==
          CUDA_SUCCESS);
  const CUgraph g = gpu.graph();
  REQUIRE(CU(cuGraphRetainUserObject)(g, object, 1, CU_GRAPH_USER_OBJECT_MOVE) == CUDA_SUCCESS);
  const CUgraphExec e = gpu.instantiate(g);
  REQUIRE(CU(cuGraphDestroy)(g) == CUDA_SUCCESS);
  REQUIRE(CU(cuUserObjectRetain)(object, 2) == CUDA_SUCCESS);  // alive: the executable graph has it
  REQUIRE(CU(cuUserObjectRelease)(object, 2) == CUDA_SUCCESS);
  auto future = gone.get_future();
  REQUIRE(CU(cuGraphExecDestroy)(e) == CUDA_SUCCESS);
  future.get();
  CHECK(CU(cuUserObjectRetain)(object, 1) == kInvalid);
}
