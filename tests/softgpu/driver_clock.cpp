// SPDX-License-Identifier: MIT
// SOFTGPU_CLOCK=model: what events and %globaltimer tell is what docs/softgpu.md says they do.
// Figures are those of the H100's data sheet; 0.9 us lie between operations of a stream, 0.5 us
// between nodes of a graph.
#include <string>
#include <thread>

#include "softgpu/driver_fixture.hpp"
#include "softgpu/driver_kernels.hpp"

namespace {

const int kModel = setenv("SOFTGPU_CLOCK", "model", 1);
constexpr double kGap = 0.9, kGraphGap = 0.5;  // us
constexpr size_t kBytes = size_t{64} << 20;

Approx about(double microseconds) {
  return Approx(microseconds).margin(0.01);
}

double between(CUevent start, CUevent end) {
  float ms = -1;
  REQUIRE(CU(cuEventSynchronize)(end) == CUDA_SUCCESS);
  REQUIRE(CU(cuEventElapsedTime)(&ms, start, end) == CUDA_SUCCESS);
  return static_cast<double>(ms) * 1e3;
}

struct Timed : Gpu {
  CUevent start = event(), end = event();
  // Microseconds that `body` takes in the stream.
  template <typename Body>
  double operator()(CUstream s, Body&& body) const {
    REQUIRE(CU(cuEventRecord)(start, s) == CUDA_SUCCESS);
    body();
    REQUIRE(CU(cuEventRecord)(end, s) == CUDA_SUCCESS);
    return between(start, end);
  }
};

void fill(CUdeviceptr p, size_t bytes, CUstream s) {
  REQUIRE(CU(cuMemsetD8Async)(p, 1, bytes, s) == CUDA_SUCCESS);
}
constexpr double kFill = 64.0 * 1024 * 1024 / 3.35e12 * 1e6;  // us

// times(uint64_t* out): out[0] = %globaltimer, out[1] = %clock64, then again behind 100 additions.
const std::string kTimes = [] {
  std::string text = ptx::kHeader + R"(
.visible .entry times(.param .u64 out)
{
  .reg .b32 %r<3>;
  .reg .b64 %rd<8>;
  ld.param.u64 %rd1, [out];
  mov.u64 %rd2, %globaltimer;
  mov.u64 %rd3, %clock64;
)";
  for (int i = 0; i < 100; ++i) text += "  add.s32 %r1, %r1, 1;\n";
  return text + R"(
  mov.u64 %rd4, %clock64;
  st.global.u64 [%rd1], %rd2;
  st.global.u64 [%rd1+8], %rd3;
  st.global.u64 [%rd1+16], %rd4;
  ret;
}
)";
}();

}  // namespace

TEST_CASE("copies and fills take bytes over bandwidth, and a gap each") {
  REQUIRE(kModel == 0);
  const Timed timed;
  const CUdeviceptr a = timed.alloc(kBytes), b = timed.alloc(kBytes);
  void* pinned = nullptr;
  REQUIRE(CU(cuMemAllocHost_v2)(&pinned, kBytes) == CUDA_SUCCESS);
  const CUstream s = timed.stream();
  CHECK(timed(s, [] {}) == 0);
  CHECK(timed(s, [&] { fill(a, kBytes, s); }) == about(kGap + kFill));
  CHECK(timed(s, [&] {
          for (int i = 0; i < 10; ++i) fill(a, kBytes, s);
        }) == about(10 * (kGap + kFill)));
  CHECK(timed(s, [&] { REQUIRE(CU(cuMemcpyDtoDAsync_v2)(b, a, kBytes, s) == CUDA_SUCCESS); }) ==
        about(kGap + 2 * kFill));
  const double host = static_cast<double>(kBytes) / 64e9 * 1e6;
  CHECK(timed(s, [&] {
          REQUIRE(CU(cuMemcpyHtoDAsync_v2)(b, pinned, kBytes, s) == CUDA_SUCCESS);
        }) == about(kGap + host));
  CHECK(timed(s, [&] {
          REQUIRE(CU(cuMemcpyDtoHAsync_v2)(pinned, b, kBytes, s) == CUDA_SUCCESS);
        }) == about(kGap + host));
}

TEST_CASE("a kernel that writes takes its bytes over the memory's bandwidth") {
  const Timed timed;
  const CUfunction f = timed.function(ptx::kFill, "fill");
  constexpr uint32_t kWords = 1 << 20;
  CUdeviceptr p = timed.alloc(kWords * 4);
  uint32_t value = 3, n = kWords;
  void* arguments[] = {&p, &value, &n};
  const double us = timed(nullptr, [&] {
    REQUIRE(CU(cuLaunchKernel)(f, kWords / 256, 1, 1, 256, 1, 1, 0, nullptr, arguments, nullptr) ==
            CUDA_SUCCESS);
  });
  CHECK(us == about(kGap + kWords * 4 / 3.35e12 * 1e6));
}

