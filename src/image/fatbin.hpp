// SPDX-License-Identifier: MIT
// What is in a CUDA image: a fatbin (raw, LZ4 or zstd entries), a cubin or PTX text.
//
//   auto listed = image::open(pointer, image::kUnknownSize);   // as cuModuleLoadData gets it: no
//   length for (const image::Entry& e : listed->entries)
//     if (e.kind == image::Kind::ptx) std::string text = *image::extract(e);
//
// A fatbin wrapper holds a pointer of the process it lives in: it is followed with kUnknownSize
// only, and refused among bytes of known size, which came from a file.
//
// Bytes in, values out: no driver, no files, no globals. Every size is checked against the bytes at
// hand; with kUnknownSize the headers' own sizes are what bounds the read, as they are for the
// driver. Ownership: entries refer to the caller's bytes; extract() copies. Format: the container
// is undocumented; offsets as found by compiling and reading (see docs/architecture.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace nonans::image {

inline constexpr size_t kUnknownSize = static_cast<size_t>(-1);

enum class Kind : uint8_t { ptx, elf, lto, unknown };
enum class Compression : uint8_t { none, lz4, zstd, unknown };

struct Entry {
  Kind kind = Kind::unknown;
  Compression compression = Compression::none;
  uint32_t arch = 0;                  // decimal SM: 90; 0 for a bare image whose arch was not read
  std::span<const std::byte> stored;  // as it stands in the file
  uint64_t uncompressed_size = 0;     // 0 = unknown or not compressed
  std::string name;                   // may be empty
  uint64_t offset = 0;                // of `stored`, in the fatbin or the bare image
};

struct Listing {
  Kind outer = Kind::unknown;  // what the bytes were: ptx, elf; unknown = fatbin container
  bool is_fatbin = false;
  uint64_t size = 0;  // bytes of the whole image as its headers say
  std::vector<Entry> entries;
};

template <typename T>
struct Outcome {
  std::optional<T> value;
  std::string error;  // "offset 64: entry size 4096 runs past the payload of 128 bytes"
  explicit operator bool() const { return value.has_value(); }
  T& operator*() { return *value; }
  const T& operator*() const { return *value; }
  T* operator->() { return &*value; }
  const T* operator->() const { return &*value; }
};

// Accepts: fatbin wrapper (0x466243b1), fatbin (0xBA55ED50), ELF, PTX text.
Outcome<Listing> open(const void* bytes, size_t size);

// The uncompressed bytes of an entry. PTX loses its trailing NULs. Refuses more than 1 GiB.
Outcome<std::string> extract(const Entry& entry);

// Every PTX text of an image, best first for compute capability `sm`: the highest arch <= sm, the
// lower ones, then those above sm in rising order. Empty if it has none; an error only if it has
// some and none could be read.
Outcome<std::vector<std::string>> ptx_of(const void* bytes, size_t size, uint32_t sm);

}  // namespace nonans::image
