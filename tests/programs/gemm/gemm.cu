// SPDX-License-Identifier: MIT
// A tiled matrix product. A block makes one tile of C from tiles of A and B that travel through
// shared memory in a ring of stages: while the warps multiply stage s, cp.async fills the others.
//
// Shared memory is swizzled: the 16-byte chunk c of row r lies at c ^ (r mod 8) (mod 4 where a row
// has four chunks). ldmatrix reads eight rows of one chunk column at a time, and without this all
// eight would lie in the same four banks.
#include <cassert>

#include "gemm.hpp"
#include "support/tensor_core.cuh"

namespace {

using namespace program;

constexpr int kChunk = 8;  // elements of 16 bits that one cp.async moves

template <int Bm, int Bn, int Bk, int WarpsM, int WarpsN, int Stages>
struct Shape {
  static constexpr int bm = Bm, bn = Bn, bk = Bk, warps_m = WarpsM, warps_n = WarpsN,
                       stages = Stages;
  static constexpr int threads = 32 * WarpsM * WarpsN;
  static constexpr int a_elements = Bm * Bk, b_elements = Bk * Bn;
  static constexpr int shared_bytes = Stages * (a_elements + b_elements) * 2;
  static constexpr int rows = Bm / WarpsM / 16;     // m16 fragments of a warp
  static constexpr int columns = Bn / WarpsN / 16;  // pairs of n8 fragments
};
using Small = Shape<64, 64, 32, 2, 2, 2>;
using Large = Shape<128, 128, 64, 2, 4, 3>;

// Where element (row, column) of a tile with `Width` columns lies.
template <int Width>
__device__ int swizzled(int row, int column) {
  constexpr int kMask = (Width / kChunk < 8 ? Width / kChunk : 8) - 1;
  const int chunk = (column / kChunk) ^ (row & kMask);
  return row * Width + chunk * kChunk + column % kChunk;
}

// A tile of `Height` x `Width` at (row, column) of a row-major matrix, with zeros where that ends.
template <typename T, typename S, int Height, int Width, bool Aligned>
__device__ void load_tile(T* tile, const T* matrix, int rows, int columns, int stride, int row,
                          int column) {
  for (int i = static_cast<int>(threadIdx.x); i < Height * Width / kChunk; i += S::threads) {
    const int r = i / (Width / kChunk), c = i % (Width / kChunk) * kChunk;
    T* to = tile + swizzled<Width>(r, c);
    const bool inside = row + r < rows;
    const T* from = matrix + static_cast<size_t>(inside ? row + r : 0) * stride;
    if constexpr (Aligned) {
      // Widths are multiples of the chunk, so a chunk is inside or outside as a whole.
      const bool whole = inside && column + c < columns;
      copy_async(to, from + (whole ? column + c : 0), whole ? 16 : 0);
    } else {
      for (int j = 0; j < kChunk; ++j) {
        to[j] = inside && column + c + j < columns ? from[column + c + j] : from_float<T>(0);
      }
    }
  }
}

template <typename T, typename S, bool Aligned>
__global__ void __launch_bounds__(S::threads)
    gemm(const Product product, const T* __restrict__ a, const T* __restrict__ b,
         const float* __restrict__ bias, float* __restrict__ c, float* __restrict__ workspace,
         int k_steps_of_part) {
  extern __shared__ __align__(128) unsigned char shared[];
  T* const a_tiles = reinterpret_cast<T*>(shared);
  T* const b_tiles = a_tiles + S::stages * S::a_elements;
  const int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
  const int row0 = static_cast<int>(blockIdx.y) * S::bm;
  const int column0 = static_cast<int>(blockIdx.x) * S::bn;
  const int first = static_cast<int>(blockIdx.z) * k_steps_of_part;
  const int all = (product.k + S::bk - 1) / S::bk;
  const int steps = min(k_steps_of_part, all - first);

  const auto fetch = [&](int step) {
    if (step < steps) {
      const int stage = step % S::stages, k = (first + step) * S::bk;
      load_tile<T, S, S::bm, S::bk, Aligned>(a_tiles + stage * S::a_elements, a, product.m,
                                             product.k, product.k, row0, k);
      load_tile<T, S, S::bk, S::bn, Aligned>(b_tiles + stage * S::b_elements, b, product.k,
                                             product.n, product.n, k, column0);
    }
    commit_copies();  // also of nothing, so that groups count steps
  };
  for (int step = 0; step < S::stages - 1; ++step) fetch(step);

  float sums[S::rows][2 * S::columns][4] = {};
  const int warp_row = warp / S::warps_n * (S::bm / S::warps_m);
  const int warp_column = warp % S::warps_n * (S::bn / S::warps_n);
  for (int step = 0; step < steps; ++step) {
    wait_for_copies<S::stages - 2>();
    __syncthreads();  // the stage of this step is there, and everybody has left the one before it
    fetch(step + S::stages - 1);
    const T* const at = a_tiles + step % S::stages * S::a_elements;
    const T* const bt = b_tiles + step % S::stages * S::b_elements;
#pragma unroll
    for (int k = 0; k < S::bk; k += 16) {
      uint32_t fa[S::rows][4], fb[S::columns][4];
#pragma unroll
      for (int i = 0; i < S::rows; ++i) {
        load_matrices(fa[i],
                      at + swizzled<S::bk>(warp_row + i * 16 + lane % 16, k + lane / 16 * 8));
      }
#pragma unroll
      for (int j = 0; j < S::columns; ++j) {
        load_matrices_transposed(
            fb[j], bt + swizzled<S::bn>(k + lane % 16, warp_column + j * 16 + lane / 16 * 8));
      }
#pragma unroll
      for (int i = 0; i < S::rows; ++i) {
#pragma unroll
        for (int j = 0; j < S::columns; ++j) {
          multiply_add<T>(sums[i][2 * j], fa[i], fb[j][0], fb[j][1]);
          multiply_add<T>(sums[i][2 * j + 1], fa[i], fb[j][2], fb[j][3]);
        }
      }
    }
  }

#pragma unroll
  for (int i = 0; i < S::rows; ++i) {
#pragma unroll
    for (int j = 0; j < 2 * S::columns; ++j) {
#pragma unroll
      for (int e = 0; e < 4; ++e) {
        const int row = row0 + warp_row + i * 16 + lane / 4 + e / 2 * 8;
        const int column = column0 + warp_column + j * 8 + lane % 4 * 2 + e % 2;
        if (row >= product.m || column >= product.n) continue;
        const size_t at = static_cast<size_t>(row) * product.n + column;
        if (gridDim.z > 1) {
          atomicAdd(workspace + at, sums[i][j][e]);
          continue;
        }
        float value = product.alpha * sums[i][j][e];
        if (product.beta != 0) value += product.beta * c[at];
        if (bias != nullptr) value += bias[column];
        c[at] = value;
      }
    }
  }
}

// The end of a split product.
__global__ void finish_split(const Product product, const float* __restrict__ sums,
                             const float* __restrict__ bias, float* __restrict__ c) {
  const int column = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const int row = static_cast<int>(blockIdx.y);
  if (column >= product.n) return;
  const size_t at = static_cast<size_t>(row) * product.n + column;
  float value = product.alpha * sums[at];
  if (product.beta != 0) value += product.beta * c[at];
  if (bias != nullptr) value += bias[column];
  c[at] = value;
}

template <typename T, typename S, bool Aligned>
cudaError_t launch(const Product& product, int parts, const T* a, const T* b, const float* bias,
                   float* c, float* workspace, cudaStream_t stream) {
  const cudaError_t error = cudaFuncSetAttribute(
      gemm<T, S, Aligned>, cudaFuncAttributeMaxDynamicSharedMemorySize, S::shared_bytes);
  if (error != cudaSuccess) return error;
  const int all = (product.k + S::bk - 1) / S::bk;
  const int steps = (all + parts - 1) / parts;
  const dim3 grid(static_cast<unsigned>((product.n + S::bn - 1) / S::bn),
                  static_cast<unsigned>((product.m + S::bm - 1) / S::bm),
                  static_cast<unsigned>(steps > 0 ? (all + steps - 1) / steps : 1));
  assert(parts == 1 || grid.z > 1);
  gemm<T, S, Aligned>
      <<<grid, S::threads, S::shared_bytes, stream>>>(product, a, b, bias, c, workspace, steps);
  return cudaGetLastError();
}

template <typename T>
cudaError_t choose(const Product& product, Tile tile, int parts, const T* a, const T* b,
                   const float* bias, float* c, float* workspace, cudaStream_t stream) {
  const bool aligned = product.k % kChunk == 0 && product.n % kChunk == 0;
  if (tile == Tile::Large) {
    return aligned ? launch<T, Large, true>(product, parts, a, b, bias, c, workspace, stream)
                   : launch<T, Large, false>(product, parts, a, b, bias, c, workspace, stream);
  }
  return aligned ? launch<T, Small, true>(product, parts, a, b, bias, c, workspace, stream)
                 : launch<T, Small, false>(product, parts, a, b, bias, c, workspace, stream);
}

}  // namespace

