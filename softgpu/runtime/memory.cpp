// SPDX-License-Identifier: MIT
// Allocating and freeing: device, host and managed memory.
#include "runtime/call.hpp"

using namespace softgpu::runtime;

namespace {

void* pointer(CUdeviceptr address) {
  return reinterpret_cast<void*>(address);
}

}  // namespace

// No bytes are a null pointer, not an error as in the driver.
cudaError_t cudaMalloc(void** out, size_t size) {
  return with_context([&](const Driver& driver) -> cudaError_t {
    if (!out) return cudaErrorInvalidValue;
    *out = nullptr;
    if (size == 0) return cudaSuccess;
    CUdeviceptr memory = 0;
    const CUresult r = driver.cuMemAlloc(&memory, size);
    *out = pointer(memory);
    return to_error(r);
  });
}

cudaError_t cudaFree(void* memory) {
  return with_context([&](const Driver& driver) -> cudaError_t {
    return memory ? to_error(driver.cuMemFree(address(memory))) : cudaSuccess;
  });
}

cudaError_t cudaMallocManaged(void** out, size_t size, unsigned flags) {
  return with_context([&](const Driver& driver) -> cudaError_t {
    if (!out) return cudaErrorInvalidValue;
    CUdeviceptr memory = 0;
    const CUresult r = driver.cuMemAllocManaged(&memory, size, flags);
    if (r == CUDA_SUCCESS) *out = pointer(memory);
    return to_error(r);
  });
}

cudaError_t cudaMallocPitch(void** out, size_t* pitch, size_t width, size_t height) {
  return with_context([&](const Driver& driver) -> cudaError_t {
    if (!out || !pitch) return cudaErrorInvalidValue;
    *out = nullptr;
    if (width == 0 || height == 0) return *pitch = 0, cudaSuccess;
    CUdeviceptr memory = 0;
    const CUresult r = driver.cuMemAllocPitch(&memory, pitch, width, height, 4);
    *out = pointer(memory);
    return to_error(r);
  });
}

// Linear memory of height * depth rows; the pointer remembers its pitch and the extent in bytes and
// rows.
cudaError_t cudaMalloc3D(cudaPitchedPtr* out, cudaExtent extent) {
  if (!out) return record(cudaErrorInvalidValue);
  *out = {nullptr, 0, extent.width, extent.height};
  if (extent.depth != 0 && extent.height > SIZE_MAX / extent.depth)
    return record(cudaErrorInvalidValue);
  return cudaMallocPitch(&out->ptr, &out->pitch, extent.width, extent.height * extent.depth);
}

cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  return with_context([&](const Driver& driver) -> cudaError_t {
    size_t free_bytes = 0, all_bytes = 0;
    const CUresult r = driver.cuMemGetInfo(&free_bytes, &all_bytes);
    if (free) *free = free_bytes;
    if (total) *total = all_bytes;
    return to_error(r);
  });
}

cudaError_t cudaHostAlloc(void** out, size_t size, unsigned flags) {
  return with_context([&](const Driver& driver) -> cudaError_t {
    if (!out) return cudaErrorInvalidValue;
    *out = nullptr;
    return size == 0 ? cudaSuccess : to_error(driver.cuMemHostAlloc(out, size, flags));
  });
}

cudaError_t cudaMallocHost(void** out, size_t size) {
  return cudaHostAlloc(out, size, cudaHostAllocDefault);
}

cudaError_t cudaFreeHost(void* memory) {
  return with_context([&](const Driver& driver) -> cudaError_t {
    return memory ? to_error(driver.cuMemFreeHost(memory)) : cudaSuccess;
  });
}

// softgpu-partial: as cuMemHostRegister
cudaError_t cudaHostRegister(void* memory, size_t size, unsigned flags) {
  return with_context(
      [&](const Driver& driver) { return driver.cuMemHostRegister(memory, size, flags); });
}

cudaError_t cudaHostUnregister(void* memory) {
  return with_context([&](const Driver& driver) { return driver.cuMemHostUnregister(memory); });
}

cudaError_t cudaHostGetDevicePointer(void** out, void* host, unsigned flags) {
  return with_context([&](const Driver& driver) -> cudaError_t {
    if (!out) return cudaErrorInvalidValue;
    CUdeviceptr device = 0;
    const CUresult r = driver.cuMemHostGetDevicePointer(&device, host, flags);
    *out = pointer(device);
    return to_error(r);
  });
}

cudaError_t cudaHostGetFlags(unsigned* flags, void* host) {
  return with_context([&](const Driver& driver) { return driver.cuMemHostGetFlags(flags, host); });
}
