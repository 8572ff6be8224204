// SPDX-License-Identifier: MIT
#include "chain.hpp"

#include <cudaTypedefs.h>

#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

Program::Program(const char* image_path) {
  std::ifstream file(image_path, std::ios::binary);
  const std::string image(std::istreambuf_iterator<char>(file), {});
  check(cu(cuInit)(0), "cuInit");
  check(cu(cuDeviceGet)(&device, 0), "cuDeviceGet");
  check(cu(cuDevicePrimaryCtxRetain)(&context, device), "cuDevicePrimaryCtxRetain");
  check(cu(cuCtxSetCurrent)(context), "cuCtxSetCurrent");
  check(cu(cuModuleLoadData)(&module_, image.c_str()), "cuModuleLoadData");
  for (const char* const f : {"tick", "born", "pass", "keep", "again"}) know(function(f), f);
  check(cu(cuStreamCreate)(&stream, CU_STREAM_NON_BLOCKING), "cuStreamCreate");
  check(cu(cuStreamCreate)(&other, CU_STREAM_NON_BLOCKING), "cuStreamCreate");
}

CUfunction Program::function(const char* name) const {
  CUfunction found = nullptr;
  check(cu(cuModuleGetFunction)(&found, module_, name), name);
  return found;
}

CUgraphNodeParams Kernel::any_node() {
  CUgraphNodeParams any{};
  any.type = CU_GRAPH_NODE_TYPE_KERNEL;
  any.kernel = {function, 1, 1, 1, threads, 1, 1, 0, pointers, nullptr, nullptr, nullptr};
  return any;
}

void Kernel::launch(CUstream stream) {
  check(cu(cuLaunchKernel)(function, 1, 1, 1, threads, 1, 1, 0, stream, pointers, nullptr),
        "cuLaunchKernel");
}

Chain::Chain(Program& program, unsigned at) : program_(program) {
  std::vector<float> values(kN);
  for (int i = 0; i < kN; ++i) values[static_cast<size_t>(i)] = static_cast<float>(i - 5);
  for (CUdeviceptr* const p : {&counter, &in, &out, &passed, &sum}) {
    check(cu(cuMemAlloc)(p, kN * sizeof(float)), "cuMemAlloc");
    check(cu(cuMemsetD8)(*p, 0, kN * sizeof(float)), "cuMemsetD8");
  }
  check(cu(cuMemcpyHtoD)(in, values.data(), kN * sizeof(float)), "cuMemcpyHtoD");
  check(cu(cuCtxSynchronize)(), "cuCtxSynchronize");
  tick.function = program.function("tick");
  tick.threads = 1;
  tick.values[0] = counter;
  born.function = program.function("born");
  born.values[0] = out, born.values[1] = in, born.values[2] = counter;
  born.values[3] = at, born.values[4] = kN;
  pass.function = program.function("pass");
  pass.values[0] = passed, pass.values[1] = out, pass.values[2] = kN;
  keep.function = program.function("keep");
  keep.values[0] = sum, keep.values[1] = passed, keep.values[2] = kN;
}

void Chain::launch(CUstream stream) {
  for (Kernel* const k : {&tick, &born, &pass, &keep}) k->launch(stream);
}

Nodes Chain::add_to(CUgraph graph, Nodes after, Add add) {
  Nodes made;
  for (Kernel* const k : {&tick, &born, &pass, &keep}) {
    CUgraphNode node = nullptr;
    check(add(&node, graph, after, *k), "adding a node");
    made.push_back(node);
    after = {node};
  }
  return made;
}

void Chain::print() const {
  std::vector<float> values(kN);
  program_.say("sum", cu(cuMemcpyDtoH)(values.data(), sum, kN * sizeof(float)));
  for (const float v : values) {
    uint32_t bits = 0;
    std::memcpy(&bits, &v, sizeof bits);
    std::cout << ' ' << std::hex << bits << std::dec;
  }
}

CUresult add_v1(CUgraphNode* out, CUgraph graph, const Nodes& after, Kernel& kernel) {
  const CUDA_KERNEL_NODE_PARAMS params = kernel.node();
  CUDA_KERNEL_NODE_PARAMS_v1 old{};
  std::memcpy(&old, &params, sizeof old);
  return reinterpret_cast<PFN_cuGraphAddKernelNode_v10000>(driver_entry("cuGraphAddKernelNode"))(
      out, graph, after.data(), after.size(), &old);
}
CUresult add_v2(CUgraphNode* out, CUgraph graph, const Nodes& after, Kernel& kernel) {
  const CUDA_KERNEL_NODE_PARAMS params = kernel.node();
  return cu(cuGraphAddKernelNode)(out, graph, after.data(), after.size(), &params);
}
CUresult add_any(CUgraphNode* out, CUgraph graph, const Nodes& after, Kernel& kernel) {
  CUgraphNodeParams any = kernel.any_node();
  return reinterpret_cast<PFN_cuGraphAddNode_v12020>(driver_entry("cuGraphAddNode"))(
      out, graph, after.data(), after.size(), &any);
}
CUresult add_any_v2(CUgraphNode* out, CUgraph graph, const Nodes& after, Kernel& kernel) {
  CUgraphNodeParams any = kernel.any_node();
  return reinterpret_cast<PFN_cuGraphAddNode_v12030>(driver_entry("cuGraphAddNode_v2"))(
      out, graph, after.data(), nullptr, after.size(), &any);
}
