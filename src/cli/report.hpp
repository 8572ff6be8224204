// SPDX-License-Identifier: MIT
// nonans report: what an events file tells, as text or JSON.
//
//   EventFile file = read_events(path);  // throws std::runtime_error if it cannot be read
//   std::string text = to_text(file);
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "events/event.hpp"

namespace nonans::cli {

struct BadLine {
  uint64_t number = 0;  // from 1
  std::string reason;
};

struct EventFile {
  std::string path;
  std::vector<events::Event> events;  // in the order of the file
  std::vector<BadLine> bad;
};

EventFile read_events(const std::string& path);

// All events of one kernel.
struct KernelSummary {
  std::string kernel;
  uint64_t events = 0, origins = 0;
  uint64_t repaired = 0, would_repair = 0, refused = 0, observed = 0;  // events by what was done
  uint64_t values = 0;                                                 // non-finite values seen
  uint64_t values_repaired = 0;
  uint64_t first_step = 0, last_step = 0;
};

// In the order in which the kernels first appear.
std::vector<KernelSummary> by_kernel(const EventFile& file);
// The first event whose value was born there; nullptr if the file holds none.
const events::Event* first_origin(const EventFile& file);

std::string to_text(const EventFile& file);
std::string to_json(const EventFile& file);

// Prints the summary on stdout and one line per bad line on stderr.
// Returns 0: all lines were understood; 1: some were not.
int report(const std::string& path, bool as_json);

}  // namespace nonans::cli
