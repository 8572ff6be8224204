// SPDX-License-Identifier: MIT
// Whose memory stands at an address: what only the driver knows, and is asked.
#pragma once

#include <cuda.h>

#include <cstdint>

#include "memory/buffer.hpp"

namespace nonans::interpose {

class Runtime;

// Unknown: kUnknownDevice, context 0.
struct Placement {
  memory::BufferKind kind = memory::BufferKind::device;  // device, managed or host
  int32_t device = memory::kUnknownDevice;
  uint64_t context = 0;
};
Placement placement_of(uint64_t address) noexcept;

// The allocation that holds an address; empty if the driver does not say.
struct Range {
  uint64_t base = 0, size = 0;
};
Range range_of(uint64_t address) noexcept;

// Fills in kind, device and owner of a buffer that came from `pool`, or from whichever the driver
// names. A pool may be of another device than the current context's, of the host, or managed. Where
// the driver does not say, the device stays unknown, and the buffer is left alone: without its pool
// nobody could tell who else reaches it.
void describe_pool_memory(Runtime& runtime, memory::Buffer& buffer, CUmemoryPool pool = nullptr);

}  // namespace nonans::interpose
