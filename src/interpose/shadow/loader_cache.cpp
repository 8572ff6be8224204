// SPDX-License-Identifier: MIT
#include "interpose/shadow/loader_cache.hpp"

#include <cstdint>
#include <cstring>

namespace nonans::interpose::shadow {
namespace {

constexpr std::string_view kOldMagic = "ld.so-1.7.0";
constexpr std::string_view kMagic = "glibc-ld.so.cache1.1";
constexpr size_t kOldHeader = 16, kOldEntry = 12, kHeader = 48;

// Of the flags' low byte 3 is "ELF, libc 6"; the next says for which machine.
#if defined(__x86_64__)
constexpr uint32_t kKind = 0x0303;
#elif defined(__aarch64__)
constexpr uint32_t kKind = 0x0a03;
#endif

struct Entry {
  uint32_t flags, name, path, unused;
  uint64_t hardware;
};
static_assert(sizeof(Entry) == 24);

template <typename T>
bool read(std::span<const char> bytes, size_t offset, T& value) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof value) return false;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return true;
}

// The string at an offset; empty if it does not end inside.
std::string_view text(std::span<const char> bytes, size_t offset) {
  if (offset >= bytes.size()) return {};
  const size_t room = bytes.size() - offset;
  const size_t length = strnlen(bytes.data() + offset, room);
  return length == room ? std::string_view{} : std::string_view(bytes.data() + offset, length);
}

std::span<const char> newer_part(std::span<const char> bytes) {
  std::string_view all(bytes.data(), bytes.size());
  if (all.starts_with(kMagic)) return bytes;
  uint32_t count = 0;
  if (!all.starts_with(kOldMagic) || !read(bytes, 12, count)) return {};
  const size_t end = (kOldHeader + size_t{count} * kOldEntry + 7) / 8 * 8;
  if (end > bytes.size() || !all.substr(end).starts_with(kMagic)) return {};
  return bytes.subspan(end);
}

}  // namespace

std::vector<std::string> in_loader_cache(std::span<const char> bytes, std::string_view name) {
  std::vector<std::string> found, special;
  std::span<const char> cache = newer_part(bytes);
  uint32_t count = 0;
  if (!read(cache, kMagic.size(), count)) return found;
  for (uint32_t i = 0; i < count; ++i) {
    Entry entry;
    if (!read(cache, kHeader + i * sizeof entry, entry)) break;
    if ((entry.flags & 0xffff) != kKind || text(cache, entry.name) != name) continue;
    const std::string_view path = text(cache, entry.path);
    if (path.empty()) continue;
    // Builds for particular processors are chosen by rules of their own; no driver has any.
    (entry.hardware == 0 ? found : special).emplace_back(path);
  }
  found.insert(found.end(), special.begin(), special.end());
  return found;
}

}  // namespace nonans::interpose::shadow
