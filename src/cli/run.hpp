// SPDX-License-Identifier: MIT
// nonans run: start a program with libnonans.so (or its SONAME shadow) preloaded and settings in
// its environment.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/environment.hpp"

namespace nonans::cli {

// Exit codes of `nonans run` itself; every other one is the program's. 126 and 127 are what a shell
// gives.
inline constexpr int kExitUsage = 2;
inline constexpr int kExitNotExecutable = 126;
inline constexpr int kExitNotFound = 127;

struct RunOptions {
  Device device = Device::automatic;
  bool shadow = false;                          // preload the SONAME shadow instead of libnonans.so
  std::map<std::string, std::string> settings;  // "NONANS_MODE" -> value
};

// Becomes the program. Returns only if that failed: the exit code to leave with, after saying why.
int run(const RunOptions& options, const std::vector<std::string>& command);

}  // namespace nonans::cli
