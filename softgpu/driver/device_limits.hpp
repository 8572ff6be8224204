// SPDX-License-Identifier: MIT
// What a multiprocessor of the device's compute capability holds. Source: CUDA C++ Programming
// Guide, "Technical Specifications per Compute Capability".
#pragma once

#include <cstdint>

namespace softgpu::driver {

struct DeviceLimits {
  uint32_t threads_per_block = 1024;
  uint32_t block_x = 1024, block_y = 1024, block_z = 64;
  uint32_t grid_x = 2147483647, grid_y = 65535, grid_z = 65535;
  uint32_t warp = 32;
  uint32_t threads_per_multiprocessor = 2048;
  uint32_t blocks_per_multiprocessor = 32;
  uint32_t registers_per_multiprocessor = 65536;
  uint32_t registers_per_block = 65536;
  uint32_t shared_per_block = 48 << 10;  // without asking
  uint32_t shared_per_block_optin = 0;   // with MAX_DYNAMIC_SHARED_SIZE_BYTES
  uint32_t shared_per_multiprocessor = 0;
  uint32_t shared_reserved_per_block = 0;
  uint32_t constant_bytes = 64 << 10;
  uint32_t parameter_bytes = 32764;
};

const DeviceLimits& device_limits();

}  // namespace softgpu::driver
