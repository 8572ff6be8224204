// SPDX-License-Identifier: MIT
// Which bytes of global memory the tensor of a map is made of.
//
//   const std::optional<Region> region = region_of(map);   // {} if they are no equally spaced rows
//
// cuda.h at cuTensorMapEncodeTiled: element (i0, i1, …) stands at
//   address + i0 * element size + i1 * strides[0] + i2 * strides[1] + …
// A dimension of one element has a stride that nobody uses. The order of the others is free: a
// column-major view has its small stride last. So the dimensions are taken by ascending stride, and
// each must go on where the ones before it end: in the row, or in the sequence of rows. 8 rows of
// 60 floats at a pitch of 256 bytes, 4 times at a stride of 2048: 32 rows; at a stride of 4096: no
// rows, and no region. Interleaved layouts, and strides so small that elements overlap, have none
// either.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "memory/tensor_maps.hpp"
#include "resolve/regions.hpp"

namespace nonans::resolve {

inline std::optional<Region> region_of(const memory::TensorMap& map) {
  using memory::TensorMap;
  if (map.interleaved || map.rank == 0 || map.rank > TensorMap::kMaxRank) return {};
  uint64_t bits = 0;
  if (map.dims[0] == 0 || __builtin_mul_overflow(map.dims[0], map.element_bits, &bits) ||
      bits % 8 != 0)
    return {};

  std::array<std::pair<uint64_t, uint64_t>, TensorMap::kMaxRank - 1> steps = {};  // stride, extent
  size_t n = 0;
  for (size_t d = 1; d < map.rank; ++d) {
    if (map.dims[d] == 0) return {};
    if (map.dims[d] == 1) continue;
    const std::pair step(map.strides[d - 1], map.dims[d]);
    size_t at = n++;
    for (; at > 0 && step < steps[at - 1]; --at) steps[at] = steps[at - 1];
    steps[at] = step;
  }

  analyze::Rows rows{.known = true, .base = map.address, .rows = 1, .row_bytes = bits / 8};
  rows.pitch = rows.row_bytes;
  for (size_t s = 0; s < n; ++s) {
    const auto [stride, extent] = steps[s];
    uint64_t span = 0;  // what the rows so far take, up to where the next would begin
    if (__builtin_mul_overflow(rows.rows, rows.pitch, &span)) return {};
    if (rows.rows == 1 && stride == rows.row_bytes) {
      if (__builtin_mul_overflow(rows.row_bytes, extent, &rows.row_bytes)) return {};
      rows.pitch = rows.row_bytes;
    } else if (rows.rows == 1 && stride > rows.row_bytes) {
      rows.pitch = stride;
      rows.rows = extent;
    } else if (rows.rows > 1 && stride == span) {
      if (__builtin_mul_overflow(rows.rows, extent, &rows.rows)) return {};
    } else {
      return {};
    }
  }
  uint64_t span = 0, end = 0;
  if (__builtin_mul_overflow(rows.rows, rows.pitch, &span) ||
      __builtin_add_overflow(rows.base, span, &end))
    return {};
  return Region::of(rows);
}

// The part of it in [low, high): of one row whole elements, of several whole rows. Empty: rows ==
// 0.
inline Region clip(const Region& region, uint64_t low, uint64_t high, unsigned element) {
  if (region.contiguous()) return clip(region.base, region.end(), low, high, element);
  Region inside = region;
  if (inside.base < low) {
    const uint64_t skipped = (low - inside.base + inside.pitch - 1) / inside.pitch;
    if (skipped >= inside.rows) return {};
    inside.base += skipped * inside.pitch;
    inside.rows -= skipped;
  }
  if (inside.base >= high || high - inside.base < inside.row_bytes) return {};
  inside.rows = std::min(inside.rows, 1 + (high - inside.base - inside.row_bytes) / inside.pitch);
  if (inside.rows == 1) inside.pitch = inside.row_bytes;
  return inside;
}

}  // namespace nonans::resolve
