// SPDX-License-Identifier: MIT
// C = alpha * A * B + beta * C + bias, A (m x k) and B (k x n) in 16 bits, C (m x n) and the sums
// in fp32, all row-major, bias one value for each column or null.
//
//   Product product{.m = 300, .n = 200, .k = 100, .alpha = 1, .beta = 0};
//   multiply(product, Tile::Small, a, b, bias, c, stream);
//   multiply_split(product, Tile::Large, 4, a, b, bias, c, workspace, stream);   // k in four parts
//
// Pointers are device memory; the caller owns them and keeps them until the stream is done. Split
// products add their parts by atomics in no fixed order; workspace has m * n floats. T is __half or
// __nv_bfloat16. Returns what the launch returned.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

struct Product {
  int m, n, k;
  float alpha, beta;
};

// Large: 128 x 128 x 64, 8 warps, three stages, 96 KiB of shared memory.
// Small: 64 x 64 x 32, 4 warps, two stages, 16 KiB.
enum class Tile { Small, Large };

template <typename T>
cudaError_t multiply(const Product& product, Tile tile, const T* a, const T* b, const float* bias,
                     float* c, cudaStream_t stream);
template <typename T>
cudaError_t multiply_split(const Product& product, Tile tile, int parts, const T* a, const T* b,
                           const float* bias, float* c, float* workspace, cudaStream_t stream);
