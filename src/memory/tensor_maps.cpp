// SPDX-License-Identifier: MIT
#include "memory/tensor_maps.hpp"

#include <cstring>

namespace nonans::memory {
namespace {

constexpr size_t kKeyWords = TensorMap::kBytes / sizeof(uint64_t);
constexpr size_t kFactWords = 1 + 1 + TensorMap::kMaxRank + (TensorMap::kMaxRank - 1);

using Key = std::array<uint64_t, kKeyWords>;
using Facts = std::array<uint64_t, kFactWords>;

Key key_of(const void* bytes) {
  Key key;
  std::memcpy(key.data(), bytes, sizeof key);
  return key;
}

// Spreads keys over buckets; equality is decided by the bytes.
uint64_t hash_of(const Key& key) {
  uint64_t hash = 0x9e3779b97f4a7c15;
  for (const uint64_t word : key) {
    hash = (hash ^ word) * 0xff51afd7ed558ccd;
    hash ^= hash >> 32;
  }
  return hash;
}

Facts pack(const TensorMap& map) {
  Facts facts;
  size_t at = 0;
  facts[at++] = map.address;
  facts[at++] = uint64_t{static_cast<uint8_t>(map.element)} | uint64_t{map.element_bits} << 8 |
                uint64_t{map.rank} << 16 | uint64_t{map.interleaved} << 24;
  for (const uint64_t dim : map.dims) facts[at++] = dim;
  for (const uint64_t stride : map.strides) facts[at++] = stride;
  return facts;
}

TensorMap unpack(const Facts& facts) {
  TensorMap map;
  size_t at = 0;
  map.address = facts[at++];
  const uint64_t small = facts[at++];
  map.element = static_cast<TensorElement>(small & 0xff);
  map.element_bits = static_cast<uint8_t>(small >> 8);
  map.rank = static_cast<uint8_t>(small >> 16);
  map.interleaved = (small >> 24 & 1) != 0;
  for (uint64_t& dim : map.dims) dim = facts[at++];
  for (uint64_t& stride : map.strides) stride = facts[at++];
  return map;
}

// Words that one thread writes while others may be reading.
template <size_t N>
struct Shared {
  std::atomic<uint64_t> words[N] = {};
  void store(const std::array<uint64_t, N>& values) noexcept {
    for (size_t i = 0; i < N; ++i) words[i].store(values[i], std::memory_order_release);
  }
  std::array<uint64_t, N> load() const noexcept {
    std::array<uint64_t, N> values;
    for (size_t i = 0; i < N; ++i) values[i] = words[i].load(std::memory_order_acquire);
    return values;
  }
};

}  // namespace

// The sequence lock. Writer: sequence odd, then every word (release: none of them can be seen
// without the odd number), then even. Reader: sequence, every word (acquire: none is read after the
// second look), sequence again. Fences would do with fewer barriers, but ThreadSanitizer does not
// know them, and neither costs anything on x86.
struct TensorMaps::Entry {
  std::atomic<uint64_t> sequence{0};  // 0: never used
  std::atomic<uint64_t> hash{0};
  Shared<kKeyWords> key;
  Shared<kFactWords> facts;
  uint64_t recorded = 0;  // writers only

  bool holds(const Key& wanted, uint64_t wanted_hash) const noexcept {
    return sequence.load(std::memory_order_relaxed) != 0 &&
           hash.load(std::memory_order_relaxed) == wanted_hash && key.load() == wanted;
  }
  void write(const Key& new_key, uint64_t new_hash, const Facts& new_facts) noexcept {
    const uint64_t before = sequence.load(std::memory_order_relaxed);
    sequence.store(before + 1, std::memory_order_relaxed);
    hash.store(new_hash, std::memory_order_release);
    key.store(new_key);
    facts.store(new_facts);
    sequence.store(before + 2, std::memory_order_release);
  }
};

struct TensorMaps::Table {
  Entry entries[kBuckets][kWays];
};

TensorMaps::~TensorMaps() {
  delete table_.load(std::memory_order_acquire);
}

void TensorMaps::record(const void* bytes, const TensorMap& facts) {
  const Key key = key_of(bytes);
  const uint64_t hash = hash_of(key);
  const std::scoped_lock lock(mutex_);
  Table* table = table_.load(std::memory_order_relaxed);
  if (table == nullptr) {
    table = new Table;
    table_.store(table, std::memory_order_release);
  }
  Entry* oldest = nullptr;
  for (Entry& entry : table->entries[hash % kBuckets]) {
    if (entry.holds(key, hash)) {
      entry.recorded = ++clock_;
      const TensorMap before = unpack(entry.facts.load());
      TensorMap now = facts;
      if (before.element != facts.element) now.element = TensorElement::other;
      if (now != before) entry.write(key, hash, pack(now));
      return;
    }
    if (oldest == nullptr || entry.recorded < oldest->recorded) oldest = &entry;
  }
  oldest->recorded = ++clock_;
  oldest->write(key, hash, pack(facts));
}

std::optional<TensorMap> TensorMaps::find(const void* bytes) const noexcept {
  const Table* table = table_.load(std::memory_order_acquire);
  if (table == nullptr) return std::nullopt;
  const Key key = key_of(bytes);
  const uint64_t hash = hash_of(key);
  for (const Entry& entry : table->entries[hash % kBuckets]) {
    const uint64_t before = entry.sequence.load(std::memory_order_acquire);
    if (before == 0 || before % 2 != 0 || entry.hash.load(std::memory_order_acquire) != hash)
      continue;
    if (entry.key.load() != key) continue;
    const Facts facts = entry.facts.load();
    if (entry.sequence.load(std::memory_order_relaxed) == before) return unpack(facts);
  }
  return std::nullopt;
}

}  // namespace nonans::memory
