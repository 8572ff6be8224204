// SPDX-License-Identifier: MIT
// How every exported function begins, and the devices there are.
//
//   nvmlReturn_t nvmlDeviceGetIndex(nvmlDevice_t handle, unsigned* index) {
//     return with_device(handle, [&](const Device& device) -> nvmlReturn_t {
//       if (!index) return NVML_ERROR_INVALID_ARGUMENT;
//       …
//
// NVML counts initialisations, and all threads share the count. The devices are those that the
// environment names at the first one (SOFTGPU_DEVICES, SOFTGPU_CC, SOFTGPU_MEMORY), all of them:
// CUDA_VISIBLE_DEVICES is the driver's affair. A handle stays good through shutdown and a new
// initialisation, as long as there is such a device.
#pragma once

#include <new>

#include "driver/device_shape.hpp"
#include "nvml/nvml_api.hpp"

namespace softgpu::nvml {

struct Device {
  int number = 0;  // of device_identity.hpp
};

nvmlReturn_t initialise();
nvmlReturn_t shut_down();
bool initialised();

// Read at the first initialisation; for use while initialised.
const driver::DeviceShape& shape();
unsigned device_count();

// nullptr if it is none.
const Device* device_of(nvmlDevice_t handle);
nvmlDevice_t handle_of(unsigned number);  // below device_count()

template <typename Body>
nvmlReturn_t entry(Body&& body) noexcept {
  if (!initialised()) return NVML_ERROR_UNINITIALIZED;
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return NVML_ERROR_MEMORY;
  } catch (...) {
    return NVML_ERROR_UNKNOWN;
  }
}

template <typename Body>
nvmlReturn_t with_device(nvmlDevice_t handle, Body&& body) noexcept {
  return entry([&]() -> nvmlReturn_t {
    const Device* const device = device_of(handle);
    return device ? body(*device) : NVML_ERROR_INVALID_ARGUMENT;
  });
}

// Of the many functions that tell one thing: null is refused, else body() is what is told.
template <typename T, typename Body>
nvmlReturn_t tell(nvmlDevice_t handle, T* out, Body&& body) noexcept {
  return with_device(handle, [&](const Device& device) -> nvmlReturn_t {
    if (!out) return NVML_ERROR_INVALID_ARGUMENT;
    *out = body(device);
    return NVML_SUCCESS;
  });
}

// With the terminating NUL. INSUFFICIENT_SIZE when it does not fit; then nothing is written.
nvmlReturn_t copy_text(char* out, unsigned length, const char* text);

}  // namespace softgpu::nvml
