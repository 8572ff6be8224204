// SPDX-License-Identifier: MIT
// The cache behind labels.hpp: text to number and back, of fixed size, lock-free.
//
//   static constinit LabelCache<2048> cache;
//   uint32_t label = cache.label_of("layer3 / softmax");   // the same number while it stays
//   char text[LabelCache<2048>::kText];
//   size_t size = cache.read(label, text);                  // 0: given up
//
// Sets of eight places, as in a processor's cache: the hash of the text picks the set; a full set
// gives up its places in turn. A label is place | generation << 16: a place that is written again
// has a new generation, so an old label finds nothing rather than another's name. (After 65,535
// rewrites of one place numbers repeat.)
//
// Texts are compared by a hash of 64 bits: among 16,384 labels two that collide are one case in
// 10^11, and cost a wrong name in a report.
//
// Reading and rewriting may meet: each place is a seqlock. Words are stored with release and loaded
// with acquire, so that a reader who got a new word also sees that the tag has changed.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace nonans::nvtx {

inline uint64_t hash_of(std::string_view text) noexcept {
  uint64_t hash = text.size();
  for (size_t at = 0; at < text.size(); at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + at, text.size() - at < 8 ? text.size() - at : 8);
    hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 29;
  }
  return hash;
}

template <size_t kSets>
class LabelCache {
 public:
  static constexpr size_t kWays = 8;
  static constexpr size_t kLasting = 6;  // of the ways of a set: the rest stays for what comes
  static constexpr size_t kText = 232;   // bytes of text a place holds; longer text is cut
  static_assert(kSets * kWays <= 1u << 16 && (kSets & (kSets - 1)) == 0);

  // 0: no room.
  uint32_t label_of(std::string_view text, bool lasting) noexcept {
    if (text.size() > kText) text = text.substr(0, kText);
    const uint64_t hash = hash_of(text);
    const size_t set = static_cast<size_t>(hash >> 40) & (kSets - 1);
    for (size_t way = 0; way < kWays; ++way) {
      Place& place = places_[set * kWays + way];
      const uint64_t tag = place.tag.load(std::memory_order_acquire);
      if ((tag & kReady) == 0 || place.hash.load(std::memory_order_acquire) != hash ||
          place.tag.load(std::memory_order_relaxed) != tag)
        continue;
      if (lasting && (tag & kKeep) == 0 && may_keep(set)) {
        uint64_t expected = tag;
        place.tag.compare_exchange_strong(expected, tag | kKeep, std::memory_order_relaxed);
      }
      return label(set * kWays + way, tag);
    }
    return insert(set, hash, text, lasting && may_keep(set));
  }

  // Is it still this text's?
  bool holds(uint32_t label) const noexcept {
    const uint64_t tag = places_[index(label)].tag.load(std::memory_order_acquire);
    return (tag & kReady) != 0 && tag >> kShift == label >> 16;
  }

  size_t read(uint32_t label, char (&text)[kText]) const noexcept {
    if (label == 0 || index(label) >= places_.size()) return 0;
    const Place& place = places_[index(label)];
    const uint64_t before = place.tag.load(std::memory_order_acquire);
    if ((before & kReady) == 0 || before >> kShift != label >> 16) return 0;
    const uint64_t size = place.size.load(std::memory_order_acquire);
    if (size > kText) return 0;
    for (size_t word = 0; word * 8 < size; ++word) {
      const uint64_t bytes = place.words[word].load(std::memory_order_acquire);
      std::memcpy(text + word * 8, &bytes, 8);
    }
    const uint64_t after = place.tag.load(std::memory_order_relaxed);
    return (after | kKeep) == (before | kKeep) ? static_cast<size_t>(size) : 0;
  }

 private:
  static constexpr uint64_t kReady = 1, kBusy = 2, kKeep = 4;
  static constexpr unsigned kShift = 8;  // of the generation in a tag

  struct Place {
    std::atomic<uint64_t> tag{0};
    std::atomic<uint64_t> hash{0};
    std::atomic<uint64_t> size{0};
    std::atomic<uint64_t> words[kText / 8] = {};
  };
  static_assert(sizeof(Place) == 256);

  static size_t index(uint32_t label) noexcept { return label & 0xffff; }
  static uint32_t label(size_t place, uint64_t tag) noexcept {
    return static_cast<uint32_t>(place) | static_cast<uint32_t>(tag >> kShift) << 16;
  }

  bool may_keep(size_t set) const noexcept {
    size_t kept = 0;
    for (size_t way = 0; way < kWays; ++way)
      kept += (places_[set * kWays + way].tag.load(std::memory_order_relaxed) & kKeep) != 0;
    return kept < kLasting;
  }

  uint32_t insert(size_t set, uint64_t hash, std::string_view text, bool keep) noexcept {
    const size_t first = turn_[set].fetch_add(1, std::memory_order_relaxed);
    for (size_t i = 0; i < kWays; ++i) {
      const size_t at = set * kWays + (first + i) % kWays;
      Place& place = places_[at];
      uint64_t tag = place.tag.load(std::memory_order_relaxed);
      if ((tag & (kBusy | kKeep)) != 0) continue;
      // 1 to 65,535, so that no label is 0.
      const uint64_t generation = (tag >> kShift) % 0xffff + 1;
      if (!place.tag.compare_exchange_strong(tag, generation << kShift | kBusy,
                                             std::memory_order_acq_rel))
        continue;
      place.hash.store(hash, std::memory_order_release);
      place.size.store(text.size(), std::memory_order_release);
      for (size_t word = 0; word * 8 < text.size(); ++word) {
        uint64_t bytes = 0;
        const size_t left = text.size() - word * 8;
        std::memcpy(&bytes, text.data() + word * 8, left < 8 ? left : 8);
        place.words[word].store(bytes, std::memory_order_release);
      }
      const uint64_t done = generation << kShift | kReady | (keep ? kKeep : 0);
      place.tag.store(done, std::memory_order_release);
      return label(at, done);
    }
    return 0;
  }

  std::array<Place, kSets * kWays> places_;
  std::array<std::atomic<uint8_t>, kSets> turn_ = {};
};

}  // namespace nonans::nvtx
