// SPDX-License-Identifier: MIT
// Runs this program again as a child and collects what it says.
#pragma once

#include <string>
#include <vector>

namespace nonans::cli {

struct ChildOutput {
  std::string out, err;
  int exit_code = -1;  // -1: killed by `signal`
  int signal = 0;
};

// `environment`: "NAME=value" strings that are set in the child, on top of our own environment.
// Throws std::runtime_error if no child can be made.
ChildOutput run_self(const std::string& argument, const std::vector<std::string>& environment);

}  // namespace nonans::cli
