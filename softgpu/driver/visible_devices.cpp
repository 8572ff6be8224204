// SPDX-License-Identifier: MIT
#include "driver/visible_devices.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string>
#include <string_view>

#include "driver/device_identity.hpp"

namespace softgpu::driver {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool starts(const std::string& text, std::string_view beginning) {
  const auto same = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  };
  return beginning.size() <= text.size() &&
         std::equal(beginning.begin(), beginning.end(), text.begin(), same);
}

// The device that an entry names; -1 if it names none, or more than one.
int device_of(std::string_view entry, int devices) {
  if (entry.starts_with("GPU-")) {
    int found = -1;
    for (int d = 0; d < devices; ++d) {
      if (!starts("GPU-" + uuid_text(device_uuid(d)), entry)) continue;
      if (found >= 0) return -1;
      found = d;
    }
    return found;
  }
  int number = -1;
  const auto [end, error] = std::from_chars(entry.data(), entry.data() + entry.size(), number);
  const bool whole = error == std::errc{} && end == entry.data() + entry.size();
  return whole && number >= 0 && number < devices ? number : -1;
}

}  // namespace

std::vector<int> visible_devices(const char* text, int devices) {
  std::vector<int> out;
  if (!text) {
    for (int d = 0; d < devices; ++d) out.push_back(d);
    return out;
  }
  std::string_view rest(text);
  for (;;) {
    const size_t comma = rest.find(',');
    const int device = device_of(trimmed(rest.substr(0, comma)), devices);
    if (device < 0) break;
    if (std::find(out.begin(), out.end(), device) != out.end()) return {};
    out.push_back(device);
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  return out;
}

}  // namespace softgpu::driver
