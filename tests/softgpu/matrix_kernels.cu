// SPDX-License-Identifier: MIT
// Matrix kernels as programs write them: wmma through <mma.h>, and ldmatrix with mma.sync through
// shared memory.
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <mma.h>

#include <cstdint>

using namespace nvcuda;

// C = A * B, all row-major, n a multiple of 16. One warp for each tile of 16 x 16.
extern "C" __global__ void wmma_gemm(const half* a, const half* b, float* c, unsigned n) {
  wmma::fragment<wmma::matrix_a, 16, 16, 16, half, wmma::row_major> fa;
  wmma::fragment<wmma::matrix_b, 16, 16, 16, half, wmma::row_major> fb;
  wmma::fragment<wmma::accumulator, 16, 16, 16, float> fc;
  wmma::fill_fragment(fc, 0.0F);
  const unsigned row = blockIdx.y * 16, column = blockIdx.x * 16;
  for (unsigned k = 0; k < n; k += 16) {
    wmma::load_matrix_sync(fa, a + row * n + k, n);
    wmma::load_matrix_sync(fb, b + k * n + column, n);
    wmma::mma_sync(fc, fa, fb, fc);
  }
  for (int i = 0; i < fc.num_elements; ++i) fc.x[i] *= 2.0F;
  wmma::store_matrix_sync(c + row * n + column, fc, n, wmma::mem_row_major);
}

// The same for integers, A by rows, B by columns, staged in shared memory.
extern "C" __global__ void wmma_bytes(const signed char* a, const signed char* b, int* c,
                                      unsigned n) {
  __shared__ __align__(32) signed char sa[256], sb[256];
  wmma::fragment<wmma::matrix_a, 16, 16, 16, signed char, wmma::row_major> fa;
  wmma::fragment<wmma::matrix_b, 16, 16, 16, signed char, wmma::col_major> fb;
  wmma::fragment<wmma::accumulator, 16, 16, 16, int> fc;
  wmma::fill_fragment(fc, 0);
  const unsigned row = blockIdx.y * 16, column = blockIdx.x * 16;
  for (unsigned k = 0; k < n; k += 16) {
    for (unsigned i = threadIdx.x; i < 256; i += 32) {
      sa[i] = a[(row + i / 16) * n + k + i % 16];
      sb[i] = b[(column + i / 16) * n + k + i % 16];
    }
    __syncwarp();
    wmma::load_matrix_sync(fa, sa, 16);
    wmma::load_matrix_sync(fb, sb, 16);
    wmma::mma_sync(fc, fa, fb, fc);
    __syncwarp();
  }
  wmma::store_matrix_sync(c + row * n + column, fc, n, wmma::mem_row_major);
}

extern "C" __global__ void wmma_double(const double* a, const double* b, double* c, unsigned n) {
  wmma::fragment<wmma::matrix_a, 8, 8, 4, double, wmma::row_major> fa;
  wmma::fragment<wmma::matrix_b, 8, 8, 4, double, wmma::col_major> fb;
  wmma::fragment<wmma::accumulator, 8, 8, 4, double> fc;
  wmma::fill_fragment(fc, 0.0);
  const unsigned row = blockIdx.y * 8, column = blockIdx.x * 8;
  for (unsigned k = 0; k < n; k += 4) {
    wmma::load_matrix_sync(fa, a + row * n + k, n);
    wmma::load_matrix_sync(fb, b + column * n + k, n);
    wmma::mma_sync(fc, fa, fb, fc);
  }
  wmma::store_matrix_sync(c + row * n + column, fc, n, wmma::mem_row_major);
}

// C = A * B with ldmatrix and mma.sync: 64 x 64 of C to a block of four warps, k in steps of 32.
// A and B row-major bf16; B goes through ldmatrix.trans.
extern "C" __global__ void mma_gemm(const __nv_bfloat16* a, const __nv_bfloat16* b, float* c,
                                    unsigned n) {
  __shared__ __align__(16) __nv_bfloat16 sa[64][32 + 8], sb[32][64 + 8];
  const unsigned warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const unsigned row = blockIdx.y * 64, column = blockIdx.x * 64;
  float sum[8][4] = {};
  for (unsigned k0 = 0; k0 < n; k0 += 32) {
    for (unsigned i = threadIdx.x; i < 64 * 32; i += 128) {
      sa[i / 32][i % 32] = a[(row + i / 32) * n + k0 + i % 32];
      sb[i / 64][i % 64] = b[(k0 + i / 64) * n + column + i % 64];
    }
    __syncthreads();
    for (unsigned k = 0; k < 32; k += 16) {
      uint32_t fa[4];
      const unsigned from = static_cast<unsigned>(
          __cvta_generic_to_shared(&sa[warp * 16 + lane % 16][k + lane / 16 * 8]));
      asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                   : "=r"(fa[0]), "=r"(fa[1]), "=r"(fa[2]), "=r"(fa[3])
                   : "r"(from));
      for (unsigned j = 0; j < 8; ++j) {
        uint32_t fb[2];
        const unsigned at =
            static_cast<unsigned>(__cvta_generic_to_shared(&sb[k + lane % 16][j * 8]));
        asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0,%1}, [%2];"
                     : "=r"(fb[0]), "=r"(fb[1])
                     : "r"(at));
        asm volatile(
            "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, "
            "{%8,%9}, {%0,%1,%2,%3};"
            : "+f"(sum[j][0]), "+f"(sum[j][1]), "+f"(sum[j][2]), "+f"(sum[j][3])
            : "r"(fa[0]), "r"(fa[1]), "r"(fa[2]), "r"(fa[3]), "r"(fb[0]), "r"(fb[1]));
      }
    }
    __syncthreads();
  }
  for (unsigned j = 0; j < 8; ++j) {
    for (unsigned i = 0; i < 4; ++i) {
      const unsigned r = row + warp * 16 + lane / 4 + i / 2 * 8;
      c[r * n + column + j * 8 + lane % 4 * 2 + i % 2] = sum[j][i];
    }
  }
}
