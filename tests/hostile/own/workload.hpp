// SPDX-License-Identifier: MIT
// A program that uses a little of everything, and says on stdout what it saw: the result of every
// call and the bits of every value it computed. Which calls those are does not depend on results.
#pragma once

#include <string>

namespace hostile {

// Ends with no context, no memory and no graph left.
void run_workload(const std::string& image);

}  // namespace hostile
