// SPDX-License-Identifier: MIT
// cuptiActivitySetAttribute and its twin. Most attributes size the buffers that NVIDIA's library
// keeps on the device; there are none here, so they are remembered and change nothing.
#include <atomic>
#include <cstring>

#include "cupti/api.hpp"

namespace softgpu::cupti {
namespace {

struct Attribute {
  size_t bytes;                 // of the value, as cupti_activity.h says
  std::atomic<uint64_t> value;  // at first its documented default
};

Attribute* find(CUpti_ActivityAttribute attribute) {
  static Attribute buffer_size{sizeof(size_t), {3200000}};
  static Attribute cdp_size{sizeof(size_t), {8388608}};
  static Attribute pool_limit{sizeof(size_t), {250}};
  static Attribute zeroed{sizeof(uint8_t), {0}};
  static Attribute pre_allocated{sizeof(size_t), {3}};
  static Attribute per_thread{sizeof(uint8_t), {1}};
  static Attribute graph_size{sizeof(size_t), {16777216}};
  switch (attribute) {
    case CUPTI_ACTIVITY_ATTR_DEVICE_BUFFER_SIZE:
      return &buffer_size;
    case CUPTI_ACTIVITY_ATTR_DEVICE_BUFFER_SIZE_CDP:
      return &cdp_size;
    case CUPTI_ACTIVITY_ATTR_DEVICE_BUFFER_POOL_LIMIT:
      return &pool_limit;
    case CUPTI_ACTIVITY_ATTR_ZEROED_OUT_ACTIVITY_BUFFER:
      return &zeroed;
    case CUPTI_ACTIVITY_ATTR_DEVICE_BUFFER_PRE_ALLOCATE_VALUE:
      return &pre_allocated;
    case CUPTI_ACTIVITY_ATTR_PER_THREAD_ACTIVITY_BUFFER:
      return &per_thread;
    case CUPTI_ACTIVITY_ATTR_DEVICE_BUFFER_SIZE_DEVICE_GRAPHS:
      return &graph_size;
    default:
      return nullptr;
  }
}

}  // namespace
}  // namespace softgpu::cupti

using namespace softgpu::cupti;

// softgpu-partial(cuptiActivitySetAttribute, cuptiActivityGetAttribute): values are remembered and
// change nothing: this device keeps no buffers of its own. The attributes of semaphore pools and of
// pinned buffers are invalid
CUptiResult cuptiActivitySetAttribute(CUpti_ActivityAttribute attribute, size_t* size,
                                      void* value) {
  Attribute* const found = find(attribute);
  if (!size || !value || !found) return answer(CUPTI_ERROR_INVALID_PARAMETER);
  if (*size < found->bytes) return answer(CUPTI_ERROR_PARAMETER_SIZE_NOT_SUFFICIENT);
  uint64_t next = 0;
  std::memcpy(&next, value, found->bytes);
  found->value = next;
  return answer(CUPTI_SUCCESS);
}

CUptiResult cuptiActivityGetAttribute(CUpti_ActivityAttribute attribute, size_t* size,
                                      void* value) {
  Attribute* const found = find(attribute);
  if (!size || !value || !found) return answer(CUPTI_ERROR_INVALID_PARAMETER);
  if (*size < found->bytes) return answer(CUPTI_ERROR_PARAMETER_SIZE_NOT_SUFFICIENT);
  const uint64_t now = found->value;
  std::memcpy(value, &now, found->bytes);
  *size = found->bytes;
  return answer(CUPTI_SUCCESS);
}
