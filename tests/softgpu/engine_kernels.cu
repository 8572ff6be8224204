// SPDX-License-Identifier: MIT
// What nvcc makes of ordinary CUDA: compiled to PTX when the tests are built, run on the engine by
// engine_cuda.cpp.
#include <cuda_bf16.h>
#include <cuda_fp16.h>

extern "C" __global__ void gemm_tiled(const float* a, const float* b, float* c, int n) {
  __shared__ float left[16][17], right[16][17];
  const int row = blockIdx.y * 16 + threadIdx.y, column = blockIdx.x * 16 + threadIdx.x;
  float sum = 0.0f;
  for (int k = 0; k < n; k += 16) {
    const int kx = k + threadIdx.x, ky = k + threadIdx.y;
    left[threadIdx.y][threadIdx.x] = row < n && kx < n ? a[row * n + kx] : 0.0f;
    right[threadIdx.y][threadIdx.x] = ky < n && column < n ? b[ky * n + column] : 0.0f;
    __syncthreads();
    for (int i = 0; i < 16; ++i) sum = fmaf(left[threadIdx.y][i], right[i][threadIdx.x], sum);
    __syncthreads();
  }
  if (row < n && column < n) c[row * n + column] = sum;
}

// One warp per row.
extern "C" __global__ void softmax_rows(const float* in, float* out, int columns) {
  const float* row = in + blockIdx.x * columns;
  float largest = -INFINITY;
  for (int i = threadIdx.x; i < columns; i += 32) largest = fmaxf(largest, row[i]);
  for (int o = 16; o > 0; o >>= 1) largest = fmaxf(largest, __shfl_xor_sync(~0u, largest, o));
  float sum = 0.0f;
  for (int i = threadIdx.x; i < columns; i += 32) sum += expf(row[i] - largest);
  for (int o = 16; o > 0; o >>= 1) sum += __shfl_xor_sync(~0u, sum, o);
  for (int i = threadIdx.x; i < columns; i += 32) {
    out[blockIdx.x * columns + i] = expf(row[i] - largest) / sum;
  }
}

extern "C" __global__ void histogram(const unsigned char* in, unsigned* bins, int n) {
  __shared__ unsigned local[256];
  for (int i = threadIdx.x; i < 256; i += blockDim.x) local[i] = 0;
  __syncthreads();
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
    atomicAdd(&local[in[i]], 1u);
  }
  __syncthreads();
  for (int i = threadIdx.x; i < 256; i += blockDim.x) atomicAdd(&bins[i], local[i]);
}

// Halves through a polynomial, with divergence, integer division and 64-bit arithmetic on the way.
extern "C" __global__ void mixed(const __half* h, const __nv_bfloat16* b, const long long* v,
                                 double* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const __half2 pair = __halves2half2(h[i], __float2half(2.0f));
  const __half2 squared = __hfma2(pair, pair, __float2half2_rn(1.0f));
  double r = __low2float(squared) + __half2float(__high2half(squared));
  r += __bfloat162float(__hmul(b[i], b[i]));
  const long long x = v[i];
  long long steps = 0;
  for (long long y = x; y > 1; ++steps) y = y % 2 == 0 ? y / 2 : 3 * y + 1;
  switch (i % 5) {
    case 0:
      r += sqrt(double(x));
      break;
    case 1:
      r -= double(x) / 3.0;
      break;
    case 2:
      r *= double(x % 7);
      break;
    case 3:
      r += double(__popcll(x)) + double(__clzll(x));
      break;
    default:
      r = -r;
      break;
  }
  out[i] = r + double(steps);
}
