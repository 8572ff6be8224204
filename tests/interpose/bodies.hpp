// SPDX-License-Identifier: MIT
// Hook bodies of a test's own: a program that links nonans_entry and the generated passing bodies
// gives a few hooks bodies that count. What was seen last is here.
#pragma once

#include "interpose/hook_call.hpp"

namespace bodies {

struct Seen {
  int inits = 0;
  int launches = 0;
  int allocations = 0;
  int contexts = 0;
  nonans::api::Fn function{};
  bool per_thread = false;
  bool nested_passed = false;  // a driver call made inside a body did not enter a body
};
inline Seen seen;

}  // namespace bodies
