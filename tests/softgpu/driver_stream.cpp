// SPDX-License-Identifier: MIT
// Order: within a stream, between streams and the legacy default stream, and through events. A Gate
// holds a stream where the test wants it, so that "not yet" and "now" are facts and not timings.
#include <atomic>
#include <thread>

#include "softgpu/driver_fixture.hpp"

namespace {

void append(void* data) {
  auto& [list, value] = *static_cast<std::pair<std::vector<int>*, int>*>(data);
  list->push_back(value);
}

bool idle(CUstream s) {
  return CU(cuStreamQuery)(s) == CUDA_SUCCESS;
}

}  // namespace

TEST_CASE("a stream runs its operations in order") {
  const Gpu gpu;
  const CUstream s = gpu.stream();
  std::vector<int> seen;
  std::vector<std::pair<std::vector<int>*, int>> jobs;
  for (int i = 0; i < 200; ++i) jobs.emplace_back(&seen, i);
  for (auto& job : jobs) REQUIRE(CU(cuLaunchHostFunc)(s, append, &job) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamSynchronize)(s) == CUDA_SUCCESS);
  REQUIRE(seen.size() == 200);
  CHECK(std::is_sorted(seen.begin(), seen.end()));
}

TEST_CASE("asynchronous work does not block the caller and is not done early") {
  const Gpu gpu;
  const CUstream s = gpu.stream();
  const CUdeviceptr p = gpu.alloc(4);
  REQUIRE(CU(cuMemsetD32_v2)(p, 1, 1) == CUDA_SUCCESS);
  REQUIRE(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
  Gate gate;
  gate.put_on(s);
  REQUIRE(CU(cuMemsetD32Async)(p, 2, 1, s) == CUDA_SUCCESS);
  CHECK_FALSE(idle(s));
  // A non-blocking stream takes no part in the legacy stream's order, so it sees the value before
  // the fill.
  const CUstream other = gpu.stream(CU_STREAM_NON_BLOCKING);
  int value = 0;
  REQUIRE(CU(cuMemcpyDtoHAsync_v2)(&value, p, 4, other) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamSynchronize)(other) == CUDA_SUCCESS);
  CHECK(value == 1);
  gate.open();
  REQUIRE(CU(cuStreamSynchronize)(s) == CUDA_SUCCESS);
  CHECK(idle(s));
  CHECK(gpu.read<int>(p, 1)[0] == 2);
}

TEST_CASE("the legacy default stream waits for blocking streams and they for it") {
  const Gpu gpu;
  const CUstream a = gpu.stream(), b = gpu.stream(),
                 free_stream = gpu.stream(CU_STREAM_NON_BLOCKING);
  const CUdeviceptr p = gpu.alloc(4);
  Gate gate;
  gate.put_on(a);
  REQUIRE(CU(cuMemsetD32Async)(p, 5, 1, nullptr) == CUDA_SUCCESS);  // behind a
  REQUIRE(CU(cuMemsetD32Async)(p, 6, 1, b) == CUDA_SUCCESS);        // behind the default stream
  CHECK_FALSE(idle(nullptr));
  CHECK_FALSE(idle(b));
  REQUIRE(CU(cuMemsetD32Async)(p, 7, 1, free_stream) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamSynchronize)(free_stream) == CUDA_SUCCESS);  // waits for none of them
  gate.open();
  REQUIRE(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
  CHECK(gpu.read<int>(p, 1)[0] == 6);
}

