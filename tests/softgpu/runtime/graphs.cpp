// SPDX-License-Identifier: MIT
// Graphs built node by node, launched, looked at and updated.
#include <chrono>
#include <future>

#include "graph_calls.hpp"

namespace {

struct Graph {
  cudaGraph_t handle = nullptr;
  Graph() { OK(cudaGraphCreate(&handle, 0)); }
  ~Graph() { cudaGraphDestroy(handle); }
};

struct Executable {
  cudaGraphExec_t handle = nullptr;
  explicit Executable(cudaGraph_t graph) { OK(cudaGraphInstantiate(&handle, graph, 0)); }
  ~Executable() { cudaGraphExecDestroy(handle); }
  void run() const {
    OK(cudaGraphLaunch(handle, nullptr));
    OK(cudaDeviceSynchronize());
  }
};

// values[i] += amount for 64 values; the node keeps its own copy of the arguments.
cudaKernelNodeParams adding(void** arguments) {
  cudaKernelNodeParams p{};
  p.func = const_cast<void*>(kernels::add_address());
  p.gridDim = dim3(1);
  p.blockDim = dim3(64);
  p.kernelParams = arguments;
  return p;
}

void count_up(void* counter) {
  ++*static_cast<int*>(counter);
}

void fulfil(void* promise) {
  static_cast<std::promise<void>*>(promise)->set_value();
}

}  // namespace

TEST_CASE("fill, kernel, copy and host function run in the order of the edges") {
  Graph graph;
  Buffer<float> values(64);
  float* pointer = values.get();
  int count = 64, called = 0;
  float amount = 5, result = -1;
  void* arguments[] = {&pointer, &count, &amount};
  cudaGraphNode_t fill = nullptr, add = nullptr, copy = nullptr, host = nullptr;
  cudaMemsetParams zero{};
  zero.dst = pointer;
  zero.elementSize = 4;
  zero.width = 64;
  zero.height = 1;
  OK(cudaGraphAddMemsetNode(&fill, graph.handle, nullptr, 0, &zero));
  cudaKernelNodeParams kernel = adding(arguments);
  OK(cudaGraphAddKernelNode(&add, graph.handle, &fill, 1, &kernel));
  OK(cudaGraphAddMemcpyNode1D(&copy, graph.handle, &add, 1, &result, pointer + 63, sizeof result,
                              cudaMemcpyDeviceToHost));
  cudaHostNodeParams call{};
  call.fn = count_up;
  call.userData = &called;
  OK(cudaGraphAddHostNode(&host, graph.handle, &copy, 1, &call));
  amount = 1000;  // too late
  const Executable exec(graph.handle);
  exec.run();
  exec.run();
  CHECK(result == 5);
  CHECK(called == 2);

  cudaKernelNodeParams back{};
  OK(cudaGraphKernelNodeGetParams(add, &back));
  CHECK(back.func == kernels::add_address());
  CHECK(back.blockDim.x == 64);
  CHECK(*static_cast<float*>(back.kernelParams[2]) == 5);
  cudaMemcpy3DParms box{};
  OK(cudaGraphMemcpyNodeGetParams(copy, &box));
  CHECK(box.dstPtr.ptr == &result);
  CHECK(box.extent.width == sizeof result);
  CHECK(box.kind == cudaMemcpyDeviceToHost);

  cudaGraphNodeType type{};
  OK(cudaGraphNodeGetType(host, &type));
  CHECK(type == cudaGraphNodeTypeHost);
  CHECK(edges_of(graph.handle) == 3);
  CHECK(dependencies_of(add) == std::vector<cudaGraphNode_t>{fill});
  size_t roots = 1;
  cudaGraphNode_t root = nullptr;
  OK(cudaGraphGetRootNodes(graph.handle, &root, &roots));
  CHECK(roots == 1);
  CHECK(root == fill);
}

