// SPDX-License-Identifier: MIT
// A chain of kernels that passes for long: in execution number `at` one value of `born` is 0/0.

extern "C" {

__global__ void tick(unsigned* counter) {
  ++*counter;
}

__global__ void born(float* out, const float* in, const unsigned* counter, unsigned at, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = in[i] / (i == 5 && *counter == at ? 0.0f : 2.0f);
}

__global__ void pass(float* out, const float* in, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = in[i] + 1.0f;
}

// Whatever was not finite once stays.
__global__ void keep(float* sum, const float* in, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) sum[i] += in[i];
}

// The condition of a loop: goes on while there is something left.
__global__ void again(cudaGraphConditionalHandle handle, unsigned* left) {
  *left -= 1;
  cudaGraphSetConditional(handle, *left != 0 ? 1 : 0);
}
}
