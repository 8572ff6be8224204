// SPDX-License-Identifier: MIT
// Checkers as users turn them on: SOFTGPU_CHECK=race,init and SOFTGPU_TRACE=FILE.
//
//   std::vector<std::string> complaints;
//   turn_on(getenv("SOFTGPU_CHECK"), getenv("SOFTGPU_TRACE"), complaints);   // once, at start
//
// Reports go to stderr, a line each, "softgpu: race: …"; the program's results and exit code stay
// what they are. The trace has one JSON object a line for each launch, in the order they end:
//   {"kernel":"saxpy","grid":[4,1,1],"block":[256,1,1],"written":[[140000,4096]],"read":[…]}
// written, read: disjoint [address, bytes] of global memory, ascending; "fault" with the message if
// the launch failed. The file is created anew.
//
// A name that is no checker, or a file that cannot be written, adds a line to `complaints`; the
// rest is turned on.
#pragma once

#include <string>
#include <vector>

namespace softgpu::observe {

void turn_on(const char* check, const char* trace, std::vector<std::string>& complaints);

// Adds a line (JSON, without the newline) to the trace; nothing if there is none.
void write_to_trace(const std::string& line);
bool traced();

}  // namespace softgpu::observe
