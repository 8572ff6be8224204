// SPDX-License-Identifier: MIT
// A CUDA program of one scenario about the life of graphs and of what they read. It knows nothing
// of the library: what it prints is what its buffers hold and what the driver answered.
//
//   graph_life_program IMAGE SCENARIO
#include <cuda.h>
#include <cudaTypedefs.h>

#include <cstdint>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string>

#include "resolve/driver.hpp"

namespace {

constexpr int kN = 64;

class Program {
 public:
  explicit Program(const char* image_path) {
    std::ifstream file(image_path, std::ios::binary);
    image_.assign(std::istreambuf_iterator<char>(file), {});
    image_.push_back('\0');
    check(cu(cuInit)(0), "cuInit");
    CUdevice device = 0;
    check(cu(cuDeviceGet)(&device, 0), "cuDeviceGet");
    check(cu(cuDevicePrimaryCtxRetain)(&context_, device), "cuDevicePrimaryCtxRetain");
    check(cu(cuCtxSetCurrent)(context_), "cuCtxSetCurrent");
    check(cu(cuModuleLoadData)(&module_, image_.data()), "cuModuleLoadData");
    check(cu(cuStreamCreate)(&stream, CU_STREAM_NON_BLOCKING), "cuStreamCreate");
  }
  CUfunction function(const char* name) const {
    CUfunction found = nullptr;
    check(cu(cuModuleGetFunction)(&found, module_, name), name);
    return found;
  }
  CUgraph graph() const {
    CUgraph made = nullptr;
    check(cu(cuGraphCreate)(&made, 0), "cuGraphCreate");
    return made;
  }
  template <typename... Args>
  CUgraphNode kernel(CUgraph graph, const std::vector<CUgraphNode>& after, const char* name,
                     Args... args) const {
    void* params[] = {&args...};
    CUDA_KERNEL_NODE_PARAMS node{};
    node.func = function(name);
    node.gridDimX = node.gridDimY = node.gridDimZ = 1;
    node.blockDimX = kN;
    node.blockDimY = node.blockDimZ = 1;
    node.kernelParams = params;
    CUgraphNode made = nullptr;
    check(cu(cuGraphAddKernelNode)(&made, graph, after.data(), after.size(), &node), name);
    return made;
  }
  CUgraphNode memset(CUgraph graph, CUdeviceptr where) const {
    const CUDA_MEMSET_NODE_PARAMS fill{where, 0, 0, 4, kN, 1};
    CUgraphNode made = nullptr;
    check(cu(cuGraphAddMemsetNode)(&made, graph, nullptr, 0, &fill, context_), "memset node");
    return made;
  }
  CUgraphExec instantiate(CUgraph graph) const {
    CUgraphExec made = nullptr;
    check(cu(cuGraphInstantiateWithFlags)(&made, graph, 0), "cuGraphInstantiate");
    return made;
  }
  void run(CUgraphExec exec) const {
    check(cu(cuGraphLaunch)(exec, stream), "cuGraphLaunch");
    check(cu(cuStreamSynchronize)(stream), "cuStreamSynchronize");
  }
  CUcontext context() const { return context_; }
  CUstream stream = nullptr;

