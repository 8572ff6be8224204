// SPDX-License-Identifier: MIT
// Reading little-endian fields from bytes whose length may be unknown.
//
//   Bytes bytes{data, size};
//   if (!bytes.holds(8, 4)) return bytes.past(8, 4, "payload size");
//   uint32_t value = bytes.read<uint32_t>(8);
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>

#include "image/fatbin.hpp"

namespace nonans::image {

struct Bytes {
  const std::byte* data = nullptr;
  size_t size = 0;  // or kUnknownSize: then everything is held that the headers speak of

  bool holds(uint64_t offset, uint64_t length) const {
    return offset <= size && length <= size - offset;
  }
  // Unchecked: ask holds() first.
  template <typename T>
  T read(uint64_t offset) const {
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    std::memcpy(&value, data + offset, sizeof value);
    return value;
  }
  // "offset 16: entry header needs 64 bytes, 12 are there"
  std::string past(uint64_t offset, uint64_t length, const char* what) const {
    const uint64_t there = offset < size ? size - offset : 0;
    return "offset " + std::to_string(offset) + ": " + what + " needs " + std::to_string(length) +
           " bytes, " + std::to_string(there) + (there == 1 ? " is" : " are") + " there";
  }
};

}  // namespace nonans::image