TEST_CASE("the per-thread default stream is another one in each thread") {
  const Gpu gpu;
  Gate gate;
  REQUIRE(CU(cuMemsetD32Async_ptsz)(gpu.alloc(4), 0, 1, nullptr) == CUDA_SUCCESS);
  gate.put_on(CU_STREAM_PER_THREAD);
  CHECK(CU(cuStreamQuery_ptsz)(nullptr) == CUDA_ERROR_NOT_READY);
  CHECK(CU(cuStreamQuery)(CU_STREAM_PER_THREAD) == CUDA_ERROR_NOT_READY);
  unsigned long long mine = 0, theirs = 0;
  REQUIRE(CU(cuStreamGetId_ptsz)(nullptr, &mine) == CUDA_SUCCESS);
  CUresult other = CUDA_ERROR_UNKNOWN;
  std::thread([&] {
    CU(cuCtxSetCurrent)(gpu.context);
    CU(cuStreamGetId_ptsz)(nullptr, &theirs);
    other = CU(cuStreamSynchronize_ptsz)(nullptr);
  }).join();
  CHECK(other == CUDA_SUCCESS);
  CHECK(mine != theirs);
  gate.open();
}

TEST_CASE("cuStreamWaitEvent orders two streams") {
  const Gpu gpu;
  const CUstream a = gpu.stream(CU_STREAM_NON_BLOCKING), b = gpu.stream(CU_STREAM_NON_BLOCKING);
  const CUevent e = gpu.event();
  const CUdeviceptr p = gpu.alloc(4);
  CHECK(CU(cuStreamWaitEvent)(b, e, 0) == CUDA_SUCCESS);  // never recorded: no wait
  REQUIRE(CU(cuStreamSynchronize)(b) == CUDA_SUCCESS);
  Gate gate;
  gate.put_on(a);
  REQUIRE(CU(cuMemsetD32Async)(p, 1, 1, a) == CUDA_SUCCESS);
  REQUIRE(CU(cuEventRecord)(e, a) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamWaitEvent)(b, e, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemsetD32Async)(p, 2, 1, b) == CUDA_SUCCESS);
  CHECK(CU(cuEventQuery)(e) == CUDA_ERROR_NOT_READY);
  CHECK_FALSE(idle(b));
  gate.open();
  REQUIRE(CU(cuStreamSynchronize)(b) == CUDA_SUCCESS);
  CHECK(CU(cuEventQuery)(e) == CUDA_SUCCESS);
  CHECK(gpu.read<int>(p, 1)[0] == 2);
}

TEST_CASE("a wait refers to the record before it, not to a later one") {
  const Gpu gpu;
  const CUstream a = gpu.stream(CU_STREAM_NON_BLOCKING), b = gpu.stream(CU_STREAM_NON_BLOCKING);
  const CUevent e = gpu.event();
  REQUIRE(CU(cuEventRecord)(e, a) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamWaitEvent)(b, e, 0) == CUDA_SUCCESS);
  Gate gate;
  gate.put_on(a);
  REQUIRE(CU(cuEventRecord)(e, a) == CUDA_SUCCESS);
  CHECK(CU(cuStreamSynchronize)(b) ==
        CUDA_SUCCESS);  // would hang if it waited for the second record
  gate.open();
}

TEST_CASE("elapsed time wants two finished, timed events") {
  const Gpu gpu;
  const CUstream s = gpu.stream();
  const CUevent start = gpu.event(), end = gpu.event(),
                untimed = gpu.event(CU_EVENT_DISABLE_TIMING);
  float ms = -1;
  CHECK(CU(cuEventElapsedTime)(&ms, start, end) == CUDA_ERROR_INVALID_HANDLE);
  REQUIRE(CU(cuEventRecord)(start, s) == CUDA_SUCCESS);
  Gate gate;
  gate.put_on(s);
  REQUIRE(CU(cuEventRecord)(end, s) == CUDA_SUCCESS);
  REQUIRE(CU(cuEventRecord)(untimed, s) == CUDA_SUCCESS);
  CHECK(CU(cuEventElapsedTime)(&ms, start, end) == CUDA_ERROR_NOT_READY);
  gate.open();
  REQUIRE(CU(cuEventSynchronize)(end) == CUDA_SUCCESS);
  CHECK(CU(cuEventElapsedTime_v2)(&ms, start, end) == CUDA_SUCCESS);
  CHECK(ms >= 0);
  REQUIRE(CU(cuStreamSynchronize)(s) == CUDA_SUCCESS);
  CHECK(CU(cuEventElapsedTime)(&ms, start, untimed) == CUDA_ERROR_INVALID_HANDLE);
}

