// SPDX-License-Identifier: MIT
#include "driver/device_shape.hpp"

#include <cctype>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <thread>

#include "driver/compute_capability.hpp"
#include "model/h100.hpp"

namespace softgpu::driver {
namespace {

void read_capability(DeviceShape& shape, std::vector<std::string>& complaints) {
  const char* const text = std::getenv("SOFTGPU_CC");
  if (!text || !*text) return;
  int major = 0, minor = 0;
  char rest = 0;
  if (std::sscanf(text, "%d.%d%c", &major, &minor, &rest) != 2 || !find_capability(major, minor)) {
    complaints.push_back(
        not_understood("SOFTGPU_CC", text, "a compute capability: " + known_capabilities()));
    return;
  }
  shape.cc_major = major;
  shape.cc_minor = minor;
}

// How far K, M and G shift; 64 for anything else.
unsigned shift_of(char unit) {
  switch (std::toupper(static_cast<unsigned char>(unit))) {
    case 'K':
      return 10;
    case 'M':
      return 20;
    case 'G':
      return 30;
    default:
      return 64;
  }
}

void read_memory(DeviceShape& shape, std::vector<std::string>& complaints) {
  const char* const text = std::getenv("SOFTGPU_MEMORY");
  if (!text || !*text) return;
  const std::string_view all(text);
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(all.data(), all.data() + all.size(), value);
  std::string_view unit(end, static_cast<size_t>(all.data() + all.size() - end));
  unsigned shift = 0;
  if (!unit.empty()) {
    shift = shift_of(unit[0]);
    unit.remove_prefix(1);
  }
  const bool unit_ok = unit.empty() || unit == "B" || unit == "iB";
  if (error != std::errc{} || shift > 30 || !unit_ok || value == 0 ||
      value > (uint64_t{1} << 42 >> shift)) {
    complaints.push_back(
        not_understood("SOFTGPU_MEMORY", text, "bytes, or a number with K, M or G, at most 4096G"));
    return;
  }
  shape.memory = value << shift;
}

void read_count(DeviceShape& shape, std::vector<std::string>& complaints) {
  const char* const text = std::getenv("SOFTGPU_DEVICES");
  if (!text || !*text) return;
  const std::string_view all(text);
  int value = 0;
  const auto [end, error] = std::from_chars(all.data(), all.data() + all.size(), value);
  if (error != std::errc{} || end != all.data() + all.size() || value < 1 || value > kMostDevices) {
    complaints.push_back(
        not_understood("SOFTGPU_DEVICES", text, "1 to " + std::to_string(kMostDevices)));
    return;
  }
  shape.devices = value;
}

void read_clock(DeviceShape& shape, std::vector<std::string>& complaints) {
  const char* const text = std::getenv("SOFTGPU_CLOCK");
  const std::string_view wanted = text ? text : "";
  if (wanted.empty() || wanted == "wall") return;
  if (wanted != "model") {
    complaints.push_back(not_understood("SOFTGPU_CLOCK", text, "wall or model"));
    return;
  }
  shape.modelled_clock = true;
  shape.multiprocessors = model::h100::kMultiprocessors;
  if (shape.cc_major != 9 || shape.cc_minor != 0)
    complaints.push_back(
        "SOFTGPU_CLOCK=model imitates an H100, which is 9.0, whatever SOFTGPU_CC is");
}

}  // namespace

std::string clock_name(const DeviceShape& shape) {
  return shape.modelled_clock ? std::string("modelled: ") + model::h100::kName : "wall clock";
}

std::string not_understood(const char* variable, const char* value, const std::string& wanted) {
  return std::string(variable) + "=" + value + " is not understood (" + wanted +
         "); the default is used";
}

DeviceShape read_device_shape(std::vector<std::string>& complaints) {
  DeviceShape shape;
  read_capability(shape, complaints);
  read_memory(shape, complaints);
  read_count(shape, complaints);
  const unsigned cores = std::thread::hardware_concurrency();
  shape.multiprocessors = static_cast<int>(cores < 2 ? 2 : cores);
  read_clock(shape, complaints);
  return shape;
}

}  // namespace softgpu::driver
