// SPDX-License-Identifier: MIT
// The names without a version: functions of CUDA 2 and 3, from cuda.h and its rule that contexts
// and calls of different API versions do not mix (CUDA_ERROR_INVALID_CONTEXT).
#include "softgpu/driver_fixture.hpp"
#include "softgpu/driver_kernels.hpp"

TEST_CASE("functions with 32-bit addresses are refused in a context of today") {
  const Gpu gpu;
  unsigned version = 0;
  REQUIRE(CU(cuCtxGetApiVersion)(gpu.context, &version) == CUDA_SUCCESS);
  CHECK(version >= 3020);
  CUdeviceptr_v1 p = 0;
  unsigned size = 0;
  char host[4] = {};
  CHECK(CU(cuMemAlloc)(&p, 64) == CUDA_ERROR_INVALID_CONTEXT);
  CHECK(CU(cuMemFree)(64) == CUDA_ERROR_INVALID_CONTEXT);
  CHECK(CU(cuMemGetInfo)(&size, &size) == CUDA_ERROR_INVALID_CONTEXT);
  CHECK(CU(cuMemcpyHtoD)(64, host, 4) == CUDA_ERROR_INVALID_CONTEXT);
  CHECK(CU(cuMemcpyDtoHAsync)(host, 64, 4, nullptr) == CUDA_ERROR_INVALID_CONTEXT);
  CHECK(CU(cuMemsetD32)(64, 0, 1) == CUDA_ERROR_INVALID_CONTEXT);
  CHECK(CU(cuMemGetAddressRange)(&p, &size, 64) == CUDA_ERROR_INVALID_CONTEXT);
}

TEST_CASE("in a context of their time, no address of this device fits 32 bits") {
  const Gpu gpu;
  CUcontext old = nullptr;
  REQUIRE(CU(cuCtxCreate)(&old, 0, 0) == CUDA_SUCCESS);
  unsigned version = 0;
  REQUIRE(CU(cuCtxGetApiVersion)(old, &version) == CUDA_SUCCESS);
  CHECK(version == 3010);
  CUdeviceptr_v1 p = 0;
  char host[4] = {};
  CHECK(CU(cuMemAlloc)(&p, 64) == CUDA_ERROR_OUT_OF_MEMORY);
  CHECK(CU(cuMemFree)(0) == CUDA_SUCCESS);
  CHECK(CU(cuMemFree)(64) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemcpyHtoD)(64, host, 4) == CUDA_ERROR_INVALID_VALUE);
  // Sizes are cut to what the type holds.
  unsigned free = 0, total = 0;
  size_t all = 0;
  REQUIRE(CU(cuDeviceTotalMem_v2)(&all, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemGetInfo)(&free, &total) == CUDA_SUCCESS);
  CHECK(total == (all > UINT32_MAX ? UINT32_MAX : static_cast<unsigned>(all)));
  unsigned device_total = 0;
  REQUIRE(CU(cuDeviceTotalMem)(&device_total, 0) == CUDA_SUCCESS);
  CHECK(device_total == total);
  void* pinned = nullptr;
  CHECK(CU(cuMemAllocHost)(&pinned, 64) == CUDA_SUCCESS);
  CHECK(CU(cuMemFreeHost)(pinned) == CUDA_SUCCESS);
  CHECK(CU(cuCtxDestroy)(old) == CUDA_SUCCESS);
}