TEST_CASE("pageable sources are taken at the call, pinned ones when the copy runs") {
  const Gpu gpu;
  const CUstream s = gpu.stream();
  const CUdeviceptr p = gpu.alloc(4), q = gpu.alloc(4);
  int ordinary = 1;
  void* memory = nullptr;
  REQUIRE(CU(cuMemHostAlloc)(&memory, 4, 0) == CUDA_SUCCESS);
  int& pinned = *static_cast<int*>(memory);
  pinned = 1;
  Gate gate;
  gate.put_on(s);
  REQUIRE(CU(cuMemcpyHtoDAsync_v2)(p, &ordinary, 4, s) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemcpyHtoDAsync_v2)(q, &pinned, 4, s) == CUDA_SUCCESS);
  ordinary = 2;
  pinned = 2;
  gate.open();
  REQUIRE(CU(cuStreamSynchronize)(s) == CUDA_SUCCESS);
  CHECK(gpu.read<int>(p, 1)[0] == 1);
  CHECK(gpu.read<int>(q, 1)[0] == 2);
}

TEST_CASE("no driver call is permitted in a host function") {
  const Gpu gpu;
  struct Seen {
    CUresult sync = CUDA_SUCCESS, alloc = CUDA_SUCCESS;
  } seen;
  const CUhostFn body = [](void* data) {
    auto& s = *static_cast<Seen*>(data);
    s.sync = CU(cuCtxSynchronize)();
    CUdeviceptr p = 0;
    s.alloc = CU(cuMemAlloc_v2)(&p, 16);
  };
  REQUIRE(CU(cuLaunchHostFunc)(nullptr, body, &seen) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamSynchronize)(nullptr) == CUDA_SUCCESS);
  CHECK(seen.sync == CUDA_ERROR_NOT_PERMITTED);
  CHECK(seen.alloc == CUDA_ERROR_NOT_PERMITTED);
}

TEST_CASE("stream callbacks get the stream and the state") {
  const Gpu gpu;
  const CUstream s = gpu.stream();
  struct Seen {
    CUstream stream = nullptr;
    CUresult status = CUDA_ERROR_UNKNOWN;
  } seen;
  const CUstreamCallback body = [](CUstream stream, CUresult status, void* data) {
    *static_cast<Seen*>(data) = {stream, status};
  };
  REQUIRE(CU(cuStreamAddCallback)(s, body, &seen, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamSynchronize)(s) == CUDA_SUCCESS);
  CHECK(seen.stream == s);
  CHECK(seen.status == CUDA_SUCCESS);
  CHECK(CU(cuStreamAddCallback)(s, body, &seen, 1) == CUDA_ERROR_INVALID_VALUE);
}

TEST_CASE("value waits hold a stream until the word is written") {
  const Gpu gpu;
  const CUstream a = gpu.stream(CU_STREAM_NON_BLOCKING), b = gpu.stream(CU_STREAM_NON_BLOCKING);
  const CUdeviceptr flag = gpu.alloc(8);
  REQUIRE(CU(cuMemsetD32_v2)(flag, 0, 2) == CUDA_SUCCESS);
  REQUIRE(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamWaitValue32_v2)(a, flag, 3, CU_STREAM_WAIT_VALUE_GEQ) == CUDA_SUCCESS);
  CHECK_FALSE(idle(a));
  REQUIRE(CU(cuStreamWriteValue32_v2)(b, flag, 2, 0) == CUDA_SUCCESS);
  CHECK_FALSE(idle(a));
  REQUIRE(CU(cuStreamWriteValue32_v2)(b, flag, 4, 0) == CUDA_SUCCESS);
  CHECK(CU(cuStreamSynchronize)(a) == CUDA_SUCCESS);
  CHECK(CU(cuStreamWaitValue32_v2)(a, flag + 2, 0, 0) == CUDA_ERROR_INVALID_VALUE);
}

