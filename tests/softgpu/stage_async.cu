// SPDX-License-Identifier: MIT
// Asynchronous copies as programs write them: through libcu++ and cooperative groups.
#include <cooperative_groups.h>
#include <cooperative_groups/memcpy_async.h>
#include <cuda/barrier>
#include <cuda/pipeline>

#pragma nv_diag_suppress static_var_with_dynamic_init

namespace cg = cooperative_groups;

// Each block scales its part of `in`, tile by tile, with the next tiles on their way.
extern "C" __global__ void scale_pipeline(const float* in, float* out, int tiles) {
  constexpr int kStages = 3;
  __shared__ float buffer[kStages][128];
  __shared__ cuda::pipeline_shared_state<cuda::thread_scope_block, kStages> state;
  const auto block = cg::this_thread_block();
  auto pipeline = cuda::make_pipeline(block, &state);
  const float* from = in + static_cast<size_t>(blockIdx.x) * tiles * 128;
  float* to = out + static_cast<size_t>(blockIdx.x) * tiles * 128;
  for (int ahead = 0, tile = 0; tile < tiles; ++tile) {
    for (; ahead < tiles && ahead < tile + kStages; ++ahead) {
      pipeline.producer_acquire();
      cuda::memcpy_async(block, buffer[ahead % kStages], from + ahead * 128,
                         cuda::aligned_size_t<16>(sizeof(float) * 128), pipeline);
      pipeline.producer_commit();
    }
    pipeline.consumer_wait();
    to[tile * 128 + threadIdx.x] = 2.0f * buffer[tile % kStages][127 - threadIdx.x];
    pipeline.consumer_release();
  }
}

// Warps hand a value around the block through a barrier object that all of them arrive at.
extern "C" __global__ void barrier_rounds(unsigned* out, int rounds) {
  __shared__ cuda::barrier<cuda::thread_scope_block> barrier;
  __shared__ unsigned value[256];
  if (threadIdx.x == 0) init(&barrier, blockDim.x);
  __syncthreads();
  unsigned mine = threadIdx.x;
  for (int i = 0; i < rounds; ++i) {
    value[threadIdx.x] = mine;
    barrier.arrive_and_wait();
    mine = value[(threadIdx.x + 33) % blockDim.x] + 1;
    barrier.wait(barrier.arrive());
  }
  out[blockIdx.x * blockDim.x + threadIdx.x] = mine;
}

extern "C" __global__ void group_copy(const int* in, int* out, int n) {
  extern __shared__ int tile[];
  const auto block = cg::this_thread_block();
  cg::memcpy_async(block, tile, in + blockIdx.x * n, sizeof(int) * n);
  cg::wait(block);
  int sum = 0;
  for (int i = 0; i < n; ++i) sum += tile[i];
  out[blockIdx.x * blockDim.x + threadIdx.x] = sum + static_cast<int>(threadIdx.x);
}
