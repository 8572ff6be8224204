// SPDX-License-Identifier: MIT
// Runs a block for a while.
//
// A warp's fragments take turns by three rules:
//   1. the deepest in calls first, then the smallest program counter (layout.cpp makes that the
//      earliest in the control flow), so that lanes that wait at a join get company;
//   2. fragments that stand at the same instruction of the same frame become one;
//   3. a fragment that used up its turn (counted in taken backward branches, polls weighing more)
//      goes behind the others: without this a lane that spins on a lock would wait for ever for
//      the lane that holds it.
//
// An instruction that names lanes (*.sync) holds a fragment until every named live lane stands
// there; a block barrier holds it until the barrier completes. If all fragments of a block are
// held, nothing can ever happen again: that is the deadlock fault.
#pragma once

#include "state.hpp"

namespace softgpu::engine {

enum class BlockState : u8 { finished, running };

// Runs about `budget` warp instructions. Throws FaultSignal.
BlockState run_block(Block& block, Worker& worker, u64 budget);

// calls.cpp: the lanes of `mask` in `fragment` enter a function or leave one. May add fragments to
// the warp; the fragment itself goes on with what is left of its lanes (none: its mask is 0).
void enter_call(Warp& w, Fragment& fragment, const Op& op, u32 mask);
void leave_call(Warp& w, Fragment& fragment, u32 mask);
// builtins.cpp: vprintf, __assertfail for the lanes of `mask`.
void run_builtin(Warp& w, const Op& op, const CallSite& site, Builtin builtin, u32 mask);

}  // namespace softgpu::engine
