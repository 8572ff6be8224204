// SPDX-License-Identifier: MIT
// Vector clocks of the threads of a block.
//
//   Clocks clocks(threads);
//   clocks.meet(0, 0xffff);                      // lanes 0-15 of warp 0 synchronise
//   clocks.knows(reader, writer, epoch)          // has `reader` seen what writer did in `epoch`?
//
// Time is counted by warp: epoch(warp) grows whenever a lane of the warp publishes, so what lane l
// does afterwards has a later epoch than what it published. A thread's clock holds, for each
// thread, the last epoch it has seen of it; threads that met share one clock, and its own lane's
// time is implied.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace softgpu::observe {

// By thread: the last epoch seen. nullptr stands for all zeros.
using Clock = std::shared_ptr<const std::vector<uint32_t>>;

class Clocks {
 public:
  explicit Clocks(uint32_t threads);

  uint32_t epoch(uint32_t warp) const { return epochs_[warp]; }
  bool knows(uint32_t thread, uint32_t of, uint32_t epoch) const {
    if (thread == of) return true;
    const Clock& clock = seen_[thread];
    return clock && (*clock)[of] >= epoch;
  }

  // What the lanes know and have done goes into `into`.
  void give(uint32_t warp, uint32_t lanes, Clock& into);
  // They learn what is in `from`.
  void take(uint32_t warp, uint32_t lanes, const Clock& from);
  // Everybody learns everything of the others.
  void meet(uint32_t warp, uint32_t lanes);

 private:
  static void join(std::vector<uint32_t>& into, const Clock& from);
  uint32_t threads_;
  std::vector<uint32_t> epochs_;  // by warp; from 1
  std::vector<Clock> seen_;       // by thread
};

}  // namespace softgpu::observe