template <typename T>
cudaError_t multiply(const Product& product, Tile tile, const T* a, const T* b, const float* bias,
                     float* c, cudaStream_t stream) {
  return choose<T>(product, tile, 1, a, b, bias, c, nullptr, stream);
}

template <typename T>
cudaError_t multiply_split(const Product& product, Tile tile, int parts, const T* a, const T* b,
                           const float* bias, float* c, float* workspace, cudaStream_t stream) {
  const size_t bytes = sizeof(float) * static_cast<size_t>(product.m) * product.n;
  cudaError_t error = cudaMemsetAsync(workspace, 0, bytes, stream);
  if (error == cudaSuccess) {
    error = choose<T>(product, tile, parts, a, b, bias, c, workspace, stream);
  }
  if (error != cudaSuccess) return error;
  const dim3 grid(static_cast<unsigned>((product.n + 127) / 128), static_cast<unsigned>(product.m));
  finish_split<<<grid, 128, 0, stream>>>(product, workspace, bias, c);
  return cudaGetLastError();
}

#define INSTANTIATE(T)                                                                             \
  template cudaError_t multiply<T>(const Product&, Tile, const T*, const T*, const float*, float*, \
                                   cudaStream_t);                                                  \
  template cudaError_t multiply_split<T>(const Product&, Tile, int, const T*, const T*,            \
                                         const float*, float*, float*, cudaStream_t);
INSTANTIATE(__half)
INSTANTIATE(__nv_bfloat16)