TEST_CASE("a kernel is launched with parameters set one by one") {
  const Gpu gpu;
  const CUfunction f = gpu.function(ptx::kFill, "fill");
  CUdeviceptr p = gpu.alloc(400);
  REQUIRE(CU(cuMemsetD8_v2)(p, 0, 400) == CUDA_SUCCESS);
  REQUIRE(CU(cuFuncSetBlockShape)(f, 32, 1, 1) == CUDA_SUCCESS);
  REQUIRE(CU(cuFuncSetSharedSize)(f, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuParamSetv)(f, 0, &p, sizeof p) == CUDA_SUCCESS);
  REQUIRE(CU(cuParamSeti)(f, 8, 17) == CUDA_SUCCESS);
  REQUIRE(CU(cuParamSeti)(f, 12, 90) == CUDA_SUCCESS);
  REQUIRE(CU(cuParamSetSize)(f, 16) == CUDA_SUCCESS);
  REQUIRE(CU(cuLaunchGrid)(f, 3, 1) == CUDA_SUCCESS);
  std::vector<unsigned> wanted(100, 0);
  std::fill(wanted.begin(), wanted.begin() + 90, 17);
  CHECK(gpu.read<unsigned>(p, 100) == wanted);

  // What was set stays: one more launch, on a stream, with another value.
  const CUstream s = gpu.stream();
  REQUIRE(CU(cuParamSetf)(f, 8, 1.0F) == CUDA_SUCCESS);
  REQUIRE(CU(cuLaunchGridAsync)(f, 1, 1, s) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamSynchronize)(s) == CUDA_SUCCESS);
  std::fill(wanted.begin(), wanted.begin() + 32, 0x3F800000);
  CHECK(gpu.read<unsigned>(p, 100) == wanted);
  REQUIRE(CU(cuParamSeti)(f, 8, 5) == CUDA_SUCCESS);
  REQUIRE(CU(cuLaunch)(f) == CUDA_SUCCESS);
  std::fill(wanted.begin(), wanted.begin() + 32, 5);
  CHECK(gpu.read<unsigned>(p, 100) == wanted);

  CHECK(CU(cuLaunchGrid)(f, 0, 1) == CUDA_ERROR_INVALID_VALUE);
  REQUIRE(CU(cuParamSetSize)(f, 8) == CUDA_SUCCESS);  // less than the kernel takes
  CHECK(CU(cuLaunchGrid)(f, 1, 1) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuFuncSetBlockShape)(nullptr, 1, 1, 1) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(CU(cuFuncSetBlockShape)(f, 0, 1, 1) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuParamSeti)(f, -4, 1) == CUDA_ERROR_INVALID_VALUE);
}

TEST_CASE("a context lives until the last use is detached") {
  const Gpu gpu;
  CUcontext context = nullptr, attached = nullptr;
  REQUIRE(CU(cuCtxCreate_v2)(&context, 0, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuCtxAttach)(&attached, 0) == CUDA_SUCCESS);
  CHECK(attached == context);
  CHECK(CU(cuCtxAttach)(&attached, 1) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuCtxDetach)(gpu.context) == CUDA_ERROR_INVALID_CONTEXT);  // not current
  CHECK(CU(cuCtxDetach)(context) == CUDA_SUCCESS);
  CHECK(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
  CHECK(CU(cuCtxDetach)(context) == CUDA_SUCCESS);
  unsigned version = 0;
  CHECK(CU(cuCtxGetApiVersion)(context, &version) == CUDA_ERROR_INVALID_CONTEXT);
}

TEST_CASE("pools by location are those of the device") {
  const Gpu gpu;
  CUmemLocation here{};
  here.type = CU_MEM_LOCATION_TYPE_DEVICE;
  CUmemoryPool by_location = nullptr, by_device = nullptr, made = nullptr;
  REQUIRE(CU(cuMemGetDefaultMemPool)(&by_location, &here, CU_MEM_ALLOCATION_TYPE_PINNED) ==
          CUDA_SUCCESS);
  REQUIRE(CU(cuDeviceGetDefaultMemPool)(&by_device, 0) == CUDA_SUCCESS);
  CHECK(by_location == by_device);
  CUmemPoolProps properties{};
  properties.allocType = CU_MEM_ALLOCATION_TYPE_PINNED;
  properties.location = here;
  REQUIRE(CU(cuMemPoolCreate)(&made, &properties) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemSetMemPool)(&here, CU_MEM_ALLOCATION_TYPE_PINNED, made) == CUDA_SUCCESS);
  REQUIRE(CU(cuDeviceGetMemPool)(&by_device, 0) == CUDA_SUCCESS);
  CHECK(by_device == made);
  REQUIRE(CU(cuMemGetMemPool)(&by_location, &here, CU_MEM_ALLOCATION_TYPE_PINNED) == CUDA_SUCCESS);
  CHECK(by_location == made);
  CHECK(CU(cuMemGetMemPool)(&by_location, &here, CU_MEM_ALLOCATION_TYPE_MANAGED) ==
        CUDA_ERROR_NOT_SUPPORTED);
  here.type = CU_MEM_LOCATION_TYPE_NONE;
  CHECK(CU(cuMemGetMemPool)(&by_location, &here, CU_MEM_ALLOCATION_TYPE_PINNED) ==
        CUDA_ERROR_INVALID_VALUE);
  REQUIRE(CU(cuMemPoolDestroy)(made) == CUDA_SUCCESS);
}
