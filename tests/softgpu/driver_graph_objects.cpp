// SPDX-License-Identifier: MIT
// Graphs as objects: nodes, edges, parameters, clones, what is refused.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include "softgpu/graph_fixture.hpp"

namespace {

constexpr auto kInvalid = CUDA_ERROR_INVALID_VALUE;

CUgraphNode empty(CUgraph g, const std::vector<CUgraphNode>& after = {}) {
  CUgraphNode node = nullptr;
  REQUIRE(CU(cuGraphAddEmptyNode)(&node, g, after.data(), after.size()) == CUDA_SUCCESS);
  return node;
}

}  // namespace

TEST_CASE("nodes and edges come back in the order in which they were added") {
  const GraphGpu gpu;
  const CUgraph g = gpu.graph();
  const CUgraphNode a = empty(g), b = empty(g, {a}), c = empty(g, {a}), d = empty(g, {b, c});
  size_t n = 0;
  REQUIRE(CU(cuGraphGetNodes)(g, nullptr, &n) == CUDA_SUCCESS);
  CHECK(n == 4);
  std::vector<CUgraphNode> nodes(6, a);
  n = 6;
  REQUIRE(CU(cuGraphGetNodes)(g, nodes.data(), &n) == CUDA_SUCCESS);
  CHECK(n == 4);
  CHECK(nodes == std::vector<CUgraphNode>{a, b, c, d, nullptr, nullptr});
  n = 2;
  CHECK(CU(cuGraphGetRootNodes)(g, nodes.data(), &n) == CUDA_SUCCESS);
  CHECK(n == 1);
  CHECK(nodes[0] == a);
  CHECK(nodes[1] == nullptr);

  std::vector<CUgraphNode> from(4), to(4);
  n = 4;
  REQUIRE(CU(cuGraphGetEdges)(g, from.data(), to.data(), &n) == CUDA_SUCCESS);
  CHECK(n == 4);
  CHECK(from == std::vector<CUgraphNode>{a, a, b, c});
  CHECK(to == std::vector<CUgraphNode>{b, c, d, d});
  n = 2;
  REQUIRE(CU(cuGraphNodeGetDependencies)(d, from.data(), &n) == CUDA_SUCCESS);
  CHECK((from[0] == b && from[1] == c));
  REQUIRE(CU(cuGraphNodeGetDependentNodes)(a, from.data(), &n) == CUDA_SUCCESS);
  CHECK((from[0] == b && from[1] == c));
}

TEST_CASE("dependencies are added and removed, all or none") {
  const GraphGpu gpu;
  const CUgraph g = gpu.graph(), other = gpu.graph();
  const CUgraphNode a = empty(g), b = empty(g), c = empty(g), foreign = empty(other);
  const CUgraphNode from[] = {a, b}, to[] = {b, c};
  CHECK(CU(cuGraphAddDependencies)(g, from, to, 2) == CUDA_SUCCESS);
  CHECK(CU(cuGraphAddDependencies)(g, from, to, 1) == kInvalid);  // there already
  const CUgraphNode twice_from[] = {a, a}, twice_to[] = {c, b};
  CHECK(CU(cuGraphAddDependencies)(g, twice_from, twice_to, 2) == kInvalid);
  size_t n = 0;
  CHECK(CU(cuGraphNodeGetDependencies)(c, nullptr, &n) == CUDA_SUCCESS);
  CHECK(n == 1);  // a -> c was taken back
  CHECK(CU(cuGraphAddDependencies)(g, &a, &foreign, 1) == kInvalid);
  CHECK(CU(cuGraphAddDependencies)(g, &a, &a, 1) == kInvalid);
  CHECK(CU(cuGraphAddDependencies)(g, nullptr, nullptr, 0) == CUDA_SUCCESS);
  CHECK(CU(cuGraphRemoveDependencies)(g, from, to, 2) == CUDA_SUCCESS);
  CHECK(CU(cuGraphRemoveDependencies)(g, from, to, 1) == kInvalid);
  n = 9;
  CHECK(CU(cuGraphGetEdges)(g, nullptr, nullptr, &n) == CUDA_SUCCESS);
  CHECK(n == 0);
}

