// SPDX-License-Identifier: MIT
#include "cupti/slot.hpp"

#include <sched.h>

namespace nonans::cupti {
namespace {

constinit Slot the_slot;

CUptiResult subscribe(const Library& library, CUpti_SubscriberHandle& handle,
                      CUpti_CallbackFunc callback, void* user) {
  if (!library.subscribe_v2) return library.subscribe(&handle, callback, user);
  // The name is what another tool is told that finds the place taken.
  CUpti_SubscriberParams params{};
  params.structSize = CUpti_SubscriberParams_STRUCT_SIZE;
  params.subscriberName = "NoNans";
  return library.subscribe_v2(&handle, callback, user, &params);
}

}  // namespace

Slot& process_slot() noexcept {
  return the_slot;
}

bool Slot::nobody_wants_it() const noexcept {
  return asking_.load(std::memory_order_seq_cst) == 0 &&
         theirs_.load(std::memory_order_seq_cst) == 0;
}

Slot::Taken Slot::take(const Library& library, CUpti_CallbackFunc callback, void* user,
                       Enable enable) noexcept {
  if (!nobody_wants_it() || finalized_.load(std::memory_order_acquire)) return {};
  uint32_t expected = kFree;
  if (!state_.compare_exchange_strong(expected, kTaking, std::memory_order_seq_cst)) return {};
  if (!nobody_wants_it()) {
    state_.store(kFree, std::memory_order_seq_cst);
    return {};
  }
  library_ = library;
  handle_ = nullptr;
  busy_here_ = true;
  CUptiResult result = subscribe(library_, handle_, callback, user);
  if (result == CUPTI_SUCCESS) {
    result = enable(library_, handle_, user);
    if (result != CUPTI_SUCCESS) library_.unsubscribe(handle_);
  }
  busy_here_ = false;
  if (result != CUPTI_SUCCESS) {
    // The program's thread must not find our error when it asks for its last one.
    if (library_.get_last_error) library_.get_last_error();
    state_.store(kFree, std::memory_order_seq_cst);
    return {Outcome::refused, result};
  }
  taken_.fetch_add(1, std::memory_order_relaxed);
  state_.store(kOurs, std::memory_order_seq_cst);
  if (nobody_wants_it()) return {Outcome::taken, CUPTI_SUCCESS};
  leave();
  return {};
}

void Slot::leave() noexcept {
  uint32_t expected = kOurs;
  if (!state_.compare_exchange_strong(expected, kLeaving, std::memory_order_seq_cst)) return;
  busy_here_ = true;
  library_.unsubscribe(handle_);
  busy_here_ = false;
  given_up_.fetch_add(1, std::memory_order_relaxed);
  state_.store(kFree, std::memory_order_seq_cst);
}

Slot::Asking::Asking(Slot& slot) noexcept : slot_(slot) {
  slot_.asking_.fetch_add(1, std::memory_order_seq_cst);
  slot_.leave();
  const auto until = std::chrono::steady_clock::now() + kLongestWait;
  while (slot_.state_.load(std::memory_order_seq_cst) != kFree &&
         std::chrono::steady_clock::now() < until) {
    slot_.leave();
    sched_yield();
  }
}

// Whether or not the call went well: there may be a place to take back.
Slot::Asking::~Asking() {
  slot_.asking_.fetch_sub(1, std::memory_order_seq_cst);
  slot_.vacated_.store(true, std::memory_order_relaxed);
}

void Slot::they_subscribed() noexcept {
  finalized_.store(false, std::memory_order_release);
  theirs_.fetch_add(1, std::memory_order_seq_cst);
}

void Slot::they_unsubscribed() noexcept {
  int there = theirs_.load(std::memory_order_seq_cst);
  while (there > 0 && !theirs_.compare_exchange_weak(there, there - 1, std::memory_order_seq_cst)) {
  }
  vacated_.store(true, std::memory_order_relaxed);
}

void Slot::they_finalized() noexcept {
  theirs_.store(0, std::memory_order_seq_cst);
  finalized_.store(true, std::memory_order_release);
}

}  // namespace nonans::cupti
