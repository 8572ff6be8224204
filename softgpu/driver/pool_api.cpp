// SPDX-License-Identifier: MIT
// cuMemPool*: pools as objects.
#include "driver/entry.hpp"
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
    if (device != 0) return CUDA_ERROR_INVALID_DEVICE;
    *out = default_pool()->handle;
    return CUDA_SUCCESS;
  });
}

CUresult cuDeviceGetMemPool(CUmemoryPool* out, CUdevice device) {
  return entry([&]() -> CUresult {
    if (!out) return CUDA_ERROR_INVALID_VALUE;
    if (device != 0) return CUDA_ERROR_INVALID_DEVICE;
    *out = device_pool()->handle;
    return CUDA_SUCCESS;
  });
}

CUresult cuDeviceSetMemPool(CUdevice device, CUmemoryPool handle) {
  return entry([&]() -> CUresult {
    if (device != 0) return CUDA_ERROR_INVALID_DEVICE;
    const PoolPtr pool = pools().find(handle);
    if (!pool) return CUDA_ERROR_INVALID_VALUE;
    CurrentPool& current = current_pool();
    const std::lock_guard lock(current.mutex);
    current.pool = pool;
    return CUDA_SUCCESS;
  });
}

// softgpu-partial: pools of device memory only, whose memory cannot be exported
CUresult cuMemPoolCreate(CUmemoryPool* out, const CUmemPoolProps* properties) {
  return entry([&]() -> CUresult {
    if (!out || !properties || properties->allocType != CU_MEM_ALLOCATION_TYPE_PINNED)
      return CUDA_ERROR_INVALID_VALUE;
    if (properties->location.type != CU_MEM_LOCATION_TYPE_DEVICE) return CUDA_ERROR_NOT_SUPPORTED;
    if (properties->location.id != 0) return CUDA_ERROR_INVALID_VALUE;
    if (properties->handleTypes != CU_MEM_HANDLE_TYPE_NONE)
      return CUDA_ERROR_NOT_SUPPORTED;  // no export
    auto pool = std::make_shared<Pool>();
    pool->max_size = properties->maxSize;
    pool->handle = pools().insert(pool);
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
      CurrentPool& current = current_pool();
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
    if (!pools().find(handle)) return CUDA_ERROR_INVALID_HANDLE;
    if (count > 0 && !map) return CUDA_ERROR_INVALID_VALUE;
    for (size_t i = 0; i < count; ++i) {
      if (map[i].location.type != CU_MEM_LOCATION_TYPE_DEVICE) return CUDA_ERROR_INVALID_VALUE;
      if (map[i].location.id != 0) return CUDA_ERROR_INVALID_DEVICE;
      // The device a pool lives on always has access.
      if (map[i].flags != CU_MEM_ACCESS_FLAGS_PROT_READWRITE) return CUDA_ERROR_INVALID_VALUE;
    }
    return CUDA_SUCCESS;
  });
}

CUresult cuMemPoolGetAccess(CUmemAccess_flags* flags, CUmemoryPool handle,
                            CUmemLocation* location) {
  return entry([&]() -> CUresult {
    if (!pools().find(handle)) return CUDA_ERROR_INVALID_HANDLE;
    if (!flags || !location) return CUDA_ERROR_INVALID_VALUE;
    const bool own = location->type == CU_MEM_LOCATION_TYPE_DEVICE && location->id == 0;
    *flags = own ? CU_MEM_ACCESS_FLAGS_PROT_READWRITE : CU_MEM_ACCESS_FLAGS_PROT_NONE;
    return CUDA_SUCCESS;
  });
}
