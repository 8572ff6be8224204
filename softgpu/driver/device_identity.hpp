// SPDX-License-Identifier: MIT
// Who a device is: the same answers from the driver, from NVML and from the softgpu command.
//
//   pci_text(pci_address(1))      "0000:51:00.0"
//   uuid_text(device_uuid(1))     "746f6674-6770-5500-8000-000000000002"
//
// `device` is the number of the device before CUDA_VISIBLE_DEVICES: the driver renumbers what that
// variable leaves, NVML does not know the variable. Names are the same on every machine and in
// every process.
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <string>

namespace softgpu::driver {

inline constexpr int kDriverVersion = 13000;  // CUDA 13.0
inline constexpr char kDeviceName[] = "NoNans softgpu (software CUDA device)";

struct PciAddress {
  uint32_t domain = 0, bus = 0, slot = 0;  // the function is 0
};

// One bus for each device, so at most 176 of them have an address.
constexpr PciAddress pci_address(int device) {
  return {0, 0x50 + static_cast<uint32_t>(device), 0};
}

inline std::string pci_text(const PciAddress& a) {
  char text[32];
  std::snprintf(text, sizeof text, "%04x:%02x:%02x.0", a.domain, a.bus, a.slot);
  return text;
}

using Uuid = std::array<unsigned char, 16>;

// Version 8 of RFC 9562 (bytes of one's own choosing): "softgpU", and the number of the device
// from 1. The first byte counts too, so that a few digits tell devices apart
// (CUDA_VISIBLE_DEVICES=GPU-746f).
constexpr Uuid device_uuid(int device) {
  const auto number = static_cast<unsigned>(device) + 1;
  return {static_cast<unsigned char>(0x73 + device),
          0x6f,
          0x66,
          0x74,
          0x67,
          0x70,
          0x55,
          0x00,
          0x80,
          0x00,
          0x00,
          0x00,
          0x00,
          0x00,
          static_cast<unsigned char>(number >> 8),
          static_cast<unsigned char>(number)};
}

// As in "GPU-736f6674-…", without the "GPU-".
inline std::string uuid_text(const Uuid& uuid) {
  std::string text;
  for (size_t i = 0; i < uuid.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", uuid[i]);
    text += digits;
  }
  return text;
}

}  // namespace softgpu::driver