 private:
  std::vector<char> image_;
  CUcontext context_ = nullptr;
  CUmodule module_ = nullptr;
};

std::vector<float> with_one_too_large() {
  std::vector<float> values(kN, 0.5f);
  values[5] = 1e30f;
  return values;
}

void say_shape(const char* what, CUgraph graph) {
  size_t nodes = 0, edges = 0, roots = 0;
  check(cu(cuGraphGetNodes)(graph, nullptr, &nodes), "cuGraphGetNodes");
  check(cu(cuGraphGetRootNodes)(graph, nullptr, &roots), "cuGraphGetRootNodes");
  check(reinterpret_cast<PFN_cuGraphGetEdges_v10000>(driver_entry("cuGraphGetEdges"))(
            graph, nullptr, nullptr, &edges),
        "cuGraphGetEdges");
  std::printf("%s: %zu nodes, %zu roots, %zu edges\n", what, nodes, roots, edges);
}

// The kernel leaves the buffer alone; the memory goes; the graph goes on.
void freed(Program& p) {
  Buffer<float> in(with_one_too_large());
  Buffer<int> wanted(std::vector<int>(1, 1));
  CUdeviceptr out = 0;
  check(cu(cuMemAlloc)(&out, kN * sizeof(float)), "cuMemAlloc");
  const CUgraph graph = p.graph();
  p.kernel(graph, {}, "square_if", out, in.address(), wanted.address(), kN);
  const CUgraphExec exec = p.instantiate(graph);
  check(cu(cuGraphDestroy)(graph), "cuGraphDestroy");
  p.run(exec);
  wanted.put({0});
  check(cu(cuMemFree)(out), "cuMemFree");
  for (int i = 0; i < 3; ++i) p.run(exec);
  check(cu(cuGraphExecDestroy)(exec), "cuGraphExecDestroy");
}

// Memory comes back at the address of what was freed: the graph's kernel writes there again.
void reused(Program& p) {
  Buffer<float> in(with_one_too_large());
  CUdeviceptr first = 0, second = 0;
  check(cu(cuMemAlloc)(&first, kN * sizeof(float)), "cuMemAlloc");
  const CUgraph graph = p.graph();
  p.kernel(graph, {}, "square", first, in.address(), kN);
  const CUgraphExec exec = p.instantiate(graph);
  p.run(exec);
  check(cu(cuMemFree)(first), "cuMemFree");
  check(cu(cuMemAlloc)(&second, kN * sizeof(float)), "cuMemAlloc");
  std::printf("same address: %d\n", first == second);
  if (first == second) p.run(exec);
}

// One optimiser in the graph: a step per launch.
void steps(Program& p) {
  Buffer<float> in(std::vector<float>(kN, 0.5f)), out(kN), w(std::vector<float>(kN, 1.0f)),
      m(std::vector<float>(kN, 0.0f)), v(std::vector<float>(kN, 0.0f)),
      g(std::vector<float>(kN, 0.5f));
  const CUgraph graph = p.graph();
  const CUgraphNode k = p.kernel(graph, {}, "square", out.address(), in.address(), kN);
  p.kernel(graph, {k}, "adam", w.address(), m.address(), v.address(), g.address(), 0.1f, kN);
  const CUgraphExec exec = p.instantiate(graph);
  for (int step = 1; step <= 9; ++step) {
    if (step == 7) in.put(with_one_too_large());
    if (step == 8) in.put(std::vector<float>(kN, 0.5f));
    p.run(exec);
  }
  print("w", w);
}

// What the driver says to graphs that differ.
void refused(Program& p) {
  Buffer<float> in(std::vector<float>(kN, 0.5f)), a(kN), b(kN);
  const CUgraph graph = p.graph();
  const CUgraphNode first = p.kernel(graph, {}, "square", a.address(), in.address(), kN);
  p.kernel(graph, {first}, "square", b.address(), a.address(), kN);
  const CUgraphExec exec = p.instantiate(graph);
  const auto update = [&](const char* what, CUgraph from, const std::vector<CUgraphNode>& nodes) {
    CUgraphExecUpdateResultInfo info{};
    const CUresult result = cu(cuGraphExecUpdate)(exec, from, &info);
    const auto which = [&](CUgraphNode node) {
      for (size_t i = 0; i < nodes.size(); ++i)
        if (nodes[i] == node) return std::to_string(i);
      return std::string(node ? "foreign" : "none");
    };
    std::printf("%s: %d, %d, node %s, from %s\n", what, static_cast<int>(result),
                static_cast<int>(info.result), which(info.errorNode).c_str(),
                which(info.errorFromNode).c_str());
  };
  CUgraph other = p.graph();
  const CUgraphNode fill = p.memset(other, a.address());
  CUgraphNode last = p.kernel(other, {fill}, "square", b.address(), a.address(), kN);
  update("another kind", other, {fill, last});
  other = p.graph();
  const CUgraphNode one = p.kernel(other, {}, "square", a.address(), in.address(), kN);
  const CUgraphNode two = p.kernel(other, {}, "square", b.address(), a.address(), kN);
  update("no edge", other, {one, two});
  other = p.graph();
  last = p.kernel(other, {}, "square", a.address(), in.address(), kN);
  update("one node", other, {last});
  other = p.graph();
  const CUgraphNode x = p.kernel(other, {}, "minus_one", a.address(), kN);
  last = p.kernel(other, {x}, "fill", b.address(), 2.0f, kN);
  update("other kernels", other, {x, last});
  p.run(exec);
  print("b", b);
  say_shape("other", other);
}

// A launch of an executable graph is captured, as a graph inside of the captured one.
void launch_captured(Program& p) {
  Buffer<float> in(with_one_too_large()), a(kN), b(kN);
  Buffer<int> n(kN);
  const CUgraph inner = p.graph();
  const CUgraphNode first = p.kernel(inner, {}, "square", a.address(), in.address(), kN);
  p.kernel(inner, {first}, "minus_one", n.address(), kN);
  const CUgraphExec exec = p.instantiate(inner);
  p.run(exec);
  check(cu(cuStreamBeginCapture)(p.stream, CU_STREAM_CAPTURE_MODE_GLOBAL), "cuStreamBeginCapture");
  check(cu(cuGraphLaunch)(exec, p.stream), "cuGraphLaunch");
  CUgraph outer = nullptr;
  check(cu(cuStreamEndCapture)(p.stream, &outer), "cuStreamEndCapture");
  CUgraphNode node = nullptr;
  size_t count = 1;
  check(cu(cuGraphGetNodes)(outer, &node, &count), "cuGraphGetNodes");
  CUgraph child = nullptr;
  check(cu(cuGraphChildGraphNodeGetGraph)(node, &child), "cuGraphChildGraphNodeGetGraph");
  say_shape("inner", inner);
  say_shape("outer", outer);
  say_shape("child", child);
  const CUgraphExec both = p.instantiate(outer);
  say_shape("child", child);
  p.run(both);
  p.run(exec);
}

// Many graphs come and go, each launched once.
void many(Program& p) {
  Buffer<float> in(with_one_too_large()), out(kN);
  for (int i = 0; i < 300; ++i) {
    const CUgraph graph = p.graph();
    CUgraphNode last = nullptr;
    for (int k = 0; k < 4; ++k)
      last = p.kernel(graph, last ? std::vector{last} : std::vector<CUgraphNode>{}, "square",
                      out.address(), in.address(), kN);
    const CUgraphExec exec = p.instantiate(graph);
    check(cu(cuGraphDestroy)(graph), "cuGraphDestroy");
    check(cu(cuGraphLaunch)(exec, p.stream), "cuGraphLaunch");
    check(cu(cuGraphExecDestroy)(exec), "cuGraphExecDestroy");
    if (i % 50 == 49) check(cu(cuStreamSynchronize)(p.stream), "cuStreamSynchronize");
  }
}

// Edges are added and removed between two times that a graph is made executable.
void changed(Program& p) {
  Buffer<float> in(with_one_too_large()), a(kN), b(kN), c(kN);
  const CUgraph graph = p.graph();
  const CUgraphNode first = p.kernel(graph, {}, "square", a.address(), in.address(), kN);
  const CUgraphNode second = p.kernel(graph, {}, "square", b.address(), in.address(), kN);
  const CUgraphExec before = p.instantiate(graph);
  say_shape("before", graph);
  const auto add =
      reinterpret_cast<PFN_cuGraphAddDependencies_v10000>(driver_entry("cuGraphAddDependencies"));
  const auto remove = reinterpret_cast<PFN_cuGraphRemoveDependencies_v10000>(
      driver_entry("cuGraphRemoveDependencies"));
  check(add(graph, &first, &second, 1), "cuGraphAddDependencies");
  const CUgraphNode third = p.kernel(graph, {second}, "square", c.address(), in.address(), kN);
  const CUgraphExec then = p.instantiate(graph);
  say_shape("then", graph);
  check(remove(graph, &first, &second, 1), "cuGraphRemoveDependencies");
  check(add(graph, &third, &first, 1), "cuGraphAddDependencies");  // the other way round
  check(cu(cuGraphDestroyNode)(second), "cuGraphDestroyNode");
  const CUgraphExec last = p.instantiate(graph);
  say_shape("last", graph);
  for (const CUgraphExec exec : {before, then, last}) p.run(exec);
  for (const CUgraphExec exec : {before, then, last})
    check(cu(cuGraphExecDestroy)(exec), "cuGraphExecDestroy");
  check(cu(cuGraphDestroy)(graph), "cuGraphDestroy");
}

// The second kernel may start before the first has ended.
void programmatic(Program& p) {
  Buffer<float> in(with_one_too_large()), a(kN), b(kN);
  const CUgraph graph = p.graph();
  const CUgraphNode first = p.kernel(graph, {}, "square", a.address(), in.address(), kN);
  const CUgraphNode second = p.kernel(graph, {}, "square", b.address(), in.address(), kN);
  CUgraphEdgeData early{};
  early.from_port = CU_GRAPH_KERNEL_NODE_PORT_PROGRAMMATIC;
  early.type = CU_GRAPH_DEPENDENCY_TYPE_PROGRAMMATIC;
  check(reinterpret_cast<PFN_cuGraphAddDependencies_v12030>(
            driver_entry("cuGraphAddDependencies_v2"))(graph, &first, &second, &early, 1),
        "cuGraphAddDependencies");
  const CUgraphExec exec = p.instantiate(graph);
  size_t edges = 1;
  CUgraphNode from = nullptr, to = nullptr;
  // An edge with data: the first ABI cannot tell it.
  std::printf("lossy: %d\n", static_cast<int>(reinterpret_cast<PFN_cuGraphGetEdges_v10000>(
                                 driver_entry("cuGraphGetEdges"))(graph, &from, &to, &edges)));
  say_shape("early", graph);
  p.run(exec);
  print("a", a);
  print("b", b);
}

// Memory that exists only while the graph runs, allocated and freed in a capture.
void graph_memory(Program& p) {
  Buffer<float> in(with_one_too_large()), out(kN);
  const CUfunction square = p.function("square");
  CUdeviceptr between = 0;
  CUgraph graph = nullptr;
  const auto launch = [&](CUdeviceptr to, CUdeviceptr from) {
    int n = kN;
    void* params[] = {&to, &from, &n};
    check(cu(cuLaunchKernel)(square, 1, 1, 1, kN, 1, 1, 0, p.stream, params, nullptr), "launch");
  };
  check(cu(cuStreamBeginCapture)(p.stream, CU_STREAM_CAPTURE_MODE_GLOBAL), "cuStreamBeginCapture");
  check(cu(cuMemAllocAsync)(&between, kN * sizeof(float), p.stream), "cuMemAllocAsync");
  launch(between, in.address());
  launch(out.address(), between);
  check(cu(cuMemFreeAsync)(between, p.stream), "cuMemFreeAsync");
  check(cu(cuStreamEndCapture)(p.stream, &graph), "cuStreamEndCapture");
  const CUgraphExec exec = p.instantiate(graph);
  say_shape("with memory", graph);
  check(cu(cuGraphDestroy)(graph), "cuGraphDestroy");
  p.run(exec);
  p.run(exec);
  print("out", out);
}

const std::map<std::string, std::function<void(Program&)>> kScenarios = {
    {"programmatic", programmatic},
    {"memory", graph_memory},
    {"freed", freed},
    {"reused", reused},
    {"steps", steps},
    {"refused", refused},
    {"captured", launch_captured},
    {"many", many},
    {"changed", changed},
};

}  // namespace

int main(int argc, char** argv) {
  const auto scenario = argc == 3 ? kScenarios.find(argv[2]) : kScenarios.end();
  if (scenario == kScenarios.end()) return 2;
  Program program(argv[1]);
  scenario->second(program);
  check(cu(cuCtxSynchronize)(), "cuCtxSynchronize");
  std::printf("end\n");
}
