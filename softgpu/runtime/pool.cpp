// SPDX-License-Identifier: MIT
// Memory in a stream's order, and the pools that it comes from. The structures and attributes of
// pools have the same numbers and layout on both sides.
#include "runtime/call.hpp"

using namespace softgpu::runtime;

namespace {

static_assert(sizeof(cudaMemPoolProps) == sizeof(CUmemPoolProps));
static_assert(sizeof(cudaMemAccessDesc) == sizeof(CUmemAccessDesc));
static_assert(sizeof(cudaMemLocation) == sizeof(CUmemLocation));
static_assert(sizeof(cudaMemPoolPtrExportData) == sizeof(CUmemPoolPtrExportData));

template <typename Allocate>
cudaError_t allocate(Streams streams, void** out, Allocate&& how) {
  return with_context(streams, [&](const Driver& driver) -> cudaError_t {
    if (!out) return cudaErrorInvalidValue;
    CUdeviceptr memory = 0;
    const CUresult r = how(driver, &memory);
    if (r == CUDA_SUCCESS) *out = reinterpret_cast<void*>(memory);
    return to_error(r);
  });
}

cudaError_t allocate_async(Streams streams, void** out, size_t size, cudaStream_t stream) {
  return allocate(streams, out, [&](const Driver& driver, CUdeviceptr* memory) {
    return driver.cuMemAllocAsync(memory, size, stream);
  });
}

cudaError_t allocate_from_pool(Streams streams, void** out, size_t size, cudaMemPool_t pool,
                               cudaStream_t stream) {
  return allocate(streams, out, [&](const Driver& driver, CUdeviceptr* memory) {
    return driver.cuMemAllocFromPoolAsync(memory, size, pool, stream);
  });
}

cudaError_t free_async(Streams streams, void* memory, cudaStream_t stream) {
  return with_context(streams, [&](const Driver& driver) {
    return driver.cuMemFreeAsync(address(memory), stream);
  });
}

// Pools belong to devices, not to contexts.
template <typename Body>
cudaError_t with_device(int device, Body&& body) {
  return with_driver([&](const Driver& driver) -> cudaError_t {
    if (const cudaError_t e = check_device(driver, device); e != cudaSuccess) return e;
    return to_error(body(driver));
  });
}

}  // namespace

SOFTGPU_TWINS(cudaMallocAsync, ptsz, allocate_async, (void** out, size_t size, cudaStream_t stream),
              out, size, stream)
SOFTGPU_TWINS(cudaMallocFromPoolAsync, ptsz, allocate_from_pool,
              (void** out, size_t size, cudaMemPool_t pool, cudaStream_t stream), out, size, pool,
              stream)
SOFTGPU_TWINS(cudaFreeAsync, ptsz, free_async, (void* memory, cudaStream_t stream), memory, stream)

cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t* pool, int device) {
  return with_device(
      device, [&](const Driver& driver) { return driver.cuDeviceGetDefaultMemPool(pool, device); });
}

cudaError_t cudaDeviceGetMemPool(cudaMemPool_t* pool, int device) {
  return with_device(device,
                     [&](const Driver& driver) { return driver.cuDeviceGetMemPool(pool, device); });
}

cudaError_t cudaDeviceSetMemPool(int device, cudaMemPool_t pool) {
  return with_device(device,
                     [&](const Driver& driver) { return driver.cuDeviceSetMemPool(device, pool); });
}

// softgpu-partial: as cuMemPoolCreate
cudaError_t cudaMemPoolCreate(cudaMemPool_t* pool, const cudaMemPoolProps* properties) {
  return with_driver([&](const Driver& driver) {
    return driver.cuMemPoolCreate(pool, reinterpret_cast<const CUmemPoolProps*>(properties));
  });
}

cudaError_t cudaMemPoolDestroy(cudaMemPool_t pool) {
  return with_driver([&](const Driver& driver) { return driver.cuMemPoolDestroy(pool); });
}

