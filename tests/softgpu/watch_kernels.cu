// SPDX-License-Identifier: MIT
// Correct programs that lean on what the programming model promises about order, progress and
// memory: fences where they are needed, __syncwarp where lanes talk through memory. Compiled to PTX
// when the tests are built; watch_semantics.cpp runs them in every order and with weak memory.
#include <cuda_pipeline.h>

// Lanes of a warp fight for one lock.
extern "C" __global__ void spin_lock(int* lock, volatile int* counter, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    while (atomicCAS(lock, 0, 1) != 0) {
    }
    __threadfence();
    *counter = *counter + 1;
    __threadfence();
    atomicExch(lock, 0);
  }
}

// Block 0 hands `rounds` buffers of 64 values to block 1 and waits until each is taken.
extern "C" __global__ void producer_consumer(int* buffer, volatile int* turn, int* out,
                                             int rounds) {
  const int t = threadIdx.x;
  for (int r = 0; r < rounds; ++r) {
    if (blockIdx.x == 0) {
      if (t == 0) {
        while (*turn != 2 * r) {
        }
        __threadfence();
      }
      __syncthreads();
      buffer[t] = r * 1000 + t;
      __syncthreads();
      if (t == 0) {
        __threadfence();
        *turn = 2 * r + 1;
      }
    } else {
      if (t == 0) {
        while (*turn != 2 * r + 1) {
        }
        __threadfence();
      }
      __syncthreads();
      out[r * blockDim.x + t] = buffer[t];
      __syncthreads();
      if (t == 0) {
        __threadfence();
        *turn = 2 * r + 2;
      }
    }
  }
}

// Inclusive prefix sum with decoupled look-back. state[tile]: 0 nothing, 1 aggregate, 2 inclusive.
extern "C" __global__ void scan_lookback(const int* in, int* out, volatile int* state,
                                         volatile int* aggregate, volatile int* inclusive,
                                         int* ticket) {
  __shared__ int values[128];
  __shared__ int tile, before;
  const int t = threadIdx.x;
  if (t == 0) tile = atomicAdd(ticket, 1);
  __syncthreads();
  values[t] = in[tile * 128 + t];
  __syncthreads();
  for (int step = 1; step < 128; step *= 2) {
    const int left = t >= step ? values[t - step] : 0;
    __syncthreads();
    values[t] += left;
    __syncthreads();
  }
  if (t == 0) {
    const int total = values[127];
    int sum = 0;
    if (tile == 0) {
      inclusive[0] = total;
      __threadfence();
      state[0] = 2;
    } else {
      aggregate[tile] = total;
      __threadfence();
      state[tile] = 1;
      for (int look = tile - 1; look >= 0; --look) {
        int seen = 0;
        while ((seen = state[look]) == 0) {
        }
        __threadfence();
        if (seen == 2) {
          sum += inclusive[look];
          break;
        }
        sum += aggregate[look];
      }
      inclusive[tile] = sum + total;
      __threadfence();
      state[tile] = 2;
    }
    before = sum;
  }
  __syncthreads();
  out[tile * 128 + t] = values[t] + before;
}

// Two producer warps and two consumer warps exchange through named barriers, round after round;
// a fifth warp leaves at once and part of a consumer warp leaves halfway.
extern "C" __global__ void named_barriers(int* out, int rounds) {
  __shared__ int slot[64];
  const int t = threadIdx.x;
  if (t >= 128) return;
  for (int r = 0; r < rounds; ++r) {
    if (t < 64) {
      slot[t] = r * 100 + t;
      asm volatile("barrier.sync 1, 128;" ::: "memory");
      asm volatile("barrier.sync 2, 128;" ::: "memory");
    } else {
      asm volatile("barrier.sync 1, 128;" ::: "memory");
      out[r * 64 + t - 64] = slot[t - 64];
      asm volatile("barrier.sync 2, 128;" ::: "memory");
      if (r == rounds / 2 && t >= 112) return;
    }
  }
}

