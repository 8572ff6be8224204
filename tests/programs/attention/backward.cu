// SPDX-License-Identifier: MIT
// The backward pass. With p the probabilities, g the gradient of the result and c[i] = sum over d
// of g[i][d] out[i][d]:
//
//   dV = p^T g      dP = g V^T      dS = p * (dP - c)      dQ = scale dS K      dK = scale dS^T Q
//
// p is computed again, from the scores and the row's lse. One kernel owns queries and makes dQ, one
// owns keys and makes dK and dV from the transposed scores, so nobody needs an atomic and results
// are the same in each run.
#include "tiles.cuh"

namespace {

using namespace attention_tiles;

// One warp for each query.
template <typename T>
__global__ void row_products(const T* __restrict__ out, const T* __restrict__ gradient,
                             float* __restrict__ products, int rows, int width) {
  const int row = static_cast<int>(blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32);
  if (row >= rows) return;
  float sum = 0;
  for (int d = static_cast<int>(threadIdx.x) % 32; d < width; d += 32) {
    const size_t at = static_cast<size_t>(row) * width + d;
    sum += static_cast<float>(out[at]) * static_cast<float>(gradient[at]);
  }
  for (int step = 16; step > 0; step /= 2) sum += __shfl_down_sync(0xFFFFFFFFU, sum, step);
  if (threadIdx.x % 32 == 0) products[row] = sum;
}

template <int Width>
__device__ void store_rows(float* to, const float (&sums)[Width / 8][4], int row0, int rows,
                           float scale) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
#pragma unroll
  for (int j = 0; j < Width / 8; ++j) {
#pragma unroll
    for (int e = 0; e < 4; ++e) {
      const int row = row0 + e / 2 * 8;
      if (row < rows) {
        to[static_cast<size_t>(row) * Width + j * 8 + lane % 4 * 2 + e % 2] = sums[j][e] * scale;
      }
    }
  }
}

template <typename T, int Width>
__global__ void __launch_bounds__(kThreads)
    attention_backward_queries(const __grid_constant__ Attention<T> attention,
                               const __grid_constant__ Gradients<T> gradients) {
  extern __shared__ __align__(128) unsigned char shared[];
  T* const q = reinterpret_cast<T*>(shared);
  T* const g = q + kTile * Width;
  T* const k = g + kTile * Width;
  T* const v = k + kTile * Width;
  const int head = static_cast<int>(blockIdx.y), query0 = static_cast<int>(blockIdx.x) * kTile;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int row0 = query0 + static_cast<int>(threadIdx.x) / 32 * 16 + lane / 4;
  const Mask mask = mask_of(attention, head);
  const size_t query_base = static_cast<size_t>(head) * attention.queries;
  const size_t key_base = static_cast<size_t>(head) * attention.keys;
  const float root = rsqrtf(static_cast<float>(Width)), scale = kLog2e * root;

  fetch_tile<T, Width>(q, attention.q + query_base * Width, query0, attention.queries);
  fetch_tile<T, Width>(g, gradients.out_gradient + query_base * Width, query0, attention.queries);
  float lse[2] = {}, product[2] = {};
  for (int r = 0; r < 2; ++r) {
    if (row0 + r * 8 >= attention.queries) continue;
    lse[r] = attention.lse[query_base + row0 + r * 8] * kLog2e;
    product[r] = gradients.products[query_base + row0 + r * 8];
  }

  float sums[Width / 8][4] = {};
  const int last = min(mask.keys, query0 + kTile + mask.shift);
  for (int key0 = 0; key0 < last; key0 += kTile) {
    __syncthreads();
    fetch_tile<T, Width>(k, attention.k + key_base * Width, key0, attention.keys);
    fetch_tile<T, Width>(v, attention.v + key_base * Width, key0, attention.keys);
    commit_copies();
    wait_for_copies<0>();
    __syncthreads();
    float s[8][4] = {}, dp[8][4] = {};
    rows_times_rows<T, Width>(s, q, k);
    rows_times_rows<T, Width>(dp, g, v);
#pragma unroll
    for (int j = 0; j < 8; ++j) {
#pragma unroll
      for (int e = 0; e < 4; ++e) {
        const int key = key0 + j * 8 + lane % 4 * 2 + e % 2;
        const bool seen = mask.sees(row0 + e / 2 * 8, key);
        const float p = seen ? exp2f(s[j][e] * scale - lse[e / 2]) : 0.0F;
        s[j][e] = p * (dp[j][e] - product[e / 2]);
      }
    }
    scores_times_tile<T, Width>(sums, s, k);
  }
  commit_copies();
  wait_for_copies<0>();
  store_rows<Width>(gradients.q + query_base * Width, sums, row0, attention.queries, root);
}

