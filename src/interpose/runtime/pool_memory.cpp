// SPDX-License-Identifier: MIT
#include "interpose/runtime/pool_memory.hpp"

#include "api/generated/real.hpp"

namespace nonans::interpose {

void describe_pool_memory(memory::Buffer& buffer) noexcept {
  unsigned type = 0, is_managed = 0;
  int ordinal = -1;
  CUpointer_attribute names[] = {CU_POINTER_ATTRIBUTE_MEMORY_TYPE, CU_POINTER_ATTRIBUTE_IS_MANAGED,
                                 CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL};
  void* values[] = {&type, &is_managed, &ordinal};
  const auto describe = real::cuPointerGetAttributes();
  const auto device_of = real::cuDeviceGet();
  if (!describe || describe(3, names, values, buffer.base) != CUDA_SUCCESS) return;
  CUdevice device = 0;
  if (is_managed != 0)
    buffer.kind = memory::BufferKind::managed;
  else if (type == CU_MEMORYTYPE_HOST)
    buffer.kind = memory::BufferKind::host;
  else if (type == CU_MEMORYTYPE_DEVICE && device_of && ordinal >= 0 &&
           device_of(&device, ordinal) == CUDA_SUCCESS)
    buffer.device = device;
}

}  // namespace nonans::interpose
