// SPDX-License-Identifier: MIT
// What image_fatbin_test and image_ptx_nvcc_test read: nvcc's own words for most things that PTX
// has.
#include <cooperative_groups.h>
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <mma.h>
#include <cstdio>

struct Unaligned {
  char tag;
  int* where;
};

__device__ int counter;
__device__ const char* message = "hello";
__device__ Unaligned record = {1, &counter};
__constant__ float table[4] = {1.0f, 2.0f, 3.0f, 4.0f};
__managed__ int shared_with_host = 3;

typedef float (*Unary)(float);
__device__ float plus_one(float x) {
  return x + 1.0f;
}
__device__ float square(float x) {
  return x * x;
}
__device__ Unary unary_functions[2] = {plus_one, square};

__device__ __noinline__ float recurse(float x, int n) {
  return n > 0 ? recurse(x * 2.0f, n - 1) + 1.0f : x;
}

extern "C" __global__ void axpy(float a, const float* x, float* y, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = a * x[i] + y[i];
}

extern "C" __global__ void __launch_bounds__(256, 2)
    everything(float* out, const __half* in, int n, Unaligned by_value) {
  __shared__ float tile[256];
  extern __shared__ char dynamic[];
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  tile[threadIdx.x] = i < n ? out[i] : 0.0f;
  __syncthreads();
  if (i < n) {
    out[i] = tile[255 - threadIdx.x] + __half2float(in[i]) + recurse(out[i], 3) + table[i & 3] +
             unary_functions[i & 1](out[i]);
    atomicAdd(&counter, 1);
    dynamic[i] = by_value.tag;
  }
  printf("%d %f\n", i, out[i]);
  int* heap = static_cast<int*>(malloc(16));
  heap[0] = i;
  *by_value.where = heap[0];
  switch (i % 9) {
    case 0:
      out[0] = 1;
      break;
    case 1:
      out[1] = 2;
      break;
    case 2:
      out[5] = 3;
      break;
    case 3:
      out[3] = 4;
      break;
    case 4:
      out[8] = 8;
      break;
    case 5:
      out[i] = 3;
      break;
    case 6:
      out[i + 1] = 2;
      break;
  }
  out[i] = __shfl_xor_sync(~0u, out[i], 1);
  const double wide = out[i];
  out[i + 2] = static_cast<float>(sin(wide));
  asm volatile("{ .reg .pred p; setp.ne.u32 p, %1, 0; @p mov.u32 %0, 5; }"
               : "=r"(heap[1])
               : "r"(n));
  free(heap);
}

extern "C" __global__ void vectors(float4* x, double* y) {
  double local[40];
  for (int i = 0; i < 40; ++i) local[(i * 7) % 40] = y[i];
  float4 v = x[threadIdx.x];
  v.x += static_cast<float>(local[threadIdx.x]);
  x[threadIdx.x] = v;
  if (v.x > 3.0f) __trap();
}

extern "C" __global__ void matrices(const __half* a, const __half* b, float* c) {
  using namespace nvcuda;
  wmma::fragment<wmma::matrix_a, 16, 16, 16, __half, wmma::row_major> fa;
  wmma::fragment<wmma::matrix_b, 16, 16, 16, __half, wmma::col_major> fb;
  wmma::fragment<wmma::accumulator, 16, 16, 16, float> fc;
  wmma::fill_fragment(fc, 0.0f);
  wmma::load_matrix_sync(fa, a, 16);
  wmma::load_matrix_sync(fb, b, 16);
  wmma::mma_sync(fc, fa, fb, fc);
  wmma::store_matrix_sync(c, fc, 16, wmma::mem_row_major);
}

extern "C" __global__ void textures(cudaTextureObject_t texture, cudaSurfaceObject_t surface,
                                    float* out) {
  const float4 v = tex2D<float4>(texture, 0.5f, 0.25f);
  out[threadIdx.x] = v.x + tex1Dfetch<float>(texture, threadIdx.x);
  surf2Dwrite(v.y, surface, threadIdx.x * 4, 0);
}

extern "C" __global__ void groups(int* out, __nv_bfloat16* half_out) {
  namespace cg = cooperative_groups;
  auto warp = cg::tiled_partition<32>(cg::this_thread_block());
  int sum = threadIdx.x;
  for (int step = warp.size() / 2; step > 0; step /= 2) sum += warp.shfl_down(sum, step);
  if (warp.thread_rank() == 0) atomicMax(out, sum);
  half_out[threadIdx.x] = __float2bfloat16(static_cast<float>(__popc(__ballot_sync(~0u, sum > 3))));
  cg::this_grid().sync();
}
