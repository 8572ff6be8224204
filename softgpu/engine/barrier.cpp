// SPDX-License-Identifier: MIT
#include "barrier.hpp"

#include "fault.hpp"
#include "watch.hpp"

namespace softgpu::engine {
namespace {

// Threads that count as arrived: those that did, and for an explicit count also the lanes that a
// warp which takes part no longer has. A lane that arrived and then exited counts once.
u32 effective(const Block& block, const Barrier& barrier) {
  u32 count = 0;
  for (const Warp& w : block.warps) {
    const u32 arrived = barrier.warps[w.index];
    if (arrived != 0) count += static_cast<u32>(__builtin_popcount(arrived | ~w.live));
  }
  return count;
}

bool complete(const Block& block, const Barrier& barrier) {
  if (!barrier.active) return false;
  return barrier.expected == 0 ? barrier.arrived >= block.live_threads
                               : effective(block, barrier) >= barrier.expected;
}

void write_result(const Block& block, const Barrier& barrier, const Fragment& fragment) {
  // The fragment stands behind the instruction it waited at.
  const Op& op = block.grid->code->ops[fragment.pc - 1];
  const BarrierForm form = static_cast<BarrierForm>(op.small);
  std::byte* registers = fragment.frame->registers.get();
  if (form == BarrierForm::red_popc) {
    u32* d = reinterpret_cast<u32*>(registers + op.o[0]);
    for (u32 l = 0; l < kLanes; ++l) {
      if ((fragment.mask & (1U << l)) != 0) d[l] = barrier.true_count;
    }
  } else if (form == BarrierForm::red_and || form == BarrierForm::red_or) {
    const bool r = form == BarrierForm::red_or ? barrier.true_count != 0
                                               : barrier.true_count == barrier.arrived;
    u32& d = *reinterpret_cast<u32*>(registers + op.o[0]);
    d = (d & ~fragment.mask) | (r ? fragment.mask : 0);
  }
}

void release(Block& block, u32 index) {
  Barrier& barrier = block.barriers[index];
  tell_release(block, index);
  for (Warp& w : block.warps) {
    for (Fragment& fragment : w.fragments) {
      if (fragment.wait != Wait::barrier || fragment.barrier != index) continue;
      write_result(block, barrier, fragment);
      fragment.wait = Wait::none;
    }
  }
  barrier.active = false;
  barrier.arrived = 0;
  barrier.true_count = 0;
  barrier.expected = 0;
  std::fill(barrier.warps.begin(), barrier.warps.end(), 0U);
}

// barrier.cluster: each thread arrives, and later waits until every thread that has not exited has
// arrived. A phase is complete when the last one arrives; threads that are slow to wait for it find
// that their arrival is not of the phase that is open now, and pass.
bool cluster_complete(const Block& block) {
  u32 arrived = 0;
  for (const Warp& w : block.warps) {
    if ((w.live & ~block.cluster.arrived[w.index]) != 0) return false;
    arrived |= block.cluster.arrived[w.index];
  }
  return arrived != 0;
}
void cluster_release(Block& block) {
  tell_release(block, kClusterBarrier);
  for (Warp& w : block.warps) {
    block.cluster.arrived[w.index] = 0;
    for (Fragment& fragment : w.fragments) {
      if (fragment.wait != Wait::barrier || fragment.barrier != kClusterBarrier) continue;
      block.cluster.outstanding[w.index] &= ~fragment.mask;
      fragment.wait = Wait::none;
    }
  }
}
u32 cluster(Warp& w, const Op& op, u32 mask, BarrierForm form) {
  Block& block = *w.block;
  u32& arrived = block.cluster.arrived[w.index];
  u32& outstanding = block.cluster.outstanding[w.index];
  const bool arrives = form == BarrierForm::cluster_arrive;
  const u32 wrong = arrives ? mask & outstanding : mask & ~outstanding;
  if (wrong != 0) {
    raise(w, op, static_cast<u32>(__builtin_ctz(wrong)), FaultKind::illegal_instruction,
          arrives ? "barrier.cluster.arrive twice without barrier.cluster.wait"
                  : "barrier.cluster.wait without barrier.cluster.arrive");
  }
  if (arrives) {
    arrived |= mask;
    outstanding |= mask;
    tell_arrive(w, op, mask, kClusterBarrier, true, 0);
    if (cluster_complete(block)) cluster_release(block);
    return 0;
  }
  outstanding &= ~mask | arrived;
  return mask & arrived;
}

}  // namespace

u32 arrive(Warp& w, const Op& op, u32 pc, u32 mask, u32 index) {
  Block& block = *w.block;
  const u32 lane = static_cast<u32>(__builtin_ctz(mask));
  const BarrierForm form = static_cast<BarrierForm>(op.small);
  if (form == BarrierForm::cluster_arrive || form == BarrierForm::cluster_wait) {
    return cluster(w, op, mask, form);
  }
  if (index >= block.barriers.size()) {
    raise(w, op, lane, FaultKind::illegal_instruction,
          "barrier " + std::to_string(index) + " does not exist");
  }
  Barrier& barrier = block.barriers[index];
  if (!barrier.active) {
    barrier.active = true;
    barrier.warps.assign(block.warps.size(), 0);
    barrier.expected = op.o[2] == kNoOperand ? 0 : w.at<const u32>(op.o[2])[lane];
    if (barrier.expected % kLanes != 0) {
      raise(w, op, lane, FaultKind::illegal_instruction,
            "barrier count " + std::to_string(barrier.expected) + " is no multiple of 32");
    }
  }
  barrier.arrived += static_cast<u32>(__builtin_popcount(mask));
  barrier.warps[w.index] |= mask;
  if (op.o[3] != kNoOperand) {
    barrier.true_count += static_cast<u32>(__builtin_popcount(w.predicate(op.o[3]) & mask));
  }
  const bool waits = form != BarrierForm::arrive;
  tell_arrive(w, op, mask, index, waits, barrier.expected);
  if (!complete(block, barrier)) return waits ? mask : 0;
  if (waits) {
    const Fragment self{pc + 1, mask, w.frame, 0, 0, Wait::barrier, static_cast<u8>(index)};
    write_result(block, barrier, self);
  }
  release(block, index);
  return 0;
}

void recheck_barriers(Block& block) {
  for (u32 i = 0; i < block.barriers.size(); ++i) {
    if (complete(block, block.barriers[i])) release(block, i);
  }
  if (cluster_complete(block)) cluster_release(block);
}

}  // namespace softgpu::engine
