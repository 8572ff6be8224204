// SPDX-License-Identifier: MIT
// The words of the schema, back from text. (To text: name_of() in event.hpp.) False: no such word,
// `out` unchanged.
#pragma once

#include <string_view>

#include "events/event.hpp"

namespace nonans::events {

bool from_name(std::string_view name, Kind& out);
bool from_name(std::string_view name, Severity& out);
bool from_name(std::string_view name, Origin& out);
bool from_name(std::string_view name, Resolution& out);

// How many words each list has.
template <typename E>
constexpr size_t count_of_names();
template <>
constexpr size_t count_of_names<Kind>() {
  return static_cast<size_t>(Kind::unknown) + 1;
}
template <>
constexpr size_t count_of_names<Severity>() {
  return static_cast<size_t>(Severity::fatal) + 1;
}
template <>
constexpr size_t count_of_names<Origin>() {
  return static_cast<size_t>(Origin::unknown) + 1;
}
template <>
constexpr size_t count_of_names<Resolution>() {
  return static_cast<size_t>(Resolution::refused) + 1;
}

}  // namespace nonans::events
