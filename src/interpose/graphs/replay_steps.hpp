// SPDX-License-Identifier: MIT
// Which training step was replay number N of an executable graph part of?
//
// A scan in a graph cannot be told: its parameters are frozen. The device counts replays, the host
// notes at which launch the step was which, and the two meet when a record is read:
//
//   launches of the graph   1  2  3  4  5  6  7  8
//   step at that launch     1  1  2  2  3  4  5  6        runs: from 1: 1, from 3: 2, from 5: 3 and
//                           every launch a step on
//
// A program in its stride needs one run for ever. The latest kRuns are kept. note() is called by
// one launch at a time and takes no lock; at() may be called from any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace nonans::interpose::graphs {

class ReplaySteps {
 public:
  static constexpr uint32_t kRuns = 64;

  void note(uint32_t step) noexcept {
    const uint32_t launch = launches_.load(std::memory_order_relaxed) + 1;
    const uint32_t count = count_.load(std::memory_order_relaxed);
    if (count == 0 || step != expected(runs_[(count - 1) % kRuns], launch)) extend(launch, step);
    launches_.store(launch, std::memory_order_release);
  }

  // 0: not known (any more).
  uint32_t at(uint32_t replay) const noexcept {
    if (replay == 0 || replay > launches_.load(std::memory_order_acquire)) return 0;
    const uint32_t count = count_.load(std::memory_order_acquire);
    for (uint32_t i = count; i > 0 && i + kRuns > count + 1; --i) {
      const Run& run = runs_[(i - 1) % kRuns];
      if (run.first.load(std::memory_order_relaxed) <= replay) return expected(run, replay);
    }
    return 0;
  }

  uint32_t launches() const noexcept { return launches_.load(std::memory_order_acquire); }

 private:
  struct Run {
    std::atomic<uint32_t> first{0}, step{0}, stride{0};  // stride: steps per launch, 0 or 1
  };
  static uint32_t expected(const Run& run, uint32_t launch) noexcept {
    return run.step.load(std::memory_order_relaxed) +
           run.stride.load(std::memory_order_relaxed) *
               (launch - run.first.load(std::memory_order_relaxed));
  }
  void extend(uint32_t launch, uint32_t step) noexcept {
    const uint32_t count = count_.load(std::memory_order_relaxed);
    if (count != 0) {
      Run& last = runs_[(count - 1) % kRuns];
      // The second launch of a run tells its stride.
      if (last.first.load(std::memory_order_relaxed) + 1 == launch &&
          last.step.load(std::memory_order_relaxed) + 1 == step) {
        last.stride.store(1, std::memory_order_relaxed);
        return;
      }
    }
    Run& next = runs_[count % kRuns];
    next.first.store(launch, std::memory_order_relaxed);
    next.step.store(step, std::memory_order_relaxed);
    next.stride.store(0, std::memory_order_relaxed);
    count_.store(count + 1, std::memory_order_release);
  }

  std::array<Run, kRuns> runs_;
  std::atomic<uint32_t> count_{0}, launches_{0};
};

}  // namespace nonans::interpose::graphs
