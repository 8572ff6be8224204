// SPDX-License-Identifier: MIT
// The domains and registered strings of the program, which NVTX leaves to the tool to keep.
//
//   const String* layer = names().string(domain, u8"layer3");   // the handle that the program gets
//   const Domain* ours = names().domain("my library");
//
// Both live as long as the process: the program may use a handle for ever, and on any thread. Equal
// text gets an equal handle, so that a program that registers the same strings over and over needs
// no more than one that does so once. Beyond 65,536 strings or 4,096 domains, all further ones
// share a handle: an unnamed string, one last domain.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace nonans::nvtx {

struct Domain {
  uint32_t id;  // from 1; 0 is the domain of the functions that name none
};
struct String {
  std::string text;  // UTF-8
};

class Names {
 public:
  static constexpr size_t kStrings = 1u << 16, kDomains = 1u << 12;

  // May throw std::bad_alloc. Never null.
  const Domain* domain(std::string_view name);
  const String* string(std::string_view text);

 private:
  std::mutex mutex_;
  std::deque<Domain> domains_;  // addresses stay
  std::deque<String> strings_;
  const String unnamed_{};
  std::unordered_map<std::string, const Domain*> by_name_;
  std::unordered_map<std::string_view, const String*> by_text_;  // of strings_
};

// UTF-8 of a string of wchar_t, which is UTF-32 here; what is no character becomes U+FFFD. At most
// `room` bytes.
std::string_view to_utf8(const wchar_t* wide, char* out, size_t room) noexcept;

}  // namespace nonans::nvtx
