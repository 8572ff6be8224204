// SPDX-License-Identifier: MIT
// Stream capture through the runtime: what is recorded, and what is refused.
#include "graph_calls.hpp"

namespace {

struct Stream {
  cudaStream_t handle = nullptr;
  Stream() { OK(cudaStreamCreateWithFlags(&handle, cudaStreamNonBlocking)); }
  ~Stream() { cudaStreamDestroy(handle); }
};

void run(cudaGraph_t graph) {
  cudaGraphExec_t exec = nullptr;
  OK(cudaGraphInstantiate(&exec, graph, 0));
  OK(cudaGraphLaunch(exec, nullptr));
  OK(cudaDeviceSynchronize());
  OK(cudaGraphExecDestroy(exec));
}

// Code must be there before a capture starts: loading it would be refused.
void load_kernels() {
  cudaFuncAttributes attributes;
  OK(cudaFuncGetAttributes(&attributes, kernels::add_address()));
}

}  // namespace

TEST_CASE("a captured stream records instead of running") {
  load_kernels();
  Stream stream;
  Buffer<float> values(64);
  OK(cudaDeviceSynchronize());
  cudaGraph_t graph = nullptr;
  OK(cudaStreamBeginCapture(stream.handle, cudaStreamCaptureModeThreadLocal));
  cudaStreamCaptureStatus status{};
  unsigned long long id = 0;
  OK(cudaStreamIsCapturing(stream.handle, &status));
  CHECK(status == cudaStreamCaptureStatusActive);
  OK(capture_state(stream.handle, &status, &id));
  CHECK(id != 0);
  OK(cudaMemsetAsync(values.get(), 0, 64 * sizeof(float), stream.handle));
  kernels::add(values.get(), 64, 8, 1, 64, stream.handle);
  OK(cudaGetLastError());
  OK(cudaStreamEndCapture(stream.handle, &graph));
  CHECK(values.read()[0] == 0);
  size_t nodes = 0;
  OK(cudaGraphGetNodes(graph, nullptr, &nodes));
  CHECK(nodes == 2);
  run(graph);
  run(graph);
  CHECK(values.read()[63] == 8);
  OK(cudaGraphDestroy(graph));
}

TEST_CASE("a fork joins again through events") {
  load_kernels();
  Stream main, side;
  Buffer<float> a(64), b(64);
  cudaEvent_t fork = nullptr, join = nullptr;
  OK(cudaEventCreateWithFlags(&fork, cudaEventDisableTiming));
  OK(cudaEventCreateWithFlags(&join, cudaEventDisableTiming));
  cudaGraph_t graph = nullptr;
  OK(cudaStreamBeginCapture(main.handle, cudaStreamCaptureModeThreadLocal));
  OK(cudaEventRecord(fork, main.handle));
  OK(cudaStreamWaitEvent(side.handle, fork, 0));
  kernels::add(b.get(), 64, 2, 1, 64, side.handle);
  kernels::add(a.get(), 64, 1, 1, 64, main.handle);
  OK(cudaEventRecord(join, side.handle));
  OK(cudaStreamWaitEvent(main.handle, join, 0));
  OK(cudaStreamEndCapture(main.handle, &graph));
  run(graph);
  CHECK(a.read()[0] == 1);
  CHECK(b.read()[0] == 2);
  OK(cudaGraphDestroy(graph));
  OK(cudaEventDestroy(fork));
  OK(cudaEventDestroy(join));
}

TEST_CASE("what a capture cannot hold is refused and invalidates it") {
  Stream stream;
  cudaGraph_t graph = nullptr;
  void* memory = nullptr;
  OK(cudaStreamBeginCapture(stream.handle, cudaStreamCaptureModeGlobal));
  FAILS(cudaMalloc(&memory, 64), cudaErrorStreamCaptureUnsupported);
  FAILS(cudaStreamEndCapture(stream.handle, &graph), cudaErrorStreamCaptureInvalidated);
  CHECK(graph == nullptr);

  OK(cudaStreamBeginCapture(stream.handle, cudaStreamCaptureModeGlobal));
  FAILS(cudaStreamSynchronize(stream.handle), cudaErrorStreamCaptureUnsupported);
  CHECK(cudaStreamEndCapture(stream.handle, &graph) == cudaErrorStreamCaptureInvalidated);
  cudaGetLastError();
}

TEST_CASE("a thread that relaxes its mode may allocate while it captures") {
  Stream stream;
  cudaGraph_t graph = nullptr;
  void* memory = nullptr;
  OK(cudaStreamBeginCapture(stream.handle, cudaStreamCaptureModeThreadLocal));
  cudaStreamCaptureMode mode = cudaStreamCaptureModeRelaxed;
  OK(cudaThreadExchangeStreamCaptureMode(&mode));
  CHECK(mode == cudaStreamCaptureModeGlobal);
  OK(cudaMalloc(&memory, 64));
  OK(cudaThreadExchangeStreamCaptureMode(&mode));
  CHECK(mode == cudaStreamCaptureModeRelaxed);
  OK(cudaStreamEndCapture(stream.handle, &graph));
  OK(cudaFree(memory));
  OK(cudaGraphDestroy(graph));
}

TEST_CASE("capture into a graph that is there, and launches with attributes are kept") {
  load_kernels();
  Stream stream;
  Buffer<float> values(64);
  cudaGraph_t graph = nullptr, same = nullptr;
  OK(cudaGraphCreate(&graph, 0));
  cudaGraphNode_t first = nullptr;
  OK(cudaGraphAddEmptyNode(&first, graph, nullptr, 0));
  OK(cudaStreamBeginCaptureToGraph(stream.handle, graph, &first, nullptr, 1,
                                   cudaStreamCaptureModeThreadLocal));
  kernels::add(values.get(), 64, 1, 1, 64, stream.handle);
  OK(cudaStreamEndCapture(stream.handle, &same));
  CHECK(same == graph);
  CHECK(edges_of(graph) == 1);
  run(graph);
  CHECK(values.read()[0] == 1);
  OK(cudaGraphDestroy(graph));
}
