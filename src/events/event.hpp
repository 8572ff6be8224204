// SPDX-License-Identifier: MIT
// One event: what a scan found behind one launch. Written as one line of JSON by the sinks, read
// back by `nonans report`.
//
//   {"schema":1,"step":412,"launch":10412,"kernel":"gemm_bias_relu_f16","arg":4,"type":"f16","kind":"overflow",
//    "severity":"warning","origin":"origin","resolution":"repaired","nan":0,"pos_inf":3,"neg_inf":0,"elements":131072,
//    "first_index":77,"fill":"65504",…}
//
// Values; the field list below is the schema (docs/events.md is generated from the same names).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "resolve/scan_abi.h"

namespace nonans::events {

inline constexpr int kSchema = 1;

enum class Kind : uint8_t {
  division_by_zero,
  zero_by_zero,
  overflow,
  inf_minus_inf,
  zero_times_inf,
  invalid_argument,
  narrowing_overflow,
  softmax_overflow,
  masked_row,
  reduction_overflow,
  uninitialised_read,
  illegal_access,
  unknown
};
enum class Severity : uint8_t { info, warning, error, fatal };
enum class Origin : uint8_t { origin, propagated, intended, stale, raced, transient, unknown };
// What was done. `would_repair`: observe mode, resolve would have repaired.
enum class Resolution : uint8_t { observed, repaired, would_repair, refused };

const char* name_of(Kind);
const char* name_of(Severity);
const char* name_of(Origin);
const char* name_of(Resolution);

struct Event {
  uint64_t ordinal = 0;  // of events in this process, from 1
  uint64_t step = 0;     // 0 = no step seen
  uint64_t launch = 0;   // ordinal of the watched launch
  uint64_t time_unix_ns = 0;
  std::string kernel;         // demangled where possible
  std::string kernel_symbol;  // as the driver knows it
  int arg = -1;               // parameter index of the output
  std::string type;           // "f16"
  Kind kind = Kind::unknown;
  Severity severity = Severity::warning;
  Origin origin = Origin::unknown;
  Resolution resolution = Resolution::observed;
  std::string reason;  // why refused or what was put there, in words
  uint64_t nan = 0, pos_inf = 0, neg_inf = 0, repaired = 0, elements = 0;
  uint64_t first_index = 0, first_address = 0;
  std::string first_value;        // "+Inf", "NaN"
  std::string fill;               // "65504", "0"; empty when nothing was or would be put
  std::vector<int> dirty_inputs;  // parameter indices of inputs that held non-finite values
  bool captured = false;
  uint64_t replay = 0;
  std::string source;  // "train.cu:41" when line information is there
  std::string nvtx;    // "layer3 / softmax": the NVTX ranges around the launch, outermost first
};

std::string to_json_line(const Event& event);  // no newline inside, one at the end
bool from_json_line(const std::string& line, Event& event, std::string& error);
// docs/events.md: the fields and their words (a test compares the two).
std::string events_markdown();

// "nonans: step 412, gemm_bias_relu_f16: 3 of 131,072 values of argument 4 became +Inf (inputs
// finite); set to 65504"
std::string to_sentence(const Event& event);

}  // namespace nonans::events
