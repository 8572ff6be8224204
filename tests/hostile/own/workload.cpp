// SPDX-License-Identifier: MIT
#include "workload.hpp"

#include <cstdint>
#include <vector>

#include "driver.hpp"

namespace hostile {
namespace {

constexpr int kN = 128;
constexpr size_t kBytes = kN * sizeof(float);

// What every call returned, in order.
void note(const char* what, CUresult result) {
  std::printf("%s %d\n", what, static_cast<int>(result));
}
#define CALL(name, ...) note(#name, cu(name)(__VA_ARGS__))

// Three values are too large to be squared.
std::vector<float> input() {
  std::vector<float> values(kN);
  for (int i = 0; i < kN; ++i) values[static_cast<size_t>(i)] = 0.25f * static_cast<float>(i - 60);
  values[5] = 1e30f;
  values[77] = -3e20f;
  values[100] = 2e25f;
  return values;
}

class Squares {
 public:
  // In the current context.
  Squares() {
    CALL(cuMemAlloc, &in_, kBytes);
    CALL(cuMemAlloc, &out_, kBytes);
    const std::vector<float> values = input();
    CALL(cuMemcpyHtoD, in_, values.data(), kBytes);
  }
  ~Squares() {
    CALL(cuMemFree, in_);
    CALL(cuMemFree, out_);
  }
  Squares(const Squares&) = delete;
  Squares& operator=(const Squares&) = delete;

  void launch(CUfunction square, CUstream stream) { launch_into(out_, square, stream); }
  void launch_into(CUdeviceptr out, CUfunction square, CUstream stream) {
    int n = kN;
    void* params[] = {&out, &in_, &n};
    CALL(cuLaunchKernel, square, 2, 1, 1, kN / 2, 1, 1, 0, stream, params, nullptr);
  }
  void launch_with_priority(CUfunction square, CUstream stream) {
    int n = kN;
    void* params[] = {&out_, &in_, &n};
    CUlaunchAttribute priority = {};
    priority.id = CU_LAUNCH_ATTRIBUTE_PRIORITY;
    CUlaunchConfig config = {};
    config.gridDimX = 2;
    config.blockDimX = kN / 2;
    config.gridDimY = config.gridDimZ = config.blockDimY = config.blockDimZ = 1;
    config.hStream = stream;
    config.attrs = &priority;
    config.numAttrs = 1;
    CALL(cuLaunchKernelEx, &config, square, params, nullptr);
  }
  void add_node(CUgraph graph, CUfunction square) {
    int n = kN;
    void* params[] = {&out_, &in_, &n};
    CUDA_KERNEL_NODE_PARAMS node = {};
    node.func = square;
    node.gridDimX = 2;
    node.blockDimX = kN / 2;
    node.gridDimY = node.gridDimZ = node.blockDimY = node.blockDimZ = 1;
    node.kernelParams = params;
    CUgraphNode added = nullptr;
    CALL(cuGraphAddKernelNode, &added, graph, nullptr, 0, &node);
  }

  void print(CUstream stream) { print(out_, stream); }
  void print(CUdeviceptr from, CUstream stream) {
    std::vector<uint32_t> bits(kN);
    CALL(cuStreamSynchronize, stream);
    CALL(cuMemcpyDtoH, bits.data(), from, kBytes);
    std::printf("values");
    for (const uint32_t b : bits) std::printf(" %x", b);
    std::printf("\n");
    CALL(cuMemsetD8, from, 0, kBytes);
    CALL(cuCtxSynchronize);
  }