TEST_CASE("edge data: between kernels only, and never lost silently") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(64);
  Words w(p, 1, 4);
  const CUgraph g = gpu.graph();
  const CUgraphNode a = gpu.kernel(g, gpu.mix, w), b = gpu.kernel(g, gpu.mix, w), e = empty(g);
  CUgraphEdgeData data{};
  data.from_port = CU_GRAPH_KERNEL_NODE_PORT_PROGRAMMATIC;
  data.type = CU_GRAPH_DEPENDENCY_TYPE_PROGRAMMATIC;
  CHECK(CU(cuGraphAddDependencies_v2)(g, &e, &b, &data, 1) == kInvalid);
  CHECK(CU(cuGraphAddDependencies_v2)(g, &a, &e, &data, 1) == kInvalid);
  REQUIRE(CU(cuGraphAddDependencies_v2)(g, &a, &b, &data, 1) == CUDA_SUCCESS);
  CUgraphNode x = nullptr, y = nullptr;
  size_t n = 1;
  CHECK(CU(cuGraphGetEdges)(g, &x, &y, &n) == CUDA_ERROR_LOSSY_QUERY);
  CHECK(CU(cuGraphNodeGetDependencies)(b, &x, &n) == CUDA_ERROR_LOSSY_QUERY);
  CUgraphEdgeData back{};
  n = 1;
  REQUIRE(CU(cuGraphNodeGetDependencies_v2)(b, &x, &back, &n) == CUDA_SUCCESS);
  CHECK(x == a);
  CHECK(std::memcmp(&back, &data, sizeof data) == 0);
  CHECK(CU(cuGraphNodeGetDependencies_v2)(b, nullptr, &back, &n) == kInvalid);
  CHECK(CU(cuGraphRemoveDependencies)(g, &a, &b, 1) == kInvalid);  // no such edge without data
  CHECK(CU(cuGraphRemoveDependencies_v2)(g, &a, &b, &data, 1) == CUDA_SUCCESS);
  data.to_port = 1;
  CHECK(CU(cuGraphAddDependencies_v2)(g, &a, &b, &data, 1) == kInvalid);
}

TEST_CASE("kernel node parameters come back as they were given, by pointers or as a buffer") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(64);
  const CUgraph g = gpu.graph();
  CUgraphNode node = nullptr;
  {
    Words w(p, 7, 4);
    node = gpu.kernel(g, gpu.fill, w);
  }  // the values were copied
  CUDA_KERNEL_NODE_PARAMS k{};
  REQUIRE(CU(cuGraphKernelNodeGetParams_v2)(node, &k) == CUDA_SUCCESS);
  CHECK(k.func == gpu.fill);
  CHECK(k.blockDimX == 4);
  REQUIRE(k.kernelParams);
  CHECK(k.extra == nullptr);
  CHECK(*static_cast<CUdeviceptr*>(k.kernelParams[0]) == p);
  CHECK(*static_cast<uint32_t*>(k.kernelParams[1]) == 7);

  struct {
    CUdeviceptr p;
    uint32_t value, n;
  } buffer{p, 8, 4};
  size_t size = sizeof buffer;
  void* extra[] = {CU_LAUNCH_PARAM_BUFFER_POINTER, &buffer, CU_LAUNCH_PARAM_BUFFER_SIZE, &size,
                   CU_LAUNCH_PARAM_END};
  CUDA_KERNEL_NODE_PARAMS_v1 v1{gpu.fill, 1, 1, 1, 4, 1, 1, 0, nullptr, extra};
  REQUIRE(CU(cuGraphKernelNodeSetParams)(node, &v1) == CUDA_SUCCESS);
  CUDA_KERNEL_NODE_PARAMS_v1 out{};
  REQUIRE(CU(cuGraphKernelNodeGetParams)(node, &out) == CUDA_SUCCESS);
  CHECK(out.kernelParams == nullptr);
  REQUIRE(out.extra);
  CHECK(out.extra[0] == CU_LAUNCH_PARAM_BUFFER_POINTER);
  CHECK(std::memcmp(out.extra[1], &buffer, sizeof buffer) == 0);
  gpu.run(gpu.instantiate(g));
  CHECK(gpu.word(p) == 8);

  v1.kernelParams = extra;  // both
  CHECK(CU(cuGraphKernelNodeSetParams)(node, &v1) == kInvalid);
  v1 = {gpu.fill, 0, 1, 1, 4, 1, 1, 0, nullptr, extra};
  CHECK(CU(cuGraphKernelNodeSetParams)(node, &v1) == kInvalid);
}

