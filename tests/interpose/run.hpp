// SPDX-License-Identifier: MIT
// Runs a program with our library preloaded, and waits for it.
//
//   Outcome o = run({PROBE_LOOKUP, "dlsym"}, {.driver = "private"});
//   CAPTURE(o.output); CHECK(o.status == 0);
#pragma once

#include <string>
#include <vector>

struct RunOptions {
  std::string driver = "plain";  // folder of the fake libcuda.so.1; empty: none
  bool preload = true;
  std::vector<std::string> environment = {};  // "NAME=value"
};

struct Outcome {
  int status = -1;     // exit status; 128 + n if signal n ended it
  std::string output;  // stdout and stderr
};

Outcome run(const std::vector<std::string>& command, const RunOptions& options = {});
