// SPDX-License-Identifier: MIT
#include "nvtx/range_stack.hpp"

#include <algorithm>
#include <cstring>

#include "nvtx/labels.hpp"

namespace nonans::nvtx {
namespace {

constexpr std::string_view kLeftOut = "\xe2\x80\xa6";  // "…"

// Not in the middle of a character of UTF-8.
std::string_view cut(std::string_view text, size_t size) noexcept {
  if (text.size() <= size) return text;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  return text.substr(0, size);
}

}  // namespace

// Ranges beyond the room are taken for the domain that asks: they are the innermost ones.
int RangeStack::level_above(uint32_t domain) const noexcept {
  const auto in_domain =
      std::count_if(ranges_, ranges_ + count_, [&](const Range& r) { return r.domain == domain; });
  return static_cast<int>(in_domain) + static_cast<int>(beyond_);
}

int RangeStack::push(uint32_t domain, std::string_view name) noexcept {
  label = 0;
  const int level = level_above(domain);
  if (count_ == kRanges) {
    ++beyond_;
    return level;
  }
  const uint32_t end = count_ == 0 ? 0 : ranges_[count_ - 1].begin + ranges_[count_ - 1].size;
  name = cut(name, kName);
  if (end + name.size() > kBytes) name = {};
  if (!name.empty()) std::memcpy(names_ + end, name.data(), name.size());
  ranges_[count_++] = {domain, static_cast<uint16_t>(end), static_cast<uint16_t>(name.size())};
  return level;
}

int RangeStack::pop(uint32_t domain) noexcept {
  label = 0;
  const int level = level_above(domain) - 1;
  if (beyond_ != 0) {
    --beyond_;
    return level;
  }
  for (uint32_t at = count_; at-- > 0;) {
    if (ranges_[at].domain != domain) continue;
    // The names of those above stay where they are; the gap closes when they go.
    std::copy(ranges_ + at + 1, ranges_ + count_, ranges_ + at);
    --count_;
    return level;
  }
  return kNoRange;
}

std::string_view RangeStack::path(std::span<char> room) const noexcept {
  size_t size = 0;
  uint32_t first = count_;
  bool all = true;
  // Innermost first: how many have room, with what says that some have not.
  const size_t reserve = kLeftOut.size() + kLabelSeparator.size();
  for (uint32_t at = count_; at-- > 0;) {
    if (ranges_[at].size == 0) continue;
    const size_t more = ranges_[at].size + (size ? kLabelSeparator.size() : 0);
    if (size + more + reserve > room.size()) {
      all = false;
      break;
    }
    size += more;
    first = at;
  }
  char* out = room.data();
  const auto add = [&](std::string_view text) {
    if (text.empty()) return;
    if (out != room.data()) out = std::copy(kLabelSeparator.begin(), kLabelSeparator.end(), out);
    out = std::copy(text.begin(), text.end(), out);
  };
  if (!all) add(kLeftOut);
  for (uint32_t at = first; at < count_; ++at) add({names_ + ranges_[at].begin, ranges_[at].size});
  return {room.data(), static_cast<size_t>(out - room.data())};
}

}  // namespace nonans::nvtx
