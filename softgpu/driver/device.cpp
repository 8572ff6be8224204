// SPDX-License-Identifier: MIT
// The one device: its name, size and limits. device_attributes.cpp answers cuDeviceGetAttribute.
#include <cstdio>
#include <cstring>
#include <string>

#include "driver/device_limits.hpp"
#include "driver/entry.hpp"

namespace softgpu::driver {
namespace {

DeviceLimits make_limits() {
  DeviceLimits l;
  const DeviceSettings& d = device_settings();
  const int cc = d.cc_major * 10 + d.cc_minor;
  const auto shared = [&](uint32_t kib_per_multiprocessor, uint32_t reserved_kib) {
    l.shared_per_multiprocessor = kib_per_multiprocessor << 10;
    l.shared_reserved_per_block = reserved_kib << 10;
    l.shared_per_block_optin = (kib_per_multiprocessor - reserved_kib) << 10;
  };
  if (cc >= 120 || cc == 86 || cc == 89) {
    l.threads_per_multiprocessor = 1536;
    l.blocks_per_multiprocessor = cc == 86 ? 16 : 24;
    shared(100, 1);
  } else if (cc >= 90) {
    shared(228, 1);
  } else if (cc == 87) {
    l.threads_per_multiprocessor = 1536;
    l.blocks_per_multiprocessor = 16;
    shared(164, 1);
  } else if (cc >= 80) {
    shared(164, 1);
  } else if (cc >= 75) {
    l.threads_per_multiprocessor = 1024;
    l.blocks_per_multiprocessor = 16;
    shared(64, 0);
  } else if (cc >= 70) {
    shared(96, 0);
  } else {
    shared(96, 0);
    l.shared_per_block_optin = 48 << 10;
  }
  return l;
}

CUresult get_uuid(CUuuid* uuid, CUdevice device) {
  return entry([&]() -> CUresult {
    if (!uuid) return CUDA_ERROR_INVALID_VALUE;
    if (device != 0) return CUDA_ERROR_INVALID_DEVICE;
    const Uuid bytes = device_uuid(device);
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
    if (ordinal != 0) return CUDA_ERROR_INVALID_DEVICE;
    *device = 0;
    return CUDA_SUCCESS;
  });
}

CUresult cuDeviceGetCount(int* count) {
  return entry([&]() -> CUresult {
    if (!count) return CUDA_ERROR_INVALID_VALUE;
    *count = 1;
    return CUDA_SUCCESS;
  });
}

CUresult cuDeviceGetName(char* name, int length, CUdevice device) {
  return entry([&]() -> CUresult {
    if (device != 0) return CUDA_ERROR_INVALID_DEVICE;
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
    if (device != 0) return CUDA_ERROR_INVALID_DEVICE;
    *bytes = device_settings().memory;
    return CUDA_SUCCESS;
  });
}

CUresult cuDeviceComputeCapability(int* major, int* minor, CUdevice device) {
  return entry([&]() -> CUresult {
    if (!major || !minor) return CUDA_ERROR_INVALID_VALUE;
    if (device != 0) return CUDA_ERROR_INVALID_DEVICE;
    *major = device_settings().cc_major;
    *minor = device_settings().cc_minor;
    return CUDA_SUCCESS;
  });
}

CUresult cuDeviceGetProperties(CUdevprop* p, CUdevice device) {
  return entry([&]() -> CUresult {
    if (!p) return CUDA_ERROR_INVALID_VALUE;
    if (device != 0) return CUDA_ERROR_INVALID_DEVICE;
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
    p->regsPerBlock = number(l.registers_per_multiprocessor);
    p->clockRate = 1000000;
    p->textureAlign = 512;
    return CUDA_SUCCESS;
  });
}

CUresult cuDeviceGetPCIBusId(char* out, int length, CUdevice device) {
  return entry([&]() -> CUresult {
    if (device != 0) return CUDA_ERROR_INVALID_DEVICE;
    return copy_text(out, length, pci_text(pci_address(device)).c_str());
  });
}

CUresult cuDeviceGetByPCIBusId(CUdevice* device, const char* id) {
  return entry([&]() -> CUresult {
    if (!device || !id) return CUDA_ERROR_INVALID_VALUE;
    // The domain and the function may be left out.
    unsigned domain = 0, bus = 0, slot = 0, function = 0;
    const bool full = std::sscanf(id, "%x:%x:%x.%x", &domain, &bus, &slot, &function) >= 3;
    const bool brief = full || std::sscanf(id, "%x:%x.%x", &bus, &slot, &function) >= 2;
    const PciAddress ours = pci_address(0);
    if (!brief || domain != ours.domain || bus != ours.bus || slot != ours.slot || function != 0)
      return CUDA_ERROR_INVALID_DEVICE;
    *device = 0;
    return CUDA_SUCCESS;
  });
}

CUresult cuDeviceCanAccessPeer(int* can, CUdevice device, CUdevice peer) {
  return entry([&]() -> CUresult {
    if (!can) return CUDA_ERROR_INVALID_VALUE;
    if (device != 0 || peer != 0) return CUDA_ERROR_INVALID_DEVICE;
    *can = 0;  // a device is no peer of itself
    return CUDA_SUCCESS;
  });
}

CUresult cuDeviceGetP2PAttribute(int*, CUdevice_P2PAttribute, CUdevice, CUdevice) {
  return entry(
      []() -> CUresult { return CUDA_ERROR_INVALID_DEVICE; });  // wants two different devices
}

CUresult cuDeviceGetExecAffinitySupport(int* supported, CUexecAffinityType type, CUdevice device) {
  return entry([&]() -> CUresult {
    if (!supported || type >= CU_EXEC_AFFINITY_TYPE_MAX) return CUDA_ERROR_INVALID_VALUE;
    if (device != 0) return CUDA_ERROR_INVALID_DEVICE;
    *supported = 0;
    return CUDA_SUCCESS;
  });
}
