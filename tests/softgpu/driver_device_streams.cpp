// SPDX-License-Identifier: MIT
// Copies, streams and events of several devices, and handles where they do not belong. Expectations
// from the CUDA driver API reference and the CUDA C++ Programming Guide, "Multi-Device System".
#include <thread>

#include "softgpu/driver_devices.hpp"

TEST_CASE("memory is copied between devices in every form") {
  const Devices gpus(2);
  const CUdeviceptr a = gpus.alloc(0, 256), b = gpus.alloc(1, 256);
  uint32_t value = 0;
  const auto moves = [&](auto&& copy) {
    ++value;
    REQUIRE(gpus.fill(0, a, value, 64) == CUDA_SUCCESS);
    REQUIRE(copy() == CUDA_SUCCESS);
    CHECK(gpus.read(1, b, 64) == std::vector<uint32_t>(64, value));
  };
  const auto settled = [&](CUresult r) { return r != CUDA_SUCCESS ? r : CU(cuCtxSynchronize)(); };
  moves([&] { return CU(cuMemcpyPeer)(b, gpus[1], a, gpus[0], 256); });
  moves([&] { return settled(CU(cuMemcpyPeerAsync)(b, gpus[1], a, gpus[0], 256, nullptr)); });
  moves([&] { return CU(cuMemcpyDtoD_v2)(b, a, 256); });
  moves([&] { return settled(CU(cuMemcpyDtoDAsync_v2)(b, a, 256, nullptr)); });
  moves([&] { return CU(cuMemcpy)(b, a, 256); });
  moves([&] { return settled(CU(cuMemcpyAsync)(b, a, 256, nullptr)); });
  CUDA_MEMCPY3D_PEER box{};
  box.srcMemoryType = box.dstMemoryType = CU_MEMORYTYPE_DEVICE;
  box.srcDevice = a;
  box.srcContext = gpus[0];
  box.dstDevice = b;
  box.dstContext = gpus[1];
  box.srcPitch = box.dstPitch = 64;
  box.WidthInBytes = 64;
  box.Height = 4;
  box.Depth = 1;
  moves([&] { return CU(cuMemcpy3DPeer)(&box); });
  moves([&] { return settled(CU(cuMemcpy3DPeerAsync)(&box, nullptr)); });

  // From the context of a third party, and from and to the host.
  const std::vector<uint32_t> words(64, 77);
  gpus.use(0);
  CHECK(CU(cuMemcpyHtoD_v2)(b, words.data(), 256) == CUDA_SUCCESS);
  CHECK(gpus.read(0, b, 64) == words);

  CHECK(CU(cuMemcpyPeer)(b, gpus[0], a, gpus[0], 256) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemcpyPeer)(b, nullptr, a, gpus[0], 256) == CUDA_ERROR_INVALID_CONTEXT);
  CHECK(CU(cuMemcpyPeer)(b, gpus[1], a, gpus[0], 260) == CUDA_ERROR_INVALID_VALUE);
  box.dstContext = gpus[0];
  CHECK(CU(cuMemcpy3DPeer)(&box) == CUDA_ERROR_INVALID_VALUE);
}

TEST_CASE("a synchronous copy between devices waits for both and holds up both") {
  const Devices gpus(2);
  const CUdeviceptr a = gpus.alloc(0, 256), b = gpus.alloc(1, 256);
  REQUIRE(gpus.fill(0, a, 1, 64) == CUDA_SUCCESS);
  REQUIRE(gpus.fill(1, b, 2, 64) == CUDA_SUCCESS);
  // Device 1 writes b behind a gate, in a stream that no default stream orders.
  const CUstream writer = gpus.stream(1), later = gpus.stream(0);
  Gate gate;
  gate.put_on(writer);
  REQUIRE(gpus.launch(1, b, 3, 64, writer) == CUDA_SUCCESS);
  gpus.use(0);
  REQUIRE(CU(cuMemcpyPeer)(a, gpus[0], b, gpus[1], 256) == CUDA_SUCCESS);
  REQUIRE(gpus.launch(0, a + 128, 4, 32, later) == CUDA_SUCCESS);
  gpus.use(0);
  CHECK(CU(cuStreamQuery)(later) == CUDA_ERROR_NOT_READY);
  gate.open();
  REQUIRE(CU(cuStreamSynchronize)(later) == CUDA_SUCCESS);
  std::vector<uint32_t> expected(64, 3);
  std::fill(expected.begin() + 32, expected.end(), 4U);
  CHECK(gpus.read(0, a, 64) == expected);
}

