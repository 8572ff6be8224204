// SPDX-License-Identifier: MIT
// The forward pass. A block takes 64 queries of one head and goes over the keys in tiles of 64, two
// stages in flight. For each row it keeps the maximum m of the scores so far, the sum l of
// 2^(s - m), and the sums of V weighted so; when a tile raises m, both are scaled by 2^(old - new).
//
// The trap: in a row that has seen no key yet, m is -infinity, and -inf - (-inf) is NaN. The
// subtraction therefore uses 0 in place of such an m, and the end does not divide by an l of 0.
// The careless variant does both.
#include "tiles.cuh"

namespace {

using namespace attention_tiles;

template <typename T, int Width, bool Careless>
__global__ void __launch_bounds__(kThreads)
    attention_forward(const __grid_constant__ Attention<T> attention) {
  extern __shared__ __align__(128) unsigned char shared[];
  T* const q = reinterpret_cast<T*>(shared);
  T* const k = q + kTile * Width;      // two stages
  T* const v = k + 2 * kTile * Width;  // two stages
  const int head = static_cast<int>(blockIdx.y), query0 = static_cast<int>(blockIdx.x) * kTile;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int row0 = query0 + static_cast<int>(threadIdx.x) / 32 * 16 + lane / 4;
  const Mask mask = mask_of(attention, head);
  const size_t query_base = static_cast<size_t>(head) * attention.queries;
  const T* const head_k = attention.k + static_cast<size_t>(head) * attention.keys * Width;
  const T* const head_v = attention.v + static_cast<size_t>(head) * attention.keys * Width;

  // Tiles behind the last key that any of these queries sees are not looked at.
  const int last = min(mask.keys, query0 + kTile + mask.shift);
  const int tiles = (max(last, 0) + kTile - 1) / kTile;
  fetch_tile<T, Width>(q, attention.q + query_base * Width, query0, attention.queries);
  const auto fetch = [&](int tile) {
    if (tile < tiles) {
      fetch_tile<T, Width>(k + tile % 2 * kTile * Width, head_k, tile * kTile, attention.keys);
      fetch_tile<T, Width>(v + tile % 2 * kTile * Width, head_v, tile * kTile, attention.keys);
    }
    commit_copies();
  };
  fetch(0);

  float sums[Width / 8][4] = {};
  float m[2] = {-INFINITY, -INFINITY}, l[2] = {};
  const float scale = kLog2e * rsqrtf(static_cast<float>(Width));
  for (int tile = 0; tile < tiles; ++tile) {
    fetch(tile + 1);
    wait_for_copies<1>();
    __syncthreads();
    float s[8][4] = {};
    rows_times_rows<T, Width>(s, q, k + tile % 2 * kTile * Width);

    float top[2] = {m[0], m[1]};
#pragma unroll
    for (int j = 0; j < 8; ++j) {
#pragma unroll
      for (int e = 0; e < 4; ++e) {
        const int key = tile * kTile + j * 8 + lane % 4 * 2 + e % 2;
        s[j][e] = mask.sees(row0 + e / 2 * 8, key) ? s[j][e] * scale : -INFINITY;
        top[e / 2] = fmaxf(top[e / 2], s[j][e]);
      }
    }
#pragma unroll
    for (int r = 0; r < 2; ++r) {
      // The four lanes of a group hold one row.
      top[r] = fmaxf(top[r], __shfl_xor_sync(0xFFFFFFFFU, top[r], 1));
      top[r] = fmaxf(top[r], __shfl_xor_sync(0xFFFFFFFFU, top[r], 2));
      const float base = !Careless && top[r] == -INFINITY ? 0.0F : top[r];
      const float fade = exp2f(m[r] - base);
      m[r] = top[r];
      l[r] *= fade;
#pragma unroll
      for (int j = 0; j < 8; ++j) {
        for (int e = 2 * r; e < 2 * r + 2; ++e) {
          s[j][e] = exp2f(s[j][e] - base);
          l[r] += s[j][e];
        }
      }
#pragma unroll
      for (int j = 0; j < Width / 8; ++j) {
        sums[j][2 * r] *= fade;
        sums[j][2 * r + 1] *= fade;
      }
    }
    scores_times_tile<T, Width>(sums, s, v + tile % 2 * kTile * Width);
    __syncthreads();  // before the next fetch overwrites this stage
  }
  wait_for_copies<0>();

#pragma unroll
  for (int r = 0; r < 2; ++r) {
    l[r] += __shfl_xor_sync(0xFFFFFFFFU, l[r], 1);
    l[r] += __shfl_xor_sync(0xFFFFFFFFU, l[r], 2);
    const int row = row0 + r * 8;
    if (row >= attention.queries) continue;
    const bool empty = !Careless && l[r] == 0.0F;
    const float inverse = empty ? 0.0F : 1.0F / l[r];
    if (lane % 4 == 0) {
      attention.lse[query_base + row] = empty ? -INFINITY : (m[r] + log2f(l[r])) * kLn2;
    }
    uint32_t* const out = reinterpret_cast<uint32_t*>(attention.out + (query_base + row) * Width);
#pragma unroll
    for (int j = 0; j < Width / 8; ++j) {
      out[j * 4 + lane % 4] = pack<T>(sums[j][2 * r] * inverse, sums[j][2 * r + 1] * inverse);
    }
  }
}

template <typename T, int Width, bool Careless>
cudaError_t launch(const Attention<T>& attention, cudaStream_t stream) {
  constexpr int kBytes = 5 * kTile * Width * static_cast<int>(sizeof(T));
  const cudaError_t error = cudaFuncSetAttribute(
      attention_forward<T, Width, Careless>, cudaFuncAttributeMaxDynamicSharedMemorySize, kBytes);
  if (error != cudaSuccess) return error;
  const dim3 grid(static_cast<unsigned>((attention.queries + kTile - 1) / kTile),
                  static_cast<unsigned>(attention.batch * attention.heads));
  attention_forward<T, Width, Careless><<<grid, kThreads, kBytes, stream>>>(attention);
  return cudaGetLastError();
}

}  // namespace

template <typename T>
cudaError_t forward(const Attention<T>& attention, cudaStream_t stream) {
  if (attention.width == 64) {
    return attention.careless ? launch<T, 64, true>(attention, stream)
                              : launch<T, 64, false>(attention, stream);
  }
  if (attention.width != 128) return cudaErrorInvalidValue;
  return attention.careless ? launch<T, 128, true>(attention, stream)
                            : launch<T, 128, false>(attention, stream);
}

template cudaError_t forward<__half>(const Attention<__half>&, cudaStream_t);
template cudaError_t forward<__nv_bfloat16>(const Attention<__nv_bfloat16>&, cudaStream_t);