cudaError_t cudaMemPoolTrimTo(cudaMemPool_t pool, size_t keep) {
  return with_driver([&](const Driver& driver) { return driver.cuMemPoolTrimTo(pool, keep); });
}

cudaError_t cudaMemPoolGetAttribute(cudaMemPool_t pool, cudaMemPoolAttr attribute, void* value) {
  return with_driver([&](const Driver& driver) {
    return driver.cuMemPoolGetAttribute(pool, static_cast<CUmemPool_attribute>(attribute), value);
  });
}

cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t pool, cudaMemPoolAttr attribute, void* value) {
  return with_driver([&](const Driver& driver) {
    return driver.cuMemPoolSetAttribute(pool, static_cast<CUmemPool_attribute>(attribute), value);
  });
}

cudaError_t cudaMemPoolGetAccess(cudaMemAccessFlags* flags, cudaMemPool_t pool,
                                 cudaMemLocation* location) {
  return with_driver([&](const Driver& driver) {
    return driver.cuMemPoolGetAccess(reinterpret_cast<CUmemAccess_flags*>(flags), pool,
                                     reinterpret_cast<CUmemLocation*>(location));
  });
}

cudaError_t cudaMemPoolSetAccess(cudaMemPool_t pool, const cudaMemAccessDesc* list, size_t count) {
  return with_driver([&](const Driver& driver) {
    return driver.cuMemPoolSetAccess(pool, reinterpret_cast<const CUmemAccessDesc*>(list), count);
  });
}

cudaError_t cudaMemPoolExportToShareableHandle(void* handle, cudaMemPool_t pool,
                                               cudaMemAllocationHandleType type, unsigned flags) {
  return with_driver([&](const Driver& driver) {
    return driver.cuMemPoolExportToShareableHandle(
        handle, pool, static_cast<CUmemAllocationHandleType>(type), flags);
  });
}

cudaError_t cudaMemPoolImportFromShareableHandle(cudaMemPool_t* pool, void* handle,
                                                 cudaMemAllocationHandleType type, unsigned flags) {
  return with_driver([&](const Driver& driver) {
    return driver.cuMemPoolImportFromShareableHandle(
        pool, handle, static_cast<CUmemAllocationHandleType>(type), flags);
  });
}

cudaError_t cudaMemPoolExportPointer(cudaMemPoolPtrExportData* data, void* memory) {
  return with_driver([&](const Driver& driver) {
    return driver.cuMemPoolExportPointer(reinterpret_cast<CUmemPoolPtrExportData*>(data),
                                         address(memory));
  });
}

cudaError_t cudaMemPoolImportPointer(void** out, cudaMemPool_t pool,
                                     cudaMemPoolPtrExportData* data) {
  return with_driver([&](const Driver& driver) {
    return driver.cuMemPoolImportPointer(reinterpret_cast<CUdeviceptr*>(out), pool,
                                         reinterpret_cast<CUmemPoolPtrExportData*>(data));
  });
}

#if CUDART_VERSION >= 13000
cudaError_t cudaMemGetDefaultMemPool(cudaMemPool_t* pool, cudaMemLocation* location,
                                     cudaMemAllocationType type) {
  return with_driver([&](const Driver& driver) {
    return driver.cuMemGetDefaultMemPool(pool, reinterpret_cast<CUmemLocation*>(location),
                                         static_cast<CUmemAllocationType>(type));
  });
}

cudaError_t cudaMemGetMemPool(cudaMemPool_t* pool, cudaMemLocation* location,
                              cudaMemAllocationType type) {
  return with_driver([&](const Driver& driver) {
    return driver.cuMemGetMemPool(pool, reinterpret_cast<CUmemLocation*>(location),
                                  static_cast<CUmemAllocationType>(type));
  });
}

cudaError_t cudaMemSetMemPool(cudaMemLocation* location, cudaMemAllocationType type,
                              cudaMemPool_t pool) {
  return with_driver([&](const Driver& driver) {
    return driver.cuMemSetMemPool(reinterpret_cast<CUmemLocation*>(location),
                                  static_cast<CUmemAllocationType>(type), pool);
  });
}
#endif
