// SPDX-License-Identifier: MIT
// Host memory that the device can reach: pinned by us, or the program's own and registered. Device
// and host address are the same (unified addressing).
#include "driver/entry.hpp"

namespace softgpu::driver {
namespace {

constexpr unsigned kAllocFlags =
    CU_MEMHOSTALLOC_PORTABLE | CU_MEMHOSTALLOC_DEVICEMAP | CU_MEMHOSTALLOC_WRITECOMBINED;

CUresult allocate_pinned(void** out, size_t size, unsigned flags) {
  return with_context_unsafe([&](Context& context) -> CUresult {
    if (!out || size == 0 || (flags & ~kAllocFlags) != 0) return CUDA_ERROR_INVALID_VALUE;
    // With unified addressing all pinned memory is portable and mapped, whatever was asked.
    const unsigned effective = flags | CU_MEMHOSTALLOC_PORTABLE | CU_MEMHOSTALLOC_DEVICEMAP;
    const Allocation* const a =
        memory().allocate_host(context, size, effective, MemoryKind::pinned);
    if (!a) return CUDA_ERROR_OUT_OF_MEMORY;
    *out = a->host;
    return CUDA_SUCCESS;
  });
}

// The host allocation or registration that starts at `pointer`, with its owner's work done.
CUresult settle(void* pointer, MemoryKind kind, CUresult when_missing) {
  const auto found = memory().find(reinterpret_cast<uint64_t>(pointer));
  if (!found || found->host != pointer || found->kind != kind) return when_missing;
  const auto owner = contexts().find(found->context);
  return owner ? owner->synchronize() : CUDA_SUCCESS;
}

CUresult register_memory(void* pointer, size_t size, unsigned flags) {
  return with_context_unsafe([&](Context& context) -> CUresult {
    constexpr unsigned kKnown = CU_MEMHOSTREGISTER_PORTABLE | CU_MEMHOSTREGISTER_DEVICEMAP |
                                CU_MEMHOSTREGISTER_IOMEMORY | CU_MEMHOSTREGISTER_READ_ONLY;
    if (!pointer || size == 0 || (flags & ~kKnown) != 0) return CUDA_ERROR_INVALID_VALUE;
    if ((flags & CU_MEMHOSTREGISTER_IOMEMORY) != 0) return CUDA_ERROR_NOT_SUPPORTED;
    const uint64_t address = reinterpret_cast<uint64_t>(pointer);
    if (address + size < address || memory().is_device_address(address))
      return CUDA_ERROR_INVALID_VALUE;
    switch (memory().register_host(context, pointer, size, flags)) {
      case Memory::Registration::done:
        return CUDA_SUCCESS;
      case Memory::Registration::overlaps:
        return CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED;
      case Memory::Registration::no_memory:
        break;
    }
    return CUDA_ERROR_OUT_OF_MEMORY;
  });
}

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuMemAllocHost_v2(void** out, size_t size) {
  return allocate_pinned(out, size, 0);
}
CUresult cuMemHostAlloc(void** out, size_t size, unsigned int flags) {
  return allocate_pinned(out, size, flags);
}

CUresult cuMemFreeHost(void* pointer) {
  return with_context_unsafe([&](Context&) -> CUresult {
    if (const CUresult r = settle(pointer, MemoryKind::pinned, CUDA_ERROR_INVALID_VALUE);
        r != CUDA_SUCCESS)
      return r;
    const bool gone = memory().release(reinterpret_cast<uint64_t>(pointer),
                                       [](MemoryKind kind) { return kind == MemoryKind::pinned; });
    return gone ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
  });
}

// softgpu-partial: refuses CU_MEMHOSTREGISTER_IOMEMORY
CUresult cuMemHostRegister(void* pointer, size_t size, unsigned int flags) {
  return register_memory(pointer, size, flags);
}
CUresult cuMemHostRegister_v2(void* pointer, size_t size, unsigned int flags) {
  return register_memory(pointer, size, flags);
}

CUresult cuMemHostUnregister(void* pointer) {
  return with_context_unsafe([&](Context&) -> CUresult {
    if (!pointer) return CUDA_ERROR_INVALID_VALUE;
    const CUresult r =
        settle(pointer, MemoryKind::registered, CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED);
    if (r != CUDA_SUCCESS) return r;
    const bool gone = memory().release(reinterpret_cast<uint64_t>(pointer), [](MemoryKind kind) {
      return kind == MemoryKind::registered;
    });
    return gone ? CUDA_SUCCESS : CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED;
  });
}

CUresult cuMemHostGetDevicePointer_v2(CUdeviceptr* out, void* pointer, unsigned int flags) {
  return with_context([&](Context&) -> CUresult {
    if (!out || flags != 0) return CUDA_ERROR_INVALID_VALUE;
    const auto found = memory().find(reinterpret_cast<uint64_t>(pointer));
    if (!found || !found->is_host()) return CUDA_ERROR_INVALID_VALUE;
    *out = reinterpret_cast<uint64_t>(pointer);
    return CUDA_SUCCESS;
  });
}

CUresult cuMemHostGetFlags(unsigned int* flags, void* pointer) {
  return with_context([&](Context&) -> CUresult {
    if (!flags) return CUDA_ERROR_INVALID_VALUE;
    const auto found = memory().find(reinterpret_cast<uint64_t>(pointer));
    if (!found || !found->is_host()) return CUDA_ERROR_INVALID_VALUE;
    *flags = found->flags;
    return CUDA_SUCCESS;
  });
}
