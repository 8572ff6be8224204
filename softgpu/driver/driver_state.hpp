// SPDX-License-Identifier: MIT
// The driver as a whole: initialised or not, what the device is, and what it says on stderr.
//
// Nothing here is ever destroyed: API calls may come from atexit handlers and from threads that
// outlive main.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "driver/cuda_api.hpp"
#include "driver/device_identity.hpp"
#include "driver/device_shape.hpp"
#include "engine/engine.hpp"

namespace softgpu::driver {

class Memory;

// SUCCESS, NOT_INITIALIZED (before cuInit, and in a forked child of an initialised process) or
// DEINITIALIZED (at exit).
CUresult driver_state();

struct DeviceSettings : DeviceShape {
  engine::Modes modes;       // SOFTGPU_SCHED, SOFTGPU_WEAK
  bool page_bounds = false;  // SOFTGPU_BOUNDS=page: only accesses off a mapped 2 MiB page fault
};
const DeviceSettings& device_settings();  // read at cuInit

// Devices that CUDA_VISIBLE_DEVICES leaves, numbered from 0; and the number each has before that
// (device_identity.hpp). All are alike but for who they are.
int device_count();
int device_number(CUdevice device);
inline bool is_device(CUdevice device) {
  return device >= 0 && device < device_count();
}

Memory& memory();

// One line on stderr, "softgpu: …", once for each `key`.
void say_once(std::string_view key, const std::string& message);

// True while this thread runs a function that the program put on a stream: no API call is allowed
// there.
bool in_host_callback();
class HostCallbackScope {
 public:
  HostCallbackScope();
  ~HostCallbackScope();
  HostCallbackScope(const HostCallbackScope&) = delete;
  HostCallbackScope& operator=(const HostCallbackScope&) = delete;
};

}  // namespace softgpu::driver
