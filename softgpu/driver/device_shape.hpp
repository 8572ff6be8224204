// SPDX-License-Identifier: MIT
// How many devices there are, how large and of which compute capability: what the environment says,
// read alike by the driver (at cuInit), by NVML (at nvmlInit) and by `softgpu info`.
//
//   std::vector<std::string> complaints;
//   const DeviceShape shape = read_device_shape(complaints);
//
// A value that is not understood adds one line to `complaints` and counts as not set. Reads the
// environment of the process: no other thread may change it meanwhile.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace softgpu::driver {

inline constexpr int kMostDevices = 16;

struct DeviceShape {
  int cc_major = 9, cc_minor = 0;       // SOFTGPU_CC
  uint64_t memory = uint64_t{8} << 30;  // SOFTGPU_MEMORY: bytes of each device
  int devices = 1;                      // SOFTGPU_DEVICES, at most kMostDevices
  int multiprocessors = 2;              // one for each core of the host, at least 2
  bool modelled_clock = false;          // SOFTGPU_CLOCK=model: times, and the number of
                                        // multiprocessors, are those of an H100
};

// What keeps the time: "wall clock" or "modelled: NVIDIA H100 SXM5".
std::string clock_name(const DeviceShape& shape);

DeviceShape read_device_shape(std::vector<std::string>& complaints);

// "SOFTGPU_X=y is not understood (wanted); the default is used"
std::string not_understood(const char* variable, const char* value, const std::string& wanted);

}  // namespace softgpu::driver
