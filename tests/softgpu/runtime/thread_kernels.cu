// SPDX-License-Identifier: MIT
// Compiled with -default-stream per-thread: <<<>>> without a stream means the calling thread's.
#include "kernels.hpp"

namespace {

__global__ void add_here(float* values, int count, float amount) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < count) values[i] += amount;
}

}  // namespace

void kernels::add_per_thread(float* values, int count, float amount, cudaStream_t stream) {
  add_here<<<static_cast<unsigned>(count + 63) / 64, 64, 0, stream>>>(values, count, amount);
}
