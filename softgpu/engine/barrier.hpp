// SPDX-License-Identifier: MIT
// The 16 named barriers of a block and the barrier of its cluster (ISA 9.7.13).
#pragma once

#include "state.hpp"

namespace softgpu::engine {

enum class BarrierForm : u8 {
  sync,
  arrive,
  red_popc,
  red_and,
  red_or,
  cluster_arrive,
  cluster_wait
};
inline constexpr u32 kClusterBarrier =
    16;  // the number that fragments in barrier.cluster.wait have

// The lanes of `mask` arrive at the barrier instruction `op` (Op::small is the form). Returns
// the lanes that must wait: the caller then puts them into a waiting fragment whose pc is the
// instruction after `op`. When the arrival completes the barrier, everybody who waits is released,
// the arriving lanes included.
u32 arrive(Warp& w, const Op& op, u32 pc, u32 mask, u32 barrier);

// Threads have left the block: barriers that waited only for them complete.
void recheck_barriers(Block& block);

}  // namespace softgpu::engine
