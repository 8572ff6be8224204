// SPDX-License-Identifier: MIT
// Slots of scan counters for scans that stand in graphs: each node of each executable graph has one
// of its own, since replays on different streams may run at the same time.
//
//   uint64_t slot = slots.take(n_outputs);          // device address, 0: none left
//   …nn_scan_params.slot = slot…
//   slots.give_back(slot, n_outputs);               // no scan runs on it, and its words are zero
//
// A slot holds as many tallies as the scan has outputs, 48 bytes for one: two MiB are some 40,000
// of them. take() runs in launch hooks, for launches into a capture: no lock, no allocation. It
// first looks for a slot of that size that came back, else cuts one from what was never used.
// Returned slots are remembered in a table of fixed size; one that finds it full is lost until the
// context goes.
//
// Who gives a slot back has seen to it that nothing runs on it and that it is zeroed, `replays`
// included: the next owner counts from 1.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "resolve/scan_abi.h"

namespace nonans::interpose {

class NodeSlots {
 public:
  static constexpr uint32_t kReturned = 1024;  // places per size

  // Once, before the first take(): device memory [base, base + bytes), zeroed.
  void open(uint64_t base, uint64_t bytes) noexcept {
    base_ = base;
    bytes_ = bytes;
  }

  uint64_t take(uint32_t n_outputs) noexcept {
    if (n_outputs == 0 || n_outputs > NN_MAX_OUTPUTS) return 0;
    if (const uint64_t slot = sizes_[n_outputs - 1].pop()) return slot;
    const uint64_t size = NN_SLOT_BYTES(uint64_t{n_outputs});
    uint64_t used = used_.load(std::memory_order_relaxed);
    do {
      if (used + size > bytes_) return 0;
    } while (!used_.compare_exchange_weak(used, used + size, std::memory_order_relaxed));
    return base_ + used;
  }

  void give_back(uint64_t slot, uint32_t n_outputs) noexcept {
    if (slot == 0 || n_outputs == 0 || n_outputs > NN_MAX_OUTPUTS) return;
    if (!sizes_[n_outputs - 1].push(slot)) lost_.fetch_add(1, std::memory_order_relaxed);
  }

  uint64_t lost() const noexcept { return lost_.load(std::memory_order_relaxed); }

 private:
  struct Returned {
    std::array<std::atomic<uint64_t>, kReturned> places{};
    std::atomic<uint32_t> count{0};  // a hint: saves looking through an empty table

    uint64_t pop() noexcept {
      if (count.load(std::memory_order_relaxed) == 0) return 0;
      for (auto& place : places) {
        if (place.load(std::memory_order_relaxed) == 0) continue;
        if (const uint64_t slot = place.exchange(0, std::memory_order_acq_rel)) {
          count.fetch_sub(1, std::memory_order_relaxed);
          return slot;
        }
      }
      return 0;
    }
    bool push(uint64_t slot) noexcept {
      for (auto& place : places) {
        uint64_t empty = 0;
        if (!place.compare_exchange_strong(empty, slot, std::memory_order_acq_rel)) continue;
        count.fetch_add(1, std::memory_order_relaxed);
        return true;
      }
      return false;
    }
  };

  uint64_t base_ = 0, bytes_ = 0;
  std::atomic<uint64_t> used_{0}, lost_{0};
  std::array<Returned, NN_MAX_OUTPUTS> sizes_;
};

}  // namespace nonans::interpose
