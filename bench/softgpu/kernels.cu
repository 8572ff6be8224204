// SPDX-License-Identifier: MIT
// Kernels that each lean on one part of the engine. Compiled by nvcc, so that the PTX looks like
// what programs ship. softgpu_bench.cpp knows their names and arguments.
#include <cstdint>

// Eight independent chains of multiply-adds: nothing but arithmetic.
extern "C" __global__ void fma_loop(float* out, int rounds) {
  const float x = 0.999f + 1e-6f * threadIdx.x, y = 1e-3f;
  float a[8];
  for (int i = 0; i < 8; ++i) a[i] = i;
  for (int r = 0; r < rounds; ++r) {
#pragma unroll
    for (int i = 0; i < 8; ++i) a[i] = fmaf(a[i], x, y);
  }
  float sum = 0;
  for (int i = 0; i < 8; ++i) sum += a[i];
  out[blockIdx.x * blockDim.x + threadIdx.x] = sum;
}

extern "C" __global__ void copy_words(const float* in, float* out, int n) {
  const int step = gridDim.x * blockDim.x;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += step) out[i] = in[i];
}
extern "C" __global__ void copy_vectors(const float4* in, float4* out, int n) {
  const int step = gridDim.x * blockDim.x;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += step) out[i] = in[i];
}
// Every lane in another line of memory: a transposition without a tile.
extern "C" __global__ void transpose(const float* in, float* out, int width) {
  const int x = blockIdx.x * blockDim.x + threadIdx.x;
  for (int y = blockIdx.y; y < width; y += gridDim.y) out[x * width + y] = in[y * width + x];
}

// The lanes of a warp leave the loop at 32 different times.
extern "C" __global__ void divergent_loop(uint32_t* out, int rounds) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  uint32_t value = i, steps = 0;
  const int mine = rounds * (1 + threadIdx.x % 32) / 32;
  for (int r = 0; r < mine; ++r) {
    if (value & 1) {
      value = value * 3 + 1;
    } else {
      value = value / 2 + steps;
    }
    ++steps;
  }
  out[i] = value + steps;
}
// One lane works, 31 wait: what atomics and leaders do.
extern "C" __global__ void one_lane(uint32_t* out, int rounds) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  uint32_t value = i;
  if (threadIdx.x % 32 == 5) {
    for (int r = 0; r < rounds; ++r) value = (value ^ (value >> 3)) * 0x9e3779b9U + r;
  }
  out[i] = value;
}

// A tree in shared memory, a barrier at each level.
extern "C" __global__ void reduce_shared(const float* in, float* out, int rounds) {
  __shared__ float tree[256];
  float sum = 0;
  for (int r = 0; r < rounds; ++r) {
    tree[threadIdx.x] = in[threadIdx.x] + sum;
    __syncthreads();
    for (int width = 128; width > 0; width /= 2) {
      if (threadIdx.x < width) tree[threadIdx.x] += tree[threadIdx.x + width];
      __syncthreads();
    }
    sum = tree[0] * 1e-3f;
    __syncthreads();
  }
  if (threadIdx.x == 0) out[blockIdx.x] = sum;
}

extern "C" __global__ void integer_mix(uint32_t* out, int rounds) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  uint32_t a = i * 2654435761U, b = i ^ 0xdeadbeefU;
  uint64_t wide = i;
  for (int r = 0; r < rounds; ++r) {
    a ^= a << 13;
    a ^= a >> 17;
    a ^= a << 5;
    b = __funnelshift_l(b, a, 7) * 5 + 0xe6546b64U;
    wide = wide * 6364136223846793005ULL + (static_cast<uint64_t>(a) << 20 | __popc(b));
    b += __clz(a) + min(a, b) + __byte_perm(a, b, 0x5410);
  }
  out[i] = a ^ b ^ static_cast<uint32_t>(wide >> 32);
}

extern "C" __global__ void special_functions(float* out, int rounds) {
  float x = 0.1f + 1e-3f * threadIdx.x, sum = 0;
  for (int r = 0; r < rounds; ++r) {
    sum += __expf(x) + __sinf(x) + rsqrtf(x) + __logf(x) + x / (sum + 1.0f) + tanhf(x);
    x = x * 0.99f + 0.01f;
  }
  out[blockIdx.x * blockDim.x + threadIdx.x] = sum;
}

// Counts in shared memory, sums in global memory.
extern "C" __global__ void histogram(const uint32_t* in, uint32_t* bins, int n) {
  __shared__ uint32_t local[64];
  if (threadIdx.x < 64) local[threadIdx.x] = 0;
  __syncthreads();
  const int step = gridDim.x * blockDim.x;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += step) {
    atomicAdd(&local[in[i] & 63], 1);
  }
  __syncthreads();
  if (threadIdx.x < 64) atomicAdd(&bins[threadIdx.x], local[threadIdx.x]);
}

