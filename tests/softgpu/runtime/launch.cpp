// SPDX-License-Identifier: MIT
#include <string>

#include "fixture.hpp"

TEST_CASE("every spelling of a launch runs the kernel") {
  Buffer<float> values(100);
  kernels::add(values.get(), 100, 1, 2, 64);
  OK(cudaGetLastError());

  float* pointer = values.get();
  int count = 100;
  float amount = 10;
  void* arguments[] = {&pointer, &count, &amount};
  OK(cudaLaunchKernel(kernels::add_address(), dim3(2), dim3(64), arguments, 0, nullptr));

  cudaLaunchConfig_t config{};
  config.gridDim = dim3(2);
  config.blockDim = dim3(64);
  amount = 100;
  OK(cudaLaunchKernelExC(&config, kernels::add_address(), arguments));

  cudaKernel_t kernel = nullptr;
  OK(cudaGetKernel(&kernel, kernels::add_address()));
  amount = 1000;
  OK(cudaLaunchKernel(reinterpret_cast<const void*>(kernel), dim3(2), dim3(64), arguments, 0,
                      nullptr));
  for (const float v : values.read()) CHECK(v == 1111);
}

TEST_CASE("blocks of a cooperative launch meet") {
  Buffer<int> count(1);
  int* pointer = count.get();
  void* arguments[] = {&pointer};
  OK(cudaLaunchCooperativeKernel(kernels::cooperative_address(), dim3(4), dim3(32), arguments, 0,
                                 nullptr));
  CHECK(count.read()[0] == 4);
  CHECK(cudaLaunchCooperativeKernel(kernels::cooperative_address(), dim3(1 << 20), dim3(1024),
                                    arguments, 0, nullptr) == cudaErrorCooperativeLaunchTooLarge);
  cudaGetLastError();
}

TEST_CASE("dynamic shared memory beyond the default is asked for first") {
  Buffer<int> out(1);
  int* pointer = out.get();
  void* arguments[] = {&pointer};
  OK(cudaFuncSetAttribute(kernels::dynamic_address(), cudaFuncAttributeMaxDynamicSharedMemorySize,
                          64 << 10));
  OK(cudaLaunchKernel(kernels::dynamic_address(), dim3(1), dim3(32), arguments, 64 << 10, nullptr));
  CHECK(out.read()[0] == 42);
  cudaFuncAttributes attributes;
  OK(cudaFuncGetAttributes(&attributes, kernels::dynamic_address()));
  CHECK(attributes.maxDynamicSharedSizeBytes == 64 << 10);
  FAILS(cudaFuncSetAttribute(kernels::dynamic_address(),
                             cudaFuncAttributeMaxDynamicSharedMemorySize, 1 << 30),
        cudaErrorInvalidValue);
}

TEST_CASE("attributes, names and parameters of a kernel") {
  cudaFuncAttributes attributes;
  OK(cudaFuncGetAttributes(&attributes, kernels::bounded_address()));
  CHECK(attributes.maxThreadsPerBlock == 64);
  CHECK(attributes.ptxVersion == 80);
  CHECK(attributes.binaryVersion >= 80);
  const char* name = nullptr;
  OK(cudaFuncGetName(&name, kernels::add_address()));
  CHECK(std::string(name).find("add_kernel") != std::string::npos);
  size_t offset = 99, size = 99;
  OK(cudaFuncGetParamInfo(kernels::add_address(), 2, &offset, &size));
  CHECK(offset == 12);
  CHECK(size == 4);
  FAILS(cudaFuncGetParamInfo(kernels::add_address(), 3, &offset, &size), cudaErrorInvalidValue);
  CHECK(cudaLaunchKernel(kernels::bounded_address(), dim3(1), dim3(65), nullptr, 0, nullptr) !=
        cudaSuccess);
  cudaGetLastError();
}

TEST_CASE("occupancy follows the block size") {
  int blocks = 0, threads = 0;
  OK(cudaDeviceGetAttribute(&threads, cudaDevAttrMaxThreadsPerMultiProcessor, 0));
  OK(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, kernels::add_address(), 1024, 0));
  CHECK(blocks == threads / 1024);
  size_t shared = 0;
  OK(cudaOccupancyAvailableDynamicSMemPerBlock(&shared, kernels::add_address(), 1, 128));
  CHECK(shared > 0);
  FAILS(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, kernels::add_address(), 0, 0),
        cudaErrorInvalidValue);
}
