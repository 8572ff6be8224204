// SPDX-License-Identifier: MIT
#include "interpose/runtime/placement.hpp"

#include "api/generated/real.hpp"
#include "interpose/runtime/runtime.hpp"

namespace nonans::interpose {

using memory::BufferKind;

Placement placement_of(uint64_t address) noexcept {
  Placement placed;
  unsigned type = 0, is_managed = 0;
  int ordinal = -1;
  CUcontext context = nullptr;
  CUpointer_attribute names[] = {CU_POINTER_ATTRIBUTE_MEMORY_TYPE, CU_POINTER_ATTRIBUTE_IS_MANAGED,
                                 CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL, CU_POINTER_ATTRIBUTE_CONTEXT};
  void* values[] = {&type, &is_managed, &ordinal, &context};
  const auto describe = real::cuPointerGetAttributes();
  const auto device_of = real::cuDeviceGet();
  CUdevice device = 0;
  // For a pointer that it cannot place it succeeds and answers 0 for the memory type.
  if (!describe || describe(4, names, values, address) != CUDA_SUCCESS || type == 0) return placed;
  placed.context = handle_key(context);
  if (is_managed != 0)
    placed.kind = BufferKind::managed;
  else if (type == CU_MEMORYTYPE_HOST)
    placed.kind = BufferKind::host;
  else if (type == CU_MEMORYTYPE_DEVICE && device_of && ordinal >= 0 &&
           device_of(&device, ordinal) == CUDA_SUCCESS)
    placed.device = device;
  return placed;
}

Range range_of(uint64_t address) noexcept {
  CUdeviceptr base = 0;
  size_t size = 0;
  const auto ask = real::cuMemGetAddressRange_v2();
  if (!ask || ask(&base, &size, address) != CUDA_SUCCESS) return {};
  return {base, size};
}

void describe_pool_memory(Runtime& runtime, memory::Buffer& buffer, CUmemoryPool pool) {
  const Placement placed = placement_of(buffer.base);
  buffer.kind = placed.kind == BufferKind::device ? BufferKind::pool : placed.kind;
  const auto ask = real::cuPointerGetAttribute();
  if (!pool &&
      (!ask || ask(&pool, CU_POINTER_ATTRIBUTE_MEMPOOL_HANDLE, buffer.base) != CUDA_SUCCESS))
    pool = nullptr;
  buffer.owner = runtime.pools.id_of(handle_key(pool));
  if (pool) buffer.device = placed.device;
}

}  // namespace nonans::interpose
