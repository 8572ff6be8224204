// SPDX-License-Identifier: MIT
#include <dlfcn.h>

#include <cstring>
#include <string>

#include "fixture.hpp"

namespace {

// The runtime looks for libcuda.so.1 by that name; the one loaded first answers to it.
[[maybe_unused]] void* const driver = dlopen(SOFTGPU_CUDA_LIBRARY, RTLD_NOW);

int attribute(cudaDeviceAttr which) {
  int value = -1;
  OK(cudaDeviceGetAttribute(&value, which, 0));
  return value;
}

}  // namespace

Held::Held(cudaStream_t stream) {
  // Loading code waits for the device, so what the tests launch behind this must be there already.
  cudaFuncAttributes attributes;
  OK(cudaFuncGetAttributes(&attributes, kernels::add_address()));
  void* flag = nullptr;
  OK(cudaHostAlloc(&flag, sizeof(int), cudaHostAllocMapped));
  flag_ = static_cast<volatile int*>(flag);
  *flag_ = 0;
  void* arguments[] = {&flag};
  OK(cudaLaunchKernel(kernels::spin_address(), dim3(1), dim3(1), arguments, 0, stream));
}

TEST_CASE("versions: the runtime's own, and the driver's") {
  int runtime = 0, driver_version = 0;
  OK(cudaRuntimeGetVersion(&runtime));
  OK(cudaDriverGetVersion(&driver_version));
  CHECK(runtime == CUDART_VERSION);
  CHECK(runtime / 1000 == SOFTGPU_RUNTIME);
  CHECK(driver_version >= runtime);
}

TEST_CASE("properties agree with the attributes") {
  cudaDeviceProp p;
  std::memset(&p, 0xAB, sizeof p);
  OK(cudaGetDeviceProperties(&p, 0));
  CHECK(std::strlen(p.name) > 0);
  CHECK(p.totalGlobalMem > 0);
  CHECK(p.warpSize == 32);
  CHECK(p.major == attribute(cudaDevAttrComputeCapabilityMajor));
  CHECK(p.minor == attribute(cudaDevAttrComputeCapabilityMinor));
  CHECK(p.multiProcessorCount == attribute(cudaDevAttrMultiProcessorCount));
  CHECK(p.maxThreadsDim[2] == attribute(cudaDevAttrMaxBlockDimZ));
  CHECK(p.maxGridSize[0] == attribute(cudaDevAttrMaxGridDimX));
  CHECK(p.sharedMemPerBlockOptin ==
        static_cast<size_t>(attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin)));
  CHECK(p.reservedSharedMemPerBlock ==
        static_cast<size_t>(attribute(cudaDevAttrReservedSharedMemoryPerBlock)));
  CHECK(p.memoryPoolsSupported == attribute(cudaDevAttrMemoryPoolsSupported));
  CHECK(p.ipcEventSupported == attribute(cudaDevAttrIpcEventSupport));
  CHECK(p.managedMemory == 1);
#if SOFTGPU_RUNTIME == 12
  CHECK(p.clockRate == attribute(cudaDevAttrClockRate));
  CHECK(p.computeMode == cudaComputeModeDefault);
#else
  CHECK(p.hostNumaId == attribute(cudaDevAttrHostNumaId));
#endif
  for (const int reserved : p.reserved) CHECK(reserved == 0);
}

#if SOFTGPU_RUNTIME == 12
TEST_CASE("CUDA 11's layout of the properties is kept under the plain name") {
  // 728 bytes, the members of CUDA 12 up to reservedSharedMemPerBlock. A caller's struct ends
  // there.
  using Get = cudaError_t (*)(void*, int);
  const auto get = reinterpret_cast<Get>(dlsym(RTLD_DEFAULT, "cudaGetDeviceProperties"));
  REQUIRE(get);
  alignas(8) unsigned char old[728 + 8];
  std::memset(old, 0xAB, sizeof old);
  OK(get(old, 0));
  cudaDeviceProp p;
  OK(cudaGetDeviceProperties(&p, 0));
  CHECK(std::memcmp(old, &p, 728) == 0);
  for (size_t i = 728; i < sizeof old; ++i) CHECK(old[i] == 0xAB);
}
#endif

TEST_CASE("device numbers out of range are invalid devices") {
  int count = 0, value = 0;
  cudaDeviceProp p;
  OK(cudaGetDeviceCount(&count));
  REQUIRE(count >= 1);
  FAILS(cudaSetDevice(count), cudaErrorInvalidDevice);
  FAILS(cudaSetDevice(-1), cudaErrorInvalidDevice);
  FAILS(cudaGetDeviceProperties(&p, count), cudaErrorInvalidDevice);
  FAILS(cudaDeviceGetAttribute(&value, cudaDevAttrWarpSize, count), cudaErrorInvalidDevice);
  int device = -1;
  OK(cudaGetDevice(&device));
  CHECK(device == 0);
}

TEST_CASE("the bus id leads back to the device") {
  char id[32] = "";
  int device = -1;
  OK(cudaDeviceGetPCIBusId(id, sizeof id, 0));
  OK(cudaDeviceGetByPCIBusId(&device, id));
  CHECK(device == 0);
}

TEST_CASE("a reset frees everything and the next call starts anew") {
  Buffer<float>* const lost = new Buffer<float>(64);  // not freed: the reset does
  kernels::add(lost->get(), 64, 1, 1, 64);
  OK(cudaDeviceSynchronize());
  OK(cudaDeviceReset());
  FAILS(cudaFree(lost->get()), cudaErrorInvalidValue);
  Buffer<float> values(64);
  kernels::add(values.get(), 64, 2, 1, 64);
  OK(cudaGetLastError());
  CHECK(values.read()[63] == 2);
}

TEST_CASE("limits and flags of the device") {
  size_t stack = 0;
  OK(cudaDeviceSetLimit(cudaLimitStackSize, 4096));
  OK(cudaDeviceGetLimit(&stack, cudaLimitStackSize));
  CHECK(stack >= 4096);
  unsigned flags = 0;
  OK(cudaSetDeviceFlags(cudaDeviceScheduleBlockingSync));
  OK(cudaGetDeviceFlags(&flags));
  CHECK((flags & cudaDeviceScheduleMask) == cudaDeviceScheduleBlockingSync);
  FAILS(cudaSetDeviceFlags(0x1000), cudaErrorInvalidValue);
}

TEST_CASE("the device that matches best is chosen") {
  cudaDeviceProp wanted;
  std::memset(&wanted, 0, sizeof wanted);
  wanted.major = 8;
  int device = -1;
  OK(cudaChooseDevice(&device, &wanted));
  CHECK(device == 0);
}
