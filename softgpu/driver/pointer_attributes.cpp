// SPDX-License-Identifier: MIT
#include <cstring>

#include "driver/entry.hpp"
#include "driver/pool.hpp"

namespace softgpu::driver {
namespace {

template <typename T>
CUresult put(void* out, T value) {
  std::memcpy(out, &value, sizeof value);
  return CUDA_SUCCESS;
}

// By kernels of the current context; without one the question does not arise.
bool reachable(const Allocation& a) {
  std::shared_ptr<Context> context;
  return current_context(context) != CUDA_SUCCESS ||
         access_to(a, *context) != CU_MEM_ACCESS_FLAGS_PROT_NONE;
}

CUresult get(const Allocation& a, uint64_t pointer, CUpointer_attribute attribute, void* out) {
  switch (attribute) {
    case CU_POINTER_ATTRIBUTE_CONTEXT:
      return put(out, a.context);
    case CU_POINTER_ATTRIBUTE_MEMORY_TYPE:
      return put(out,
                 static_cast<unsigned>(a.is_host() ? CU_MEMORYTYPE_HOST : CU_MEMORYTYPE_DEVICE));
    case CU_POINTER_ATTRIBUTE_DEVICE_POINTER:
      if (!reachable(a)) return CUDA_ERROR_INVALID_VALUE;
      return put(out, CUdeviceptr{pointer});
    case CU_POINTER_ATTRIBUTE_HOST_POINTER:
      if (a.device_only()) return CUDA_ERROR_INVALID_VALUE;
      return put(out, reinterpret_cast<void*>(pointer));
    case CU_POINTER_ATTRIBUTE_SYNC_MEMOPS:
      return put(out, a.sync_memops ? 1 : 0);
    case CU_POINTER_ATTRIBUTE_BUFFER_ID:
      return put(out, static_cast<unsigned long long>(a.buffer_id));
    case CU_POINTER_ATTRIBUTE_IS_MANAGED:
      return put(out, a.kind == MemoryKind::managed ? 1 : 0);
    case CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL:
      return put(out, a.device);
    case CU_POINTER_ATTRIBUTE_IS_LEGACY_CUDA_IPC_CAPABLE:
      return put(out, a.kind == MemoryKind::device ? 1 : 0);
    case CU_POINTER_ATTRIBUTE_RANGE_START_ADDR:
      return put(out, CUdeviceptr{a.address});
    case CU_POINTER_ATTRIBUTE_RANGE_SIZE:
      return put(out, static_cast<size_t>(a.size));
    case CU_POINTER_ATTRIBUTE_MAPPED:
      return put(out, 1);
    case CU_POINTER_ATTRIBUTE_ALLOWED_HANDLE_TYPES:
      return put(out, static_cast<unsigned long long>(a.pool && a.pool->shared.ok()
                                                          ? CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR
                                                          : CU_MEM_HANDLE_TYPE_NONE));
    case CU_POINTER_ATTRIBUTE_IS_GPU_DIRECT_RDMA_CAPABLE:
      return put(out, 0);
    case CU_POINTER_ATTRIBUTE_ACCESS_FLAGS:
      return put(out, static_cast<unsigned>(a.writable ? CU_POINTER_ATTRIBUTE_ACCESS_FLAG_READWRITE
                                                       : CU_POINTER_ATTRIBUTE_ACCESS_FLAG_READ));
    case CU_POINTER_ATTRIBUTE_MEMPOOL_HANDLE:
      return put(out, a.pool ? a.pool->handle : CUmemoryPool{});
    case CU_POINTER_ATTRIBUTE_MAPPING_SIZE:
      return put(out, static_cast<size_t>(a.size));
    case CU_POINTER_ATTRIBUTE_MAPPING_BASE_ADDR:
      return put(out, reinterpret_cast<void*>(a.address));
    case CU_POINTER_ATTRIBUTE_MEMORY_BLOCK_ID:
      return put(out, static_cast<unsigned long long>(a.buffer_id));
    case CU_POINTER_ATTRIBUTE_IS_HW_DECOMPRESS_CAPABLE:
      return put(out, 0);
    default:
      return CUDA_ERROR_INVALID_VALUE;
  }
}

int current_device() {
  std::shared_ptr<Context> context;
  return current_context(context) == CUDA_SUCCESS ? context->device : 0;
}

// What is different for an address that was reserved, and for memory mapped there. nullopt:
// nothing.
std::optional<CUresult> get(const Mappings::Description& d, CUpointer_attribute attribute,
                            void* out) {
  switch (attribute) {
    case CU_POINTER_ATTRIBUTE_RANGE_START_ADDR:
      return put(out, CUdeviceptr{d.reservation});
    case CU_POINTER_ATTRIBUTE_RANGE_SIZE:
      return put(out, static_cast<size_t>(d.reservation_size));
    case CU_POINTER_ATTRIBUTE_MAPPED:
      return put(out, d.mapping != 0 ? 1 : 0);
    default:
      break;
  }
  if (d.mapping == 0) return CUDA_ERROR_INVALID_VALUE;
  const PhysicalMemory& physical = *d.handle->physical;
  switch (attribute) {
    case CU_POINTER_ATTRIBUTE_ALLOWED_HANDLE_TYPES:
      return put(out, static_cast<unsigned long long>(physical.properties().requestedHandleTypes));
    case CU_POINTER_ATTRIBUTE_ACCESS_FLAGS:
      return put(out, static_cast<unsigned>(d.access[static_cast<size_t>(current_device())]));
    case CU_POINTER_ATTRIBUTE_MAPPING_BASE_ADDR:
      return put(out, reinterpret_cast<void*>(d.mapping));
    case CU_POINTER_ATTRIBUTE_MAPPING_SIZE:
      return put(out, static_cast<size_t>(d.mapping_size));
    case CU_POINTER_ATTRIBUTE_MEMORY_BLOCK_ID:
      return put(out, static_cast<unsigned long long>(physical.id()));
    default:
      return std::nullopt;
  }
}

CUresult get(uint64_t pointer, CUpointer_attribute attribute, void* out) {
  if (const auto there = memory().mappings().describe(pointer))
    if (const auto answer = get(*there, attribute, out)) return *answer;
  const auto found = memory().find(pointer);
  return found ? get(*found, pointer, attribute, out) : CUDA_ERROR_INVALID_VALUE;
}

// What cuPointerGetAttributes leaves for a pointer it does not know.
void put_unknown(CUpointer_attribute attribute, void* out) {
  switch (attribute) {
    case CU_POINTER_ATTRIBUTE_MEMORY_TYPE:
    case CU_POINTER_ATTRIBUTE_SYNC_MEMOPS:
    case CU_POINTER_ATTRIBUTE_IS_MANAGED:
    case CU_POINTER_ATTRIBUTE_IS_LEGACY_CUDA_IPC_CAPABLE:
    case CU_POINTER_ATTRIBUTE_MAPPED:
    case CU_POINTER_ATTRIBUTE_IS_GPU_DIRECT_RDMA_CAPABLE:
    case CU_POINTER_ATTRIBUTE_ACCESS_FLAGS:
    case CU_POINTER_ATTRIBUTE_IS_HW_DECOMPRESS_CAPABLE:
      put(out, 0);
      break;
    case CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL:
      put(out, -2);
      break;
    default:
      put(out, uint64_t{0});
      break;
  }
}

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

// softgpu-partial: no P2P tokens
CUresult cuPointerGetAttribute(void* out, CUpointer_attribute attribute, CUdeviceptr pointer) {
  return entry([&]() -> CUresult {
    if (!out) return CUDA_ERROR_INVALID_VALUE;
    return get(pointer, attribute, out);
  });
}

CUresult cuPointerGetAttributes(unsigned int count, CUpointer_attribute* attributes, void** out,
                                CUdeviceptr pointer) {
  return entry([&]() -> CUresult {
    if (!attributes || !out || count == 0) return CUDA_ERROR_INVALID_VALUE;
    for (unsigned i = 0; i < count; ++i) {
      if (!out[i]) return CUDA_ERROR_INVALID_VALUE;
      if (get(pointer, attributes[i], out[i]) != CUDA_SUCCESS) put_unknown(attributes[i], out[i]);
    }
    return CUDA_SUCCESS;
  });
}

CUresult cuPointerSetAttribute(const void* value, CUpointer_attribute attribute,
                               CUdeviceptr pointer) {
  return entry([&]() -> CUresult {
    if (!value || attribute != CU_POINTER_ATTRIBUTE_SYNC_MEMOPS) return CUDA_ERROR_INVALID_VALUE;
    unsigned on = 0;
    std::memcpy(&on, value, sizeof on);
    return memory().set_sync_memops(pointer, on != 0) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
  });
}
