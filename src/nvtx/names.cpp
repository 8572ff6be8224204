// SPDX-License-Identifier: MIT
#include "nvtx/names.hpp"

namespace nonans::nvtx {

const Domain* Names::domain(std::string_view name) {
  const std::lock_guard lock(mutex_);
  std::string key(name);
  if (const auto found = by_name_.find(key); found != by_name_.end()) return found->second;
  if (domains_.size() == kDomains) return &domains_.back();
  domains_.push_back({static_cast<uint32_t>(domains_.size() + 1)});
  return by_name_[std::move(key)] = &domains_.back();
}

const String* Names::string(std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (const auto found = by_text_.find(text); found != by_text_.end()) return found->second;
  if (strings_.size() == kStrings) return &unnamed_;
  strings_.push_back({std::string(text)});
  return by_text_[strings_.back().text] = &strings_.back();
}

std::string_view to_utf8(const wchar_t* wide, char* out, size_t room) noexcept {
  char* const begin = out;
  for (; *wide != 0; ++wide) {
    auto c = static_cast<uint32_t>(*wide);
    if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) c = 0xfffd;
    const unsigned more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    if (static_cast<size_t>(out - begin) + more + 1 > room) break;
    constexpr uint32_t kFirst[] = {0, 0xc0, 0xe0, 0xf0};
    *out++ = static_cast<char>(kFirst[more] | c >> (6 * more));
    for (unsigned left = more; left-- > 0;)
      *out++ = static_cast<char>(0x80 | (c >> (6 * left) & 0x3f));
  }
  return {begin, static_cast<size_t>(out - begin)};
}

}  // namespace nonans::nvtx
