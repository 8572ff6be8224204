// SPDX-License-Identifier: MIT
// What capture refuses, by code, and which captures it costs.
#include <functional>
#include <thread>

#include "softgpu/graph_fixture.hpp"

namespace {

constexpr auto kGlobal = CU_STREAM_CAPTURE_MODE_GLOBAL;
constexpr auto kThread = CU_STREAM_CAPTURE_MODE_THREAD_LOCAL;
constexpr auto kRelaxed = CU_STREAM_CAPTURE_MODE_RELAXED;
constexpr auto kUnsupported = CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;  // 900

void begin(CUstream s, CUstreamCaptureMode mode = kGlobal) {
  REQUIRE(CU(cuStreamBeginCapture_v2)(s, mode) == CUDA_SUCCESS);
}
bool active(CUstream s) {
  CUstreamCaptureStatus st{};
  REQUIRE(CU(cuStreamIsCapturing)(s, &st) == CUDA_SUCCESS);
  return st == CU_STREAM_CAPTURE_STATUS_ACTIVE;
}
CUresult end(CUstream s) {
  CUgraph g = nullptr;
  const CUresult r = CU(cuStreamEndCapture)(s, &g);
  CHECK((g != nullptr) == (r == CUDA_SUCCESS));
  return r;
}
CUresult in_thread(const Gpu& gpu, const std::function<CUresult()>& body) {
  CUresult r = CUDA_ERROR_UNKNOWN;
  std::thread([&] {
    CU(cuCtxSetCurrent)(gpu.context);
    r = body();
  }).join();
  return r;
}

}  // namespace

