// SPDX-License-Identifier: MIT
// cuMemPool*: pools as objects.
#include "driver/entry.hpp"
#include "driver/peer_access.hpp"
#include "driver/pool.hpp"

using namespace softgpu::driver;

CUresult cuMemPoolTrimTo(CUmemoryPool handle, size_t keep) {
  return entry([&]() -> CUresult {
    const PoolPtr pool = pools().find(handle);
    if (!pool) return CUDA_ERROR_INVALID_HANDLE;
    trim(*pool, keep);
    return CUDA_SUCCESS;
  });
}

CUresult cuDeviceGetDefaultMemPool(CUmemoryPool* out, CUdevice device) {
  return entry([&]() -> CUresult {
    if (!out) return CUDA_ERROR_INVALID_VALUE;
    if (!is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    *out = default_pool(device)->handle;
    return CUDA_SUCCESS;
  });
}

CUresult cuDeviceGetMemPool(CUmemoryPool* out, CUdevice device) {
  return entry([&]() -> CUresult {
    if (!out) return CUDA_ERROR_INVALID_VALUE;
    if (!is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    *out = device_pool(device)->handle;
    return CUDA_SUCCESS;
  });
}

CUresult cuDeviceSetMemPool(CUdevice device, CUmemoryPool handle) {
  return entry([&]() -> CUresult {
    if (!is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    const PoolPtr pool = pools().find(handle);
    if (!pool || pool->imported || pool->device != device) return CUDA_ERROR_INVALID_VALUE;
    CurrentPool& current = current_pool(device);
    const std::lock_guard lock(current.mutex);
    current.pool = pool;
    return CUDA_SUCCESS;
  });
}

// softgpu-partial: pools of device memory only, exported as file descriptors only
CUresult cuMemPoolCreate(CUmemoryPool* out, const CUmemPoolProps* properties) {
  return entry([&]() -> CUresult {
    if (!out || !properties || properties->allocType != CU_MEM_ALLOCATION_TYPE_PINNED)
      return CUDA_ERROR_INVALID_VALUE;
    if (properties->location.type != CU_MEM_LOCATION_TYPE_DEVICE) return CUDA_ERROR_NOT_SUPPORTED;
    if (!is_device(properties->location.id)) return CUDA_ERROR_INVALID_VALUE;
    SharedFile shared;
    if (properties->handleTypes == CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR) {
      shared = SharedFile::make(SharedKind::pool, 4096);
      if (!shared.ok()) return CUDA_ERROR_OUT_OF_MEMORY;
    } else if (properties->handleTypes != CU_MEM_HANDLE_TYPE_NONE) {
      return CUDA_ERROR_NOT_SUPPORTED;
    }
    const PoolPtr pool = make_pool(properties->location.id);
    pool->shared = std::move(shared);
    pool->max_size = properties->maxSize;
    *out = pool->handle;
    return CUDA_SUCCESS;
  });
}

CUresult cuMemPoolDestroy(CUmemoryPool handle) {
  return entry([&]() -> CUresult {
    const PoolPtr pool = pools().find(handle);
    if (!pool) return CUDA_ERROR_INVALID_HANDLE;
    if (pool->is_default) return CUDA_ERROR_INVALID_VALUE;
    pools().remove(handle);
    {
      CurrentPool& current = current_pool(pool->device);
      const std::lock_guard lock(current.mutex);
      if (current.pool == pool) current.pool.reset();
    }
    trim(*pool, 0);
    return CUDA_SUCCESS;
  });
}

CUresult cuMemPoolSetAttribute(CUmemoryPool handle, CUmemPool_attribute attribute, void* value) {
  return entry([&]() -> CUresult {
    const PoolPtr pool = pools().find(handle);
    if (!pool) return CUDA_ERROR_INVALID_HANDLE;
    if (!value) return CUDA_ERROR_INVALID_VALUE;
    const std::lock_guard lock(pool->mutex);
    const auto number = [&] { return *static_cast<cuuint64_t*>(value); };
    const auto truth = [&] { return *static_cast<int*>(value) != 0; };
    switch (attribute) {
      case CU_MEMPOOL_ATTR_RELEASE_THRESHOLD:
        pool->release_threshold = number();
        return CUDA_SUCCESS;
      case CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES:
        pool->reuse_follow_dependencies = truth();
        return CUDA_SUCCESS;
      case CU_MEMPOOL_ATTR_REUSE_ALLOW_OPPORTUNISTIC:
        pool->reuse_opportunistic = truth();
        return CUDA_SUCCESS;
      case CU_MEMPOOL_ATTR_REUSE_ALLOW_INTERNAL_DEPENDENCIES:
        pool->reuse_internal_dependencies = truth();
        return CUDA_SUCCESS;
      case CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH:
      case CU_MEMPOOL_ATTR_USED_MEM_HIGH:  // only a reset is allowed
        if (number() != 0) return CUDA_ERROR_INVALID_VALUE;
        (attribute == CU_MEMPOOL_ATTR_USED_MEM_HIGH ? pool->used_high : pool->reserved_high) =
            attribute == CU_MEMPOOL_ATTR_USED_MEM_HIGH ? pool->used : pool->reserved;
        return CUDA_SUCCESS;
      default:
        return CUDA_ERROR_INVALID_VALUE;
    }
  });
}

CUresult cuMemPoolGetAttribute(CUmemoryPool handle, CUmemPool_attribute attribute, void* value) {
  return entry([&]() -> CUresult {
    const PoolPtr pool = pools().find(handle);
    if (!pool) return CUDA_ERROR_INVALID_HANDLE;
    if (!value) return CUDA_ERROR_INVALID_VALUE;
    const std::lock_guard lock(pool->mutex);
    const auto number = [&](uint64_t v) {
      *static_cast<cuuint64_t*>(value) = v;
      return CUDA_SUCCESS;
    };
    const auto truth = [&](bool v) {
      *static_cast<int*>(value) = v;
      return CUDA_SUCCESS;
    };
    switch (attribute) {
      case CU_MEMPOOL_ATTR_RELEASE_THRESHOLD:
        return number(pool->release_threshold);
      case CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT:
        return number(pool->reserved);
      case CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH:
        return number(pool->reserved_high);
      case CU_MEMPOOL_ATTR_USED_MEM_CURRENT:
        return number(pool->used);
      case CU_MEMPOOL_ATTR_USED_MEM_HIGH:
        return number(pool->used_high);
      case CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES:
        return truth(pool->reuse_follow_dependencies);
      case CU_MEMPOOL_ATTR_REUSE_ALLOW_OPPORTUNISTIC:
        return truth(pool->reuse_opportunistic);
      case CU_MEMPOOL_ATTR_REUSE_ALLOW_INTERNAL_DEPENDENCIES:
        return truth(pool->reuse_internal_dependencies);
      default:
        return CUDA_ERROR_INVALID_VALUE;
    }
  });
}

CUresult cuMemPoolSetAccess(CUmemoryPool handle, const CUmemAccessDesc* map, size_t count) {
  return entry([&]() -> CUresult {
    const PoolPtr pool = pools().find(handle);
    if (!pool) return CUDA_ERROR_INVALID_HANDLE;
    return apply(map, count, pool->device, *pool->access);
  });
}

CUresult cuMemPoolGetAccess(CUmemAccess_flags* flags, CUmemoryPool handle,
                            CUmemLocation* location) {
  return entry([&]() -> CUresult {
    const PoolPtr pool = pools().find(handle);
    if (!pool) return CUDA_ERROR_INVALID_HANDLE;
    if (!flags || !location || location->type != CU_MEM_LOCATION_TYPE_DEVICE)
      return CUDA_ERROR_INVALID_VALUE;
    if (!is_device(location->id)) return CUDA_ERROR_INVALID_DEVICE;
    *flags = pool->access->of(location->id);
    return CUDA_SUCCESS;
  });
}
