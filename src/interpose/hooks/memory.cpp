// SPDX-License-Identifier: MIT
// Device and host memory of a context: what is live, and of which kind. Stream-ordered memory is in
// pools.cpp, virtual memory in virtual_memory.cpp, what comes from elsewhere in shared_memory.cpp.
#include "api/generated/hooks.hpp"
#include "interpose/hooks/remember.hpp"

namespace nonans::interpose::hooks {
namespace {

using memory::BufferKind;

// The addresses under which devices see pinned host memory. With unified addressing they are the
// host's own; registered memory may have others. The kernel gets these.
void remember_alias(uint64_t device_address, const void* host) noexcept {
  if (device_address == address_of(host)) return;
  std::optional<memory::Buffer> known;
  quietly([&](Runtime& runtime) { known = runtime.buffers.find(address_of(host)); });
  if (known && known->kind == BufferKind::host)
    remember_owned({.base = device_address - (address_of(host) - known->base),
                    .size = known->size,
                    .kind = BufferKind::host,
                    .owner = known->base});
}

template <typename Real>
CUresult release_host(const void* host, Real real) {
  return release_owned(address_of(host), [&] { return release(address_of(host), real); });
}

}  // namespace

CUresult cuMemAlloc_v2(const HookCall&, PFN_cuMemAlloc_v3020 real, CUdeviceptr_v2* dptr,
                       size_t bytesize) {
  const CUresult result = real(dptr, bytesize);
  if (result == CUDA_SUCCESS) remember(*dptr, bytesize, BufferKind::device);
  return result;
}

CUresult cuMemAllocPitch_v2(const HookCall&, PFN_cuMemAllocPitch_v3020 real, CUdeviceptr_v2* dptr,
                            size_t* pPitch, size_t WidthInBytes, size_t Height,
                            unsigned int ElementSizeBytes) {
  const CUresult result = real(dptr, pPitch, WidthInBytes, Height, ElementSizeBytes);
  if (result == CUDA_SUCCESS) remember(*dptr, *pPitch * Height, BufferKind::device);
  return result;
}

CUresult cuMemAllocManaged(const HookCall&, PFN_cuMemAllocManaged_v6000 real, CUdeviceptr_v2* dptr,
                           size_t bytesize, unsigned int flags) {
  const CUresult result = real(dptr, bytesize, flags);
  if (result == CUDA_SUCCESS) remember(*dptr, bytesize, BufferKind::managed);
  return result;
}

CUresult cuMemFree_v2(const HookCall&, PFN_cuMemFree_v3020 real, CUdeviceptr_v2 dptr) {
  return release(dptr, [&] { return real(dptr); });
}

// Addresses had 32 bits before CUDA 3.2, and these names still do.
CUresult cuMemAlloc_v1(const HookCall&, PFN_cuMemAlloc_v2000 real, unsigned int* dptr,
                       unsigned int bytesize) {
  const CUresult result = real(dptr, bytesize);
  if (result == CUDA_SUCCESS) remember(*dptr, bytesize, BufferKind::device);
  return result;
}

CUresult cuMemAllocPitch_v1(const HookCall&, PFN_cuMemAllocPitch_v2000 real, unsigned int* dptr,
                            unsigned int* pPitch, unsigned int WidthInBytes, unsigned int Height,
                            unsigned int ElementSizeBytes) {
  const CUresult result = real(dptr, pPitch, WidthInBytes, Height, ElementSizeBytes);
  if (result == CUDA_SUCCESS) remember(*dptr, uint64_t{*pPitch} * Height, BufferKind::device);
  return result;
}

CUresult cuMemFree_v1(const HookCall&, PFN_cuMemFree_v2000 real, unsigned int dptr) {
  return release(dptr, [&] { return real(dptr); });
}

CUresult cuMemHostAlloc(const HookCall&, PFN_cuMemHostAlloc_v2020 real, void** pp, size_t bytesize,
                        unsigned int Flags) {
  const CUresult result = real(pp, bytesize, Flags);
  if (result == CUDA_SUCCESS) remember(address_of(*pp), bytesize, BufferKind::host);
  return result;
}

CUresult cuMemAllocHost_v2(const HookCall&, PFN_cuMemAllocHost_v3020 real, void** pp,
                           size_t bytesize) {
  const CUresult result = real(pp, bytesize);
  if (result == CUDA_SUCCESS) remember(address_of(*pp), bytesize, BufferKind::host);
  return result;
}

CUresult cuMemAllocHost_v1(const HookCall&, PFN_cuMemAllocHost_v2000 real, void** pp,
                           unsigned int bytesize) {
  const CUresult result = real(pp, bytesize);
  if (result == CUDA_SUCCESS) remember(address_of(*pp), bytesize, BufferKind::host);
  return result;
}

CUresult cuMemFreeHost(const HookCall&, PFN_cuMemFreeHost_v2000 real, void* p) {
  return release_host(p, [&] { return real(p); });
}

CUresult cuMemHostRegister_v2(const HookCall&, PFN_cuMemHostRegister_v6050 real, void* p,
                              size_t bytesize, unsigned int Flags) {
  const CUresult result = real(p, bytesize, Flags);
  if (result == CUDA_SUCCESS) remember(address_of(p), bytesize, BufferKind::host);
  return result;
}

CUresult cuMemHostUnregister(const HookCall&, PFN_cuMemHostUnregister_v4000 real, void* p) {
  return release_host(p, [&] { return real(p); });
}

CUresult cuMemHostGetDevicePointer_v2(const HookCall&, PFN_cuMemHostGetDevicePointer_v3020 real,
                                      CUdeviceptr_v2* pdptr, void* p, unsigned int Flags) {
  const CUresult result = real(pdptr, p, Flags);
  if (result == CUDA_SUCCESS) remember_alias(*pdptr, p);
  return result;
}

CUresult cuMemHostGetDevicePointer_v1(const HookCall&, PFN_cuMemHostGetDevicePointer_v2020 real,
                                      unsigned int* pdptr, void* p, unsigned int Flags) {
  const CUresult result = real(pdptr, p, Flags);
  if (result == CUDA_SUCCESS) remember_alias(*pdptr, p);
  return result;
}

}  // namespace nonans::interpose::hooks
