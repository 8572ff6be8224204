// SPDX-License-Identifier: MIT
// What the application told the driver when it had a tensor map encoded, found again by the 128
// bytes that the driver made of it.
//
//   maps.record(bytes, {.address = 0x7f0000000000, .element = TensorElement::f16, .element_bits =
//   16, .rank = 2, .dims = {64, 100}, .strides = {128}});                          // hooks
//   if (const auto map = maps.find(argument_block + offset)) …map->address…        // launches
//
// The domain. A CUtensorMap (compute capability 9.0 on) is what cp.async.bulk.tensor takes instead
// of a pointer: base, extents, strides and element type of a tensor in global memory, in a layout
// that NVIDIA does not publish. Programs pass it by value, so an argument block holds 128 opaque
// bytes where others hold a pointer. Nothing can be read from them, but everything they mean was
// said in the call that made them. The device writes only elements of the tensor through a map:
// coordinates outside of it are dropped (PTX ISA, "Out of Boundary Access").
//
// The table is bounded: kBuckets * kWays maps, the one recorded longest ago in a bucket goes first.
// cuBLAS encodes maps for each call, so recent ones are those that count. A map that was forgotten,
// or that the driver did not encode, is not found: its launch writes to places unknown.
//
// Shapes and units as in cuda.h: dims in elements, innermost first; strides in bytes, strides[i]
// for dimension i + 1, since dimension 0 is contiguous.
//
// Threads: record() takes a lock; find() takes none, allocates nothing and never waits, so that
// launch hooks may call it. Each entry has a sequence number, odd while it is being written; a
// reader that sees it odd or changed passes the entry over. That loses nothing: a map's entry is
// whole before its cuTensorMapEncode returns, and is written again only to be evicted or to lose
// its type.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

namespace nonans::memory {

// `other`: every type that need not be a float. No proof of integers: libraries describe fp8, and
// some every tensor, by unsigned types of the right size.
enum class TensorElement : uint8_t { other, f16, bf16, f32, f64 };

struct TensorMap {
  static constexpr size_t kBytes = 128;
  static constexpr unsigned kMaxRank = 5;

  uint64_t address = 0;
  TensorElement element = TensorElement::other;
  uint8_t element_bits = 0;  // that one step along dimension 0 takes in global memory
  uint8_t rank = 0;
  bool interleaved = false;  // dimension 0 is cut into slices of 16 or 32 bytes (NC/8HWC8)
  std::array<uint64_t, kMaxRank> dims = {};
  std::array<uint64_t, kMaxRank - 1> strides = {};
  bool operator==(const TensorMap&) const = default;
};

class TensorMaps {
 public:
  static constexpr size_t kBuckets = 512, kWays = 8;

  TensorMaps() = default;
  ~TensorMaps();
  TensorMaps(const TensorMaps&) = delete;
  TensorMaps& operator=(const TensorMaps&) = delete;

  // `bytes`: kBytes of them, of any alignment. The memory for the table (about 1 MiB) is taken with
  // the first map; without it nothing is recorded (std::bad_alloc). Equal bytes recorded with other
  // facts than before keep the later facts, and no element type if that differs.
  void record(const void* bytes, const TensorMap& facts);
  // Lock-free.
  std::optional<TensorMap> find(const void* bytes) const noexcept;

 private:
  struct Entry;
  struct Table;

  std::mutex mutex_;  // writers
  uint64_t clock_ = 0;
  std::atomic<Table*> table_{nullptr};
};

}  // namespace nonans::memory
