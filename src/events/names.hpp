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

}  // namespace nonans::events
