// SPDX-License-Identifier: MIT
// The devices: name, size and limits. device_attributes.cpp answers cuDeviceGetAttribute.
#include <cstdio>
#include <cstring>
#include <string>

#include "driver/compute_capability.hpp"
#include "driver/device_limits.hpp"
#include "driver/entry.hpp"

namespace softgpu::driver {
namespace {

DeviceLimits make_limits() {
  const DeviceSettings& d = device_settings();
  const ComputeCapability& c = *find_capability(d.cc_major, d.cc_minor);
  DeviceLimits l;
  l.threads_per_multiprocessor = c.threads_per_multiprocessor;
  l.blocks_per_multiprocessor = c.blocks_per_multiprocessor;
  l.registers_per_block = c.registers_per_block;
  l.shared_per_multiprocessor = c.shared_kib_per_multiprocessor << 10;
  l.shared_per_block_optin = c.shared_kib_per_block << 10;
  l.shared_reserved_per_block = c.shared_kib_reserved << 10;
  return l;
}

CUresult get_uuid(CUuuid* uuid, CUdevice device) {
  return entry([&]() -> CUresult {
    if (!uuid) return CUDA_ERROR_INVALID_VALUE;
    if (!is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    const Uuid bytes = device_uuid(device_number(device));
    std::memcpy(uuid->bytes, bytes.data(), bytes.size());
    return CUDA_SUCCESS;
  });
}

CUresult copy_text(char* out, int length, const char* text) {
  if (!out || length <= 0) return CUDA_ERROR_INVALID_VALUE;
  std::snprintf(out, static_cast<size_t>(length), "%s", text);
  return CUDA_SUCCESS;
}

}  // namespace

const DeviceLimits& device_limits() {
  static const DeviceLimits limits = make_limits();
  return limits;
}

}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuDeviceGet(CUdevice* device, int ordinal) {
  return entry([&]() -> CUresult {
    if (!device) return CUDA_ERROR_INVALID_VALUE;
    if (!is_device(ordinal)) return CUDA_ERROR_INVALID_DEVICE;
    *device = ordinal;
    return CUDA_SUCCESS;
  });
}

CUresult cuDeviceGetCount(int* count) {
  return entry([&]() -> CUresult {
    if (!count) return CUDA_ERROR_INVALID_VALUE;
    *count = device_count();
    return CUDA_SUCCESS;
  });
}

CUresult cuDeviceGetName(char* name, int length, CUdevice device) {
  return entry([&]() -> CUresult {
    if (!is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    return copy_text(name, length, kDeviceName);
  });
}

CUresult cuDeviceGetUuid(CUuuid* uuid, CUdevice device) {
  return get_uuid(uuid, device);
}
CUresult cuDeviceGetUuid_v2(CUuuid* uuid, CUdevice device) {
  return get_uuid(uuid, device);
}

CUresult cuDeviceTotalMem_v2(size_t* bytes, CUdevice device) {
  return entry([&]() -> CUresult {
    if (!bytes) return CUDA_ERROR_INVALID_VALUE;
    if (!is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    *bytes = device_settings().memory;
    return CUDA_SUCCESS;
  });
}

CUresult cuDeviceComputeCapability(int* major, int* minor, CUdevice device) {
  return entry([&]() -> CUresult {
    if (!major || !minor) return CUDA_ERROR_INVALID_VALUE;
    if (!is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    *major = device_settings().cc_major;
    *minor = device_settings().cc_minor;
    return CUDA_SUCCESS;
  });
}

CUresult cuDeviceGetProperties(CUdevprop* p, CUdevice device) {
  return entry([&]() -> CUresult {
    if (!p) return CUDA_ERROR_INVALID_VALUE;
    if (!is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    const DeviceLimits& l = device_limits();
    const auto number = [](uint32_t v) { return static_cast<int>(v); };
    *p = {};
    p->maxThreadsPerBlock = number(l.threads_per_block);
    p->maxThreadsDim[0] = number(l.block_x);
    p->maxThreadsDim[1] = number(l.block_y);
    p->maxThreadsDim[2] = number(l.block_z);
    p->maxGridSize[0] = number(l.grid_x);
    p->maxGridSize[1] = number(l.grid_y);
    p->maxGridSize[2] = number(l.grid_z);
    p->sharedMemPerBlock = number(l.shared_per_block);
    p->totalConstantMemory = number(l.constant_bytes);
    p->SIMDWidth = number(l.warp);
    p->memPitch = 2147483647;
    p->regsPerBlock = number(l.registers_per_block);
    p->clockRate = 1000000;
    p->textureAlign = 512;
    return CUDA_SUCCESS;
  });
}

CUresult cuDeviceGetPCIBusId(char* out, int length, CUdevice device) {
  return entry([&]() -> CUresult {
    if (!is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    return copy_text(out, length, pci_text(pci_address(device_number(device))).c_str());
  });
}

CUresult cuDeviceGetByPCIBusId(CUdevice* device, const char* id) {
  return entry([&]() -> CUresult {
    if (!device || !id) return CUDA_ERROR_INVALID_VALUE;
    // The domain and the function may be left out.
    unsigned domain = 0, bus = 0, slot = 0, function = 0;
    const bool full = std::sscanf(id, "%x:%x:%x.%x", &domain, &bus, &slot, &function) >= 3;
    const bool brief = full || std::sscanf(id, "%x:%x.%x", &bus, &slot, &function) >= 2;
    if (!brief || function != 0) return CUDA_ERROR_INVALID_DEVICE;
    for (CUdevice d = 0; d < device_count(); ++d) {
      const PciAddress its = pci_address(device_number(d));
      if (domain != its.domain || bus != its.bus || slot != its.slot) continue;
      *device = d;
      return CUDA_SUCCESS;
    }
    return CUDA_ERROR_INVALID_DEVICE;
  });
}

// softgpu-refused: a LUID is an identifier of Windows' display drivers
CUresult cuDeviceGetLuid(char* luid, unsigned int* node_mask, CUdevice device) {
  return entry([&]() -> CUresult {
    if (!luid || !node_mask) return CUDA_ERROR_INVALID_VALUE;
    return is_device(device) ? CUDA_ERROR_NOT_SUPPORTED : CUDA_ERROR_INVALID_DEVICE;
  });
}

CUresult cuDeviceGetExecAffinitySupport(int* supported, CUexecAffinityType type, CUdevice device) {
  return entry([&]() -> CUresult {
    if (!supported || type >= CU_EXEC_AFFINITY_TYPE_MAX) return CUDA_ERROR_INVALID_VALUE;
    if (!is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    *supported = 0;
    return CUDA_SUCCESS;
  });
}
