// SPDX-License-Identifier: MIT
// softgpu run: start a program for which the software device's libraries are the first to be found.
// softgpu env: the same as lines for a shell.
#pragma once

#include <string>
#include <vector>

#include "command/probe.hpp"

namespace softgpu::command {

// Exit codes of `softgpu run` itself; every other one is the program's. 126 and 127 are what a
// shell gives.
inline constexpr int kExitUsage = 2;
inline constexpr int kExitNotExecutable = 126;
inline constexpr int kExitNotFound = 127;

// Becomes the program. Returns only if that failed: the exit code to leave with, after saying why.
int run(const Settings& settings, const std::vector<std::string>& command);

// Prints "export NAME='value'" lines; the exit code.
int print_environment(const Settings& settings);

}  // namespace softgpu::command
