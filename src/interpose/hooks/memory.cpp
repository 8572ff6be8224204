// SPDX-License-Identifier: MIT
// Device and host memory: what is live, and of which kind.
//
// Allocations are recorded after the driver made them, releases before the driver is asked: once it
// has the memory back it may hand the same address to another thread before our call returns, and a
// late removal would strike the new buffer. A release that the driver refuses is undone.
#include "api/generated/hooks.hpp"
#include "api/generated/real.hpp"
#include "interpose/hooks/quietly.hpp"
#include "interpose/runtime/pool_memory.hpp"

namespace nonans::interpose::hooks {
namespace {

using memory::Buffer;
using memory::BufferKind;

void remember(uint64_t base, uint64_t size, BufferKind kind) noexcept {
  quietly([&](Runtime& runtime) {
    runtime.see_context();
    if (!runtime.hooks_register()) return;
    runtime.buffers.add({.base = base,
                         .size = size,
                         .kind = kind,
                         .context = Runtime::current_context_key(),
                         .device = Runtime::current_device()});
  });
}

void remember_from_pool(uint64_t base, uint64_t size) noexcept {
  quietly([&](Runtime& runtime) {
    runtime.see_context();
    if (!runtime.hooks_register()) return;
    Buffer buffer{.base = base,
                  .size = size,
                  .kind = BufferKind::pool,
                  .context = Runtime::current_context_key()};
    describe_pool_memory(buffer);
    runtime.buffers.add(buffer);
  });
}

// Forgets the buffer at `base`, makes the real call, and remembers the buffer again if that failed.
template <typename Real>
CUresult release(uint64_t base, Real real) {
  std::optional<Buffer> gone;
  quietly([&](Runtime& runtime) {
    gone = runtime.buffers.find(base);
    if (!gone || !runtime.buffers.remove(base)) gone.reset();
  });
  const CUresult result = real();
  if (result != CUDA_SUCCESS && gone)
    quietly([&](Runtime& runtime) { runtime.buffers.add(*gone); });
  return result;
}

uint64_t address_of(const void* pointer) {
  return reinterpret_cast<uint64_t>(pointer);
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

// Stream-ordered memory is live from the call on for work queued behind it, which is all that we
// look at.
CUresult cuMemAllocAsync(const HookCall&, PFN_cuMemAllocAsync_v11020 real, CUdeviceptr_v2* dptr,
                         size_t bytesize, CUstream hStream) {
  const CUresult result = real(dptr, bytesize, hStream);
  if (result == CUDA_SUCCESS) remember_from_pool(*dptr, bytesize);
  return result;
}

CUresult cuMemAllocFromPoolAsync(const HookCall&, PFN_cuMemAllocFromPoolAsync_v11020 real,
                                 CUdeviceptr_v2* dptr, size_t bytesize, CUmemoryPool pool,
                                 CUstream hStream) {
  const CUresult result = real(dptr, bytesize, pool, hStream);
  if (result == CUDA_SUCCESS) remember_from_pool(*dptr, bytesize);
  return result;
}

CUresult cuMemFreeAsync(const HookCall&, PFN_cuMemFreeAsync_v11020 real, CUdeviceptr_v2 dptr,
                        CUstream hStream) {
  return release(dptr, [&] { return real(dptr, hStream); });
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

CUresult cuMemFreeHost(const HookCall&, PFN_cuMemFreeHost_v2000 real, void* p) {
  return release(address_of(p), [&] { return real(p); });
}

CUresult cuMemHostRegister_v2(const HookCall&, PFN_cuMemHostRegister_v6050 real, void* p,
                              size_t bytesize, unsigned int Flags) {
  const CUresult result = real(p, bytesize, Flags);
  if (result == CUDA_SUCCESS) remember(address_of(p), bytesize, BufferKind::host);
  return result;
}

CUresult cuMemHostUnregister(const HookCall&, PFN_cuMemHostUnregister_v4000 real, void* p) {
  return release(address_of(p), [&] { return real(p); });
}

}  // namespace nonans::interpose::hooks
