// SPDX-License-Identifier: MIT
// Modes as users write them, in SOFTGPU_SCHED and SOFTGPU_WEAK.
//
//   std::vector<std::string> complaints;
//   launch.modes = read_modes(getenv("SOFTGPU_SCHED"), getenv("SOFTGPU_WEAK"), complaints);
//
// schedule: a decimal number below 2^64; weak: 0 or 1. nullptr and "" mean "not set". A value that
// is none of these adds one line to `complaints` and counts as not set.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.hpp"

namespace softgpu::engine {

Modes read_modes(const char* schedule, const char* weak, std::vector<std::string>& complaints);

}  // namespace softgpu::engine
