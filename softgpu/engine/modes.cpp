// SPDX-License-Identifier: MIT
#include "modes.hpp"

#include <charconv>
#include <string_view>

namespace softgpu::engine {

Modes read_modes(const char* schedule, const char* weak, std::vector<std::string>& complaints) {
  Modes modes;
  if (const std::string_view text = schedule == nullptr ? "" : schedule; !text.empty()) {
    uint64_t seed = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
    if (error == std::errc{} && end == text.data() + text.size()) {
      modes.schedule = seed;
    } else {
      complaints.push_back("SOFTGPU_SCHED=" + std::string(text) +
                           " is not understood (a number from 0 to 18446744073709551615); kernels "
                           "run in the plain order");
    }
  }
  if (const std::string_view text = weak == nullptr ? "" : weak; !text.empty()) {
    if (text == "1" || text == "0") {
      modes.weak = text == "1";
    } else {
      complaints.push_back("SOFTGPU_WEAK=" + std::string(text) +
                           " is not understood (0 or 1); memory is not weak");
    }
  }
  return modes;
}

}  // namespace softgpu::engine
