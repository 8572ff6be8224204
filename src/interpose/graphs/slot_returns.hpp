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

#include <mutex>
#include <vector>

#include "interpose/graphs/watched_exec.hpp"

namespace nonans::interpose::graphs {

// An event behind what is on that stream now; null if the stream cannot be asked.
CUevent record_fence(const LastLaunch& launch) noexcept;
void drop_fence(CUevent fence) noexcept;  // null is none

class SlotReturns {
 public:
  // `fence` may be null: then the slots are lost, unless nothing ever ran on them.
  void add(const std::vector<NodeSlot>& slots, CUevent fence, bool ever_ran);
  void collect();
  // The context is current and about to go, with all that its counters lie in.
  void context_going(const ContextState& context);

 private:
  struct Waiting {
    CUevent fence = nullptr;
    std::vector<NodeSlot> slots;
  };
  std::mutex mutex_;
  std::vector<Waiting> waiting_;
};

}  // namespace nonans::interpose::graphs
