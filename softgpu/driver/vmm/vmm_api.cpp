// SPDX-License-Identifier: MIT
// Virtual memory management: cuMemAddressReserve, cuMemCreate, cuMemMap and their kin.
//
// None of these belongs to a context or needs one, and none is refused while a stream captures:
// frameworks grow their pools in the middle of a capture.
#include "driver/entry.hpp"
#include "driver/pool.hpp"
#include "driver/vmm/vmm_handles.hpp"

namespace softgpu::driver {
namespace {

constexpr uint64_t kHostPage = 4096;

bool power_of_two(uint64_t v) {
  return v != 0 && (v & (v - 1)) == 0;
}

CUresult refuse(const char* what) {
  say_once(what, std::string(what) + " is not supported");
  return CUDA_ERROR_NOT_SUPPORTED;
}

// What cuMemCreate can make: pinned device memory, exported as a file descriptor or not at all.
CUresult check_properties(const CUmemAllocationProp* p) {
  if (!p) return CUDA_ERROR_INVALID_VALUE;
  switch (p->location.type) {
    case CU_MEM_LOCATION_TYPE_DEVICE:
      break;
    case CU_MEM_LOCATION_TYPE_HOST:
    case CU_MEM_LOCATION_TYPE_HOST_NUMA:
      return refuse("cuMemCreate of host memory");
    default:
      return CUDA_ERROR_INVALID_VALUE;
  }
  if (!is_device(p->location.id)) return CUDA_ERROR_INVALID_DEVICE;
  if (p->type != CU_MEM_ALLOCATION_TYPE_PINNED || p->win32HandleMetaData)
    return CUDA_ERROR_INVALID_VALUE;
  const auto handle_types = static_cast<unsigned>(p->requestedHandleTypes);
  constexpr unsigned kFd = CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR;
  constexpr unsigned kKnown =
      kFd | CU_MEM_HANDLE_TYPE_WIN32 | CU_MEM_HANDLE_TYPE_WIN32_KMT | CU_MEM_HANDLE_TYPE_FABRIC;
  if ((handle_types & ~kKnown) != 0) return CUDA_ERROR_INVALID_VALUE;
  if ((handle_types & ~kFd) != 0)
    return refuse("memory that is exported otherwise than as a file descriptor");
  if (p->allocFlags.gpuDirectRDMACapable != 0) return refuse("memory for GPUDirect RDMA");
  if (p->allocFlags.usage != 0) return refuse("memory for a tile pool or for decompression");
  return CUDA_SUCCESS;
}

CUresult create(CUmemGenericAllocationHandle* out, size_t size, const CUmemAllocationProp& p) {
  const int device = p.location.id;
  if (!memory().take_capacity(device, size)) {
    for (const PoolPtr& pool : pools().all()) trim(*pool, 0);
    if (!memory().take_capacity(device, size)) return CUDA_ERROR_OUT_OF_MEMORY;
  }
  CUmemAllocationProp kept = p;
  kept.allocFlags.compressionType = CU_MEM_ALLOCATION_COMP_NONE;  // a hint, not taken
  const PhysicalPtr physical = PhysicalMemory::create(size, kept);
  if (!physical) {
    memory().give_capacity(device, size);
    return CUDA_ERROR_OUT_OF_MEMORY;
  }
  physical->footprint = size;
  *out = vmm_handles().add(physical);
  return CUDA_SUCCESS;
}

bool whole(uint64_t value) {
  return value % kVmmGranularity == 0;
}

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuMemAddressReserve(CUdeviceptr* out, size_t size, size_t alignment, CUdeviceptr hint,
                             unsigned long long flags) {
  return entry([&]() -> CUresult {
    if (!out || flags != 0 || size == 0 || size % kHostPage != 0) return CUDA_ERROR_INVALID_VALUE;
    if (alignment != 0 && !power_of_two(alignment)) return CUDA_ERROR_INVALID_VALUE;
    if (hint % kHostPage != 0) return CUDA_ERROR_INVALID_VALUE;
    const uint64_t address = memory().mappings().reserve(size, alignment, hint);
    if (address == 0) return CUDA_ERROR_OUT_OF_MEMORY;
    *out = address;
    return CUDA_SUCCESS;
  });
}

CUresult cuMemAddressFree(CUdeviceptr address, size_t size) {
  return entry([&] { return memory().mappings().free(address, size); });
}

// softgpu-partial: device memory only, for export as a file descriptor or none
CUresult cuMemCreate(CUmemGenericAllocationHandle* out, size_t size,
                     const CUmemAllocationProp* properties, unsigned long long flags) {
  return entry([&]() -> CUresult {
    if (!out || flags != 0 || size == 0 || !whole(size)) return CUDA_ERROR_INVALID_VALUE;
    if (const CUresult r = check_properties(properties); r != CUDA_SUCCESS) return r;
    return create(out, size, *properties);
  });
}

CUresult cuMemRelease(CUmemGenericAllocationHandle handle) {
  return entry([&]() -> CUresult {
    return vmm_handles().release(handle) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
  });
}

CUresult cuMemMap(CUdeviceptr address, size_t size, size_t offset,
                  CUmemGenericAllocationHandle handle, unsigned long long flags) {
  return entry([&]() -> CUresult {
    // "Currently must be zero", cuda.h says of the offset.
    if (flags != 0 || offset != 0 || size == 0 || !whole(size) || !whole(address))
      return CUDA_ERROR_INVALID_VALUE;
    const VmmHandlePtr found = vmm_handles().find(handle);
    if (!found || size > found->physical->size()) return CUDA_ERROR_INVALID_VALUE;
    return memory().mappings().map(address, size, offset, found);
  });
}

CUresult cuMemUnmap(CUdeviceptr address, size_t size) {
  return entry([&] { return memory().mappings().unmap(address, size); });
}

// softgpu-partial: access of devices, not of the host
CUresult cuMemSetAccess(CUdeviceptr address, size_t size, const CUmemAccessDesc* descriptions,
                        size_t count) {
  return entry([&]() -> CUresult {
    if (!descriptions || count == 0) return CUDA_ERROR_INVALID_VALUE;
    for (size_t i = 0; i < count; ++i) {
      const CUmemAccessDesc& d = descriptions[i];
      if (d.location.type == CU_MEM_LOCATION_TYPE_HOST ||
          d.location.type == CU_MEM_LOCATION_TYPE_HOST_NUMA)
        return refuse("access of the host to memory of cuMemCreate");
      if (d.location.type != CU_MEM_LOCATION_TYPE_DEVICE) return CUDA_ERROR_INVALID_VALUE;
      if (!is_device(d.location.id)) return CUDA_ERROR_INVALID_DEVICE;
      if (d.flags != CU_MEM_ACCESS_FLAGS_PROT_NONE && d.flags != CU_MEM_ACCESS_FLAGS_PROT_READ &&
          d.flags != CU_MEM_ACCESS_FLAGS_PROT_READWRITE)
        return CUDA_ERROR_INVALID_VALUE;
    }
    for (size_t i = 0; i < count; ++i) {
      const CUmemAccessDesc& d = descriptions[i];
      const CUresult r = memory().mappings().set_access(address, size, d.location.id, d.flags);
      if (r != CUDA_SUCCESS) return r;
    }
    return CUDA_SUCCESS;
  });
}

CUresult cuMemGetAccess(unsigned long long* flags, const CUmemLocation* location,
                        CUdeviceptr address) {
  return entry([&]() -> CUresult {
    if (!flags || !location || location->type != CU_MEM_LOCATION_TYPE_DEVICE)
      return CUDA_ERROR_INVALID_VALUE;
    if (!is_device(location->id)) return CUDA_ERROR_INVALID_DEVICE;
    const auto there = memory().mappings().describe(address);
    if (!there || there->mapping == 0) return CUDA_ERROR_INVALID_VALUE;
    *flags = there->access[static_cast<size_t>(location->id)];
    return CUDA_SUCCESS;
  });
}

CUresult cuMemGetAllocationGranularity(size_t* out, const CUmemAllocationProp* properties,
                                       CUmemAllocationGranularity_flags option) {
  return entry([&]() -> CUresult {
    if (!out || (option != CU_MEM_ALLOC_GRANULARITY_MINIMUM &&
                 option != CU_MEM_ALLOC_GRANULARITY_RECOMMENDED))
      return CUDA_ERROR_INVALID_VALUE;
    if (const CUresult r = check_properties(properties); r != CUDA_SUCCESS) return r;
    *out = kVmmGranularity;
    return CUDA_SUCCESS;
  });
}

CUresult cuMemGetAllocationPropertiesFromHandle(CUmemAllocationProp* out,
                                                CUmemGenericAllocationHandle handle) {
  return entry([&]() -> CUresult {
    const VmmHandlePtr found = vmm_handles().find(handle);
    if (!out || !found) return CUDA_ERROR_INVALID_VALUE;
    *out = found->physical->properties();
    return CUDA_SUCCESS;
  });
}

CUresult cuMemRetainAllocationHandle(CUmemGenericAllocationHandle* out, void* address) {
  return entry([&]() -> CUresult {
    if (!out) return CUDA_ERROR_INVALID_VALUE;
    const auto there = memory().mappings().describe(reinterpret_cast<uint64_t>(address));
    if (!there || !there->handle || there->handle->number == 0) return CUDA_ERROR_INVALID_VALUE;
    vmm_handles().retain(there->handle);
    *out = there->handle->number;
    return CUDA_SUCCESS;
  });
}

// softgpu-partial: file descriptors only
CUresult cuMemExportToShareableHandle(void* out, CUmemGenericAllocationHandle handle,
                                      CUmemAllocationHandleType type, unsigned long long flags) {
  return entry([&]() -> CUresult {
    if (!out || flags != 0) return CUDA_ERROR_INVALID_VALUE;
    const VmmHandlePtr found = vmm_handles().find(handle);
    if (!found) return CUDA_ERROR_INVALID_VALUE;
    if (type != CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR) return CUDA_ERROR_NOT_SUPPORTED;
    // It has to be asked for when the memory is created.
    PhysicalMemory& physical = *found->physical;
    if (physical.properties().requestedHandleTypes != type) return CUDA_ERROR_INVALID_VALUE;
    if (!physical.own_file().ok()) {
      const auto quiet = memory().quiet();
      if (!memory().mappings().move_to_own_file(physical)) return CUDA_ERROR_OUT_OF_MEMORY;
    }
    const int fd = physical.own_file().duplicate();
    if (fd < 0) return CUDA_ERROR_OPERATING_SYSTEM;
    *static_cast<int*>(out) = fd;
    return CUDA_SUCCESS;
  });
}

// softgpu-partial: file descriptors only
CUresult cuMemImportFromShareableHandle(CUmemGenericAllocationHandle* out, void* os_handle,
                                        CUmemAllocationHandleType type) {
  return entry([&]() -> CUresult {
    if (!out) return CUDA_ERROR_INVALID_VALUE;
    if (type != CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR) return CUDA_ERROR_NOT_SUPPORTED;
    auto file = SharedFile::open(static_cast<int>(reinterpret_cast<intptr_t>(os_handle)));
    if (!file || file->trailer().kind != SharedKind::physical) return CUDA_ERROR_INVALID_VALUE;
    std::shared_ptr<Context> context;
    const int device = current_context(context) == CUDA_SUCCESS ? context->device : 0;
    *out = vmm_handles().add(PhysicalMemory::import(std::move(*file), device));
    return CUDA_SUCCESS;
  });
}

// Device memory is not behind a bus: there is no dma-buf of it (DMA_BUF_SUPPORTED is 0).
//
// softgpu-refused: there is no dma-buf of this device's memory
CUresult cuMemGetHandleForAddressRange(void* out, CUdeviceptr, size_t size,
                                       CUmemRangeHandleType type, unsigned long long) {
  return entry([&]() -> CUresult {
    if (!out || size == 0 || type != CU_MEM_RANGE_HANDLE_TYPE_DMA_BUF_FD)
      return CUDA_ERROR_INVALID_VALUE;
    return CUDA_ERROR_NOT_SUPPORTED;
  });
}
