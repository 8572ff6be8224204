// SPDX-License-Identifier: MIT
// CUDA_VISIBLE_DEVICES: which devices a process has, and in which order.
//
//   visible_devices("1,0", 4)                 {1, 0}: the program's device 0 is device 1
//   visible_devices("0,7,1", 4)               {0}: what follows an invalid entry is not visible
//   visible_devices("GPU-746f", 4)            {1}: a UUID, or as much of it as is unique
//   visible_devices(nullptr, 2)               {0, 1}
//
// An empty list hides every device: cuInit answers NO_DEVICE. So does a list that names a device
// twice. Source: CUDA C++ Programming Guide, "CUDA Environment Variables".
#pragma once

#include <vector>

namespace softgpu::driver {

std::vector<int> visible_devices(const char* text, int devices);

}  // namespace softgpu::driver
