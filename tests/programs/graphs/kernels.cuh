// SPDX-License-Identifier: MIT
// The kernels of a step. Dot products go in two stages and in a fixed order, so that equal inputs
// give equal bits on any device and in any schedule.
#pragma once

#include "solver.hpp"

constexpr int kThreads = 128, kParts = 16;

__global__ void apply_laplacian(const float* p, float* ap, int side) {
  const int column = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const int row = static_cast<int>(blockIdx.y * blockDim.y + threadIdx.y);
  if (column >= side || row >= side) return;
  const int i = row * side + column;
  float value = 4 * p[i];
  if (column > 0) value -= p[i - 1];
  if (column + 1 < side) value -= p[i + 1];
  if (row > 0) value -= p[i - side];
  if (row + 1 < side) value -= p[i + side];
  ap[i] = value;
}

__global__ void dot_parts(const float* x, const float* y, int count, float* parts) {
  __shared__ float sums[kThreads];
  float sum = 0;
  for (int i = static_cast<int>(blockIdx.x) * kThreads + static_cast<int>(threadIdx.x); i < count;
       i += kThreads * kParts) {
    sum += x[i] * y[i];
  }
  sums[threadIdx.x] = sum;
  for (unsigned half = kThreads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) sums[threadIdx.x] += sums[threadIdx.x + half];
  }
  if (threadIdx.x == 0) parts[blockIdx.x] = sums[0];
}

// One warp.
__device__ inline float sum_of_parts(const float* parts) {
  float sum = threadIdx.x < kParts ? parts[threadIdx.x] : 0;
  for (int step = 16; step > 0; step /= 2) sum += __shfl_xor_sync(0xFFFFFFFFU, sum, step);
  return sum;
}

__global__ void finish_start(const float* parts, Scalars* scalars) {
  const float rr = sum_of_parts(parts);
  if (threadIdx.x == 0) *scalars = {rr, 0, 0};
}

// A residual of exactly 0 would make 0/0 of the steps behind it.
__global__ void finish_alpha(const float* parts, Scalars* scalars) {
  const float pap = sum_of_parts(parts);
  if (threadIdx.x == 0) scalars->alpha = pap > 0 ? scalars->rr / pap : 0;
}

__global__ void finish_beta(const float* parts, Scalars* scalars) {
  const float rr = sum_of_parts(parts);
  if (threadIdx.x == 0) {
    scalars->beta = scalars->rr > 0 ? rr / scalars->rr : 0;
    scalars->rr = rr;
  }
}

// y += sign * alpha * x
__global__ void add_scaled(float* y, const float* x, const Scalars* scalars, float sign,
                           int count) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < count) y[i] += sign * scalars->alpha * x[i];
}

__global__ void next_direction(float* p, const float* r, const Scalars* scalars, int count) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < count) p[i] = r[i] + scalars->beta * p[i];
}

__global__ void count_one(int* counter) {
  ++*counter;
}
