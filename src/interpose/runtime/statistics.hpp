// SPDX-License-Identifier: MIT
// What is counted while the program runs, for the summary at exit. Relaxed: sums, no order between
// them.
#pragma once

#include <atomic>
#include <cstdint>

#include "events/summary.hpp"
#include "resolve/planner.hpp"

namespace nonans::interpose {

struct Statistics {
  using Counter = std::atomic<uint64_t>;
  Counter launches{0};  // seen by the hooks; also the launch ids
  Counter scanned{0};
  Counter unprovable{0};         // at least one write could not be looked at
  Counter provable_launches{0};  // everything written could be repaired
  Counter scanned_bytes{0}, written_bytes{0}, provable_bytes{0};
  Counter evidence[resolve::kEvidences] = {};
  Counter left[resolve::kLeftReasons] = {};  // launches with such a write; by resolve::Left
  Counter host_ns{0}, host_launches{0};
  // Why launches were not scanned although their kernel is known.
  Counter no_context{0}, no_slot{0}, captured{0}, scan_failed{0};
  Counter left_by_rule{0};     // launches of kernels that no scan may follow
  Counter unknown_kernels{0};  // launches of functions without a profile

  static void add(Counter& counter, uint64_t n = 1) noexcept {
    counter.fetch_add(n, std::memory_order_relaxed);
  }
  void count(const resolve::Plan& plan) noexcept {
    if (plan.writes_unknown != 0) add(unprovable);
    if (plan.outputs != 0 && plan.writes_unknown == 0 && plan.provable_bytes == plan.written_bytes)
      add(provable_launches);
    for (size_t i = 0; i < resolve::kLeftReasons; ++i)
      if (plan.writes_left[i] != 0) add(left[i]);
    add(written_bytes, plan.written_bytes);
  }
  void count_scanned(const resolve::Plan& plan) noexcept {
    add(scanned);
    add(scanned_bytes, plan.scanned_bytes);
    add(provable_bytes, plan.provable_bytes);
    for (size_t i = 0; i < resolve::kEvidences; ++i)
      if (plan.by_evidence[i] != 0) add(evidence[i], plan.by_evidence[i]);
  }
};

}  // namespace nonans::interpose
