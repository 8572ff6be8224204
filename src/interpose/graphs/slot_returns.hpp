// SPDX-License-Identifier: MIT
// Counters of executable graphs that were destroyed, until nothing runs on them any more.
//
//   returns.add(slots, fence);      // cuGraphExecDestroy; `fence` lies behind the last launch
//   returns.collect();              // now and then: those whose fence has passed go back, zeroed
//
// A launch may still be running when its executable graph is destroyed. Waiting for it is not ours
// to do, and asking a stream that captures would break the capture: so an event is recorded behind
// the last launch, and asked about later. Where that is not possible the counters stay out of use
// until their context goes: fewer nodes are watched, none share.
//
// For hooks that may take their time. No lock is held while a driver function runs.
#pragma once

#include <cuda.h>

#include <list>
#include <memory>
#include <mutex>
#include <vector>

#include "interpose/graphs/watched_exec.hpp"

namespace nonans::interpose::graphs {

// An event behind a launch. It must be gone, or released, before its context is.
struct DropFence {
  void operator()(CUevent event) const noexcept;
};
using Fence = std::unique_ptr<CUevent_st, DropFence>;

// Behind what is on that stream now; null if the stream cannot be asked.
Fence record_fence(const LastLaunch& launch) noexcept;

class SlotReturns {
 public:
  // `fence` may be null: then the slots are lost, unless nothing ever ran on them.
  void add(const std::vector<NodeSlot>& slots, Fence fence, bool ever_ran);
  void collect() noexcept;
  // The context is current and about to go, with all that its counters lie in.
  void context_going(const ContextState& context) noexcept;

 private:
  struct Waiting {
    Fence fence;
    std::vector<NodeSlot> slots;
  };
  std::mutex mutex_;
  std::list<Waiting> waiting_;  // a list: moving one elsewhere needs no memory
};

}  // namespace nonans::interpose::graphs
