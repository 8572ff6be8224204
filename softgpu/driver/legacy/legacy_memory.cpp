// SPDX-License-Identifier: MIT
// The memory functions of CUDA 2, with device addresses of 32 bits: cuMemAlloc and not
// cuMemAlloc_v2.
//
// cuda.h hides these names behind macros, so only programs that look up "cuMemAlloc" by itself meet
// them, nearly always by mistake. What keeps such a mistake from cutting addresses in half is a
// rule on contexts (cuda.h, CUDA_ERROR_INVALID_CONTEXT): one that was made by cuCtxCreate_v2 or
// later, or is primary, has API version 3020 and takes no calls of version 3010. In a context of
// cuCtxCreate itself they are allowed; but this device's memory lies above 4 GiB, so there is none
// to be had, and no address of 32 bits is valid.
#include <algorithm>
#include <cstdint>

#include "driver/entry.hpp"

namespace softgpu::driver {
namespace {

template <typename Body>
CUresult with_old_context(Body&& body) {
  return with_context([&](Context& context) -> CUresult {
    return context.api_version < 3020 ? body(context) : CUDA_ERROR_INVALID_CONTEXT;
  });
}

CUresult no_memory() {
  return with_old_context([](Context&) { return CUDA_ERROR_OUT_OF_MEMORY; });
}
CUresult no_such_address() {
  return with_old_context([](Context&) { return CUDA_ERROR_INVALID_VALUE; });
}

unsigned int at_most_32_bits(uint64_t bytes) {
  return static_cast<unsigned int>(std::min<uint64_t>(bytes, UINT32_MAX));
}

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuDeviceTotalMem(unsigned int* bytes, CUdevice device) {
  size_t all = 0;
  const CUresult r = cuDeviceTotalMem_v2(bytes ? &all : nullptr, device);
  if (r == CUDA_SUCCESS) *bytes = at_most_32_bits(all);
  return r;
}

CUresult cuMemGetInfo(unsigned int* free, unsigned int* total) {
  return with_old_context([&](Context&) {
    size_t free_bytes = 0, total_bytes = 0;
    const CUresult r = cuMemGetInfo_v2(&free_bytes, &total_bytes);
    if (r != CUDA_SUCCESS) return r;
    if (free) *free = at_most_32_bits(free_bytes);
    if (total) *total = at_most_32_bits(total_bytes);
    return r;
  });
}

// Pinned memory has no device address here: cuMemHostGetDevicePointer would give it.
CUresult cuMemAllocHost(void** out, unsigned int size) {
  return with_old_context([&](Context&) { return cuMemAllocHost_v2(out, size); });
}

CUresult cuMemAlloc(CUdeviceptr_v1*, unsigned int) {
  return no_memory();
}
CUresult cuMemAllocPitch(CUdeviceptr_v1*, unsigned int*, unsigned int, unsigned int, unsigned int) {
  return no_memory();
}
CUresult cuMemFree(CUdeviceptr_v1 address) {
  return address == 0 ? with_old_context([](Context&) { return CUDA_SUCCESS; }) : no_such_address();
}
CUresult cuMemGetAddressRange(CUdeviceptr_v1*, unsigned int*, CUdeviceptr_v1) {
  return no_such_address();
}
CUresult cuMemHostGetDevicePointer(CUdeviceptr_v1*, void*, unsigned int) {
  return no_such_address();
}
CUresult cuModuleGetGlobal(CUdeviceptr_v1*, unsigned int*, CUmodule, const char*) {
  return no_such_address();
}

CUresult cuMemcpyHtoD(CUdeviceptr_v1, const void*, unsigned int) {
  return no_such_address();
}
CUresult cuMemcpyDtoH(void*, CUdeviceptr_v1, unsigned int) {
  return no_such_address();
}
CUresult cuMemcpyDtoD(CUdeviceptr_v1, CUdeviceptr_v1, unsigned int) {
  return no_such_address();
}
CUresult cuMemcpyHtoDAsync(CUdeviceptr_v1, const void*, unsigned int, CUstream) {
  return no_such_address();
}
CUresult cuMemcpyDtoHAsync(void*, CUdeviceptr_v1, unsigned int, CUstream) {
  return no_such_address();
}
CUresult cuMemcpyDtoDAsync(CUdeviceptr_v1, CUdeviceptr_v1, unsigned int, CUstream) {
  return no_such_address();
}
CUresult cuMemcpy2D(const CUDA_MEMCPY2D_v1*) {
  return no_such_address();
}
CUresult cuMemcpy2DUnaligned(const CUDA_MEMCPY2D_v1*) {
  return no_such_address();
}
CUresult cuMemcpy2DAsync(const CUDA_MEMCPY2D_v1*, CUstream) {
  return no_such_address();
}
CUresult cuMemcpy3D(const CUDA_MEMCPY3D_v1*) {
  return no_such_address();
}
CUresult cuMemcpy3DAsync(const CUDA_MEMCPY3D_v1*, CUstream) {
  return no_such_address();
}

CUresult cuMemsetD8(CUdeviceptr_v1, unsigned char, unsigned int) {
  return no_such_address();
}
CUresult cuMemsetD16(CUdeviceptr_v1, unsigned short, unsigned int) {
  return no_such_address();
}
CUresult cuMemsetD32(CUdeviceptr_v1, unsigned int, unsigned int) {
  return no_such_address();
}
CUresult cuMemsetD2D8(CUdeviceptr_v1, unsigned int, unsigned char, unsigned int, unsigned int) {
  return no_such_address();
}
CUresult cuMemsetD2D16(CUdeviceptr_v1, unsigned int, unsigned short, unsigned int, unsigned int) {
  return no_such_address();
}
CUresult cuMemsetD2D32(CUdeviceptr_v1, unsigned int, unsigned int, unsigned int, unsigned int) {
  return no_such_address();
}