TEST_CASE("destroyed and made-up handles are invalid") {
  const Gpu gpu;
  const CUstream s = gpu.stream();
  REQUIRE(CU(cuStreamDestroy_v2)(s) == CUDA_SUCCESS);
  CHECK(CU(cuStreamSynchronize)(s) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(CU(cuStreamDestroy_v2)(s) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(CU(cuStreamQuery)(reinterpret_cast<CUstream>(0x1234)) == CUDA_ERROR_INVALID_HANDLE);
  const CUevent e = gpu.event();
  REQUIRE(CU(cuEventDestroy_v2)(e) == CUDA_SUCCESS);
  CHECK(CU(cuEventQuery)(e) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(CU(cuEventRecord)(e, nullptr) == CUDA_ERROR_INVALID_HANDLE);
}

TEST_CASE("a destroyed stream finishes its work") {
  const Gpu gpu;
  const CUstream s = gpu.stream();
  const CUdeviceptr p = gpu.alloc(4);
  Gate gate;
  gate.put_on(s);
  REQUIRE(CU(cuMemsetD32Async)(p, 9, 1, s) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamDestroy_v2)(s) == CUDA_SUCCESS);
  gate.open();
  REQUIRE(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
  CHECK(gpu.read<int>(p, 1)[0] == 9);
}

TEST_CASE("stream properties are what was asked") {
  const Gpu gpu;
  int least = -1, greatest = 1, priority = 1;
  REQUIRE(CU(cuCtxGetStreamPriorityRange)(&least, &greatest) == CUDA_SUCCESS);
  CHECK(least == 0);
  CHECK(greatest < 0);
  CUstream s = nullptr;
  REQUIRE(CU(cuStreamCreateWithPriority)(&s, CU_STREAM_NON_BLOCKING, greatest - 10) ==
          CUDA_SUCCESS);
  CHECK(CU(cuStreamGetPriority)(s, &priority) == CUDA_SUCCESS);
  CHECK(priority == greatest);  // clamped
  unsigned flags = 0;
  CHECK(CU(cuStreamGetFlags)(s, &flags) == CUDA_SUCCESS);
  CHECK(flags == CU_STREAM_NON_BLOCKING);
  CUcontext owner = nullptr;
  CHECK(CU(cuStreamGetCtx)(s, &owner) == CUDA_SUCCESS);
  CHECK(owner == gpu.context);
  CUstreamCaptureStatus status = CU_STREAM_CAPTURE_STATUS_ACTIVE;
  CHECK(CU(cuStreamIsCapturing)(s, &status) == CUDA_SUCCESS);
  CHECK(status == CU_STREAM_CAPTURE_STATUS_NONE);
  CHECK(CU(cuStreamCreate)(&s, 0x80) == CUDA_ERROR_INVALID_VALUE);
}

TEST_CASE("many threads share one device") {
  const Gpu gpu;
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      CU(cuCtxSetCurrent)(gpu.context);
      CUstream s = nullptr;
      CU(cuStreamCreate)(&s, t % 2 ? CU_STREAM_NON_BLOCKING : CU_STREAM_DEFAULT);
      for (int i = 0; i < 50; ++i) {
        CUdeviceptr p = 0;
        CU(cuMemAllocAsync)(&p, 4096, s);
        CU(cuMemsetD32Async)(p, static_cast<unsigned>(t * 1000 + i), 1024, s);
        int last = 0;
        CU(cuMemcpyDtoHAsync_v2)(&last, p + 4092, 4, s);
        CU(cuMemFreeAsync)(p, s);
        if (CU(cuStreamSynchronize)(s) != CUDA_SUCCESS || last != t * 1000 + i) ++wrong;
      }
      CU(cuStreamDestroy_v2)(s);
    });
  for (auto& t : threads) t.join();
  CHECK(wrong == 0);
}
