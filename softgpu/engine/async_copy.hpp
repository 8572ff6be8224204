// SPDX-License-Identifier: MIT
// cp.async: copies from global to shared memory that a thread asks for and waits for later
// (ISA 9.7.9.25).
//
// When do the bytes move? Hardware may do it at any time between the instruction and the completion
// that the thread waits for. This engine does it at the latest time: when a thread waits for the
// copy (cp.async.wait_*), or when one tests an mbarrier that tracks it. A program that forgets the
// wait then reads what stood in shared memory before, every time, instead of on some machine on
// some day. Faults are raised at the instruction that asked.
//
// The copies of each lane are numbered by the group they are committed in; wait_group N completes
// all groups but the lane's last N.
#pragma once

#include <vector>

#include "memory.hpp"

namespace softgpu::engine {

// One cp.async of some lanes of a warp.
struct AsyncCopy {
  const Op* op = nullptr;
  u64 number = 0;   // within the warp, counted up
  u32 pending = 0;  // lanes whose bytes have not moved
  u32 size = 0;     // bytes written
  u64 group[kLanes] = {};
  u32 read[kLanes] = {};                 // bytes read; the rest becomes zero
  const std::byte* source[kLanes] = {};  // where read != 0
  u64 destination[kLanes] = {};
};

// A lane's cp.async.mbarrier.arrive: when its copies before `copies` are complete, it arrives.
struct AsyncArrival {
  std::byte* barrier = nullptr;
  const Op* op = nullptr;
  u32 warp = 0, lane = 0;
  u64 copies = 0;
};

struct AsyncCopies {
  struct OfWarp {
    std::vector<AsyncCopy> copies;
    u64 next = 0;                // number of the next copy
    u64 committed[kLanes] = {};  // groups
  };
  std::vector<OfWarp> warps;
  std::vector<AsyncArrival> arrivals;
};

// Completes the copies that the arrivals at this mbarrier wait for and lets them arrive (for the
// instructions that test an mbarrier).
void complete_arrivals(Warp& w, std::byte* barrier);

}  // namespace softgpu::engine
