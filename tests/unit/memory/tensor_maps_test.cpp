// SPDX-License-Identifier: MIT
// The table of tensor maps: the same bytes give back the same facts or nothing, whoever else is
// writing.
#include "memory/tensor_maps.hpp"

#include <atomic>
#include <cstring>
#include <thread>
#include <vector>

#include "support/catch.hpp"

using namespace nonans::memory;

namespace {

using Bytes = std::array<unsigned char, TensorMap::kBytes>;

Bytes bytes_of(uint64_t number) {
  Bytes bytes;
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<unsigned char>(number >> (i % 8 * 8));
  return bytes;
}

// Every field follows from the number, so that a mixture of two maps is told from either.
TensorMap facts_of(uint64_t n) {
  return {.address = 0x1000 * n,
          .element = static_cast<TensorElement>(n % 5),
          .element_bits = static_cast<uint8_t>(n),
          .rank = static_cast<uint8_t>(1 + n % 5),
          .interleaved = n % 2 != 0,
          .dims = {n, n + 1, n + 2, n + 3, n + 4},
          .strides = {16 * n, 32 * n, 48 * n, 64 * n}};
}

}  // namespace

TEST_CASE("a map is found by all of its 128 bytes") {
  TensorMaps maps;
  REQUIRE_FALSE(maps.find(bytes_of(1).data()));
  maps.record(bytes_of(1).data(), facts_of(1));
  maps.record(bytes_of(2).data(), facts_of(2));
  REQUIRE(maps.find(bytes_of(1).data()) == facts_of(1));
  REQUIRE(maps.find(bytes_of(2).data()) == facts_of(2));
  for (const size_t at : {0u, 63u, 64u, 127u}) {
    Bytes other = bytes_of(1);
    other[at] ^= 1;
    REQUIRE_FALSE(maps.find(other.data()));
  }
  // An argument block need not be aligned.
  std::vector<unsigned char> block(TensorMap::kBytes + 1);
  const Bytes bytes = bytes_of(2);
  std::memcpy(block.data() + 1, bytes.data(), bytes.size());
  REQUIRE(maps.find(block.data() + 1) == facts_of(2));
}

TEST_CASE("equal bytes with other facts: the later facts, and no type if that differs") {
  TensorMaps maps;
  const Bytes bytes = bytes_of(7);
  TensorMap facts = facts_of(7);
  facts.element = TensorElement::f16;
  maps.record(bytes.data(), facts);
  facts.dims[1] = 99;
  maps.record(bytes.data(), facts);
  REQUIRE(maps.find(bytes.data()) == facts);
  facts.element = TensorElement::bf16;
  maps.record(bytes.data(), facts);
  REQUIRE(maps.find(bytes.data())->element == TensorElement::other);
  maps.record(bytes.data(), facts);
  REQUIRE(maps.find(bytes.data())->element == TensorElement::other);
}

TEST_CASE("the table is bounded, and forgets what was recorded longest ago") {
  TensorMaps maps;
  constexpr size_t kCapacity = TensorMaps::kBuckets * TensorMaps::kWays;
  constexpr uint64_t kRecorded = 4 * kCapacity;
  // Recorded again and again: always among the last of its bucket.
  const uint64_t often = 1u << 30;
  for (uint64_t n = 1; n <= kRecorded; ++n) {
    maps.record(bytes_of(n).data(), facts_of(n));
    if (n % TensorMaps::kWays == 1) maps.record(bytes_of(often).data(), facts_of(often));
    REQUIRE(maps.find(bytes_of(n).data()) == facts_of(n));
  }
  REQUIRE(maps.find(bytes_of(often).data()) == facts_of(often));
  size_t found = 0;
  for (uint64_t n = 1; n <= kRecorded; ++n)
    if (const auto map = maps.find(bytes_of(n).data())) {
      REQUIRE(*map == facts_of(n));
      ++found;
    }
  REQUIRE(found < kCapacity);
  REQUIRE(found > kCapacity * 9 / 10);
  REQUIRE(maps.find(bytes_of(kRecorded).data()));
  REQUIRE_FALSE(maps.find(bytes_of(1).data()));
}

TEST_CASE("readers see a whole map or none while writers evict each other's") {
  TensorMaps maps;
  constexpr uint64_t kMaps = 3 * TensorMaps::kBuckets * TensorMaps::kWays;
  std::atomic<bool> done{false};
  std::atomic<uint64_t> wrong{0}, found{0}, own_lost{0};
  std::vector<std::thread> readers, writers;
  for (int r = 0; r < 2; ++r)
    readers.emplace_back([&] {
      // At least one round, however early the writers are done.
      do {
        for (uint64_t n = 1; n <= kMaps; ++n)
          if (const auto map = maps.find(bytes_of(n).data())) {
            ++found;
            if (!(*map == facts_of(n))) ++wrong;
          }
      } while (!done.load());
    });
  for (uint64_t w = 0; w < 2; ++w)
    writers.emplace_back([&, w] {
      for (int round = 0; round < 4; ++round)
        for (uint64_t n = 1 + w; n <= kMaps; n += 2) {
          maps.record(bytes_of(n).data(), facts_of(n));
          // As a launch does. Only eight others of the bucket in between could have evicted it.
          if (!maps.find(bytes_of(n).data())) ++own_lost;
        }
    });
  for (std::thread& t : writers) t.join();
  done = true;
  for (std::thread& t : readers) t.join();
  REQUIRE(wrong == 0);
  REQUIRE(found > 0);
  REQUIRE(own_lost < kMaps / 100);
}

TEST_CASE("a map that is being recorded anew is seen as it was, as it is, or not at all") {
  TensorMaps maps;
  const Bytes bytes = bytes_of(5);
  std::atomic<bool> done{false};
  uint64_t mixed = 0;
  const auto facts = [](uint64_t n) {
    return TensorMap{.address = n, .rank = 5, .dims = {n, n, n, n, n}, .strides = {n, n, n, n}};
  };
  maps.record(bytes.data(), facts(1));
  std::thread writer([&] {
    for (uint64_t n = 2; n < 5'000'000; ++n) maps.record(bytes.data(), facts(n));
    done = true;
  });
  do {
    if (const auto map = maps.find(bytes.data()))
      if (!(*map == facts(map->address))) ++mixed;
  } while (!done.load());
  writer.join();
  REQUIRE(mixed == 0);
  REQUIRE(maps.find(bytes.data()) == facts(4'999'999));
}