 private:
  CUdeviceptr in_ = 0, out_ = 0;
};

void launches(CUfunction square) {
  Squares squares;
  squares.launch(square, nullptr);
  squares.print(nullptr);
  CUstream stream = nullptr, busy = nullptr;
  CALL(cuStreamCreate, &stream, CU_STREAM_NON_BLOCKING);
  squares.launch(square, stream);
  squares.print(stream);
  squares.launch_with_priority(square, stream);
  squares.print(stream);
  // Destroyed while it may still run.
  CALL(cuStreamCreate, &busy, CU_STREAM_NON_BLOCKING);
  for (int i = 0; i < 4; ++i) squares.launch(square, busy);
  CALL(cuStreamDestroy, busy);
  CALL(cuCtxSynchronize);
  squares.print(nullptr);
  CALL(cuStreamDestroy, stream);
}

void memory_of_every_kind(CUfunction square) {
  Squares squares;
  CUdeviceptr pooled = 0, managed = 0, mapped = 0;
  CUstream stream = nullptr;
  CALL(cuStreamCreate, &stream, CU_STREAM_NON_BLOCKING);
  CALL(cuMemAllocAsync, &pooled, kBytes, stream);
  squares.launch_into(pooled, square, stream);
  squares.print(pooled, stream);
  CALL(cuMemFreeAsync, pooled, stream);
  CALL(cuMemAllocManaged, &managed, kBytes, CU_MEM_ATTACH_GLOBAL);
  squares.launch_into(managed, square, stream);
  squares.print(managed, stream);
  CALL(cuMemFree, managed);
  void* host = nullptr;
  CALL(cuMemHostAlloc, &host, kBytes, CU_MEMHOSTALLOC_DEVICEMAP);
  CALL(cuMemHostGetDevicePointer, &mapped, host, 0);
  squares.launch_into(mapped, square, stream);
  squares.print(mapped, stream);
  CALL(cuMemFreeHost, host);
  alignas(4096) static unsigned char own[8192];
  CALL(cuMemHostRegister, own, sizeof own, 0);
  CALL(cuMemHostUnregister, own);
  CALL(cuStreamDestroy, stream);
}

void graphs(CUfunction square) {
  Squares squares;
  CUstream stream = nullptr;
  CUgraph captured = nullptr, built = nullptr;
  CUgraphExec replay = nullptr;
  CALL(cuStreamCreate, &stream, CU_STREAM_NON_BLOCKING);
  CALL(cuStreamBeginCapture, stream, CU_STREAM_CAPTURE_MODE_GLOBAL);
  squares.launch(square, stream);
  CALL(cuStreamEndCapture, stream, &captured);
  CALL(cuGraphCreate, &built, 0);
  squares.add_node(built, square);
  for (const CUgraph graph : {captured, built}) {
    size_t nodes = 0;
    CALL(cuGraphGetNodes, graph, nullptr, &nodes);
    std::printf("nodes %zu\n", nodes);
    CALL(cuGraphInstantiate, &replay, graph, 0);
    for (int i = 0; i < 3; ++i) CALL(cuGraphLaunch, replay, stream);
    squares.print(stream);
    CALL(cuGraphExecDestroy, replay);
    CALL(cuGraphDestroy, graph);
  }
  CALL(cuStreamDestroy, stream);
}

void library_kernel(const std::string& image) {
  CUlibrary library = nullptr;
  CUkernel kernel = nullptr;
  CUfunction function = nullptr;
  CALL(cuLibraryLoadData, &library, image.data(), nullptr, nullptr, 0, nullptr, nullptr, 0);
  CALL(cuLibraryGetKernel, &kernel, library, "square");
  CALL(cuKernelGetFunction, &function, kernel);
  {
    Squares squares;
    squares.launch(reinterpret_cast<CUfunction>(kernel), nullptr);
    squares.print(nullptr);
    squares.launch(function, nullptr);
    squares.print(nullptr);
  }
  CALL(cuLibraryUnload, library);
}

// The mode that the thread is in, as cudart and PyTorch set it around what they do.
void print_capture_mode() {
  CUstreamCaptureMode mode = CU_STREAM_CAPTURE_MODE_GLOBAL;
  CALL(cuThreadExchangeStreamCaptureMode, &mode);
  std::printf("mode %d\n", static_cast<int>(mode));
}

void everything(const std::string& image) {
  CUmodule module = nullptr;
  CUfunction square = nullptr;
  CALL(cuModuleLoadData, &module, image.data());
  CALL(cuModuleGetFunction, &square, module, "square");
  print_capture_mode();
  launches(square);
  memory_of_every_kind(square);
  graphs(square);
  library_kernel(image);
  CALL(cuModuleUnload, module);
}

}  // namespace

void run_workload(const std::string& image) {
  CUcontext context = nullptr;
  CALL(cuInit, 0);
  CALL(cuCtxCreate, &context, nullptr, 0, 0);
  everything(image);
  CALL(cuCtxDestroy, context);
  CALL(cuDevicePrimaryCtxRetain, &context, 0);
  CALL(cuCtxSetCurrent, context);
  everything(image);
  CALL(cuDevicePrimaryCtxRelease, 0);
}

}  // namespace hostile
