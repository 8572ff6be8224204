// SPDX-License-Identifier: MIT
// The mbarrier object: 64 opaque bits in shared memory (ISA 9.7.13.15).
//
// Its layout is this engine's own:
//
//   bit   0 … 19   pending arrivals of the open phase
//        20 … 39   expected arrivals of the phases after it
//        40 … 60   bytes of asynchronous transactions still to come, signed
//        61 … 62   number of the open phase, modulo 4; the low bit is its parity
//        63        1 in a valid object: zeroed or overwritten memory is told from one
//
// The open phase is complete when neither arrivals nor bytes are missing; then the next one opens
// with the expected count. What mbarrier.arrive returns is the object as it was before.
//
// A block runs on one host thread at a time, so operations on its mbarriers need no atomics.
#pragma once

#include "state.hpp"

namespace softgpu::engine {

inline constexpr u32 kMostArrivals = (1U << 20) - 1;  // documented range of counts and of bytes

struct MBarrier {
  u32 pending = 0, expected = 0;
  s32 bytes = 0;
  u32 phase = 0;

  static MBarrier unpack(u64 word);
  u64 pack() const;
};
inline constexpr u64 kValidMBarrier = 1ULL << 63;

// How an instruction changes the object at `host`, checked: counts stay in their ranges and the
// object must be valid, otherwise the lane's fault is raised. Each returns the object as it was.
struct MBarrierChange {
  u32 arrivals = 0;   // that have come
  u32 announced = 0;  // additional ones of the open phase
  u32 dropped = 0;    // fewer of the phases after it
  s64 bytes = 0;
  bool may_complete = true;
};
u64 change_mbarrier(const Warp& w, const Op& op, u32 lane, std::byte* host,
                    const MBarrierChange& change);

}  // namespace softgpu::engine
