// SPDX-License-Identifier: MIT
#include "nvml/state.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <string>
#include <vector>

namespace softgpu::nvml {
namespace {

// Constant-initialised: calls may come before and after any static constructor or destructor.
constinit std::mutex g_mutex;
constinit std::atomic<unsigned> g_initialisations{0};
constinit driver::DeviceShape g_shape;

constexpr std::array<Device, driver::kMostDevices> kDevices = [] {
  std::array<Device, driver::kMostDevices> all;
  for (size_t i = 0; i < all.size(); ++i) all[i].number = static_cast<int>(i);
  return all;
}();

void read_environment() {
  static bool said = false;
  std::vector<std::string> complaints;
  g_shape = driver::read_device_shape(complaints);
  if (said) return;
  said = true;
  for (const std::string& c : complaints) std::fputs(("softgpu: " + c + "\n").c_str(), stderr);
}

}  // namespace

nvmlReturn_t initialise() {
  const std::lock_guard lock(g_mutex);
  try {
    if (g_initialisations.load() == 0) read_environment();
  } catch (...) {
    return NVML_ERROR_MEMORY;
  }
  g_initialisations.fetch_add(1);
  return NVML_SUCCESS;
}

nvmlReturn_t shut_down() {
  const std::lock_guard lock(g_mutex);
  if (g_initialisations.load() == 0) return NVML_ERROR_UNINITIALIZED;
  g_initialisations.fetch_sub(1);
  return NVML_SUCCESS;
}

bool initialised() {
  return g_initialisations.load() != 0;
}

const driver::DeviceShape& shape() {
  return g_shape;
}

unsigned device_count() {
  return static_cast<unsigned>(g_shape.devices);
}

const Device* device_of(nvmlDevice_t handle) {
  const auto first = reinterpret_cast<uintptr_t>(kDevices.data());
  const auto at = reinterpret_cast<uintptr_t>(handle);
  if (at < first || (at - first) % sizeof(Device) != 0) return nullptr;
  const size_t number = (at - first) / sizeof(Device);
  return number < device_count() ? &kDevices[number] : nullptr;
}

nvmlDevice_t handle_of(unsigned number) {
  return reinterpret_cast<nvmlDevice_t>(const_cast<Device*>(&kDevices[number]));
}

nvmlReturn_t copy_text(char* out, unsigned length, const char* text) {
  if (!out) return NVML_ERROR_INVALID_ARGUMENT;
  const size_t needed = std::strlen(text) + 1;
  if (length < needed) return NVML_ERROR_INSUFFICIENT_SIZE;
  std::memcpy(out, text, needed);
  return NVML_SUCCESS;
}

}  // namespace softgpu::nvml
