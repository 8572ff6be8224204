// SPDX-License-Identifier: MIT
// What a device is made of, and the modes it is in.
#include <chrono>
#include <cstring>

#include "nvml/state.hpp"

using namespace softgpu::nvml;

namespace {

unsigned architecture(int major, int minor) {
  switch (major) {
    case 5:
      return NVML_DEVICE_ARCH_MAXWELL;
    case 6:
      return NVML_DEVICE_ARCH_PASCAL;
    case 7:
      return minor < 5 ? NVML_DEVICE_ARCH_VOLTA : NVML_DEVICE_ARCH_TURING;
    case 8:
      return minor == 9 ? NVML_DEVICE_ARCH_ADA : NVML_DEVICE_ARCH_AMPERE;
    case 9:
      return NVML_DEVICE_ARCH_HOPPER;
    case 10:
    case 11:
    case 12:
      return NVML_DEVICE_ARCH_BLACKWELL;
    default:
      return NVML_DEVICE_ARCH_UNKNOWN;
  }
}

// Single-precision additions per clock and multiprocessor: "Throughput of Native Arithmetic
// Instructions" in the CUDA C++ Programming Guide.
unsigned cores_per_multiprocessor(int major, int minor) {
  return major == 7 || (major == 6 && minor == 0) || (major == 8 && minor == 0) ? 64 : 128;
}

nvmlReturn_t off(nvmlDevice_t handle, nvmlEnableState_t* state) {
  return tell(handle, state, [](const Device&) { return NVML_FEATURE_DISABLED; });
}

long long microseconds() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// Of the fields, those that are about links can be answered: there are none.
nvmlReturn_t answer(nvmlFieldValue_t& field) {
  if (field.fieldId == 0 || field.fieldId >= NVML_FI_MAX) return NVML_ERROR_INVALID_ARGUMENT;
  if (field.fieldId != NVML_FI_DEV_NVLINK_LINK_COUNT) return NVML_ERROR_NOT_SUPPORTED;
  field.valueType = NVML_VALUE_TYPE_UNSIGNED_INT;
  field.value = {};
  return NVML_SUCCESS;
}

}  // namespace

nvmlReturn_t nvmlDeviceGetCudaComputeCapability(nvmlDevice_t handle, int* major, int* minor) {
  return with_device(handle, [&](const Device&) -> nvmlReturn_t {
    if (!major || !minor) return NVML_ERROR_INVALID_ARGUMENT;
    *major = shape().cc_major;
    *minor = shape().cc_minor;
    return NVML_SUCCESS;
  });
}

nvmlReturn_t nvmlDeviceGetArchitecture(nvmlDevice_t handle, nvmlDeviceArchitecture_t* out) {
  return tell(handle, out,
              [](const Device&) { return architecture(shape().cc_major, shape().cc_minor); });
}

nvmlReturn_t nvmlDeviceGetNumGpuCores(nvmlDevice_t handle, unsigned int* count) {
  return tell(handle, count, [](const Device&) {
    return static_cast<unsigned>(shape().multiprocessors) *
           cores_per_multiprocessor(shape().cc_major, shape().cc_minor);
  });
}

nvmlReturn_t nvmlDeviceGetComputeMode(nvmlDevice_t handle, nvmlComputeMode_t* mode) {
  return tell(handle, mode, [](const Device&) { return NVML_COMPUTEMODE_DEFAULT; });
}

// Nothing of a device outlives the process.
nvmlReturn_t nvmlDeviceGetPersistenceMode(nvmlDevice_t handle, nvmlEnableState_t* mode) {
  return off(handle, mode);
}
nvmlReturn_t nvmlDeviceGetDisplayMode(nvmlDevice_t handle, nvmlEnableState_t* mode) {
  return off(handle, mode);
}
nvmlReturn_t nvmlDeviceGetDisplayActive(nvmlDevice_t handle, nvmlEnableState_t* active) {
  return off(handle, active);
}

nvmlReturn_t nvmlDeviceGetVirtualizationMode(nvmlDevice_t handle,
                                             nvmlGpuVirtualizationMode_t* out) {
  return tell(handle, out, [](const Device&) { return NVML_GPU_VIRTUALIZATION_MODE_NONE; });
}
nvmlReturn_t nvmlDeviceIsMigDeviceHandle(nvmlDevice_t handle, unsigned int* is) {
  return tell(handle, is, [](const Device&) { return 0u; });
}
nvmlReturn_t nvmlDeviceGetMaxMigDeviceCount(nvmlDevice_t handle, unsigned int* count) {
  return tell(handle, count, [](const Device&) { return 0u; });
}
nvmlReturn_t nvmlDeviceGetSupportedEventTypes(nvmlDevice_t handle, unsigned long long* types) {
  return tell(handle, types, [](const Device&) { return 0ull; });
}

// The call succeeds and each field has a code of its own, as with a device that lacks a sensor.
// softgpu-partial: answers NVML_FI_DEV_NVLINK_LINK_COUNT; every other field is not supported
nvmlReturn_t nvmlDeviceGetFieldValues(nvmlDevice_t handle, int count, nvmlFieldValue_t* fields) {
  return with_device(handle, [&](const Device&) -> nvmlReturn_t {
    if (!fields || count <= 0) return NVML_ERROR_INVALID_ARGUMENT;
    for (int i = 0; i < count; ++i) {
      fields[i].timestamp = microseconds();
      fields[i].latencyUsec = 0;
      fields[i].nvmlReturn = answer(fields[i]);
    }
    return NVML_SUCCESS;
  });
}
