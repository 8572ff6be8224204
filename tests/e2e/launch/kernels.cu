// SPDX-License-Identifier: MIT
// What the programs of this folder launch. All square: an overflow where the input is large.

extern "C" {

__global__ void square(float* out, const float* in, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = in[i] * in[i];
}

__global__ void square_again(float* out, const float* in, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = in[i] * in[i];
}

// As much as a launch may pass since CUDA 12.1 (32,764 bytes, here a multiple of 8).
struct Large {
  char before[20000];
  float* out;
  const float* in;
  int n;
  char after[32760 - 20000 - 2 * 8 - 4];
};

__global__ void square_large(const __grid_constant__ Large large) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < large.n) large.out[i] = large.in[i] * large.in[i];
}

// Names of the kernels of collective communication libraries.
__global__ void ncclDevKernel_AllReduce_Sum_f32_RING_LL(float* out, const float* in, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = in[i] * in[i];
}
__global__ void nvshmemi_barrier_square(float* out, const float* in, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = in[i] * in[i];
}
}
