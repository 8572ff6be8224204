// SPDX-License-Identifier: MIT
// Kernels whose floats stay finite and small whatever they are given, and one that makes any
// integer, among them those that would be NaN as floats. None of them reads what it writes, but for
// `decay` and `churn`: a graph may then run the rest in any order.
#include <cuda_fp16.h>

extern "C" {

__global__ void blend(float* out, const float* a, const float* b, float k, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = 0.5f * a[i] + 0.25f * b[i] + k;
}

__global__ void widen(double* out, const float* a, double k, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = a[i] * k;
}

__global__ void narrow(__half* out, const float* a, float k, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = __float2half_rn(a[i] * k);
}

__global__ void bits(unsigned* out, const unsigned* a, unsigned k, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = a[i] * 2654435761u ^ k | (i % 7 == 0 ? 0x7fc00000u : 0u);
}

// One sum for each block, through shared memory; in a fixed order.
__global__ void sum(float* out, const float* a, float k, int n) {
  __shared__ float part[64];
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  part[threadIdx.x] = i < n ? a[i] * k : 0.0f;
  __syncthreads();
  for (int width = 32; width > 0; width /= 2) {
    if (threadIdx.x < width) part[threadIdx.x] += part[threadIdx.x + width];
    __syncthreads();
  }
  if (threadIdx.x == 0) out[blockIdx.x] = part[0];
}

struct Job {
  float* out;
  const float* in;
  int n;
  float k;
};
__global__ void by_value(Job job) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < job.n) job.out[i] = job.in[i] - job.k;
}

__global__ void decay(float* x, float k, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) x[i] = 0.5f * x[i] + k;
}

__global__ void churn(unsigned* x, unsigned k, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) x[i] = x[i] * 1664525u + k;
}
}
