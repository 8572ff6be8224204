// SPDX-License-Identifier: MIT
// From a box of coordinates and a linear offset to the set of bytes that is touched.
//
// The offsets { base + Σ k_i * v_i : 0 ≤ v_i < n_i } are taken apart like a number in mixed radix.
// Sorted by stride, each coordinate either continues what the smaller ones cover without a gap, or
// starts (once) the level of rows:
//   C[row * N + col], 4 bytes, 512 columns, 300 rows:  strides 4 and 4 * N
//     4 ≤ 4          the columns cover 2048 contiguous bytes
//     4 * N > 2048   a row every 4 * N bytes, 300 of them;  4 * N = 2048 instead: 614,400
//     contiguous bytes
// A third level, or a stride that fits neither way, is no Rows: then only the interval around it is
// known.
#pragma once

#include "analyze/linear.hpp"

namespace nonans::analyze {

// A condition that no single coordinate decides: form ≥ 0.
struct Residual {
  Linear form;
};

struct Touched {
  bool may_known = false;
  int64_t low = 0, high = 0;  // bytes relative to the root: [low, high)
  bool rows_known = false;    // the rows below are exactly the touched bytes
  int64_t first = 0;
  uint64_t rows = 0, row_bytes = 0, pitch = 0;
};

Touched touched_bytes(const Linear& offset, const Box& box, const Residual* residuals,
                      unsigned count, uint64_t width) noexcept;

}  // namespace nonans::analyze
