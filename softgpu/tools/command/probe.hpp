// SPDX-License-Identifier: MIT
// Asks the software device what a program would find, by being one: a child process loads
// libcuda.so.1, initialises it, and tells what it says. So nothing that the device knows about its
// settings is written down here a second time.
//
//   Probe found = probe(library_folder(), {{"SOFTGPU_CC", "8.0"}});
//   for (const ProbedDevice& d : found.devices) …
//
// The child creates no context and does not open the file of SOFTGPU_TRACE: a trace that is there
// stays as it is.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace softgpu::command {

using Settings = std::map<std::string, std::string>;  // "SOFTGPU_CC" -> "8.0"

struct ProbedDevice {
  std::string name;
  std::string uuid;  // "GPU-736f6674-…"
  std::string pci;   // "0000:50:00.0"
  int major = 0, minor = 0;
  uint64_t memory = 0;  // bytes
  int multiprocessors = 0;
};

struct Probe {
  std::string error;  // why there is no answer; empty if there is
  int driver_version = 0;
  uint32_t threads = 0;  // host threads that execute blocks
  std::vector<ProbedDevice> devices;
  std::vector<std::string> said;  // lines on stderr, without "softgpu: "
};

// `settings` come on top of our environment. Throws std::runtime_error when no child can be made.
Probe probe(const std::string& folder, const Settings& settings);

// What the device says about the value of a variable; empty if it takes it.
std::string complaint_about(const Probe& probe, const std::string& variable);

}  // namespace softgpu::command