template <typename T, int Width>
__global__ void __launch_bounds__(kThreads)
    attention_backward_keys(const __grid_constant__ Attention<T> attention,
                            const __grid_constant__ Gradients<T> gradients) {
  extern __shared__ __align__(128) unsigned char shared[];
  T* const k = reinterpret_cast<T*>(shared);
  T* const v = k + kTile * Width;
  T* const q = v + kTile * Width;
  T* const g = q + kTile * Width;
  const int head = static_cast<int>(blockIdx.y), key0 = static_cast<int>(blockIdx.x) * kTile;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int row0 = key0 + static_cast<int>(threadIdx.x) / 32 * 16 + lane / 4;
  const Mask mask = mask_of(attention, head);
  const size_t query_base = static_cast<size_t>(head) * attention.queries;
  const size_t key_base = static_cast<size_t>(head) * attention.keys;
  const float root = rsqrtf(static_cast<float>(Width)), scale = kLog2e * root;

  fetch_tile<T, Width>(k, attention.k + key_base * Width, key0, attention.keys);
  fetch_tile<T, Width>(v, attention.v + key_base * Width, key0, attention.keys);
  float dk[Width / 8][4] = {}, dv[Width / 8][4] = {};
  for (int query0 = 0; query0 < attention.queries; query0 += kTile) {
    __syncthreads();
    fetch_tile<T, Width>(q, attention.q + query_base * Width, query0, attention.queries);
    fetch_tile<T, Width>(g, gradients.out_gradient + query_base * Width, query0, attention.queries);
    commit_copies();
    wait_for_copies<0>();
    __syncthreads();
    // Rows are keys here, columns queries.
    float p[8][4] = {}, ds[8][4] = {};
    rows_times_rows<T, Width>(p, k, q);
    rows_times_rows<T, Width>(ds, v, g);
#pragma unroll
    for (int j = 0; j < 8; ++j) {
#pragma unroll
      for (int e = 0; e < 4; ++e) {
        const int query = query0 + j * 8 + lane % 4 * 2 + e % 2;
        const bool seen = mask.sees(query, row0 + e / 2 * 8);
        const float lse = seen ? attention.lse[query_base + query] * kLog2e : 0.0F;
        const float product = seen ? gradients.products[query_base + query] : 0.0F;
        p[j][e] = seen ? exp2f(p[j][e] * scale - lse) : 0.0F;
        ds[j][e] = p[j][e] * (ds[j][e] - product);
      }
    }
    scores_times_tile<T, Width>(dv, p, g);
    scores_times_tile<T, Width>(dk, ds, q);
  }
  store_rows<Width>(gradients.k + key_base * Width, dk, row0, attention.keys, root);
  store_rows<Width>(gradients.v + key_base * Width, dv, row0, attention.keys, 1.0F);
}

template <typename T, int Width>
cudaError_t launch(const Attention<T>& attention, const Gradients<T>& gradients,
                   cudaStream_t stream) {
  constexpr int kBytes = 4 * kTile * Width * static_cast<int>(sizeof(T));
  cudaError_t error = cudaFuncSetAttribute(attention_backward_queries<T, Width>,
                                           cudaFuncAttributeMaxDynamicSharedMemorySize, kBytes);
  if (error == cudaSuccess) {
    error = cudaFuncSetAttribute(attention_backward_keys<T, Width>,
                                 cudaFuncAttributeMaxDynamicSharedMemorySize, kBytes);
  }
  if (error != cudaSuccess) return error;
  const int heads = attention.batch * attention.heads, rows = heads * attention.queries;
  const auto tiles = [](int count) { return static_cast<unsigned>((count + kTile - 1) / kTile); };
  row_products<T><<<static_cast<unsigned>((rows + 3) / 4), 128, 0, stream>>>(
      attention.out, gradients.out_gradient, gradients.products, rows, Width);
  attention_backward_queries<T, Width>
      <<<dim3(tiles(attention.queries), static_cast<unsigned>(heads)), kThreads, kBytes, stream>>>(
          attention, gradients);
  attention_backward_keys<T, Width>
      <<<dim3(tiles(attention.keys), static_cast<unsigned>(heads)), kThreads, kBytes, stream>>>(
          attention, gradients);
  return cudaGetLastError();
}

}  // namespace

template <typename T>
cudaError_t backward(const Attention<T>& attention, const Gradients<T>& gradients,
                     cudaStream_t stream) {
  if (attention.width == 64) return launch<T, 64>(attention, gradients, stream);
  if (attention.width == 128) return launch<T, 128>(attention, gradients, stream);
  return cudaErrorInvalidValue;
}

template cudaError_t backward<__half>(const Attention<__half>&, const Gradients<__half>&,
                                      cudaStream_t);
template cudaError_t backward<__nv_bfloat16>(const Attention<__nv_bfloat16>&,
                                             const Gradients<__nv_bfloat16>&, cudaStream_t);