TEST_CASE("parameters of copy, fill, host and event nodes are kept and replaced") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(64), q = gpu.alloc(64);
  const CUgraph g = gpu.graph();
  CUgraphNode node = nullptr;
  CUDA_MEMCPY3D c = device_copy(q, p, 16), c2{};
  REQUIRE(CU(cuGraphAddMemcpyNode)(&node, g, nullptr, 0, &c, gpu.context) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphMemcpyNodeGetParams)(node, &c2) == CUDA_SUCCESS);
  CHECK((c2.dstDevice == q && c2.srcDevice == p && c2.WidthInBytes == 16));
  c.WidthInBytes = 65;  // past the end
  CHECK(CU(cuGraphMemcpyNodeSetParams)(node, &c) == kInvalid);
  c.WidthInBytes = 64;
  CHECK(CU(cuGraphMemcpyNodeSetParams)(node, &c) == CUDA_SUCCESS);
  CHECK(CU(cuGraphAddMemcpyNode)(&node, g, nullptr, 0, &c, reinterpret_cast<CUcontext>(0x99)) ==
        CUDA_ERROR_INVALID_CONTEXT);

  const CUgraphNode m = gpu.memset(g, p, 5, 4);
  CUDA_MEMSET_NODE_PARAMS f{};
  REQUIRE(CU(cuGraphMemsetNodeGetParams)(m, &f) == CUDA_SUCCESS);
  CHECK((f.dst == p && f.value == 5 && f.elementSize == 4 && f.width == 4 && f.height == 1));
  f.elementSize = 3;
  CHECK(CU(cuGraphMemsetNodeSetParams)(m, &f) == kInvalid);

  const CUDA_HOST_NODE_PARAMS h{[](void*) {}, &f};
  CUDA_HOST_NODE_PARAMS h2{};
  REQUIRE(CU(cuGraphAddHostNode)(&node, g, nullptr, 0, &h) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphHostNodeGetParams)(node, &h2) == CUDA_SUCCESS);
  CHECK((h2.fn == h.fn && h2.userData == &f));
  CHECK(CU(cuGraphKernelNodeGetParams_v2)(node, nullptr) == kInvalid);  // another kind

  const CUevent e = gpu.event(), e2 = gpu.event();
  CUevent back = nullptr;
  REQUIRE(CU(cuGraphAddEventRecordNode)(&node, g, nullptr, 0, e) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphEventRecordNodeSetEvent)(node, e2) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphEventRecordNodeGetEvent)(node, &back) == CUDA_SUCCESS);
  CHECK(back == e2);
  CHECK(CU(cuGraphEventWaitNodeGetEvent)(node, &back) == kInvalid);
}

TEST_CASE("node types, kernel attributes") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(64);
  Words w(p, 1, 4);
  const CUgraph g = gpu.graph();
  const CUgraphNode k = gpu.kernel(g, gpu.fill, w), k2 = gpu.kernel(g, gpu.fill, w), e = empty(g);
  CUgraphNodeType type{};
  REQUIRE(CU(cuGraphNodeGetType)(k, &type) == CUDA_SUCCESS);
  CHECK(type == CU_GRAPH_NODE_TYPE_KERNEL);
  REQUIRE(CU(cuGraphNodeGetType)(e, &type) == CUDA_SUCCESS);
  CHECK(type == CU_GRAPH_NODE_TYPE_EMPTY);
  CUlaunchAttributeValue v{};
  v.priority = -3;
  REQUIRE(CU(cuGraphKernelNodeSetAttribute)(k, CU_LAUNCH_ATTRIBUTE_PRIORITY, &v) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphKernelNodeCopyAttributes)(k2, k) == CUDA_SUCCESS);
  v = {};
  REQUIRE(CU(cuGraphKernelNodeGetAttribute)(k2, CU_LAUNCH_ATTRIBUTE_PRIORITY, &v) == CUDA_SUCCESS);
  CHECK(v.priority == -3);
  CHECK(CU(cuGraphKernelNodeGetAttribute)(e, CU_LAUNCH_ATTRIBUTE_PRIORITY, &v) == kInvalid);
  CHECK(CU(cuGraphKernelNodeCopyAttributes)(e, k) == kInvalid);
}

TEST_CASE("a clone is independent, and its nodes are found by the originals") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(64);
  const CUgraph g = gpu.graph();
  const CUgraphNode a = gpu.memset(g, p, 1, 4);
  CUgraph clone = nullptr;
  REQUIRE(CU(cuGraphClone)(&clone, g) == CUDA_SUCCESS);
  CUgraphNode found = nullptr;
  REQUIRE(CU(cuGraphNodeFindInClone)(&found, a, clone) == CUDA_SUCCESS);
  CHECK(found != a);
  CUDA_MEMSET_NODE_PARAMS m = word_fill(p, 2, 4);
  REQUIRE(CU(cuGraphMemsetNodeSetParams)(found, &m) == CUDA_SUCCESS);
  gpu.run(gpu.instantiate(g));
  CHECK(gpu.word(p) == 1);
  gpu.run(gpu.instantiate(clone));
  CHECK(gpu.word(p) == 2);
  CHECK(CU(cuGraphNodeFindInClone)(&found, a, g) == kInvalid);
  REQUIRE(CU(cuGraphDestroyNode)(found) == CUDA_SUCCESS);
  CHECK(CU(cuGraphNodeFindInClone)(&found, a, clone) == kInvalid);
}

