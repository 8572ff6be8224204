// SPDX-License-Identifier: MIT
// The error model: what sticks to a call, to a thread, to a context.
#include <string>
#include <thread>

#include "fixture.hpp"

TEST_CASE("names and texts of errors") {
  CHECK(cudaGetErrorName(cudaSuccess) == std::string("cudaSuccess"));
  CHECK(cudaGetErrorName(cudaErrorIllegalAddress) == std::string("cudaErrorIllegalAddress"));
  CHECK(cudaGetErrorName(cudaErrorStreamCaptureIsolation) ==
        std::string("cudaErrorStreamCaptureIsolation"));
  CHECK(cudaGetErrorString(cudaSuccess) == std::string("no error"));
  CHECK(cudaGetErrorString(cudaErrorMemoryAllocation) == std::string("out of memory"));
  CHECK(cudaGetErrorString(cudaErrorInvalidConfiguration) ==
        std::string("invalid configuration argument"));
  CHECK(cudaGetErrorString(static_cast<cudaError_t>(12345)) ==
        std::string("unrecognized error code"));
}

TEST_CASE("the last error stays until it is read, whatever succeeds in between") {
  CHECK(cudaSetDevice(-1) == cudaErrorInvalidDevice);
  OK(cudaDeviceSynchronize());
  CHECK(cudaPeekAtLastError() == cudaErrorInvalidDevice);
  CHECK(cudaGetLastError() == cudaErrorInvalidDevice);
  CHECK(cudaGetLastError() == cudaSuccess);
}

TEST_CASE("the last error belongs to the thread") {
  CHECK(cudaSetDevice(-1) == cudaErrorInvalidDevice);
  std::thread([] { CHECK(cudaPeekAtLastError() == cudaSuccess); }).join();
  CHECK(cudaGetLastError() == cudaErrorInvalidDevice);
}

TEST_CASE("a launch that cannot be configured fails at the launch and harms nothing") {
  Buffer<float> values(64);
  kernels::add(values.get(), 64, 1, 1, 2048);  // more than 1024 threads
  FAILS(cudaPeekAtLastError(), cudaErrorInvalidConfiguration);
  kernels::add(values.get(), 64, 1, 0, 64);  // no blocks
  FAILS(cudaPeekAtLastError(), cudaErrorInvalidConfiguration);
  OK(cudaLaunchKernel(kernels::bounded_address(), dim3(1), dim3(64), nullptr, 0, nullptr));
  OK(cudaDeviceSynchronize());
  kernels::add(values.get(), 64, 1, 1, 64);
  CHECK(values.read()[0] == 1);
}

TEST_CASE("what is no kernel is an invalid device function") {
  int local = 0;
  cudaFuncAttributes attributes;
  FAILS(cudaLaunchKernel(&local, dim3(1), dim3(1), nullptr, 0, nullptr),
        cudaErrorInvalidDeviceFunction);
  FAILS(cudaFuncGetAttributes(&attributes, &local), cudaErrorInvalidDeviceFunction);
}

TEST_CASE("more shared memory than the kernel may have is an invalid value") {
  Buffer<int> out(1);
  int* pointer = out.get();
  void* arguments[] = {&pointer};
  FAILS(
      cudaLaunchKernel(kernels::dynamic_address(), dim3(1), dim3(32), arguments, 64 << 10, nullptr),
      cudaErrorInvalidValue);
}

TEST_CASE("not ready is an error code like any other") {
  cudaStream_t stream = nullptr;
  OK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  {
    Held held(stream);
    FAILS(cudaStreamQuery(stream), cudaErrorNotReady);
  }
  OK(cudaStreamSynchronize(stream));
  OK(cudaStreamQuery(stream));
  OK(cudaStreamDestroy(stream));
}

TEST_CASE("a fault sticks to the device until it is reset") {
  OK(cudaLaunchKernel(kernels::fault_address(), dim3(1), dim3(1), nullptr, 0, nullptr));
  CHECK(cudaDeviceSynchronize() == cudaErrorIllegalAddress);
  void* memory = nullptr;
  CHECK(cudaMalloc(&memory, 4) == cudaErrorIllegalAddress);
  CHECK(cudaGetLastError() == cudaErrorIllegalAddress);
  CHECK(cudaDeviceSynchronize() == cudaErrorIllegalAddress);  // reading it did not heal it
  std::thread([] { CHECK(cudaDeviceSynchronize() == cudaErrorIllegalAddress); }).join();
  OK(cudaDeviceReset());
  cudaGetLastError();
  Buffer<float> values(64);
  kernels::add(values.get(), 64, 1, 1, 64);
  CHECK(values.read()[0] == 1);
}
