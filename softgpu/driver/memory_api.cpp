// SPDX-License-Identifier: MIT
// Device and managed memory: cuMemAlloc and its kin. Only the entries with 64-bit addresses; those
// of CUDA 2 (`cuMemAlloc` and not `cuMemAlloc_v2`) are in legacy/legacy_memory.cpp.
#include "driver/entry.hpp"
#include "driver/graph/graph_memory.hpp"
#include "driver/ipc/opened_memory.hpp"
#include "driver/managed_variables.hpp"
#include "driver/pool.hpp"

namespace softgpu::driver {
namespace {

constexpr size_t kPitch = 512;

CUresult allocate(Context& context, CUdeviceptr* out, size_t size) {
  const Allocation* a = memory().allocate_device(context, size, MemoryKind::device, true);
  if (!a) {
    // What pools keep for reuse is memory that can be had.
    for (const PoolPtr& pool : pools().all()) trim(*pool, 0);
    a = memory().allocate_device(context, size, MemoryKind::device, true);
  }
  if (!a) return CUDA_ERROR_OUT_OF_MEMORY;
  *out = a->address;
  return CUDA_SUCCESS;
}

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuMemAlloc_v2(CUdeviceptr* out, size_t size) {
  return with_context_unsafe([&](Context& context) -> CUresult {
    if (!out || size == 0) return CUDA_ERROR_INVALID_VALUE;
    return allocate(context, out, size);
  });
}

CUresult cuMemAllocPitch_v2(CUdeviceptr* out, size_t* pitch, size_t width, size_t height,
                            unsigned int element) {
  return with_context_unsafe([&](Context& context) -> CUresult {
    if (!out || !pitch || width == 0 || height == 0) return CUDA_ERROR_INVALID_VALUE;
    if (element != 4 && element != 8 && element != 16) return CUDA_ERROR_INVALID_VALUE;
    if (width > SIZE_MAX - kPitch) return CUDA_ERROR_OUT_OF_MEMORY;
    const size_t row = (width + kPitch - 1) / kPitch * kPitch;
    size_t size = 0;
    if (__builtin_mul_overflow(row, height, &size)) return CUDA_ERROR_OUT_OF_MEMORY;
    if (const CUresult r = allocate(context, out, size); r != CUDA_SUCCESS) return r;
    *pitch = row;
    return CUDA_SUCCESS;
  });
}

CUresult cuMemAllocManaged(CUdeviceptr* out, size_t size, unsigned int flags) {
  return with_context_unsafe([&](Context& context) -> CUresult {
    if (!out || size == 0) return CUDA_ERROR_INVALID_VALUE;
    if (flags != CU_MEM_ATTACH_GLOBAL && flags != CU_MEM_ATTACH_HOST)
      return CUDA_ERROR_INVALID_VALUE;
    const Allocation* const a = memory().allocate_host(context, size, flags, MemoryKind::managed);
    if (!a) return CUDA_ERROR_OUT_OF_MEMORY;
    *out = a->address;
    return CUDA_SUCCESS;
  });
}

// Waits for the context's work first, as hardware drivers do: what a running kernel uses is not
// pulled from under it.
CUresult cuMemFree_v2(CUdeviceptr address) {
  return with_context_unsafe([&](Context&) -> CUresult {
    if (address == 0) return CUDA_SUCCESS;
    const auto found = memory().find(address);
    if (!found || found->address != address || is_managed_variable(*found))
      return CUDA_ERROR_INVALID_VALUE;
    const auto owner = contexts().find(found->context);
    if (owner) {
      if (const CUresult r = owner->synchronize(); r != CUDA_SUCCESS) return r;
    }
    if (found->kind == MemoryKind::graph && owner) {
      const CUresult r = free_graph_memory(address, owner->legacy);
      return r == CUDA_SUCCESS ? owner->synchronize() : r;
    }
    if (found->kind == MemoryKind::mapped)
      return close_memory(address, Opened::from_pool) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
    if (found->kind == MemoryKind::pooled)
      return free_pooled_now(address) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
    const bool gone = memory().release(address, [](MemoryKind kind) {
      return kind == MemoryKind::device || kind == MemoryKind::managed;
    });
    return gone ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
  });
}

CUresult cuMemGetInfo_v2(size_t* free, size_t* total) {
  return with_context([&](Context& context) -> CUresult {
    const uint64_t used = memory().used(context.device), capacity = memory().capacity();
    if (free) *free = used < capacity ? capacity - used : 0;
    if (total) *total = capacity;
    return CUDA_SUCCESS;
  });
}

CUresult cuMemGetAddressRange_v2(CUdeviceptr* base, size_t* size, CUdeviceptr address) {
  return with_context([&](Context&) -> CUresult {
    const auto found = memory().find(address);
    if (!found) return CUDA_ERROR_NOT_FOUND;
    if (base) *base = found->address;
    if (size) *size = found->size;
    return CUDA_SUCCESS;
  });
}

// Managed memory is one mapping for host and device: nothing to move, nothing to advise.
namespace {
CUresult check_managed(CUdeviceptr address, size_t size) {
  return with_context([&](Context&) -> CUresult {
    const auto found = memory().find(address, size);
    return size > 0 && found && found->kind == MemoryKind::managed ? CUDA_SUCCESS
                                                                   : CUDA_ERROR_INVALID_VALUE;
  });
}
}  // namespace

// softgpu-partial: checks the range and takes no advice
CUresult cuMemAdvise(CUdeviceptr address, size_t size, CUmem_advise, CUdevice) {
  return check_managed(address, size);
}
CUresult cuMemAdvise_v2(CUdeviceptr address, size_t size, CUmem_advise, CUmemLocation) {
  return check_managed(address, size);
}
// softgpu-partial: checks the range and moves nothing: managed memory is the memory of the host
CUresult cuMemPrefetchAsync(CUdeviceptr address, size_t size, CUdevice, CUstream) {
  return check_managed(address, size);
}
CUresult cuMemPrefetchAsync_ptsz(CUdeviceptr address, size_t size, CUdevice, CUstream) {
  return check_managed(address, size);
}
CUresult cuMemPrefetchAsync_v2(CUdeviceptr address, size_t size, CUmemLocation, unsigned int,
                               CUstream) {
  return check_managed(address, size);
}
CUresult cuMemPrefetchAsync_v2_ptsz(CUdeviceptr address, size_t size, CUmemLocation, unsigned int,
                                    CUstream) {
  return check_managed(address, size);
}

// softgpu-partial: checks the address; managed memory is always accessible from everywhere
CUresult cuStreamAttachMemAsync(CUstream, CUdeviceptr address, size_t, unsigned int) {
  return check_managed(address, 1);
}
CUresult cuStreamAttachMemAsync_ptsz(CUstream, CUdeviceptr address, size_t, unsigned int) {
  return check_managed(address, 1);
}
