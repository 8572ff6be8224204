// SPDX-License-Identifier: MIT
#include "interpose/code/image_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace nonans::interpose {
namespace {

constexpr off_t kMost = off_t{256} << 20;

FileVersion version_of(const struct stat& about) {
  return {.known = S_ISREG(about.st_mode) && about.st_size <= kMost,
          .device = about.st_dev,
          .inode = about.st_ino,
          .size = about.st_size,
          .modified = about.st_mtim,
          .changed = about.st_ctim};
}

bool same(const timespec& a, const timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}
bool same(const FileVersion& a, const FileVersion& b) {
  return a.known && b.known && a.device == b.device && a.inode == b.inode && a.size == b.size &&
         same(a.modified, b.modified) && same(a.changed, b.changed);
}

bool read_all(int file, std::string& bytes) {
  for (size_t at = 0; at < bytes.size();) {
    const ssize_t got = ::read(file, bytes.data() + at, bytes.size() - at);
    if (got > 0)
      at += static_cast<size_t>(got);
    else if (got == 0 || errno != EINTR)
      return false;
  }
  return true;
}

}  // namespace

FileVersion file_version(const char* path) noexcept {
  struct stat about;
  if (path == nullptr || ::stat(path, &about) != 0) return {};
  return version_of(about);
}

image::Outcome<std::string> read_version(const char* path, const FileVersion& version) {
  const auto failed = [&](const char* why) -> image::Outcome<std::string> {
    return {std::nullopt, std::string(path) + why};
  };
  if (!version.known) return failed(" cannot be read, or is larger than 256 MiB");
  // Not blocking: what was a file a moment ago may be a pipe now.
  const int file = ::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return failed(" cannot be read");
  struct stat about;
  std::string bytes;
  bool good = false, unchanged = false;
  if (fstat(file, &about) == 0 && same(version, version_of(about))) {
    bytes.resize(static_cast<size_t>(about.st_size));
    good = read_all(file, bytes);
    unchanged = fstat(file, &about) == 0 && same(version, version_of(about));
  }
  ::close(file);
  if (!unchanged) return failed(" changed while it was loaded");
  if (!good) return failed(" cannot be read");
  return {std::move(bytes), {}};
}

}  // namespace nonans::interpose
