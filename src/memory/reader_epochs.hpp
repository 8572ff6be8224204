// SPDX-License-Identifier: MIT
// When may memory that readers walk without a lock be freed?
//
//   ReaderEpochs epochs;
//   { ReaderEpochs::Guard in(epochs); walk(root.load()); }          // reader: two atomic
//   additions, never waits root.store(fresh); …retire the old nodes under epochs.current()…  //
//   writer, under its own lock if (epochs.try_advance()) …free what was retired two epochs ago…
//
// The domain in four lines. A reader announces itself in the counter of the current epoch's parity,
// then loads the root. The writer unlinks nodes in epoch E. It moves to E+1 only when nobody is
// left in the counter of parity E+1 (readers of E-1), and to E+2 only when nobody is left in parity
// E. Readers that came in after the move to E+1 loaded the root after the nodes were unlinked, so
// at E+2 nobody can hold what was retired in E.
//
// A reader that read the epoch, slept, and counted itself into a stale parity must not walk: it
// checks the epoch again and starts over. That happens only when a writer made progress: readers
// are lock-free. Without the second look a writer could pass the zero counter between the reader's
// load and its addition, and free under its feet.
//
// A writer never waits for a reader: memory retired while a reader is stuck is kept until it
// leaves.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace nonans::memory {

class ReaderEpochs {
 public:
  class Guard {
   public:
    explicit Guard(const ReaderEpochs& epochs) noexcept {
      Stripe& stripe = epochs.stripes_[stripe_of_this_thread()];
      for (;;) {
        const uint64_t epoch = epochs.epoch_.load(std::memory_order_seq_cst);
        counter_ = &stripe.readers[epoch & 1];
        counter_->fetch_add(1, std::memory_order_seq_cst);
        if (epochs.epoch_.load(std::memory_order_seq_cst) == epoch) return;
        counter_->fetch_sub(1, std::memory_order_release);
      }
    }
    ~Guard() { counter_->fetch_sub(1, std::memory_order_release); }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    std::atomic<uint32_t>* counter_;
  };

  uint64_t current() const noexcept { return epoch_.load(std::memory_order_relaxed); }

  // Writer only. True: one epoch on, and everything retired two epochs before the new one is free.
  bool try_advance() noexcept {
    const uint64_t next = epoch_.load(std::memory_order_relaxed) + 1;
    for (const Stripe& stripe : stripes_)
      if (stripe.readers[next & 1].load(std::memory_order_seq_cst) != 0) return false;
    epoch_.store(next, std::memory_order_seq_cst);
    return true;
  }

 private:
  static constexpr size_t kStripes = 32;
  // A cache line each: threads that launch at once must not fight for one counter.
  struct alignas(64) Stripe {
    std::atomic<uint32_t> readers[2] = {};
  };

  static size_t stripe_of_this_thread() noexcept {
    static constinit std::atomic<uint32_t> next{0};
    thread_local constinit uint32_t mine = UINT32_MAX;
    if (mine == UINT32_MAX) mine = next.fetch_add(1, std::memory_order_relaxed) % kStripes;
    return mine;
  }

  std::atomic<uint64_t> epoch_{0};
  mutable Stripe stripes_[kStripes];
};

}  // namespace nonans::memory
