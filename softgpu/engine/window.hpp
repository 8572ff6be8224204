// SPDX-License-Identifier: MIT
// Where the addresses of a memory instruction usually lead: the short way to the bytes, without
// asking the address space or telling an observer (a watched launch has no such windows: see
// Worker::locate_rest). Not inline: bodies that are compiled for several
// instruction sets call it (ops/isa.hpp).
#pragma once

#include "state.hpp"

namespace softgpu::engine {

struct Window {
  u64 address = 0, size = 0;  // what lies outside goes through locate()
  std::byte* host = nullptr;
  u64 stride = 0;  // lane n has its own bytes, n strides further
};

// The allocation that the instruction hit last, the block's shared memory, the kernel's parameters
// or the stacks of the warp's threads; empty for stores into what is read-only.
Window usual_window(const Warp& w, const Op& op, bool is_write);

}  // namespace softgpu::engine
