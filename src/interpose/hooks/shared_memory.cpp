// SPDX-License-Identifier: MIT
// Memory that others reach too: given to or taken from other processes, other libraries, network
// cards and other devices of this process. All of it is left alone; here it is found out.
#include "api/generated/hooks.hpp"
#include "api/generated/real.hpp"
#include "interpose/hooks/remember.hpp"

namespace nonans::interpose::hooks {
namespace {

using memory::BufferKind;

// One handle exports the whole allocation, whatever address in it was given.
void export_allocation(uint64_t address) noexcept {
  share(address, address + 1, memory::kExported);
}

}  // namespace

CUresult cuIpcGetMemHandle(const HookCall&, PFN_cuIpcGetMemHandle_v4010 real,
                           CUipcMemHandle* pHandle, CUdeviceptr_v2 dptr) {
  const CUresult result = real(pHandle, dptr);
  if (result == CUDA_SUCCESS) export_allocation(dptr);
  return result;
}

CUresult cuIpcOpenMemHandle_v2(const HookCall&, PFN_cuIpcOpenMemHandle_v11000 real,
                               CUdeviceptr_v2* pdptr, CUipcMemHandle handle, unsigned int Flags) {
  const CUresult result = real(pdptr, handle, Flags);
  if (result == CUDA_SUCCESS)
    if (const Range range = range_of(*pdptr); range.size != 0)
      remember(range.base, range.size, BufferKind::imported);
  return result;
}

CUresult cuIpcCloseMemHandle(const HookCall&, PFN_cuIpcCloseMemHandle_v4010 real,
                             CUdeviceptr_v2 dptr) {
  return release(dptr, [&] { return real(dptr); });
}

// As a dma-buf, for network cards and other drivers.
CUresult cuMemGetHandleForAddressRange(const HookCall&,
                                       PFN_cuMemGetHandleForAddressRange_v11070 real, void* handle,
                                       CUdeviceptr_v2 dptr, size_t size,
                                       CUmemRangeHandleType handleType, unsigned long long flags) {
  const CUresult result = real(handle, dptr, size, handleType, flags);
  if (result == CUDA_SUCCESS) share(dptr, dptr + size, memory::kExported);
  return result;
}

// Set on memory that a network card is about to reach by itself (GPUDirect RDMA): registering it
// there is no call of CUDA's.
CUresult cuPointerSetAttribute(const HookCall&, PFN_cuPointerSetAttribute_v6000 real,
                               const void* value, CUpointer_attribute attribute,
                               CUdeviceptr_v2 ptr) {
  const CUresult result = real(value, attribute, ptr);
  if (result == CUDA_SUCCESS && attribute == CU_POINTER_ATTRIBUTE_SYNC_MEMOPS)
    export_allocation(ptr);
  return result;
}

CUresult cuExternalMemoryGetMappedBuffer(const HookCall&,
                                         PFN_cuExternalMemoryGetMappedBuffer_v10000 real,
                                         CUdeviceptr_v2* devPtr, CUexternalMemory extMem,
                                         const CUDA_EXTERNAL_MEMORY_BUFFER_DESC* bufferDesc) {
  const CUresult result = real(devPtr, extMem, bufferDesc);
  if (result == CUDA_SUCCESS)
    remember_owned({.base = *devPtr,
                    .size = bufferDesc->size,
                    .kind = BufferKind::external,
                    .owner = handle_key(extMem)});
  return result;
}

// Its buffers must no longer be used from here on, freed or not (cuda.h).
CUresult cuDestroyExternalMemory(const HookCall&, PFN_cuDestroyExternalMemory_v10000 real,
                                 CUexternalMemory extMem) {
  return release_owned(handle_key(extMem), [&] { return real(extMem); });
}

CUresult cuGraphicsResourceGetMappedPointer_v2(const HookCall&,
                                               PFN_cuGraphicsResourceGetMappedPointer_v3020 real,
                                               CUdeviceptr_v2* pDevPtr, size_t* pSize,
                                               CUgraphicsResource resource) {
  const CUresult result = real(pDevPtr, pSize, resource);
  if (result == CUDA_SUCCESS)
    remember_owned({.base = *pDevPtr,
                    .size = *pSize,
                    .kind = BufferKind::external,
                    .owner = handle_key(resource)});
  return result;
}

CUresult cuGraphicsResourceGetMappedPointer_v1(const HookCall&,
                                               PFN_cuGraphicsResourceGetMappedPointer_v3000 real,
                                               unsigned int* pDevPtr, unsigned int* pSize,
                                               CUgraphicsResource resource) {
  const CUresult result = real(pDevPtr, pSize, resource);
  if (result == CUDA_SUCCESS)
    remember_owned({.base = *pDevPtr,
                    .size = *pSize,
                    .kind = BufferKind::external,
                    .owner = handle_key(resource)});
  return result;
}

CUresult cuGraphicsUnmapResources(const HookCall&, PFN_cuGraphicsUnmapResources_v3000 real,
                                  unsigned int count, CUgraphicsResource* resources,
                                  CUstream hStream) {
  std::vector<memory::Buffer> gone;
  for (unsigned i = 0; resources && i < count; ++i)
    for (const memory::Buffer& range : forget_owned(handle_key(resources[i])))
      gone.push_back(range);
  const CUresult result = real(count, resources, hStream);
  if (result != CUDA_SUCCESS) remember_again(gone);
  return result;
}

CUresult cuGraphicsUnregisterResource(const HookCall&, PFN_cuGraphicsUnregisterResource_v3000 real,
                                      CUgraphicsResource resource) {
  return release_owned(handle_key(resource), [&] { return real(resource); });
}

// Kernels of the current context may touch everything in `peerContext` from now on, what is
// allocated later included.
CUresult cuCtxEnablePeerAccess(const HookCall&, PFN_cuCtxEnablePeerAccess_v4000 real,
                               CUcontext peerContext, unsigned int Flags) {
  const CUresult result = real(peerContext, Flags);
  if (result == CUDA_SUCCESS)
    quietly([&](Runtime& runtime) {
      runtime.see_context();
      runtime.peer_access.enabled(Runtime::current_context_key(), handle_key(peerContext));
    });
  return result;
}

CUresult cuCtxDisablePeerAccess(const HookCall&, PFN_cuCtxDisablePeerAccess_v4000 real,
                                CUcontext peerContext) {
  const CUresult result = real(peerContext);
  if (result == CUDA_SUCCESS)
    quietly([&](Runtime& runtime) {
      runtime.peer_access.disabled(Runtime::current_context_key(), handle_key(peerContext));
    });
  return result;
}

}  // namespace nonans::interpose::hooks
