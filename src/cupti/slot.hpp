// SPDX-License-Identifier: MIT
// CUPTI's one place for a subscriber, and the rule that it is the program's whenever the program
// wants it.
//
//   slot.take(library, callback, receiver, enable)       // ours, if nobody has or wants it
//
//   Slot::Asking asking(slot);                            // the program calls cuptiSubscribe: we
//   are result = real(…);                                     // out before it gets there, and stay
//   out if (result == CUPTI_SUCCESS) slot.they_subscribed();
//
// Up to CUDA 13.1 a process has one subscriber; a second is told MULTIPLE_SUBSCRIBERS (39). A
// library that held the place while the program wants to profile would take the program's profiles
// away. So there are two parties of unequal rank:
//
//   ours:    free ──take()──▶ taking ──▶ ours ──leave()──▶ leaving ──▶ free
//   theirs:  `asking_` counts their calls that are under way, `theirs_` their subscriptions
//
// take() begins only while both counts are 0, and gives the place back at once if a call came
// meanwhile (each side writes its own word before it reads the other's, all sequentially
// consistent, so that one of the two sees the other). Asking waits for a take() or leave() that
// another thread is in the middle of: the length of one cuptiSubscribe with its enabling, or of one
// cuptiUnsubscribe, which a second CUPTI call would wait for anyway. The wait is bounded by
// kLongestWait, in case that thread waits for something the caller holds (the loader's lock, in a
// constructor); then the program's call goes ahead and is told 39.
//
// No lock is held anywhere, and none while CUPTI or the driver runs.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "cupti/library.hpp"

namespace nonans::cupti {

class Slot {
 public:
  static constexpr std::chrono::milliseconds kLongestWait{500};

  enum class Outcome : uint8_t { taken, not_now, refused };
  struct Taken {
    Outcome outcome = Outcome::not_now;  // not_now: the program has or wants it, or it is ours
    CUptiResult result = CUPTI_SUCCESS;  // refused: what CUPTI answered
  };
  // `enable` makes the callbacks wanted; another result than success gives the place back.
  using Enable = CUptiResult (*)(const Library& library, CUpti_SubscriberHandle handle, void* user);
  Taken take(const Library& library, CUpti_CallbackFunc callback, void* user,
             Enable enable) noexcept;
  void leave() noexcept;

  bool ours() const noexcept { return state_.load(std::memory_order_acquire) == kOurs; }
  uint64_t times_taken() const noexcept { return taken_.load(std::memory_order_relaxed); }
  uint64_t times_given_up() const noexcept { return given_up_.load(std::memory_order_relaxed); }
  bool theirs() const noexcept { return theirs_.load(std::memory_order_acquire) != 0; }

  // While it lives, the place is not ours.
  class Asking {
   public:
    explicit Asking(Slot& slot) noexcept;
    ~Asking();
    Asking(const Asking&) = delete;
    Asking& operator=(const Asking&) = delete;

   private:
    Slot& slot_;
  };
  void they_subscribed() noexcept;
  void they_unsubscribed() noexcept;
  // The program has shut CUPTI down. Taking the place again would start it up against its will:
  // that waits until the program has used CUPTI again and left.
  void they_finalized() noexcept;

  // This thread is in the middle of taking or leaving: what CUPTI calls now, it calls for us.
  static bool busy_here() noexcept { return busy_here_; }

  // True once after the program gave the place back.
  bool vacated() noexcept {
    return vacated_.load(std::memory_order_relaxed) && vacated_.exchange(false);
  }

 private:
  enum State : uint32_t { kFree, kTaking, kOurs, kLeaving };
  bool nobody_wants_it() const noexcept;

  // Initial-exec: the default model may allocate, inside whatever call this is.
  [[gnu::tls_model("initial-exec")]] static inline thread_local constinit bool busy_here_ = false;

  std::atomic<uint32_t> state_{kFree};
  std::atomic<int> asking_{0};
  std::atomic<int> theirs_{0};
  std::atomic<bool> finalized_{false};
  std::atomic<bool> vacated_{false};
  std::atomic<uint64_t> taken_{0}, given_up_{0};
  // Written while kTaking, read while kLeaving.
  Library library_;
  CUpti_SubscriberHandle handle_ = nullptr;
};

// The process's.
Slot& process_slot() noexcept;

}  // namespace nonans::cupti
