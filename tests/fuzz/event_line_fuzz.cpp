// SPDX-License-Identifier: MIT
// A line of an events file, as a person may have edited it: read or refused, and what was read
// writes a line that reads back the same.
#include <cstdlib>

#include "events/event.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace nonans::events;
  Event event;
  std::string error;
  if (!from_json_line(std::string(reinterpret_cast<const char*>(data), size), event, error)) {
    if (error.empty()) std::abort();
    return 0;
  }
  const std::string line = to_json_line(event);
  Event again;
  if (!from_json_line(line, again, error) || to_json_line(again) != line) std::abort();
  if (to_sentence(event).empty()) std::abort();
  return 0;
}
