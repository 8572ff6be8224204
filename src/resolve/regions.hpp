// SPDX-License-Identifier: MIT
// Sets of bytes that the planner compares: equally spaced rows inside one buffer. Values, no
// allocation.
//
// An interval [begin, end) is one row. Overlap tests err towards "overlaps": a wrong "disjoint"
// would let the device repair bytes that something else wrote.
#pragma once

#include <cstdint>

#include "analyze/profile.hpp"

namespace nonans::resolve {

struct Region {
  uint64_t base = 0;
  uint64_t rows = 0;
  uint64_t row_bytes = 0;
  uint64_t pitch = 0;  // == row_bytes for a single row

  static Region of(uint64_t begin, uint64_t end) { return {begin, 1, end - begin, end - begin}; }
  // Rows that touch each other become one.
  static Region of(const analyze::Rows& rows) {
    if (rows.rows == 1 || rows.pitch == rows.row_bytes)
      return of(rows.base, rows.base + rows.rows * rows.row_bytes);
    return {rows.base, rows.rows, rows.row_bytes, rows.pitch};
  }
  bool contiguous() const { return rows == 1; }
  uint64_t bytes() const { return rows * row_bytes; }
  uint64_t end() const { return base + (rows - 1) * pitch + row_bytes; }
  bool operator==(const Region&) const = default;
};

// False only if no byte can be in both.
inline bool may_overlap(const Region& a, const Region& b) {
  if (a.base >= b.end() || b.base >= a.end()) return false;
  if (a.contiguous() || b.contiguous() || a.pitch != b.pitch) return true;
  // Equal pitch: fields of one array of structures. Compare where the rows stand within the pitch.
  const uint64_t shift = a.base <= b.base ? (b.base - a.base) % a.pitch
                                          : a.pitch - 1 - (a.base - b.base - 1) % a.pitch;
  // Row of a: [0, a.row_bytes); row of b: [shift, shift + b.row_bytes), which may wrap into the
  // next row of a.
  return shift < a.row_bytes || shift + b.row_bytes > a.pitch;
}

// True only if every byte of `inner` is in `outer`.
inline bool contains(const Region& outer, const Region& inner) {
  if (outer == inner) return true;
  return outer.contiguous() && outer.base <= inner.base && inner.end() <= outer.end();
}

// One region for two that tile it without a gap. False if they do not.
inline bool join(Region& a, const Region& b) {
  const Region& first = a.base <= b.base ? a : b;
  const Region& second = a.base <= b.base ? b : a;
  if (first.contiguous() && second.contiguous()) {
    if (first.end() != second.base) return false;
    a = Region::of(first.base, second.end());
    return true;
  }
  // Stores of an unrolled loop: column after column of the same rows.
  if (first.pitch != second.pitch || first.rows != second.rows ||
      first.base + first.row_bytes != second.base ||
      first.row_bytes + second.row_bytes > first.pitch)
    return false;
  a = Region::of(analyze::Rows{.known = true,
                               .base = first.base,
                               .rows = first.rows,
                               .row_bytes = first.row_bytes + second.row_bytes,
                               .pitch = first.pitch});
  return true;
}

// [begin, end) cut to [low, high), keeping whole elements on the grid that starts at `begin`.
// Empty: rows == 0.
inline Region clip(uint64_t begin, uint64_t end, uint64_t low, uint64_t high, unsigned element) {
  if (end > high) end = high;
  if (begin < low) begin += (low - begin + element - 1) / element * element;
  if (begin >= end || end - begin < element) return {};
  return Region::of(begin, begin + (end - begin) / element * element);
}

}  // namespace nonans::resolve
