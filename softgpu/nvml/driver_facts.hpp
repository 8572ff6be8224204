// SPDX-License-Identifier: MIT
// What the driver in this process knows and the environment does not: whether a device is used, and
// how much of its memory.
//
// Each process has devices of its own, so this is all there is to know about a device. NVML never
// loads the driver: a program that asks NVML and then forks must be able to use CUDA in the child.
#pragma once

#include <cstdint>

namespace softgpu::nvml {

struct DriverFacts {
  bool has_context = false;
  uint64_t used = 0;  // bytes of device memory
};

// All zero when libcuda.so.1 is not loaded, not initialised, or not the software device's.
DriverFacts driver_facts(int device_number);

}  // namespace softgpu::nvml
