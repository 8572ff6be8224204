// SPDX-License-Identifier: MIT
// What is said at exit.
//
//   for (const std::string& line : summarize(statistics)) say(line);
//
//   nonans: 10,412 launches: 10,300 scanned, 112 with an output that could not be looked at
//   nonans: outputs left alone: 100 launches into memory of another device, 12 into managed memory
//   nonans: provable: 91.2 % of written bytes, 88.0 % of launches (extent of outputs: 9,100
//   computed
//           from the arguments, 1,200 taken as the rest of the buffer, 0 unknown)
//   nonans: 2 events: 1 overflow, 1 of unknown cause; 1 repaired (3 values), 1 observed
//   …
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "events/drain.hpp"
#include "resolve/planner.hpp"

namespace nonans::events {

struct RunStatistics {
  resolve::Mode mode = resolve::Mode::resolve;
  uint64_t launches = 0;           // seen by the hooks
  uint64_t scanned = 0;            // got a scan of at least one output
  uint64_t unprovable = 0;         // launches with at least one write that could not be looked at
  uint64_t provable_launches = 0;  // every write could be repaired
  uint64_t scanned_bytes = 0;
  uint64_t written_bytes = 0;  // that may have been written, as far as known; scanned or not
  uint64_t provable_bytes = 0;
  uint64_t outputs_by_evidence[resolve::kEvidences] = {};  // resolve::Evidence
  uint64_t left[resolve::kLeftReasons] = {};  // launches with such an output; resolve::Left
  uint64_t left_by_rule = 0;   // launches of kernels that no scan may follow (kernel_rules.hpp)
  uint64_t host_ns = 0;        // spent in launch hooks beyond the real call
  uint64_t host_launches = 0;  // over how many launches that was measured
  uint64_t device_bytes = 0, pinned_bytes = 0;  // our own memory
  EventCounts counts;
  std::string events_path;  // empty: no event was written
  uint64_t events_lost_in_file = 0;
  bool details = false;  // say what follows too
  uint64_t images = 0, images_unreadable = 0, images_not_kept = 0;
  uint64_t ptx_referenced = 0, ptx_copied = 0;  // bytes
  // CUPTI's place for a subscriber: taken by us, given up for the program; what came from it.
  uint64_t cupti_taken = 0, cupti_given = 0, cupti_images = 0, cupti_buffers = 0;
};

std::vector<std::string> summarize(const RunStatistics& statistics);

// "131,072"
std::string with_separators(uint64_t value);

}  // namespace nonans::events
