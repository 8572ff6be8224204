// SPDX-License-Identifier: MIT
// How devices stand to each other and to the host. All of them are host memory and host cores: as
// far apart as cards below different bridges of one node, every core near to each, and each may
// access the others' memory, atomics included.
#include <unistd.h>

#include <algorithm>

#include "nvml/state.hpp"

using namespace softgpu::nvml;

namespace {

nvmlGpuTopologyLevel_t level_between(const Device& a, const Device& b) {
  return a.number == b.number ? NVML_TOPOLOGY_INTERNAL : NVML_TOPOLOGY_NODE;
}

template <typename Body>
nvmlReturn_t with_devices(nvmlDevice_t first, nvmlDevice_t second, Body&& body) {
  return with_device(first, [&](const Device& a) -> nvmlReturn_t {
    const Device* const b = device_of(second);
    return b ? body(a, *b) : NVML_ERROR_INVALID_ARGUMENT;
  });
}

nvmlReturn_t every_core(nvmlDevice_t handle, unsigned words, unsigned long* set) {
  return with_device(handle, [&](const Device&) -> nvmlReturn_t {
    if (!set || words == 0) return NVML_ERROR_INVALID_ARGUMENT;
    constexpr unsigned kBits = 8 * sizeof *set;
    std::fill(set, set + words, 0);
    const auto cores = static_cast<unsigned>(std::max(sysconf(_SC_NPROCESSORS_CONF), 1L));
    for (unsigned core = 0; core < cores && core / kBits < words; ++core)
      set[core / kBits] |= 1ul << core % kBits;
    return NVML_SUCCESS;
  });
}

}  // namespace

nvmlReturn_t nvmlDeviceGetTopologyCommonAncestor(nvmlDevice_t first, nvmlDevice_t second,
                                                 nvmlGpuTopologyLevel_t* out) {
  return with_devices(first, second, [&](const Device& a, const Device& b) -> nvmlReturn_t {
    if (!out) return NVML_ERROR_INVALID_ARGUMENT;
    *out = level_between(a, b);
    return NVML_SUCCESS;
  });
}

nvmlReturn_t nvmlDeviceGetTopologyNearestGpus(nvmlDevice_t handle, nvmlGpuTopologyLevel_t level,
                                              unsigned int* count, nvmlDevice_t* devices) {
  return with_device(handle, [&](const Device& device) -> nvmlReturn_t {
    if (!count || (*count > 0 && !devices)) return NVML_ERROR_INVALID_ARGUMENT;
    const unsigned room = *count;
    unsigned found = 0;
    for (unsigned i = 0; i < device_count(); ++i) {
      const Device& other = *device_of(handle_of(i));
      if (other.number == device.number || level_between(device, other) != level) continue;
      if (found < room) devices[found] = handle_of(i);
      ++found;
    }
    *count = room == 0 ? found : std::min(found, room);
    return NVML_SUCCESS;
  });
}

nvmlReturn_t nvmlDeviceGetP2PStatus(nvmlDevice_t first, nvmlDevice_t second,
                                    nvmlGpuP2PCapsIndex_t what, nvmlGpuP2PStatus_t* out) {
  return with_devices(first, second, [&](const Device& a, const Device& b) -> nvmlReturn_t {
    if (!out || a.number == b.number) return NVML_ERROR_INVALID_ARGUMENT;
    switch (what) {
      case NVML_P2P_CAPS_INDEX_READ:
      case NVML_P2P_CAPS_INDEX_WRITE:
      case NVML_P2P_CAPS_INDEX_ATOMICS:
        *out = NVML_P2P_STATUS_OK;
        return NVML_SUCCESS;
      case NVML_P2P_CAPS_INDEX_NVLINK:
      case NVML_P2P_CAPS_INDEX_PCI:
        *out = NVML_P2P_STATUS_NOT_SUPPORTED;
        return NVML_SUCCESS;
      default:
        return NVML_ERROR_INVALID_ARGUMENT;
    }
  });
}

nvmlReturn_t nvmlDeviceOnSameBoard(nvmlDevice_t first, nvmlDevice_t second, int* same) {
  return with_devices(first, second, [&](const Device& a, const Device& b) -> nvmlReturn_t {
    if (!same) return NVML_ERROR_INVALID_ARGUMENT;
    *same = a.number == b.number;
    return NVML_SUCCESS;
  });
}

nvmlReturn_t nvmlDeviceGetMultiGpuBoard(nvmlDevice_t handle, unsigned int* several) {
  return tell(handle, several, [](const Device&) { return 0u; });
}

nvmlReturn_t nvmlDeviceGetCpuAffinity(nvmlDevice_t handle, unsigned int words, unsigned long* set) {
  return every_core(handle, words, set);
}

nvmlReturn_t nvmlDeviceGetCpuAffinityWithinScope(nvmlDevice_t handle, unsigned int words,
                                                 unsigned long* set, nvmlAffinityScope_t scope) {
  if (initialised() && scope != NVML_AFFINITY_SCOPE_NODE && scope != NVML_AFFINITY_SCOPE_SOCKET)
    return NVML_ERROR_INVALID_ARGUMENT;
  return every_core(handle, words, set);
}
