// SPDX-License-Identifier: MIT
// Kernels that make non-finite values in the ways that the library tells apart.
#include <cuda_fp16.h>

extern "C" {

__global__ void square(float* out, const float* in, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = in[i] * in[i];
}

__global__ void minus_square(float* out, const float* in, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = -(in[i] * in[i]);
}

__global__ void quotient(float* out, const float* a, const float* b, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = a[i] / b[i];
}

__global__ void to_half(__half* out, const float* in, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = __float2half_rn(in[i]);
}

__global__ void square_double(double* out, const double* in, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = in[i] * in[i];
}

// The old value goes into the new one: nobody can say afterwards whether it was finite.
__global__ void square_in_place(float* x, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) x[i] = x[i] * x[i];
}

// Whether it writes stands in memory.
__global__ void square_if(float* out, const float* in, const int* wanted, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n && *wanted != 0) out[i] = in[i] * in[i];
}

// Asked for by the caller.
__global__ void fill(float* out, float value, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = value;
}

// Where it writes stands in memory.
__global__ void scatter_square(float* out, const int* where, const float* in, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[where[i]] = in[i] * in[i];
}

// Integers that read as NaN when taken for floats.
__global__ void minus_one(int* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = -1 - i;
}

// An optimiser: weights and moments updated in place, with a square root and a division.
__global__ void adam(float* w, float* m, float* v, const float* g, float rate, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  m[i] = 0.9f * m[i] + 0.1f * g[i];
  v[i] = 0.999f * v[i] + 0.001f * g[i] * g[i];
  w[i] -= rate * m[i] / (sqrtf(v[i]) + 1e-8f);
}
}
