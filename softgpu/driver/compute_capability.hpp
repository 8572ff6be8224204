// SPDX-License-Identifier: MIT
// What the compute capabilities differ in, as far as a program can ask.
//
//   const ComputeCapability* c = find_capability(8, 6);   // nullptr: there is no such one
//   c->threads_per_multiprocessor                         // 1536
//
// Source: CUDA C++ Programming Guide, "Technical Specifications per Compute Capability" and
// "Throughput of Native Arithmetic Instructions" (the ratio of single to double precision). Of each
// block's shared memory, devices since 8.0 keep 1 KiB for themselves.
#pragma once

#include <cstdint>
#include <string>

namespace softgpu::driver {

struct ComputeCapability {
  int major, minor;
  uint32_t threads_per_multiprocessor, blocks_per_multiprocessor;
  uint32_t shared_kib_per_multiprocessor, shared_kib_per_block;  // the latter when opted in
  uint32_t shared_kib_reserved;
  uint32_t registers_per_block;
  int single_to_double;
};

inline constexpr ComputeCapability kComputeCapabilities[] = {
    {5, 0, 2048, 32, 64, 48, 0, 65536, 32},    {5, 2, 2048, 32, 96, 48, 0, 65536, 32},
    {5, 3, 2048, 32, 64, 48, 0, 32768, 32},    {6, 0, 2048, 32, 64, 48, 0, 65536, 2},
    {6, 1, 2048, 32, 96, 48, 0, 65536, 32},    {6, 2, 2048, 32, 64, 48, 0, 32768, 32},
    {7, 0, 2048, 32, 96, 96, 0, 65536, 2},     {7, 2, 2048, 32, 96, 96, 0, 65536, 2},
    {7, 5, 1024, 16, 64, 64, 0, 65536, 32},    {8, 0, 2048, 32, 164, 163, 1, 65536, 2},
    {8, 6, 1536, 16, 100, 99, 1, 65536, 64},   {8, 7, 1536, 16, 164, 163, 1, 65536, 64},
    {8, 9, 1536, 24, 100, 99, 1, 65536, 64},   {9, 0, 2048, 32, 228, 227, 1, 65536, 2},
    {10, 0, 2048, 32, 228, 227, 1, 65536, 2},  {10, 3, 2048, 32, 228, 227, 1, 65536, 64},
    {11, 0, 1536, 24, 228, 227, 1, 65536, 64}, {12, 0, 1536, 24, 100, 99, 1, 65536, 64},
    {12, 1, 1536, 24, 100, 99, 1, 65536, 64},
};

constexpr const ComputeCapability* find_capability(int major, int minor) {
  for (const ComputeCapability& c : kComputeCapabilities)
    if (c.major == major && c.minor == minor) return &c;
  return nullptr;
}

// "5.0, 5.2, …": for messages.
inline std::string known_capabilities() {
  std::string text;
  for (const ComputeCapability& c : kComputeCapabilities)
    text += (text.empty() ? "" : ", ") + std::to_string(c.major) + "." + std::to_string(c.minor);
  return text;
}

}  // namespace softgpu::driver