TEST_CASE("an executable graph is updated node by node and as a whole") {
  Graph graph, other;
  Buffer<float> values(64);
  float* pointer = values.get();
  int count = 64;
  float amount = 1;
  void* arguments[] = {&pointer, &count, &amount};
  cudaKernelNodeParams kernel = adding(arguments);
  cudaGraphNode_t node = nullptr, same = nullptr, extra = nullptr;
  OK(cudaGraphAddKernelNode(&node, graph.handle, nullptr, 0, &kernel));
  const Executable exec(graph.handle);
  exec.run();
  amount = 10;
  OK(cudaGraphExecKernelNodeSetParams(exec.handle, node, &kernel));
  exec.run();
  CHECK(values.read()[0] == 11);

  amount = 100;
  OK(cudaGraphAddKernelNode(&same, other.handle, nullptr, 0, &kernel));
  cudaGraphExecUpdateResultInfo info{};
  OK(cudaGraphExecUpdate(exec.handle, other.handle, &info));
  CHECK(info.result == cudaGraphExecUpdateSuccess);
  exec.run();
  CHECK(values.read()[0] == 111);

  OK(cudaGraphAddEmptyNode(&extra, other.handle, &same, 1));
  FAILS(cudaGraphExecUpdate(exec.handle, other.handle, &info), cudaErrorGraphExecUpdateFailure);
  CHECK(info.result == cudaGraphExecUpdateErrorTopologyChanged);

  OK(cudaGraphNodeSetEnabled(exec.handle, node, 0));
  unsigned enabled = 1;
  OK(cudaGraphNodeGetEnabled(exec.handle, node, &enabled));
  CHECK(enabled == 0);
  exec.run();
  CHECK(values.read()[0] == 111);
}

TEST_CASE("nodes copy to and from variables") {
  Graph graph;
  int in = 21, out = 0;
  cudaGraphNode_t to = nullptr, from = nullptr;
  OK(cudaGraphAddMemcpyNodeToSymbol(&to, graph.handle, nullptr, 0, kernels::counter_symbol(), &in,
                                    sizeof in, 0, cudaMemcpyHostToDevice));
  OK(cudaGraphAddMemcpyNodeFromSymbol(&from, graph.handle, &to, 1, &out, kernels::counter_symbol(),
                                      sizeof out, 0, cudaMemcpyDeviceToHost));
  FAILS(cudaGraphAddMemcpyNodeToSymbol(&to, graph.handle, nullptr, 0, &in, &in, sizeof in, 0,
                                       cudaMemcpyHostToDevice),
        cudaErrorInvalidSymbol);
  Executable(graph.handle).run();
  CHECK(out == 21);
}

TEST_CASE("child graphs, clones and events") {
  Graph inner, outer;
  Buffer<float> values(64);
  float* pointer = values.get();
  int count = 64;
  float amount = 3;
  void* arguments[] = {&pointer, &count, &amount};
  cudaKernelNodeParams kernel = adding(arguments);
  cudaGraphNode_t add = nullptr, child = nullptr, mark = nullptr, found = nullptr;
  OK(cudaGraphAddKernelNode(&add, inner.handle, nullptr, 0, &kernel));
  OK(cudaGraphAddChildGraphNode(&child, outer.handle, nullptr, 0, inner.handle));
  cudaEvent_t event = nullptr, read = nullptr;
  OK(cudaEventCreate(&event));
  OK(cudaGraphAddEventRecordNode(&mark, outer.handle, &child, 1, event));
  OK(cudaGraphEventRecordNodeGetEvent(mark, &read));
  CHECK(read == event);
  cudaGraph_t clone = nullptr;
  OK(cudaGraphClone(&clone, outer.handle));
  OK(cudaGraphNodeFindInClone(&found, mark, clone));
  CHECK(found != mark);
  Executable(outer.handle).run();
  Executable(clone).run();
  OK(cudaEventQuery(event));
  CHECK(values.read()[5] == 6);
  OK(cudaGraphDestroy(clone));
  OK(cudaEventDestroy(event));
}

TEST_CASE("memory that a graph allocates and frees") {
  Graph graph;
  cudaGraphNode_t allocate = nullptr, fill = nullptr, copy = nullptr, free = nullptr;
  cudaMemAllocNodeParams p{};
  p.poolProps.allocType = cudaMemAllocationTypePinned;
  p.poolProps.location = {cudaMemLocationTypeDevice, 0};
  p.bytesize = 256;
  OK(cudaGraphAddMemAllocNode(&allocate, graph.handle, nullptr, 0, &p));
  REQUIRE(p.dptr != nullptr);
  cudaMemsetParams sevens{};
  sevens.dst = p.dptr;
  sevens.value = 7;
  sevens.elementSize = 1;
  sevens.width = 256;
  sevens.height = 1;
  unsigned char result = 0;
  OK(cudaGraphAddMemsetNode(&fill, graph.handle, &allocate, 1, &sevens));
  OK(cudaGraphAddMemcpyNode1D(&copy, graph.handle, &fill, 1, &result,
                              static_cast<char*>(p.dptr) + 255, 1, cudaMemcpyDeviceToHost));
  OK(cudaGraphAddMemFreeNode(&free, graph.handle, &copy, 1, p.dptr));
  Executable(graph.handle).run();
  CHECK(result == 7);
  void* freed = nullptr;
  OK(cudaGraphMemFreeNodeGetParams(free, &freed));
  CHECK(freed == p.dptr);
  OK(cudaDeviceGraphMemTrim(0));
}

