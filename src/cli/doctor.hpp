// SPDX-License-Identifier: MIT
// nonans doctor: would NoNans work here? Tried, not guessed: a child process is started as `nonans
// run` would start it, and makes a NaN.
#pragma once

#include "cli/environment.hpp"

namespace nonans::cli {

// Returns 0: it would. 1: it would not, and a line says why.
int examine(Device wanted);

}  // namespace nonans::cli
