// SPDX-License-Identifier: MIT
// Programs on the CUDA device that the suite runs on: the software device, or, with
// NONANS_TEST_DEVICE=gpu, the installed driver's.
#pragma once

#include <cstdlib>
#include <map>
#include <string>

#include "process.hpp"

namespace nonans::test {

inline std::string device_name() {
  const char* name = std::getenv("NONANS_TEST_DEVICE");
  return name != nullptr ? name : "soft";
}

// The environment of a program on that device, with libnonans.so in `mode`, or without it if `mode`
// is empty.
inline std::map<std::string, std::string> on_device(const std::string& mode) {
  std::map<std::string, std::string> environment;
  if (device_name() == "soft") environment["LD_LIBRARY_PATH"] = NONANS_SOFT_DEVICE;
  if (!mode.empty()) {
    environment["LD_PRELOAD"] = NONANS_LIBRARY;
    environment["NONANS_MODE"] = mode;
  }
  return environment;
}

}  // namespace nonans::test