// Shuffles in branches that only part of the warp takes, with the mask of that part.
extern "C" __global__ void divergent_shuffles(int* out) {
  const int t = threadIdx.x;
  int v = t * 3;
  for (int r = 0; r < 4; ++r) {
    if (t % 2 == 0) {
      v += __shfl_sync(0x55555555u, v, (t + 2) % 32);
    } else {
      for (int i = 0; i < t; ++i) v ^= i;
      v -= __shfl_xor_sync(0xaaaaaaaau, v, 2);
    }
    v += __shfl_down_sync(0xffffffffu, v, 1);
  }
  out[t] = v;
}

// Each warp sums 32 values through shared memory, lanes in need of each other at each step.
extern "C" __global__ void warp_reduce(const int* in, int* out) {
  __shared__ int part[8][32];
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  int* mine = part[warp];
  mine[lane] = in[blockIdx.x * blockDim.x + threadIdx.x];
  __syncwarp();
  for (int step = 16; step > 0; step /= 2) {
    const int other = lane < step ? mine[lane + step] : 0;
    __syncwarp();
    if (lane < step) mine[lane] += other;
    __syncwarp();
  }
  if (lane == 0) out[blockIdx.x * (blockDim.x / 32) + warp] = mine[0];
}

extern "C" __global__ void ballots(unsigned* out) {
  const unsigned t = threadIdx.x;
  const unsigned votes = __ballot_sync(~0u, t % 3 == 0 || t / 32 == 7);
  const unsigned some = __any_sync(~0u, t == 500), every = __all_sync(~0u, t / 32 == 7);
  out[blockIdx.x * blockDim.x + t] = votes + some + 2 * every;
}

// A barrier of all blocks, as cooperative groups make it. Between two of them every block reads
// what its neighbour wrote.
extern "C" __global__ void grid_exchange(int* values, unsigned* arrived, int rounds) {
  const int blocks = gridDim.x, b = blockIdx.x, t = threadIdx.x;
  for (int r = 0; r < rounds; ++r) {
    const int seen = values[(r % 2) * blocks * 32 + (b + 1) % blocks * 32 + t];
    values[((r + 1) % 2) * blocks * 32 + b * 32 + t] = seen + 1;
    __syncthreads();
    if (t == 0) {
      __threadfence();
      atomicAdd(arrived, 1u);
      while (*(volatile unsigned*)arrived < unsigned(blocks) * (r + 1)) {
      }
      __threadfence();
    }
    __syncthreads();
  }
}

// The block that comes last adds up what all blocks left. `fenced` = 0 forgets the fence.
extern "C" __global__ void last_block_sum(const int* in, int* part, unsigned* done, int* out,
                                          int fenced) {
  __shared__ bool last;
  __shared__ int sums[64];
  const int t = threadIdx.x;
  sums[t] = in[blockIdx.x * 64 + t];
  for (int step = 32; step > 0; step /= 2) {
    __syncthreads();
    if (t < step) sums[t] += sums[t + step];
  }
  if (t == 0) {
    part[blockIdx.x] = sums[0];
    if (fenced) __threadfence();
    last = atomicAdd(done, 1u) == gridDim.x - 1;
    if (fenced) __threadfence();
  }
  __syncthreads();
  if (last && t == 0) {
    int sum = 0;
    for (int b = 0; b < int(gridDim.x); ++b) sum += part[b];
    *out = sum;
  }
}

// A pipeline of two stages: while one tile is summed, the next is copied.
extern "C" __global__ void copy_pipeline(const int* in, int* out, int tiles) {
  __shared__ int stage[2][64];
  const int t = threadIdx.x;
  __pipeline_memcpy_async(&stage[0][t], &in[t], 4);
  __pipeline_commit();
  int sum = 0;
  for (int i = 0; i < tiles; ++i) {
    if (i + 1 < tiles) {
      __pipeline_memcpy_async(&stage[(i + 1) % 2][t], &in[(i + 1) * 64 + t], 4);
      __pipeline_commit();
      __pipeline_wait_prior(1);
    } else {
      __pipeline_wait_prior(0);
    }
    __syncthreads();
    sum += stage[i % 2][(t + 17) % 64];
    __syncthreads();
  }
  out[t] = sum;
}
