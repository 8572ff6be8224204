// SPDX-License-Identifier: MIT
// 128 bits that stand for the bytes of an image: is this still, or again, the same code?
//
//   const ContentHash before = hash_of(bytes);
//   …later…   if (hash_of(copy) != before) …the memory holds something else now…
//
// Against accidents, not against forgery: a program that forges its own kernels harms itself. Two
// lanes of multiply and rotate, eight bytes at a time; a GiB takes about a quarter of a second.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>

namespace nonans::interpose {

struct ContentHash {
  uint64_t low = 0, high = 0;
  bool operator==(const ContentHash&) const = default;
};

inline ContentHash hash_of(std::span<const std::byte> bytes) noexcept {
  constexpr uint64_t kA = 0x9e3779b97f4a7c15u, kB = 0xc2b2ae3d27d4eb4fu;
  ContentHash hash{bytes.size() * kA, bytes.size() ^ kB};
  const auto mix = [&](uint64_t word) {
    hash.low = std::rotl(hash.low ^ word * kB, 31) * kA;
    hash.high = (std::rotl(hash.high, 27) + word) * kB ^ hash.low >> 29;
  };
  size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    uint64_t word;
    std::memcpy(&word, bytes.data() + at, 8);
    mix(word);
  }
  if (at < bytes.size()) {
    uint64_t tail = 0;
    std::memcpy(&tail, bytes.data() + at, bytes.size() - at);
    mix(tail);
  }
  mix(hash.high);
  return hash;
}

struct HashOfHash {
  size_t operator()(const ContentHash& hash) const noexcept {
    return static_cast<size_t>(hash.low);
  }
};

}  // namespace nonans::interpose
