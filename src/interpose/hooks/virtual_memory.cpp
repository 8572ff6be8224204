// SPDX-License-Identifier: MIT
// Virtual memory management and multicast objects (memory/virtual_memory.hpp tells what they mean).
// None of these needs a current context: NCCL and allocators call them before there is one.
#include "api/generated/hooks.hpp"
#include "api/generated/real.hpp"
#include "interpose/hooks/remember.hpp"

namespace nonans::interpose::hooks {
namespace {

using memory::BufferKind;
using memory::VirtualMemory;

VirtualMemory::Backing backing_of(const CUmemAllocationProp& properties) {
  if (properties.location.type == CU_MEM_LOCATION_TYPE_DEVICE)
    return {.device = properties.location.id};
  return {.kind = BufferKind::host};
}

VirtualMemory::Access right_of(CUmemAccess_flags flags) {
  switch (flags) {
    case CU_MEM_ACCESS_FLAGS_PROT_NONE:
      return VirtualMemory::Access::none;
    case CU_MEM_ACCESS_FLAGS_PROT_READ:
      return VirtualMemory::Access::read;
    default:
      return VirtualMemory::Access::read_write;
  }
}

template <typename Real>
CUresult unmap(uint64_t address, uint64_t size, Real real) {
  std::shared_ptr<VirtualMemory::Unmapped> gone;
  quietly([&](Runtime& runtime) { gone = runtime.virtual_memory.unmapping(address, size); });
  const CUresult result = real();
  if (result != CUDA_SUCCESS)
    quietly([&](Runtime& runtime) { runtime.virtual_memory.put_back(gone); });
  return result;
}

}  // namespace

CUresult cuMemCreate(const HookCall&, PFN_cuMemCreate_v10020 real,
                     CUmemGenericAllocationHandle* handle, size_t size,
                     const CUmemAllocationProp* prop, unsigned long long flags) {
  const CUresult result = real(handle, size, prop, flags);
  if (result == CUDA_SUCCESS)
    quietly([&](Runtime& runtime) { runtime.virtual_memory.created(*handle, backing_of(*prop)); });
  return result;
}

// Whatever it is on, another process may write it.
CUresult cuMemImportFromShareableHandle(const HookCall&,
                                        PFN_cuMemImportFromShareableHandle_v10020 real,
                                        CUmemGenericAllocationHandle* handle, void* osHandle,
                                        CUmemAllocationHandleType shHandleType) {
  const CUresult result = real(handle, osHandle, shHandleType);
  if (result == CUDA_SUCCESS)
    quietly([&](Runtime& runtime) {
      runtime.virtual_memory.created(*handle, {.kind = BufferKind::imported});
    });
  return result;
}

CUresult cuMemExportToShareableHandle(const HookCall&, PFN_cuMemExportToShareableHandle_v10020 real,
                                      void* shareableHandle, CUmemGenericAllocationHandle handle,
                                      CUmemAllocationHandleType handleType,
                                      unsigned long long flags) {
  const CUresult result = real(shareableHandle, handle, handleType, flags);
  if (result == CUDA_SUCCESS)
    quietly(
        [&](Runtime& runtime) { runtime.virtual_memory.share_handle(handle, memory::kExported); });
  return result;
}

CUresult cuMemRetainAllocationHandle(const HookCall&, PFN_cuMemRetainAllocationHandle_v11000 real,
                                     CUmemGenericAllocationHandle* handle, void* addr) {
  const CUresult result = real(handle, addr);
  if (result == CUDA_SUCCESS)
    quietly([&](Runtime& runtime) { runtime.virtual_memory.retained(*handle, address_of(addr)); });
  return result;
}

CUresult cuMemRelease(const HookCall&, PFN_cuMemRelease_v10020 real,
                      CUmemGenericAllocationHandle handle) {
  std::shared_ptr<VirtualMemory::Released> released;
  quietly([&](Runtime& runtime) { released = runtime.virtual_memory.releasing(handle); });
  const CUresult result = real(handle);
  if (result != CUDA_SUCCESS)
    quietly([&](Runtime& runtime) { runtime.virtual_memory.put_back(released); });
  return result;
}

CUresult cuMemMap(const HookCall&, PFN_cuMemMap_v10020 real, CUdeviceptr_v2 ptr, size_t size,
                  size_t offset, CUmemGenericAllocationHandle handle, unsigned long long flags) {
  const CUresult result = real(ptr, size, offset, handle, flags);
  if (result == CUDA_SUCCESS)
    quietly([&](Runtime& runtime) { runtime.virtual_memory.mapped(ptr, size, offset, handle); });
  return result;
}

CUresult cuMemUnmap(const HookCall&, PFN_cuMemUnmap_v10020 real, CUdeviceptr_v2 ptr, size_t size) {
  return unmap(ptr, size, [&] { return real(ptr, size); });
}

CUresult cuMemAddressFree(const HookCall&, PFN_cuMemAddressFree_v10020 real, CUdeviceptr_v2 ptr,
                          size_t size) {
  return unmap(ptr, size, [&] { return real(ptr, size); });
}

CUresult cuMemSetAccess(const HookCall&, PFN_cuMemSetAccess_v10020 real, CUdeviceptr_v2 ptr,
                        size_t size, const CUmemAccessDesc* desc, size_t count) {
  const CUresult result = real(ptr, size, desc, count);
  if (result == CUDA_SUCCESS)
    quietly([&](Runtime& runtime) {
      for (size_t i = 0; i < count; ++i)
        runtime.virtual_memory.access(ptr, size,
                                      desc[i].location.type == CU_MEM_LOCATION_TYPE_DEVICE
                                          ? VirtualMemory::on_device(desc[i].location.id)
                                          : VirtualMemory::kHost,
                                      right_of(desc[i].flags));
    });
  return result;
}

// Pieces of sparse arrays: surface stores write the same memory as its mappings show.
CUresult cuMemMapArrayAsync(const HookCall&, PFN_cuMemMapArrayAsync_v11010 real,
                            CUarrayMapInfo* mapInfoList, unsigned int count, CUstream hStream) {
  const CUresult result = real(mapInfoList, count, hStream);
  if (result == CUDA_SUCCESS)
    quietly([&](Runtime& runtime) {
      for (unsigned i = 0; i < count; ++i)
        if (mapInfoList[i].memOperationType == CU_MEM_OPERATION_TYPE_MAP &&
            mapInfoList[i].memHandleType == CU_MEM_HANDLE_TYPE_GENERIC)
          runtime.virtual_memory.share_handle(mapInfoList[i].memHandle.memHandle, memory::kAliased);
    });
  return result;
}

// A multicast object is mapped like memory; a store there goes to all that is bound to it. What was
// bound once stays marked: which bytes other bindings still cover is not kept, and the mark costs
// no more than a repair.
CUresult cuMulticastCreate(const HookCall&, PFN_cuMulticastCreate_v12010 real,
                           CUmemGenericAllocationHandle* mcHandle,
                           const CUmulticastObjectProp* prop) {
  const CUresult result = real(mcHandle, prop);
  if (result == CUDA_SUCCESS)
    quietly([&](Runtime& runtime) {
      runtime.virtual_memory.created(*mcHandle, {.sharing = memory::kMulticast});
    });
  return result;
}

CUresult cuMulticastBindMem(const HookCall&, PFN_cuMulticastBindMem_v12010 real,
                            CUmemGenericAllocationHandle mcHandle, size_t mcOffset,
                            CUmemGenericAllocationHandle memHandle, size_t memOffset, size_t size,
                            unsigned long long flags) {
  const CUresult result = real(mcHandle, mcOffset, memHandle, memOffset, size, flags);
  if (result == CUDA_SUCCESS)
    quietly([&](Runtime& runtime) {
      runtime.virtual_memory.share_handle(memHandle, memory::kMulticast);
    });
  return result;
}

CUresult cuMulticastBindAddr(const HookCall&, PFN_cuMulticastBindAddr_v12010 real,
                             CUmemGenericAllocationHandle mcHandle, size_t mcOffset,
                             CUdeviceptr memptr, size_t size, unsigned long long flags) {
  const CUresult result = real(mcHandle, mcOffset, memptr, size, flags);
  if (result == CUDA_SUCCESS) share(memptr, memptr + size, memory::kMulticast);
  return result;
}

}  // namespace nonans::interpose::hooks
