// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace softgpu::driver {

// What this device has of CUDA's device runtime library (libcudadevrt.a), as PTX: waiting for and
// asking about the grid of a cooperative launch. Launching kernels from kernels is not there.
std::string device_runtime_ptx();

}  // namespace softgpu::driver
