// SPDX-License-Identifier: MIT
#include "events/sinks.hpp"
#include "events/summary.hpp"

namespace nonans::events {
namespace {

constexpr uint64_t kWindowNs = 1'000'000'000;
constexpr uint64_t kPerWindow = 10;

int classes_of(const Event& event) {
  return (event.nan ? 1 : 0) | (event.pos_inf ? 2 : 0) | (event.neg_inf ? 4 : 0);
}

}  // namespace

NoticeSink::NoticeSink(DebugLevel level, Say say) : level_(level), say_(std::move(say)) {}

// A run that dies of a NaN has one origin and thousands of launches that pass it on: those are in
// the file. The very first is said whatever it is: it may be all there ever is.
bool NoticeSink::worth_saying(const Event& event) {
  if (level_ == DebugLevel::off) return false;
  if (level_ == DebugLevel::trace) return true;
  const bool meant = event.origin == Origin::intended;
  const bool matters = event.origin == Origin::origin || event.resolution != Resolution::observed;
  if (level_ == DebugLevel::warn && !matters && (meant || !seen_.empty())) return false;
  const auto key =
      std::make_tuple(event.kernel_symbol, event.arg, classes_of(event), event.resolution);
  return seen_[key]++ == 0;
}

void NoticeSink::on_event(const Event& event) {
  if (!worth_saying(event)) return;
  if (event.time_unix_ns - window_start_ns_ >= kWindowNs) {
    if (held_back_) {
      say_("nonans: " + with_separators(held_back_) +
           " more in the second before; all are in the events file");
      held_back_ = 0;
    }
    window_start_ns_ = event.time_unix_ns;
    in_window_ = 0;
  }
  if (in_window_++ < kPerWindow)
    say_(to_sentence(event));
  else
    ++held_back_;
}

}  // namespace nonans::events
