// SPDX-License-Identifier: MIT
// How an output of a conformance test is held against what is expected; the rules are in case.py.
//
//   difference("exact", got, expected)          "" or "element at byte 12: got 0x01, expected 0x02"
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>

namespace conformance {

// What differs first, in words; empty if nothing does. `rule` is the test's "compare" value.
std::string difference(const nlohmann::json& rule, std::span<const unsigned char> got,
                       std::span<const unsigned char> expected);

}  // namespace conformance