TEST_CASE("streams run beside each other, and waits join them") {
  const Timed timed;
  const CUdeviceptr a = timed.alloc(kBytes), b = timed.alloc(kBytes);
  const CUstream s = timed.stream(CU_STREAM_NON_BLOCKING), t = timed.stream(CU_STREAM_NON_BLOCKING);
  const CUevent fork = timed.event(), join = timed.event();
  const double us = timed(s, [&] {
    REQUIRE(CU(cuEventRecord)(fork, s) == CUDA_SUCCESS);
    REQUIRE(CU(cuStreamWaitEvent)(t, fork, 0) == CUDA_SUCCESS);
    fill(a, kBytes, s);
    for (int i = 0; i < 3; ++i) fill(b, kBytes, t);
    REQUIRE(CU(cuEventRecord)(join, t) == CUDA_SUCCESS);
    REQUIRE(CU(cuStreamWaitEvent)(s, join, 0) == CUDA_SUCCESS);
  });
  CHECK(us == about(3 * (kGap + kFill)));
}

TEST_CASE("what is submitted after a wait starts after what was waited for") {
  const Timed timed;
  const CUdeviceptr a = timed.alloc(kBytes);
  const CUstream s = timed.stream(CU_STREAM_NON_BLOCKING), t = timed.stream(CU_STREAM_NON_BLOCKING);
  REQUIRE(CU(cuEventRecord)(timed.start, s) == CUDA_SUCCESS);
  fill(a, kBytes, s);
  REQUIRE(CU(cuStreamSynchronize)(s) == CUDA_SUCCESS);
  fill(a, kBytes, t);
  REQUIRE(CU(cuEventRecord)(timed.end, t) == CUDA_SUCCESS);
  CHECK(between(timed.start, timed.end) == about(2 * (kGap + kFill)));
}

TEST_CASE("the host's own time counts nothing, nor does a host function's") {
  const Timed timed;
  const CUdeviceptr a = timed.alloc(kBytes);
  const CUstream s = timed.stream();
  Gate gate;
  const double us = timed(s, [&] {
    gate.put_on(s);
    fill(a, kBytes, s);
    std::thread([&] { gate.open(); }).join();
  });
  CHECK(us == about(kGap + kFill));
}

TEST_CASE("a destroyed stream's work still precedes the legacy stream's in time") {
  const Timed timed;
  const CUdeviceptr a = timed.alloc(kBytes);
  const CUstream s = timed.stream();
  const double us = timed(nullptr, [&] {
    for (int i = 0; i < 2; ++i) fill(a, kBytes, s);
    REQUIRE(CU(cuStreamDestroy_v2)(s) == CUDA_SUCCESS);
    fill(a, kBytes, nullptr);
  });
  CHECK(us == about(3 * (kGap + kFill)));
}

TEST_CASE("nodes of a graph follow each other more closely") {
  const Timed timed;
  const CUdeviceptr a = timed.alloc(kBytes);
  const CUstream s = timed.stream();
  CUgraph graph = nullptr;
  CUgraphExec exec = nullptr;
  REQUIRE(CU(cuStreamBeginCapture_v2)(s, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL) == CUDA_SUCCESS);
  for (int i = 0; i < 5; ++i) fill(a, kBytes, s);
  REQUIRE(CU(cuStreamEndCapture)(s, &graph) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphInstantiateWithFlags)(&exec, graph, 0) == CUDA_SUCCESS);
  CHECK(timed(s, [&] { REQUIRE(CU(cuGraphLaunch)(exec, s) == CUDA_SUCCESS); }) ==
        about(5 * (kGraphGap + kFill)));
  CHECK(CU(cuGraphExecDestroy)(exec) == CUDA_SUCCESS);
  CHECK(CU(cuGraphDestroy)(graph) == CUDA_SUCCESS);
}

TEST_CASE("the device's own timers follow the model") {
  const Timed timed;
  const CUfunction f = timed.function(kTimes, "times");
  CUdeviceptr out = timed.alloc(48);
  const CUdeviceptr a = timed.alloc(kBytes);
  const CUstream s = timed.stream(CU_STREAM_NON_BLOCKING);
  for (int i = 0; i < 2; ++i) {
    CUdeviceptr at = out + static_cast<CUdeviceptr>(i) * 24;
    void* arguments[] = {&at};
    REQUIRE(CU(cuLaunchKernel)(f, 1, 1, 1, 1, 1, 1, 0, s, arguments, nullptr) == CUDA_SUCCESS);
    fill(a, kBytes, s);
  }
  REQUIRE(CU(cuStreamSynchronize)(s) == CUDA_SUCCESS);
  const auto t = timed.read<uint64_t>(out, 6);
  CHECK(t[2] - t[1] == 101);  // one cycle for each instruction of the warp
  CHECK(t[4] == t[1]);        // counted from the launch
  // From one kernel to the next: its own time (some 110 instructions of one warp, 14 ns), the fill
  // and two gaps.
  const double us = static_cast<double>(t[3] - t[0]) * 1e-3;
  CHECK(us > 2 * kGap + kFill);
  CHECK(us < 2 * kGap + kFill + 0.1);
}

TEST_CASE("the device says how large the H100 is that it imitates") {
  const Gpu gpu;
  const auto is = [](CUdevice_attribute attribute) {
    int value = -1;
    REQUIRE(CU(cuDeviceGetAttribute)(&value, attribute, 0) == CUDA_SUCCESS);
    return value;
  };
  CHECK(is(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT) == 132);
  CHECK(is(CU_DEVICE_ATTRIBUTE_CLOCK_RATE) == 1980000);
  CHECK(is(CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH) == 5120);
  CHECK(is(CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE) == 50 << 20);
}
