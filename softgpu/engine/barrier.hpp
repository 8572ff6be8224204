// SPDX-License-Identifier: MIT
// The 16 named barriers of a block (ISA 9.7.13.1).
#pragma once

#include "state.hpp"

namespace softgpu::engine {

enum class BarrierForm : u8 { sync, arrive, red_popc, red_and, red_or };

// The lanes of `mask` arrive at the barrier instruction `op` (Op::small is the form). Returns true
// if they must wait: the caller then puts them into a waiting fragment whose pc is the instruction
// after `op`. When the arrival completes the barrier, everybody who waits is released, the arriving
// lanes included.
bool arrive(Warp& w, const Op& op, u32 pc, u32 mask, u32 barrier);

// Threads have left the block: barriers that waited only for them complete.
void recheck_barriers(Block& block);

}  // namespace softgpu::engine
