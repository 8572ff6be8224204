// SPDX-License-Identifier: MIT
// Pools by location and kind of memory: cuMemGetMemPool and its kin, the general forms of
// cuDeviceGetMemPool. This device has pools of pinned device memory only.
#include "driver/entry.hpp"
#include "driver/pool.hpp"

namespace softgpu::driver {
namespace {

template <typename Body>
CUresult on_device(const CUmemLocation* location, CUmemAllocationType type, Body&& body) {
  return entry([&]() -> CUresult {
    if (!location) return CUDA_ERROR_INVALID_VALUE;
    const bool known =
        location->type == CU_MEM_LOCATION_TYPE_DEVICE ||
        location->type == CU_MEM_LOCATION_TYPE_HOST ||
        location->type == CU_MEM_LOCATION_TYPE_HOST_NUMA ||
        (location->type == CU_MEM_LOCATION_TYPE_NONE && type == CU_MEM_ALLOCATION_TYPE_MANAGED);
    if (!known || (type != CU_MEM_ALLOCATION_TYPE_PINNED && type != CU_MEM_ALLOCATION_TYPE_MANAGED))
      return CUDA_ERROR_INVALID_VALUE;
    if (location->type != CU_MEM_LOCATION_TYPE_DEVICE || type != CU_MEM_ALLOCATION_TYPE_PINNED) {
      say_once("location pool", "pools of host memory and of managed memory are not supported");
      return CUDA_ERROR_NOT_SUPPORTED;
    }
    if (!is_device(location->id)) return CUDA_ERROR_INVALID_VALUE;
    return body(location->id);
  });
}

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

// softgpu-partial: pools of device memory only
CUresult cuMemGetDefaultMemPool(CUmemoryPool* out, CUmemLocation* location,
                                CUmemAllocationType type) {
  return on_device(location, type,
                   [&](CUdevice device) { return cuDeviceGetDefaultMemPool(out, device); });
}

// softgpu-partial: pools of device memory only
CUresult cuMemGetMemPool(CUmemoryPool* out, CUmemLocation* location, CUmemAllocationType type) {
  return on_device(location, type,
                   [&](CUdevice device) { return cuDeviceGetMemPool(out, device); });
}

// softgpu-partial: pools of device memory only
CUresult cuMemSetMemPool(CUmemLocation* location, CUmemAllocationType type, CUmemoryPool pool) {
  return on_device(location, type,
                   [&](CUdevice device) { return cuDeviceSetMemPool(device, pool); });
}
