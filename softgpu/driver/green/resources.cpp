// SPDX-License-Identifier: MIT
// Device resources: multiprocessors, split into groups, described for a green context.
//
// A CUdevResource is the program's to copy and not to write. Where it came from stands in its
// padding, with a sum over all of it, so that one that was made up or changed is refused.
#include <algorithm>
#include <cstring>
#include <vector>

#include "driver/entry.hpp"
#include "driver/green/green_context.hpp"

namespace softgpu::driver {
namespace {

struct Mark {
  uint32_t magic;
  uint32_t device;
  uint32_t split;
  uint32_t instance;
  uint32_t sum;
};
constexpr uint32_t kMagic = 0x53475055;  // "SGPU"

uint32_t sum_of(const CUdevResource& r, const Mark& m) {
  return m.magic * 31 + m.device * 131 + m.split * 1009 + m.instance * 9973 + r.sm.smCount * 7919 +
         r.sm.minSmPartitionSize * 104729 + r.sm.smCoscheduledAlignment * 15485863;
}

// cuda.h, "Green Contexts": the smallest partition and its alignment by compute capability.
struct Granularity {
  unsigned least, alignment;
};
Granularity granularity() {
  const int major = device_settings().cc_major;
  if (major >= 9) return {8, 8};
  return major == 8 ? Granularity{4, 2} : Granularity{2, 2};
}

CUdevResource make(CUdevice device, unsigned count, bool split, uint32_t instance) {
  CUdevResource r = {};
  r.type = CU_DEV_RESOURCE_TYPE_SM;
  r.sm.smCount = count;
  r.sm.minSmPartitionSize = granularity().least;
  r.sm.smCoscheduledAlignment = granularity().alignment;
  Mark mark = {kMagic, static_cast<uint32_t>(device), split, instance, 0};
  mark.sum = sum_of(r, mark);
  std::memcpy(r._internal_padding, &mark, sizeof mark);
  return r;
}

unsigned round_up(unsigned value, unsigned to) {
  return (value + to - 1) / to * to;
}

CUresult split(CUdevResource* result, unsigned* groups, const CUdevResource* input,
               CUdevResource* remaining, unsigned flags, unsigned least) {
  constexpr unsigned kKnown = CU_DEV_SM_RESOURCE_SPLIT_IGNORE_SM_COSCHEDULING |
                              CU_DEV_SM_RESOURCE_SPLIT_MAX_POTENTIAL_CLUSTER_SIZE;
  if (!groups || !input || (flags & ~kKnown) != 0) return CUDA_ERROR_INVALID_VALUE;
  if ((flags & CU_DEV_SM_RESOURCE_SPLIT_MAX_POTENTIAL_CLUSTER_SIZE) != 0 &&
      device_settings().cc_major < 9)
    return CUDA_ERROR_INVALID_VALUE;
  if (input->type != CU_DEV_RESOURCE_TYPE_SM) return CUDA_ERROR_INVALID_RESOURCE_TYPE;
  ResourceOrigin origin = {};
  if (const CUresult r = origin_of(input, origin); r != CUDA_SUCCESS) return r;
  if (origin.split) return CUDA_ERROR_INVALID_RESOURCE_CONFIGURATION;
  const unsigned all = input->sm.smCount;
  if (least > all) return CUDA_ERROR_INVALID_VALUE;
  Granularity g = granularity();
  if ((flags & CU_DEV_SM_RESOURCE_SPLIT_IGNORE_SM_COSCHEDULING) != 0) g = {2, 2};
  const unsigned size = round_up(std::max(least, g.least), g.alignment);
  const unsigned most = all / size;
  if (!result) {
    *groups = most;
    return CUDA_SUCCESS;
  }
  static std::atomic<uint32_t> instances{0};
  const uint32_t instance = ++instances;
  const unsigned made = std::min(*groups, most);
  std::fill_n(result, made, make(origin.device, size, true, instance));
  *groups = made;
  if (remaining) {
    const unsigned left = all - made * size;
    *remaining = left ? make(origin.device, left, true, instance) : CUdevResource{};
  }
  return CUDA_SUCCESS;
}

}  // namespace

CUdevResource device_resource(CUdevice device) {
  return make(device, static_cast<unsigned>(device_settings().multiprocessors), false, 0);
}

CUresult origin_of(const CUdevResource* resource, ResourceOrigin& out) {
  if (!resource) return CUDA_ERROR_INVALID_VALUE;
  Mark mark;
  std::memcpy(&mark, resource->_internal_padding, sizeof mark);
  if (mark.magic != kMagic || mark.sum != sum_of(*resource, mark))
    return CUDA_ERROR_INVALID_RESOURCE_CONFIGURATION;
  out = {static_cast<CUdevice>(mark.device), mark.split != 0, mark.instance};
  return CUDA_SUCCESS;
}

DescriptorTable& resource_descriptors() {
  static DescriptorTable* const table = new DescriptorTable;
  return *table;
}

}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuDeviceGetDevResource(CUdevice device, CUdevResource* resource, CUdevResourceType type) {
  return entry([&]() -> CUresult {
    if (!is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    if (!resource) return CUDA_ERROR_INVALID_VALUE;
    if (type != CU_DEV_RESOURCE_TYPE_SM) return CUDA_ERROR_INVALID_RESOURCE_TYPE;
    *resource = device_resource(device);
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxGetDevResource(CUcontext context, CUdevResource* resource, CUdevResourceType type) {
  return entry([&]() -> CUresult {
    const auto found = contexts().find(context);
    if (!found) return CUDA_ERROR_INVALID_CONTEXT;
    if (!resource) return CUDA_ERROR_INVALID_VALUE;
    if (type != CU_DEV_RESOURCE_TYPE_SM) return CUDA_ERROR_INVALID_RESOURCE_TYPE;
    const GreenContextPtr green = green_context_of(context);
    *resource = green ? green->resource : device_resource(found->device);
    return CUDA_SUCCESS;
  });
}

CUresult cuGreenCtxGetDevResource(CUgreenCtx context, CUdevResource* resource,
                                  CUdevResourceType type) {
  return entry([&]() -> CUresult {
    const GreenContextPtr green = green_contexts().find(context);
    if (!green) return CUDA_ERROR_INVALID_CONTEXT;
    if (!resource) return CUDA_ERROR_INVALID_VALUE;
    if (type != CU_DEV_RESOURCE_TYPE_SM) return CUDA_ERROR_INVALID_RESOURCE_TYPE;
    *resource = green->resource;
    return CUDA_SUCCESS;
  });
}

CUresult cuDevSmResourceSplitByCount(CUdevResource* result, unsigned int* groups,
                                     const CUdevResource* input, CUdevResource* remaining,
                                     unsigned int flags, unsigned int least) {
  return entry([&] { return split(result, groups, input, remaining, flags, least); });
}

// Several resources: of one device and one split (cuda.h).
CUresult cuDevResourceGenerateDesc(CUdevResourceDesc* out, CUdevResource* resources,
                                   unsigned int count) {
  return entry([&]() -> CUresult {
    if (!out || !resources || count == 0) return CUDA_ERROR_INVALID_VALUE;
    ResourceOrigin first = {};
    unsigned multiprocessors = 0;
    for (unsigned i = 0; i < count; ++i) {
      if (resources[i].type != CU_DEV_RESOURCE_TYPE_SM) return CUDA_ERROR_INVALID_RESOURCE_TYPE;
      ResourceOrigin origin = {};
      if (const CUresult r = origin_of(&resources[i], origin); r != CUDA_SUCCESS) return r;
      if (i == 0) first = origin;
      const bool together =
          origin.device == first.device && origin.split && origin.instance == first.instance;
      if (count > 1 && !together) return CUDA_ERROR_INVALID_RESOURCE_CONFIGURATION;
      multiprocessors += resources[i].sm.smCount;
    }
    // What a green context has may be split again.
    *out = resource_descriptors().insert(std::make_shared<ResourceDescriptor>(
        ResourceDescriptor{first.device, make(first.device, multiprocessors, false, 0)}));
    return CUDA_SUCCESS;
  });
}
