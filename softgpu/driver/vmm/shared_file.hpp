// SPDX-License-Identifier: MIT
// Memory that several processes map: a memfd, the bytes first, then one page that says what it is.
//
//   SharedFile file = SharedFile::make(SharedKind::physical, 2 << 20, handle_types);
//   int theirs = file.duplicate();                      // goes to another process
//   …
//   if (auto opened = SharedFile::open(theirs)) mmap(…, opened->fd(), 0);
//
// A file of anybody else is recognised by its last page. `id` is random, so that a process knows
// its own files when it meets them again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace softgpu::driver {

enum class SharedKind : uint32_t { physical = 1, device_memory, pool, event };

struct SharedTrailer {
  char magic[16];
  SharedKind kind;
  uint32_t handle_types;
  uint64_t size;  // bytes before this page
  std::array<uint64_t, 2> id;
};

class SharedFile {
 public:
  SharedFile() = default;
  SharedFile(SharedFile&& other) noexcept;
  SharedFile& operator=(SharedFile&& other) noexcept;
  ~SharedFile();

  // `size` is a multiple of the page. Not ok() when the system has no file or no memory left.
  static SharedFile make(SharedKind kind, uint64_t size, uint32_t handle_types = 0);
  // Looks at a descriptor that somebody passed, and takes a duplicate. nullopt: not one of ours.
  static std::optional<SharedFile> open(int fd);

  // Writes the first `size` bytes; false when the host has no memory left.
  bool fill(const std::byte* from, uint64_t size) const;

  bool ok() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  int duplicate() const;  // a descriptor of the caller's own; -1 when there are none left
  const SharedTrailer& trailer() const { return trailer_; }

 private:
  int fd_ = -1;
  SharedTrailer trailer_{};
};

}  // namespace softgpu::driver