extern "C" __global__ void empty() {}

// C = A B in tiles of 64 x 64, 8 x 8 of them in the registers of each of 64 threads: many
// registers, much unrolled code. n is a multiple of 64.
extern "C" __global__ void gemm_registers(const float* a, const float* b, float* c, int n) {
  __shared__ float tile_a[16][64], tile_b[16][64];
  const int row = threadIdx.x / 8 * 8, column = threadIdx.x % 8 * 8;
  float sum[8][8] = {};
  for (int k0 = 0; k0 < n; k0 += 16) {
#pragma unroll
    for (int k = 0; k < 16; ++k) {
      tile_a[k][threadIdx.x] = a[(blockIdx.y * 64 + threadIdx.x) * n + k0 + k];
      tile_b[k][threadIdx.x] = b[(k0 + k) * n + blockIdx.x * 64 + threadIdx.x];
    }
    __syncthreads();
#pragma unroll
    for (int k = 0; k < 16; ++k) {
#pragma unroll
      for (int i = 0; i < 8; ++i) {
#pragma unroll
        for (int j = 0; j < 8; ++j) {
          sum[i][j] = fmaf(tile_a[k][row + i], tile_b[k][column + j], sum[i][j]);
        }
      }
    }
    __syncthreads();
  }
#pragma unroll
  for (int i = 0; i < 8; ++i) {
#pragma unroll
    for (int j = 0; j < 8; ++j) {
      c[(blockIdx.y * 64 + row + i) * n + blockIdx.x * 64 + column + j] = sum[i][j];
    }
  }
}

// C = A B with f16 inputs and f32 sums, in tiles of 64 x 64: four warps of 32 x 32, ldmatrix and
// mma.sync. All matrices by rows; n is a multiple of 64.
extern "C" __global__ void gemm_mma(const uint16_t* a, const uint16_t* b, float* c, int n) {
  __shared__ __align__(16) uint16_t tile_a[64][24], tile_b[16][72];
  const int t = threadIdx.x, lane = t % 32, warp = t / 32;
  const int row = warp / 2 * 32, column = warp % 2 * 32;
  float sum[2][4][4] = {};
  for (int k0 = 0; k0 < n; k0 += 16) {
    *reinterpret_cast<uint4*>(&tile_a[t / 2][t % 2 * 8]) =
        *reinterpret_cast<const uint4*>(&a[(blockIdx.y * 64 + t / 2) * n + k0 + t % 2 * 8]);
    *reinterpret_cast<uint4*>(&tile_b[t / 8][t % 8 * 8]) =
        *reinterpret_cast<const uint4*>(&b[(k0 + t / 8) * n + blockIdx.x * 64 + t % 8 * 8]);
    __syncthreads();
    uint32_t fa[2][4], fb[4][2];
    for (int i = 0; i < 2; ++i) {
      const uint32_t at = static_cast<uint32_t>(
          __cvta_generic_to_shared(&tile_a[row + i * 16 + lane % 16][lane / 16 * 8]));
      asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                   : "=r"(fa[i][0]), "=r"(fa[i][1]), "=r"(fa[i][2]), "=r"(fa[i][3])
                   : "r"(at));
    }
    for (int j = 0; j < 4; j += 2) {
      const uint32_t at = static_cast<uint32_t>(
          __cvta_generic_to_shared(&tile_b[lane % 16][column + j * 8 + lane / 16 * 8]));
      asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                   : "=r"(fb[j][0]), "=r"(fb[j][1]), "=r"(fb[j + 1][0]), "=r"(fb[j + 1][1])
                   : "r"(at));
    }
    for (int i = 0; i < 2; ++i) {
      for (int j = 0; j < 4; ++j) {
        float* d = sum[i][j];
        asm volatile(
            "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
            "{%8, %9}, "
            "{%0, %1, %2, %3};"
            : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
            : "r"(fa[i][0]), "r"(fa[i][1]), "r"(fa[i][2]), "r"(fa[i][3]), "r"(fb[j][0]),
              "r"(fb[j][1]));
      }
    }
    __syncthreads();
  }
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 4; ++j) {
      for (int r = 0; r < 4; ++r) {
        const int y = blockIdx.y * 64 + row + i * 16 + lane / 4 + r / 2 * 8;
        const int x = blockIdx.x * 64 + column + j * 8 + lane % 4 * 2 + r % 2;
        c[y * n + x] = sum[i][j][r];
      }
    }
  }
}