TEST_CASE("nodes by kind in their parameters; a conditional body runs if its condition says so") {
  Graph graph;
  Buffer<float> values(64);
  float* pointer = values.get();
  int count = 64;
  float amount = 2;
  void* arguments[] = {&pointer, &count, &amount};
  cudaGraphNodeParams kernel{};
  kernel.type = cudaGraphNodeTypeKernel;
  kernel.kernel.func = const_cast<void*>(kernels::add_address());
  kernel.kernel.gridDim = dim3(1);
  kernel.kernel.blockDim = dim3(64);
  kernel.kernel.kernelParams = arguments;
  cudaGraphNode_t first = nullptr, condition = nullptr, inside = nullptr;
  OK(add_node(&first, graph.handle, nullptr, 0, &kernel));
  for (const unsigned value : {1u, 0u}) {
    cudaGraphConditionalHandle handle{};
    OK(cudaGraphConditionalHandleCreate(&handle, graph.handle, value, cudaGraphCondAssignDefault));
    cudaGraphNodeParams branch{};
    branch.type = cudaGraphNodeTypeConditional;
    branch.conditional.handle = handle;
    branch.conditional.type = cudaGraphCondTypeIf;
    branch.conditional.size = 1;
    OK(add_node(&condition, graph.handle, &first, 1, &branch));
    REQUIRE(branch.conditional.phGraph_out != nullptr);
    OK(add_node(&inside, branch.conditional.phGraph_out[0], nullptr, 0, &kernel));
  }
  const Executable exec(graph.handle);
  exec.run();
  CHECK(values.read()[0] == 4);  // itself and one of the two bodies
  amount = 100;
  OK(cudaGraphExecNodeSetParams(exec.handle, first, &kernel));
  exec.run();
  CHECK(values.read()[0] == 106);
}

TEST_CASE("edges are added, counted and removed; a circle is refused") {
  Graph graph;
  cudaGraphNode_t a = nullptr, b = nullptr;
  OK(cudaGraphAddEmptyNode(&a, graph.handle, nullptr, 0));
  OK(cudaGraphAddEmptyNode(&b, graph.handle, nullptr, 0));
  OK(add_edge(graph.handle, a, b));
  CHECK(edges_of(graph.handle) == 1);
  OK(add_edge(graph.handle, b, a));
  cudaGraphExec_t exec = nullptr;
  CHECK(cudaGraphInstantiate(&exec, graph.handle, 0) != cudaSuccess);
  cudaGetLastError();
  OK(remove_edge(graph.handle, b, a));
  OK(remove_edge(graph.handle, a, b));
  CHECK(edges_of(graph.handle) == 0);
  OK(cudaGraphDestroyNode(b));
  size_t count = 0;
  OK(cudaGraphGetNodes(graph.handle, nullptr, &count));
  CHECK(count == 1);
}

TEST_CASE("an object lives as long as a graph holds it") {
  std::promise<void> destroyed;
  auto done = destroyed.get_future();
  {
    Graph graph;
    cudaUserObject_t object = nullptr;
    OK(cudaUserObjectCreate(&object, &destroyed, fulfil, 1, cudaUserObjectNoDestructorSync));
    OK(cudaGraphRetainUserObject(graph.handle, object, 1, cudaGraphUserObjectMove));
    CHECK(done.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
  }
  CHECK(done.wait_for(std::chrono::seconds(30)) == std::future_status::ready);
}

TEST_CASE("instantiation with parameters says how it went") {
  Graph graph;
  cudaGraphNode_t node = nullptr;
  OK(cudaGraphAddEmptyNode(&node, graph.handle, nullptr, 0));
  cudaGraphInstantiateParams p{};
  p.flags = cudaGraphInstantiateFlagAutoFreeOnLaunch;
  p.result_out = cudaGraphInstantiateError;
  cudaGraphExec_t exec = nullptr;
  OK(cudaGraphInstantiateWithParams(&exec, graph.handle, &p));
  CHECK(p.result_out == cudaGraphInstantiateSuccess);
  unsigned long long flags = 0;
  OK(cudaGraphExecGetFlags(exec, &flags));
  CHECK(flags == cudaGraphInstantiateFlagAutoFreeOnLaunch);
  OK(cudaGraphUpload(exec, nullptr));
  OK(cudaGraphExecDestroy(exec));
}
