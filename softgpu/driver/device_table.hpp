// SPDX-License-Identifier: MIT
// What NVML and the softgpu command ask of the driver (by cuGetExportTable, export_table.hpp).
//
// `device` is the number of the device before CUDA_VISIBLE_DEVICES (device_identity.hpp). Any
// thread may call at any time, also before cuInit and with no context. Sources of
// the driver include driver/cuda_api.hpp before this.
#pragma once

#include <cuda.h>

#include <cstddef>
#include <cstdint>

namespace softgpu::driver {

inline constexpr CUuuid kDeviceTableId = {
    {'s', 'o', 'f', 't', 'g', 'p', 'u', ' ', 'd', 'e', 'v', 'i', 'c', 'e', ' ', '1'}};

struct DeviceUse {
  uint64_t memory = 0;    // bytes of device memory that are taken
  uint32_t contexts = 0;  // live ones
};

struct DeviceTable {
  size_t size;
  // False when this process has no such device: before cuInit, in a forked child, at exit, and
  // when CUDA_VISIBLE_DEVICES leaves it out.
  bool (*use)(int device, DeviceUse* use);
  // Host threads that execute blocks.
  uint32_t (*threads)();
};

const DeviceTable* device_table();

}  // namespace softgpu::driver