TEST_CASE("an asynchronous copy between devices is ordered by its stream alone") {
  const Devices gpus(2);
  const CUdeviceptr a = gpus.alloc(0, 256), b = gpus.alloc(1, 256);
  REQUIRE(gpus.fill(0, a, 1, 64) == CUDA_SUCCESS);
  const CUstream blocked = gpus.stream(1), copying = gpus.stream(0);
  Gate gate;
  gate.put_on(blocked);
  gpus.use(0);
  REQUIRE(CU(cuMemcpyPeerAsync)(b, gpus[1], a, gpus[0], 256, copying) == CUDA_SUCCESS);
  CHECK(CU(cuStreamSynchronize)(copying) == CUDA_SUCCESS);  // with the gate still shut
  gate.open();
  CHECK(gpus.read(1, b, 64) == std::vector<uint32_t>(64, 1));
}

TEST_CASE("a stream waits for an event of another device") {
  const Devices gpus(2);
  const CUdeviceptr a = gpus.alloc(0, 256), b = gpus.alloc(1, 256);
  const CUstream first = gpus.stream(0), second = gpus.stream(1);
  const CUevent done = gpus.event(0);
  REQUIRE(gpus.fill(0, a, 1, 64) == CUDA_SUCCESS);
  Gate gate;
  gpus.use(0);
  gate.put_on(first);
  REQUIRE(gpus.launch(0, a, 2, 64, first) == CUDA_SUCCESS);
  REQUIRE(CU(cuEventRecord)(done, first) == CUDA_SUCCESS);
  gpus.use(1);
  REQUIRE(CU(cuStreamWaitEvent)(second, done, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemcpyPeerAsync)(b, gpus[1], a, gpus[0], 256, second) == CUDA_SUCCESS);
  CHECK(CU(cuStreamQuery)(second) == CUDA_ERROR_NOT_READY);
  CHECK(CU(cuEventQuery)(done) == CUDA_ERROR_NOT_READY);
  gate.open();
  REQUIRE(CU(cuStreamSynchronize)(second) == CUDA_SUCCESS);
  CHECK(CU(cuEventQuery)(done) == CUDA_SUCCESS);
  CHECK(gpus.read(1, b, 64) == std::vector<uint32_t>(64, 2));
}

