// SPDX-License-Identifier: MIT
// Tiles of 64 rows in shared memory and the two products that attention is made of. A block has
// four warps; each owns 16 rows of the result, so softmax needs no other warp.
//
// Chunk c (16 bytes) of row r lies at c ^ (r mod 8), so that ldmatrix meets no bank twice.
#pragma once

#include "attention.hpp"
#include "support/tensor_core.cuh"

namespace attention_tiles {

using namespace program;

constexpr int kTile = 64, kThreads = 128, kChunk = 8;
constexpr float kLog2e = 1.44269504F, kLn2 = 0.693147181F;

template <int Width>
__device__ int swizzled(int row, int column) {
  return row * Width + ((column / kChunk) ^ (row & 7)) * kChunk + column % kChunk;
}

// Rows `first` … of a matrix with `rows` rows, zeros behind its end. Not waited for.
template <typename T, int Width>
__device__ void fetch_tile(T* tile, const T* matrix, int first, int rows) {
  for (int i = static_cast<int>(threadIdx.x); i < kTile * Width / kChunk; i += kThreads) {
    const int row = i / (Width / kChunk), column = i % (Width / kChunk) * kChunk;
    const bool inside = first + row < rows;
    copy_async(tile + swizzled<Width>(row, column),
               matrix + static_cast<size_t>(inside ? first + row : 0) * Width + column,
               inside ? 16 : 0);
  }
}

// s (16 x 64) += the warp's 16 rows of x times the 64 rows of y: s[i][j] = sum over d of x[i][d]
// y[j][d].
template <typename T, int Width>
__device__ void rows_times_rows(float (&s)[8][4], const T* x, const T* y) {
  const int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
#pragma unroll
  for (int d = 0; d < Width; d += 16) {
    uint32_t a[4];
    load_matrices(a, x + swizzled<Width>(warp * 16 + lane % 16, d + lane / 16 * 8));
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      uint32_t b[4];
      load_matrices(b,
                    y + swizzled<Width>(j * 16 + lane / 16 * 8 + lane % 8, d + lane / 8 % 2 * 8));
      multiply_add<T>(s[2 * j], a, b[0], b[1]);
      multiply_add<T>(s[2 * j + 1], a, b[2], b[3]);
    }
  }
}

// sums (16 x Width) += p (16 x 64, of this warp) times the tile y (64 x Width). The accumulator of
// one product is laid out as the A of the next: columns 0-7 and 8-15 of a step of 16.
template <typename T, int Width>
__device__ void scores_times_tile(float (&sums)[Width / 8][4], const float (&p)[8][4], const T* y) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    const uint32_t a[4] = {pack<T>(p[2 * k][0], p[2 * k][1]), pack<T>(p[2 * k][2], p[2 * k][3]),
                           pack<T>(p[2 * k + 1][0], p[2 * k + 1][1]),
                           pack<T>(p[2 * k + 1][2], p[2 * k + 1][3])};
#pragma unroll
    for (int j = 0; j < Width / 16; ++j) {
      uint32_t b[4];
      load_matrices_transposed(b, y + swizzled<Width>(k * 16 + lane % 16, j * 16 + lane / 16 * 8));
      multiply_add<T>(sums[2 * j], a, b[0], b[1]);
      multiply_add<T>(sums[2 * j + 1], a, b[2], b[3]);
    }
  }
}

// What the rows of one head see of its keys.
struct Mask {
  int queries, keys, shift;  // keys: those that exist; query i sees keys up to i + shift
  __device__ bool sees(int query, int key) const {
    return query < queries && key < keys && key <= query + shift;
  }
};

template <typename T>
__device__ Mask mask_of(const Attention<T>& attention, int head) {
  const int batch = head / attention.heads;
  const int keys = attention.lengths != nullptr ? attention.lengths[batch] : attention.keys;
  return {attention.queries, keys,
          attention.causal ? attention.keys - attention.queries : attention.keys};
}

}  // namespace attention_tiles
