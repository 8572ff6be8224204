// SPDX-License-Identifier: MIT
#include "events/names.hpp"

#include <iterator>

namespace nonans::events {
namespace {

constexpr const char* kKinds[] = {
    "division_by_zero", "zero_by_zero",       "overflow",           "inf_minus_inf",
    "zero_times_inf",   "invalid_argument",   "narrowing_overflow", "softmax_overflow",
    "masked_row",       "reduction_overflow", "uninitialised_read", "illegal_access",
    "unknown"};
constexpr const char* kSeverities[] = {"info", "warning", "error", "fatal"};
constexpr const char* kOrigins[] = {"origin", "propagated", "intended", "stale",
                                    "raced",  "transient",  "unknown"};
constexpr const char* kResolutions[] = {"observed", "repaired", "would_repair", "refused"};

static_assert(std::size(kKinds) == count_of_names<Kind>());
static_assert(std::size(kSeverities) == count_of_names<Severity>());
static_assert(std::size(kOrigins) == count_of_names<Origin>());
static_assert(std::size(kResolutions) == count_of_names<Resolution>());

template <typename E, size_t N>
bool find(const char* const (&names)[N], std::string_view name, E& out) {
  for (size_t i = 0; i < N; ++i) {
    if (name == names[i]) {
      out = static_cast<E>(i);
      return true;
    }
  }
  return false;
}

}  // namespace

const char* name_of(Kind value) {
  return kKinds[static_cast<size_t>(value)];
}
const char* name_of(Severity value) {
  return kSeverities[static_cast<size_t>(value)];
}
const char* name_of(Origin value) {
  return kOrigins[static_cast<size_t>(value)];
}
const char* name_of(Resolution value) {
  return kResolutions[static_cast<size_t>(value)];
}

bool from_name(std::string_view name, Kind& out) {
  return find(kKinds, name, out);
}
bool from_name(std::string_view name, Severity& out) {
  return find(kSeverities, name, out);
}
bool from_name(std::string_view name, Origin& out) {
  return find(kOrigins, name, out);
}
bool from_name(std::string_view name, Resolution& out) {
  return find(kResolutions, name, out);
}

}  // namespace nonans::events
