// SPDX-License-Identifier: MIT
// Which training step is a launch part of? Told from the launches themselves, with no help from the
// program.
//
// A training step ends with the optimiser: one or more launches that update weights and moments in
// place (profile: optimiser_like). The first other launch after them opens the next step. So
//
//   forward backward adam adam | forward backward adam adam | …
//   step 1                       step 2
//
// A program without such a kernel has no steps: 0. Kernels are profiled when their module is first
// used, before their first launch, so training launches are counted from step 1 on. Thread-safe;
// two atomic loads per launch.
#pragma once

#include <atomic>
#include <cstdint>

namespace nonans::interpose {

class StepCounter {
 public:
  // An optimiser-like kernel is in the process.
  void announce_optimiser() noexcept {
    uint32_t none = 0;
    step_.compare_exchange_strong(none, 1, std::memory_order_relaxed);
  }

  // The step that a launch belongs to.
  uint32_t on_launch(bool optimiser_like) noexcept {
    if (optimiser_like) {
      announce_optimiser();
      if (!in_optimiser_.load(std::memory_order_relaxed))
        in_optimiser_.store(true, std::memory_order_relaxed);
    } else if (in_optimiser_.load(std::memory_order_relaxed) &&
               in_optimiser_.exchange(false, std::memory_order_relaxed)) {
      return step_.fetch_add(1, std::memory_order_relaxed) +
             1;  // of two threads only one ends the step
    }
    return step_.load(std::memory_order_relaxed);
  }

  uint32_t current() const noexcept { return step_.load(std::memory_order_relaxed); }
  // Steps that an optimiser has ended.
  uint32_t ended() const noexcept {
    const uint32_t step = current();
    return step == 0 ? 0 : step - 1;
  }

 private:
  std::atomic<uint32_t> step_{0};
  std::atomic<bool> in_optimiser_{false};
};

}  // namespace nonans::interpose
