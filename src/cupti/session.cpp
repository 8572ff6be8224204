// SPDX-License-Identifier: MIT
#include "cupti/session.hpp"

#include <memory>
#include <utility>

#include "cupti/callbacks.hpp"
#include "cupti/slot.hpp"

namespace nonans::cupti {

Session::Session(Receiver& receiver, Slot& slot, SessionOptions options)
    : receiver_(receiver), slot_(slot), options_(std::move(options)) {}

Session::~Session() {
  slot_.leave();
  delete library_.load();
  delete reason_.load();
}

// The library that was found first stays the one: another copy may be mapped later, and is the
// program's own affair.
const Library* Session::library() noexcept {
  if (const Library* known = library_.load(std::memory_order_acquire)) return known;
  try {
    std::string why;
    const auto gives_up = [&] { return !options_.gives_up || options_.gives_up(); };
    const bool load = options_.use == Use::load;
    std::optional<Library> found;
    // Asked before one is loaded for nothing, or after one was found: it takes the loader's lock.
    bool may_hold = !load || gives_up();
    if (options_.find)
      found = options_.find(why);
    else if (!load)
      found = mapped_library(why);
    else if (may_hold)
      found = load_library(options_.driver_version ? options_.driver_version() : 0, why);
    if (found && !load) may_hold = gives_up();
    if (!may_hold) {
      found.reset();
      why = "the program's own profiler would not get it";
    }
    if (!found) {
      // Without a reason there is only none yet.
      if (why.empty()) {
        trouble_.store(Trouble::not_loaded);
        return nullptr;
      }
      auto reason = std::make_unique<const std::string>(std::move(why));
      const std::string* none = nullptr;
      if (reason_.compare_exchange_strong(none, reason.get())) reason.release();
      trouble_.store(Trouble::unusable);  // after the reason, which words() reads
      return nullptr;
    }
    auto made = std::make_unique<const Library>(*found);
    const Library* none = nullptr;
    if (library_.compare_exchange_strong(none, made.get(), std::memory_order_acq_rel))
      made.release();
  } catch (...) {
    return nullptr;  // out of memory: the hooks go on alone
  }
  return library_.load(std::memory_order_acquire);
}

void Session::look() noexcept {
  const Trouble trouble = trouble_.load();
  if (options_.use == Use::off || trouble == Trouble::unusable || trouble == Trouble::refused)
    return;
  if (attached() || slot_.theirs()) return;
  if (trouble == Trouble::not_loaded && !options_.find && !objects_were_added()) return;
  const Library* found = library();
  if (!found) return;
  const Slot::Enable enable =
      options_.launches ? Slot::Enable{[](const Library& l, CUpti_SubscriberHandle h, void*) {
        return enable_callbacks(l, h, true);
      }}
                        : Slot::Enable{[](const Library& l, CUpti_SubscriberHandle h, void*) {
                            return enable_callbacks(l, h, false);
                          }};
  const Slot::Taken taken = slot_.take(*found, &on_callback, &receiver_, enable);
  if (taken.outcome == Slot::Outcome::taken) trouble_.store(Trouble::none);
  if (taken.outcome != Slot::Outcome::refused) return;
  result_.store(static_cast<int>(taken.result));
  trouble_.store(taken.result == CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED ? Trouble::taken
                                                                                : Trouble::refused);
}

void Session::code_loaded() noexcept {
  if (trouble_.load(std::memory_order_relaxed) == Trouble::not_loaded) look();
}

void Session::attend() noexcept {
  if (slot_.vacated()) look();
}

bool Session::attached() const noexcept {
  return slot_.ours();
}

std::string Session::words() const {
  if (options_.use == Use::off) return "off";
  if (attached()) return "on";
  if (slot_.theirs()) return "left to the program";
  switch (trouble_.load()) {
    case Trouble::taken:
      return "in use by another tool";
    case Trouble::unusable:
      return "of no use (" + *reason_.load() + ")";
    case Trouble::refused:
      return "of no use (it answers error " + std::to_string(result_.load()) + ")";
    case Trouble::none:
      return library_.load() ? "left to the program" : "not loaded";
    case Trouble::not_loaded:
      return "not loaded";
  }
  return "not loaded";
}

}  // namespace nonans::cupti
