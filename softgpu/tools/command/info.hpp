// SPDX-License-Identifier: MIT
// softgpu info: which device programs find, where its libraries are, what the environment sets.
#pragma once

#include "command/probe.hpp"

namespace softgpu::command {

// Prints to stdout. 0 if the device answers and takes every setting, else 1.
int info(const Settings& settings, bool as_json);

}  // namespace softgpu::command