TEST_CASE("dead, foreign and missing handles are answered and not followed") {
  const GraphGpu gpu;
  const CUgraph g = gpu.graph();
  const CUgraphNode a = empty(g);
  CUgraphNode out = nullptr;
  CHECK(CU(cuGraphCreate)(nullptr, 0) == kInvalid);
  CUgraph other = nullptr;
  CHECK(CU(cuGraphCreate)(&other, 1) == kInvalid);
  CHECK(CU(cuGraphAddEmptyNode)(&out, nullptr, nullptr, 0) == kInvalid);
  CHECK(CU(cuGraphAddEmptyNode)(nullptr, g, nullptr, 0) == kInvalid);
  CHECK(CU(cuGraphAddEmptyNode)(&out, g, nullptr, 1) == kInvalid);
  const CUgraphNode twice[] = {a, a};
  CHECK(CU(cuGraphAddEmptyNode)(&out, g, twice, 2) == kInvalid);
  CHECK(CU(cuGraphAddKernelNode_v2)(&out, g, nullptr, 0, nullptr) == kInvalid);
  CHECK(CU(cuGraphLaunch)(nullptr, gpu.stream_) == kInvalid);
  CHECK(CU(cuGraphLaunch)(reinterpret_cast<CUgraphExec>(g), gpu.stream_) == kInvalid);
  CHECK(CU(cuGraphDestroy)(reinterpret_cast<CUgraph>(a)) == kInvalid);
  REQUIRE(CU(cuGraphDestroy)(g) == CUDA_SUCCESS);
  CHECK(CU(cuGraphDestroy)(g) == kInvalid);
  CUgraphNodeType type{};
  CHECK(CU(cuGraphNodeGetType)(a, &type) == kInvalid);  // nodes go with their graph
  CHECK(CU(cuGraphDestroyNode)(a) == kInvalid);
}

TEST_CASE("the generic call makes every kind and wants its unused bytes zero") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(64);
  const CUgraph g = gpu.graph();
  CUgraphNodeParams params{};
  params.type = CU_GRAPH_NODE_TYPE_MEMSET;
  params.memset = {p, 0, 9, 4, 4, 1, gpu.context};
  CUgraphNode first = nullptr, second = nullptr;
  REQUIRE(CU(cuGraphAddNode_v2)(&first, g, nullptr, nullptr, 0, &params) == CUDA_SUCCESS);
  params.reserved1[28] = 1;
  CHECK(CU(cuGraphAddNode_v2)(&second, g, nullptr, nullptr, 0, &params) == kInvalid);
  params = {};
  Words w(p, 2, 4);
  const CUDA_KERNEL_NODE_PARAMS k = w.node(gpu.mix);
  params.type = CU_GRAPH_NODE_TYPE_KERNEL;
  std::memcpy(&params.kernel, &k, sizeof k);
  REQUIRE(CU(cuGraphAddNode)(&second, g, &first, 1, &params) == CUDA_SUCCESS);
  const CUgraphExec e = gpu.instantiate(g);
  gpu.run(e);
  CHECK(gpu.word(p) == 29);  // 9 * 3 + 2
  w.value = 5;
  CHECK(CU(cuGraphExecNodeSetParams)(e, second, &params) == CUDA_SUCCESS);
  CHECK(CU(cuGraphExecNodeSetParams)(e, first, &params) == kInvalid);  // another kind
  gpu.run(e);
  CHECK(gpu.word(p) == 32);
  params = {};
  params.type = CU_GRAPH_NODE_TYPE_EXT_SEMAS_WAIT;
  CHECK(CU(cuGraphAddNode_v2)(&second, g, nullptr, nullptr, 0, &params) ==
        CUDA_ERROR_NOT_SUPPORTED);
  params.type = static_cast<CUgraphNodeType>(15);
  CHECK(CU(cuGraphAddNode_v2)(&second, g, nullptr, nullptr, 0, &params) == kInvalid);
}

TEST_CASE("cuGraphDebugDotPrint writes nodes, kernel names and edges") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(64);
  Words w(p, 1, 4);
  const CUgraph g = gpu.graph();
  const CUgraphNode a = gpu.memset(g, p, 1, 4);
  gpu.kernel(g, gpu.fill, w, {a});
  char path[] = "/tmp/softgpu_dot_XXXXXX";
  const int fd = mkstemp(path);
  REQUIRE(fd >= 0);
  REQUIRE(CU(cuGraphDebugDotPrint)(g, path, 0) == CUDA_SUCCESS);
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  std::remove(path);
  CHECK(text.str().find("digraph") == 0);
  CHECK(text.str().find("fill") != std::string::npos);
  CHECK(text.str().find("\"graph_0_node_0\" -> \"graph_0_node_1\"") != std::string::npos);
  CHECK(CU(cuGraphDebugDotPrint)(g, "/nowhere/at/all.dot", 0) == CUDA_ERROR_OPERATING_SYSTEM);
}