TEST_CASE("an event is recorded in its own context's streams and timed against its own kind") {
  const Devices gpus(2);
  const CUevent of_zero = gpus.event(0), of_one = gpus.event(1);
  const CUstream s = gpus.stream(1);
  CHECK(CU(cuEventRecord)(of_zero, s) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(CU(cuEventRecord)(of_zero, nullptr) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(CU(cuEventRecord)(of_one, s) == CUDA_SUCCESS);
  gpus.use(0);
  CHECK(CU(cuEventRecord)(of_zero, nullptr) == CUDA_SUCCESS);
  CHECK(CU(cuEventSynchronize)(of_one) == CUDA_SUCCESS);
  CHECK(CU(cuEventSynchronize)(of_zero) == CUDA_SUCCESS);
  float ms = 0;
  CHECK(CU(cuEventElapsedTime)(&ms, of_zero, of_one) == CUDA_ERROR_INVALID_HANDLE);
}

TEST_CASE("a kernel goes to a stream of its own context only, a copy to any") {
  const Devices gpus(2);
  const CUdeviceptr a = gpus.alloc(0, 256), b = gpus.alloc(1, 256);
  const CUstream s = gpus.stream(1);
  CHECK(gpus.launch(0, a, 1, 64, s) == CUDA_ERROR_INVALID_HANDLE);
  REQUIRE(gpus.fill(0, a, 1, 64) == CUDA_SUCCESS);
  gpus.use(0);
  CHECK(CU(cuMemcpyDtoDAsync_v2)(b, a, 256, s) == CUDA_SUCCESS);
  CHECK(CU(cuStreamSynchronize)(s) == CUDA_SUCCESS);
  CHECK(gpus.read(1, b, 64) == std::vector<uint32_t>(64, 1));
}

TEST_CASE("the handles of a destroyed context are told so everywhere") {
  const Devices gpus(2);
  CUcontext gone = nullptr;
  REQUIRE(CU(cuCtxCreate_v2)(&gone, 0, 1) == CUDA_SUCCESS);
  CUstream s = nullptr;
  CUevent e = nullptr;
  CUdeviceptr p = 0;
  CUmodule m = nullptr;
  CUfunction f = nullptr;
  void* pinned = nullptr;
  REQUIRE(CU(cuStreamCreate)(&s, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuEventCreate)(&e, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemAlloc_v2)(&p, 64) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemAllocHost_v2)(&pinned, 64) == CUDA_SUCCESS);
  REQUIRE(CU(cuModuleLoadData)(&m, ptx::kFill.c_str()) == CUDA_SUCCESS);
  REQUIRE(CU(cuModuleGetFunction)(&f, m, "fill") == CUDA_SUCCESS);
  // Another thread has it current while it goes.
  std::promise<void> current, destroyed;
  std::thread other([&] {
    CU(cuCtxSetCurrent)(gone);
    current.set_value();
    destroyed.get_future().wait();
    CUdeviceptr q = 0;
    CHECK(CU(cuMemAlloc_v2)(&q, 64) == CUDA_ERROR_CONTEXT_IS_DESTROYED);
    CHECK(CU(cuCtxSynchronize)() == CUDA_ERROR_CONTEXT_IS_DESTROYED);
    CUdevice d = -1;
    CHECK(CU(cuCtxGetDevice)(&d) == CUDA_ERROR_CONTEXT_IS_DESTROYED);
    CHECK(CU(cuCtxSetCurrent)(gpus[1]) == CUDA_SUCCESS);
    CHECK(CU(cuMemAlloc_v2)(&q, 64) == CUDA_SUCCESS);
    CHECK(CU(cuMemFree_v2)(q) == CUDA_SUCCESS);
  });
  current.get_future().wait();
  REQUIRE(CU(cuCtxDestroy_v2)(gone) == CUDA_SUCCESS);
  destroyed.set_value();
  other.join();

  gpus.use(1);
  CHECK(CU(cuStreamSynchronize)(s) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(CU(cuStreamDestroy_v2)(s) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(CU(cuEventRecord)(e, nullptr) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(CU(cuEventQuery)(e) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(CU(cuStreamWaitEvent)(nullptr, e, 0) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(CU(cuModuleUnload)(m) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(CU(cuMemFree_v2)(p) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemFreeHost)(pinned) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemsetD8_v2)(p, 0, 64) == CUDA_ERROR_INVALID_VALUE);
  void* arguments[] = {&p, &p, &p};
  CHECK(CU(cuLaunchKernel)(f, 1, 1, 1, 1, 1, 1, 0, nullptr, arguments, nullptr) ==
        CUDA_ERROR_INVALID_HANDLE);
  CHECK(CU(cuCtxSetCurrent)(gone) == CUDA_ERROR_INVALID_CONTEXT);
  CHECK(CU(cuCtxPushCurrent_v2)(gone) == CUDA_ERROR_INVALID_CONTEXT);
  CHECK(CU(cuCtxDestroy_v2)(gone) == CUDA_ERROR_INVALID_CONTEXT);
  CHECK(CU(cuMemcpyPeer)(p, gone, p, gpus[1], 64) == CUDA_ERROR_INVALID_CONTEXT);
}

TEST_CASE("a function of one context is none in another, whatever the device") {
  const Devices gpus(2);
  gpus.use(0);
  CUmodule m = nullptr;
  CUfunction f = nullptr;
  REQUIRE(CU(cuModuleLoadData)(&m, ptx::kBounded.c_str()) == CUDA_SUCCESS);
  REQUIRE(CU(cuModuleGetFunction)(&f, m, "bounded") == CUDA_SUCCESS);
  CHECK(CU(cuLaunchKernel)(f, 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, nullptr) == CUDA_SUCCESS);
  gpus.use(1);
  CHECK(CU(cuLaunchKernel)(f, 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, nullptr) ==
        CUDA_ERROR_INVALID_HANDLE);
}

TEST_CASE("a library's kernel runs on whichever device is current") {
  const Devices gpus(2);
  CUlibrary library = nullptr;
  REQUIRE(CU(cuLibraryLoadData)(&library, ptx::kFill.c_str(), nullptr, nullptr, 0, nullptr, nullptr,
                                0) == CUDA_SUCCESS);
  CUkernel kernel = nullptr;
  REQUIRE(CU(cuLibraryGetKernel)(&kernel, library, "fill") == CUDA_SUCCESS);
  for (int d = 0; d < 2; ++d) {
    CUdeviceptr p = gpus.alloc(d, 256);
    uint32_t value = 40U + static_cast<uint32_t>(d), n = 64;
    void* arguments[] = {&p, &value, &n};
    REQUIRE(CU(cuLaunchKernel)(reinterpret_cast<CUfunction>(kernel), 1, 1, 1, 64, 1, 1, 0, nullptr,
                               arguments, nullptr) == CUDA_SUCCESS);
    CHECK(gpus.read(d, p, 64) == std::vector<uint32_t>(64, value));
  }
  CHECK(CU(cuLibraryUnload)(library) == CUDA_SUCCESS);
}
