// SPDX-License-Identifier: MIT
// Where the registers of a function stand in its frame.
//
// PTX has as many registers as a compiler likes: each value gets a fresh one, and an unrolled
// matrix product has thousands, 128 bytes each for a warp. What is in use at one time is a few
// dozen. Registers that are never in use at the same time get the same slot, so that a frame fits
// the first-level cache and clearing it for each block costs little.
//
// In use is meant for each lane by itself: a lane follows one path through the control flow and
// touches nothing but its own column of a slot, so divergence changes nothing. A register that may
// be read before it was written is in use from the start of the function, and therefore reads as
// zero in a kernel, as it would with a slot of its own. All operands of one instruction are in use
// at the same time, destinations included: the Ops that an instruction becomes may write one before
// they have read another.
#pragma once

#include <vector>

#include "layout.hpp"

namespace softgpu::engine {

struct Slots {
  std::vector<u32> of;  // register -> offset in the frame
  u32 frame_bytes = 0;  // up to the end of the last slot; a multiple of 128
};

Slots place_registers(const ptx::Function& function, const Layout& layout);

// For tests that compare: false gives each register a slot of its own in programs loaded from now
// on.
void share_slots(bool share);

}  // namespace softgpu::engine