TEST_CASE("900: waiting for, or asking about, a capturing stream invalidates it") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(4);
  const CUstream s = gpu.stream_;
  const std::function<CUresult()> calls[] = {
      [&] { return CU(cuStreamSynchronize)(s); },
      [&] { return CU(cuStreamQuery)(s); },
      [] { return CU(cuCtxSynchronize)(); },
      [&] {
        return CU(cuStreamAddCallback)(
            s, [](CUstream, CUresult, void*) {}, nullptr, 0);
      },
  };
  for (const auto& call : calls)
    for (const auto mode : {kGlobal, kRelaxed}) {  // whatever the mode
      begin(s, mode);
      CHECK(call() == kUnsupported);
      CHECK_FALSE(active(s));
      CHECK(CU(cuMemsetD32Async)(p, 1, 1, s) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
      CHECK(end(s) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
      CHECK(CU(cuMemsetD32Async)(p, 1, 1, s) == CUDA_SUCCESS);
      CHECK(CU(cuStreamSynchronize)(s) == CUDA_SUCCESS);
    }
}

TEST_CASE(
    "900: unsafe calls of the capturing thread, unless the capture or the thread is relaxed") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(4);
  const CUstream s = gpu.stream_, other = gpu.stream(CU_STREAM_NON_BLOCKING);
  const CUevent e = gpu.event();
  CUdeviceptr made = 0;
  CUmodule module = nullptr;
  void* host = nullptr;
  uint32_t word = 0;
  const std::function<CUresult()> calls[] = {
      [&] { return CU(cuMemAlloc_v2)(&made, 16); },
      [&] { return CU(cuMemAllocManaged)(&made, 16, CU_MEM_ATTACH_GLOBAL); },
      [&] { return CU(cuMemHostAlloc)(&host, 16, 0); },
      [&] { return CU(cuModuleLoadData)(&module, ptx::kFill.c_str()); },
      [&] { return CU(cuMemcpyDtoH_v2)(&word, p, 4); },
      [&] { return CU(cuMemsetD32_v2)(p, 0, 1); },
      [&] { return CU(cuEventQuery)(e); },
      [&] { return CU(cuEventSynchronize)(e); },
      [&] { return CU(cuStreamSynchronize)(other); },
  };
  for (const auto& call : calls) {
    begin(s, kGlobal);
    CHECK(call() == kUnsupported);
    CHECK(end(s) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
    begin(s, kThread);
    CHECK(call() == kUnsupported);
    CHECK(end(s) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
    begin(s, kRelaxed);
    CHECK(call() == CUDA_SUCCESS);
    CHECK(end(s) == CUDA_SUCCESS);
    begin(s, kGlobal);
    CUstreamCaptureMode mode = kRelaxed;
    REQUIRE(CU(cuThreadExchangeStreamCaptureMode)(&mode) == CUDA_SUCCESS);
    CHECK(mode == kGlobal);
    CHECK(call() == CUDA_SUCCESS);
    REQUIRE(CU(cuThreadExchangeStreamCaptureMode)(&mode) == CUDA_SUCCESS);
    CHECK(mode == kRelaxed);
    CHECK(end(s) == CUDA_SUCCESS);
  }
  CUstreamCaptureMode wrong = static_cast<CUstreamCaptureMode>(3);
  CHECK(CU(cuThreadExchangeStreamCaptureMode)(&wrong) == CUDA_ERROR_INVALID_VALUE);
}

TEST_CASE("900: unsafe calls of another thread break a global capture only") {
  const GraphGpu gpu;
  const CUstream s = gpu.stream_;
  const auto allocate = [] {
    CUdeviceptr p = 0;
    return CU(cuMemAlloc_v2)(&p, 16);
  };
  const auto in_mode = [&](CUstreamCaptureMode mode) {
    return [mode, allocate] {
      CUstreamCaptureMode m = mode;
      CU(cuThreadExchangeStreamCaptureMode)(&m);
      return allocate();
    };
  };
  begin(s, kGlobal);
  CHECK(in_thread(gpu, in_mode(kThread)) == CUDA_SUCCESS);
  CHECK(in_thread(gpu, in_mode(kRelaxed)) == CUDA_SUCCESS);
  CHECK(active(s));
  CHECK(in_thread(gpu, allocate) == kUnsupported);
  CHECK(end(s) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  begin(s, kThread);
  CHECK(in_thread(gpu, allocate) == CUDA_SUCCESS);
  CHECK(end(s) == CUDA_SUCCESS);
}

TEST_CASE("900: the first use of a library's kernel loads it, which a capture does not allow") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(4);
  CUlibrary library = nullptr;
  CUkernel kernel = nullptr;
  REQUIRE(CU(cuLibraryLoadData)(&library, ptx::kFill.c_str(), nullptr, nullptr, 0, nullptr, nullptr,
                                0) == CUDA_SUCCESS);
  REQUIRE(CU(cuLibraryGetKernel)(&kernel, library, "fill") == CUDA_SUCCESS);
  Words w(p, 4, 1);
  const CUstream s = gpu.stream_;
  begin(s);
  CHECK(w.launch(reinterpret_cast<CUfunction>(kernel), s) == kUnsupported);
  CHECK(end(s) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  REQUIRE(w.launch(reinterpret_cast<CUfunction>(kernel), s) == CUDA_SUCCESS);
  begin(s);
  CHECK(w.launch(reinterpret_cast<CUfunction>(kernel), s) == CUDA_SUCCESS);
  CHECK(end(s) == CUDA_SUCCESS);
}

TEST_CASE("906: the legacy stream beside a blocking stream that captures") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(4);
  const CUstream blocking = gpu.stream();
  CUstreamCaptureStatus st{};
  constexpr auto kImplicit = CUDA_ERROR_STREAM_CAPTURE_IMPLICIT;
  begin(blocking, kRelaxed);
  CHECK(CU(cuStreamIsCapturing)(nullptr, &st) == kImplicit);
  CHECK(CU(cuStreamGetCaptureInfo)(nullptr, &st, nullptr) == kImplicit);
  CHECK(active(blocking));  // asking costs nothing
  CHECK(CU(cuMemsetD32Async)(p, 1, 1, nullptr) == kImplicit);
  CHECK_FALSE(active(blocking));
  CHECK(end(blocking) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  Words w(p, 1, 1);
  const std::function<CUresult()> uses[] = {
      [&] { return w.launch(gpu.fill, nullptr); },
      [&] { return CU(cuMemcpyDtoD_v2)(p, p, 4); },
      [&] { return CU(cuStreamSynchronize)(nullptr); },
      [&] {
        return CU(cuLaunchHostFunc)(
            nullptr, [](void*) {}, nullptr);
      },
      [&] { return CU(cuEventRecord)(gpu.event(), nullptr); },
  };
  for (const auto& use : uses) {
    begin(blocking, kRelaxed);
    CHECK(use() == kImplicit);
    CHECK(end(blocking) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  }
  begin(gpu.stream_, kRelaxed);  // a non-blocking stream has no tie to it
  CHECK(CU(cuMemsetD32Async)(p, 1, 1, nullptr) == CUDA_SUCCESS);
  CHECK(end(gpu.stream_) == CUDA_SUCCESS);
}

TEST_CASE("beginning and ending where one may not") {
  const GraphGpu gpu;
  const CUstream s = gpu.stream_, t = gpu.stream(CU_STREAM_NON_BLOCKING);
  CHECK(CU(cuStreamBeginCapture_v2)(nullptr, kGlobal) == kUnsupported);  // the legacy stream
  CHECK(CU(cuStreamBeginCapture_v2)(CU_STREAM_LEGACY, kRelaxed) == kUnsupported);
  CHECK(CU(cuStreamBeginCapture_v2)(s, static_cast<CUstreamCaptureMode>(3)) ==
        CUDA_ERROR_INVALID_VALUE);
  CUgraph g = nullptr;
  CHECK(CU(cuStreamEndCapture)(s, &g) == CUDA_ERROR_ILLEGAL_STATE);
  REQUIRE(CU(cuStreamBeginCapture)(s) == CUDA_SUCCESS);  // the first ABI: global
  CHECK(CU(cuStreamBeginCapture_v2)(s, kGlobal) == CUDA_ERROR_ILLEGAL_STATE);
  CHECK(CU(cuStreamEndCapture)(s, nullptr) == CUDA_ERROR_INVALID_VALUE);
  CHECK(active(s));

  // 908, and the capture goes on.
  CHECK(in_thread(gpu, [&] { return end(s); }) == CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD);
  CHECK(active(s));
  // 903 on a stream that joined.
  const CUevent e = gpu.event();
  REQUIRE(CU(cuEventRecord)(e, s) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamWaitEvent)(t, e, 0) == CUDA_SUCCESS);
  CHECK(end(t) == CUDA_ERROR_STREAM_CAPTURE_UNMATCHED);
  CHECK(end(s) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  CHECK_FALSE(active(t));

  begin(s, kRelaxed);  // may be ended by any thread
  CHECK(in_thread(gpu, [&] { return end(s); }) == CUDA_SUCCESS);
}

TEST_CASE("902 and 905: captures do not merge, nor wait for what is outside") {
  const GraphGpu gpu;
  const CUstream a = gpu.stream_, b = gpu.stream(CU_STREAM_NON_BLOCKING);
  const CUevent in_a = gpu.event(), outside = gpu.event(), never = gpu.event();
  REQUIRE(CU(cuEventRecord)(outside, b) == CUDA_SUCCESS);
  begin(a);
  begin(b);
  REQUIRE(CU(cuEventRecord)(in_a, a) == CUDA_SUCCESS);
  CHECK(CU(cuStreamWaitEvent)(b, never, 0) == CUDA_SUCCESS);  // nothing to wait for
  CHECK(CU(cuStreamWaitEvent)(b, in_a, 0) == CUDA_ERROR_STREAM_CAPTURE_MERGE);
  CHECK(end(a) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  CHECK(end(b) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  begin(a);
  CHECK(CU(cuStreamWaitEvent)(a, outside, 0) == CUDA_ERROR_STREAM_CAPTURE_ISOLATION);
  CHECK(end(a) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  begin(a);
  CHECK(CU(cuStreamWaitEvent)(a, in_a, 0) == CUDA_ERROR_STREAM_CAPTURE_ISOLATION);  // an old one
  CHECK(end(a) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  // A stream that does not capture cannot join an invalidated capture.
  begin(a);
  REQUIRE(CU(cuEventRecord)(in_a, a) == CUDA_SUCCESS);
  CHECK(CU(cuStreamQuery)(a) == kUnsupported);
  CHECK(CU(cuStreamWaitEvent)(b, in_a, 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(end(a) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
}

TEST_CASE("907: a captured event is no point in time") {
  const GraphGpu gpu;
  const CUstream s = gpu.stream_, other = gpu.stream(CU_STREAM_NON_BLOCKING);
  const CUevent e = gpu.event(), f = gpu.event();
  constexpr auto kCaptured = CUDA_ERROR_CAPTURED_EVENT;
  REQUIRE(CU(cuEventRecord)(f, other) == CUDA_SUCCESS);
  REQUIRE(CU(cuEventSynchronize)(f) == CUDA_SUCCESS);
  float ms = 0;
  const std::function<CUresult()> calls[] = {
      [&] { return CU(cuEventQuery)(e); },
      [&] { return CU(cuEventSynchronize)(e); },
      [&] { return CU(cuEventElapsedTime)(&ms, f, e); },
  };
  for (const auto& call : calls) {
    begin(s, kRelaxed);
    REQUIRE(CU(cuEventRecord)(e, s) == CUDA_SUCCESS);
    CHECK(call() == kCaptured);
    CHECK_FALSE(active(s));
    CHECK(end(s) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
    CHECK(call() == kCaptured);  // also when the capture is over
  }
  CHECK(CU(cuStreamWaitEvent)(other, e, 0) == kCaptured);
  REQUIRE(CU(cuEventRecord)(e, other) == CUDA_SUCCESS);  // until it is recorded again
  CHECK(CU(cuEventSynchronize)(e) == CUDA_SUCCESS);
}

TEST_CASE("a capturing stream that is destroyed takes its capture along") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(4);
  const CUstream origin = gpu.stream(CU_STREAM_NON_BLOCKING);
  begin(origin);
  REQUIRE(CU(cuStreamDestroy_v2)(origin) == CUDA_SUCCESS);
  CHECK(CU(cuCtxSynchronize)() == CUDA_SUCCESS);  // nothing captures any more
  // A joined stream that goes leaves its work unjoined.
  const CUstream s = gpu.stream_, t = gpu.stream(CU_STREAM_NON_BLOCKING);
  const CUevent e = gpu.event();
  begin(s);
  REQUIRE(CU(cuEventRecord)(e, s) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamWaitEvent)(t, e, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemsetD32Async)(p, 1, 1, t) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamDestroy_v2)(t) == CUDA_SUCCESS);
  CHECK(end(s) == CUDA_ERROR_STREAM_CAPTURE_UNJOINED);
}

TEST_CASE("a body graph that goes while a capture adds to it takes the capture along") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(4);
  const CUgraph g = gpu.graph();
  CUgraphConditionalHandle handle = 0;
  REQUIRE(CU(cuGraphConditionalHandleCreate)(&handle, g, gpu.context, 1, 1) == CUDA_SUCCESS);
  CUgraphNodeParams params{};
  params.type = CU_GRAPH_NODE_TYPE_CONDITIONAL;
  params.conditional = {handle, CU_GRAPH_COND_TYPE_IF, 1, nullptr, gpu.context};
  CUgraphNode node = nullptr;
  REQUIRE(CU(cuGraphAddNode_v2)(&node, g, nullptr, nullptr, 0, &params) == CUDA_SUCCESS);
  const CUstream s = gpu.stream_;
  REQUIRE(CU(cuStreamBeginCaptureToGraph)(s, params.conditional.phGraph_out[0], nullptr, nullptr, 0,
                                          kGlobal) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemsetD32Async)(p, 1, 1, s) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphDestroyNode)(node) == CUDA_SUCCESS);
  CHECK(CU(cuMemsetD32Async)(p, 1, 1, s) == CUDA_ERROR_INVALID_VALUE);
  CHECK(end(s) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
}

TEST_CASE("a context that is destroyed takes its captures along") {
  const GraphGpu outer;
  CUstream s = nullptr;
  {
    const GraphGpu inner;
    s = inner.stream(CU_STREAM_NON_BLOCKING);
    begin(s);
  }
  REQUIRE(CU(cuCtxSetCurrent)(outer.context) == CUDA_SUCCESS);
  CUdeviceptr p = 0;
  CHECK(CU(cuMemAlloc_v2)(&p, 16) == CUDA_SUCCESS);
  CUgraph g = nullptr;
  CHECK(CU(cuStreamEndCapture)(s, &g) == CUDA_ERROR_INVALID_HANDLE);
}
