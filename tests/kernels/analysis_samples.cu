// SPDX-License-Identifier: MIT
// Kernels in the shapes people write them, for the tests of src/analyze: compiled to PTX
// (compute_75, compute_90) at build time, never run on a GPU. What each must be found to do stands
// in tests/unit/analyze_*.cpp. extern "C" keeps the names readable there.
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <math_constants.h>

#define GLOBAL_INDEX (blockIdx.x * blockDim.x + threadIdx.x)

extern "C" {

// ---- one element per thread
// ------------------------------------------------------------------------------------

__global__ void add_f32(float* out, const float* a, const float* b, int n) {
  int i = GLOBAL_INDEX;
  if (i < n) out[i] = a[i] + b[i];
}

__global__ void add_early_return(float* out, const float* a, const float* b, int n) {
  int i = GLOBAL_INDEX;
  if (i >= n) return;
  out[i] = a[i] / b[i];
}

__global__ void add_unsigned(float* out, const float* a, unsigned n) {
  unsigned i = GLOBAL_INDEX;
  if (i < n) out[i] = a[i] + 1.0f;
}

__global__ void add_size_t(float* out, const float* a, size_t n) {
  size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = a[i] * 2.0f;
}

__global__ void add_unguarded(double* out, const double* a) {
  int i = GLOBAL_INDEX;
  out[i] = a[i] * 2.0 + 1.0;
}

__global__ void range_guard(float* out, const float* a, int first, int last) {
  int i = GLOBAL_INDEX;
  if (i >= first && i < last) out[i] = a[i] + 1.0f;
}

__global__ void bias_relu_f16(__half* out, const __half* in, const float* bias, int rows,
                              int columns) {
  int i = GLOBAL_INDEX;
  if (i >= rows * columns) return;
  float v = __half2float(in[i]) + bias[i % columns];
  out[i] = __float2half(fmaxf(v, 0.0f));
}

__global__ void scale_bf16(__nv_bfloat16* out, const __nv_bfloat16* in, float scale, int n) {
  int i = GLOBAL_INDEX;
  if (i < n) out[i] = __float2bfloat16(__bfloat162float(in[i]) * scale);
}

__global__ void mul_half2(__half2* out, const __half2* a, int n) {
  int i = GLOBAL_INDEX;
  if (i < n) out[i] = __hmul2(a[i], a[i]);
}

__global__ void exp_in_place(float* x, int n) {
  int i = GLOBAL_INDEX;
  if (i < n) x[i] = expf(x[i]);
}

// ---- vectors and several elements per thread
// ---------------------------------------------------------------------

__global__ void vector4(float4* out, const float4* in, int n4) {
  int i = GLOBAL_INDEX;
  if (i >= n4) return;
  float4 v = in[i];
  v.x *= 2;
  v.y += 1;
  v.z -= 3;
  v.w *= v.w;
  out[i] = v;
}

__global__ void vector_half8(uint4* out, const uint4* in, int n8) {
  int i = GLOBAL_INDEX;
  if (i >= n8) return;
  uint4 v = in[i];
  __half2* h = reinterpret_cast<__half2*>(&v);
  for (int k = 0; k < 4; k++) h[k] = __hmul2(h[k], h[k]);
  out[i] = v;
}

__global__ void unrolled4(float* out, const float* in, int n) {
  int base = GLOBAL_INDEX * 4;
  if (base + 3 < n) {
    for (int k = 0; k < 4; k++) out[base + k] = in[base + k] * 3.0f;
  }
}

// ---- two and three dimensions
// ------------------------------------------------------------------------------------

__global__ void grid2d(float* out, const float* in, int rows, int columns) {
  int c = blockIdx.x * blockDim.x + threadIdx.x;
  int r = blockIdx.y * blockDim.y + threadIdx.y;
  if (r < rows && c < columns) out[r * columns + c] = in[r * columns + c] + 1.0f;
}

__global__ void grid2d_pitch(float* out, const float* in, int rows, int columns, int pitch) {
  int c = blockIdx.x * blockDim.x + threadIdx.x;
  int r = blockIdx.y * blockDim.y + threadIdx.y;
  if (r >= rows || c >= columns) return;
  out[r * pitch + c] = in[r * pitch + c] + 1.0f;
}

__global__ void grid3d(float* out, const float* in, int nx, int ny, int nz) {
  int x = blockIdx.x * blockDim.x + threadIdx.x;
  int y = blockIdx.y * blockDim.y + threadIdx.y;
  int z = blockIdx.z * blockDim.z + threadIdx.z;
  if (x < nx && y < ny && z < nz) out[(z * ny + y) * nx + x] = in[(z * ny + y) * nx + x] * 0.5f;
}

__global__ void transpose(float* out, const float* in, int rows, int columns) {
  int c = blockIdx.x * blockDim.x + threadIdx.x;
  int r = blockIdx.y * blockDim.y + threadIdx.y;
  if (r < rows && c < columns) out[c * rows + r] = in[r * columns + c] * 2.0f;
}

__global__ void every_third(float* out, const float* in, int n) {
  int i = GLOBAL_INDEX;
  if (i < n) out[i * 3 + 1] = in[i] - 1.0f;
}

// ---- matrix products
// ---------------------------------------------------------------------------------------------

__global__ void gemm_naive(float* C, const float* A, const float* B, int M, int N, int K) {
  int col = blockIdx.x * blockDim.x + threadIdx.x;
  int row = blockIdx.y * blockDim.y + threadIdx.y;
  if (row < M && col < N) {
    float sum = 0.0f;
    for (int k = 0; k < K; k++) sum += A[row * K + k] * B[k * N + col];
    C[row * N + col] = sum;
  }
}

__global__ void gemm_tiled(float* C, const float* A, const float* B, int M, int N, int K) {
  __shared__ float as[16][16], bs[16][16];
  int row = blockIdx.y * 16 + threadIdx.y, col = blockIdx.x * 16 + threadIdx.x;
  float sum = 0.0f;
  for (int t = 0; t < K; t += 16) {
    as[threadIdx.y][threadIdx.x] =
        row < M && t + threadIdx.x < K ? A[row * K + t + threadIdx.x] : 0.0f;
    bs[threadIdx.y][threadIdx.x] =
        col < N && t + threadIdx.y < K ? B[(t + threadIdx.y) * N + col] : 0.0f;
    __syncthreads();
    for (int k = 0; k < 16; k++) sum += as[threadIdx.y][k] * bs[k][threadIdx.x];
    __syncthreads();
  }
  if (row < M && col < N) C[row * N + col] = sum;
}

__global__ void gemm_f16(__half* C, const __half* A, const __half* B, const float* bias, int M,
                         int N, int K) {
  int col = blockIdx.x * blockDim.x + threadIdx.x;
  int row = blockIdx.y * blockDim.y + threadIdx.y;
  if (row >= M || col >= N) return;
  float sum = bias[col];
  for (int k = 0; k < K; k++) sum += __half2float(A[row * K + k]) * __half2float(B[k * N + col]);
  C[row * N + col] = __float2half(sum > 0.0f ? sum : 0.0f);
}

// ---- one row per block
// -------------------------------------------------------------------------------------------

__global__ void softmax_row(float* out, const float* in, int n) {
  const float* x = in + (size_t)blockIdx.x * n;
  float m = -CUDART_INF_F;
  for (int i = threadIdx.x; i < n; i += 32) m = fmaxf(m, x[i]);
  for (int k = 16; k; k >>= 1) m = fmaxf(m, __shfl_xor_sync(~0u, m, k));
  float sum = 0.0f;
  for (int i = threadIdx.x; i < n; i += 32) sum += __expf(x[i] - m);
  for (int k = 16; k; k >>= 1) sum += __shfl_xor_sync(~0u, sum, k);
  for (int i = threadIdx.x; i < n; i += 32)
    out[(size_t)blockIdx.x * n + i] = __expf(x[i] - m) / sum;
}

__global__ void softmax_per_thread(float* out, const float* in, int rows, int n) {
  int r = GLOBAL_INDEX;
  if (r >= rows) return;
  float m = in[r * n];
  for (int i = 1; i < n; i++) m = fmaxf(m, in[r * n + i]);
  float sum = 0.0f;
  for (int i = 0; i < n; i++) sum += __expf(in[r * n + i] - m);
  for (int i = 0; i < n; i++) out[r * n + i] = __expf(in[r * n + i] - m) / sum;
}

__global__ void layernorm_row(float* out, const float* in, const float* gamma, const float* beta,
                              int n, float eps) {
  __shared__ float total[2];
  int row = blockIdx.x, i = threadIdx.x;
  if (i < 2) total[i] = 0.0f;
  __syncthreads();
  float x = in[row * n + i];
  atomicAdd(&total[0], x);
  atomicAdd(&total[1], x * x);
  __syncthreads();
  float mean = total[0] / n, variance = total[1] / n - mean * mean;
  out[row * n + i] = (x - mean) * rsqrtf(variance + eps) * gamma[i] + beta[i];
}

__global__ void sum_per_block(float* out, const float* in, int n) {
  __shared__ float s[256];
  float v = 0.0f;
  for (int i = GLOBAL_INDEX; i < n; i += gridDim.x * blockDim.x) v += in[i];
  s[threadIdx.x] = v;
  __syncthreads();
  for (int k = 128; k > 0; k >>= 1) {
    if (threadIdx.x < k) s[threadIdx.x] += s[threadIdx.x + k];
    __syncthreads();
  }
  if (threadIdx.x == 0) out[blockIdx.x] = s[0];
}

__global__ void one_result(float* out, const float* in) {
  if (blockIdx.x == 0 && threadIdx.x == 0) *out = sqrtf(in[0]);
}

__global__ void warp_leader(float* out, const float* in) {
  float v = in[GLOBAL_INDEX];
  for (int k = 16; k; k >>= 1) v += __shfl_xor_sync(~0u, v, k);
  if ((threadIdx.x & 31) == 0) out[GLOBAL_INDEX >> 5] = v;
}

// ---- optimisers
// --------------------------------------------------------------------------------------------------

__global__ void adam(float* w, float* m, float* v, const float* g, float lr, float b1, float b2,
                     float eps, float c1, float c2, int n) {
  int i = GLOBAL_INDEX;
  if (i >= n) return;
  float grad = g[i];
  float mi = b1 * m[i] + (1.0f - b1) * grad;
  float vi = b2 * v[i] + (1.0f - b2) * grad * grad;
  m[i] = mi;
  v[i] = vi;
  w[i] -= lr * (mi / c1) / (sqrtf(vi / c2) + eps);
}

__global__ void sgd(float* w, const float* g, float lr, int n) {
  int i = GLOBAL_INDEX;
  if (i < n) w[i] -= lr * g[i];
}

// ---- loops
// -------------------------------------------------------------------------------------------------------

__global__ void grid_stride(float* out, const float* in, int n) {
  for (int i = GLOBAL_INDEX; i < n; i += gridDim.x * blockDim.x) out[i] = in[i] * in[i];
}

__global__ void grid_stride_size_t(float* out, const float* in, size_t n) {
  for (size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x; i < n;
       i += (size_t)gridDim.x * blockDim.x)
    out[i] = in[i] * in[i];
}

// ---- parameters by value
// -----------------------------------------------------------------------------------------

struct View {
  int n;
  float* out;
  const float* in;
  __half* half_out;
};

__global__ void by_value(View v) {
  int i = GLOBAL_INDEX;
  if (i >= v.n) return;
  float x = v.in[i] * 2.0f;
  v.out[i] = x;
  v.half_out[i] = __float2half(x);
}

struct Table {
  float* pointer[8];
  int n[8];
};

__global__ void table_static(Table t, float x) {
  int i = threadIdx.x;
  if (i < t.n[2]) t.pointer[2][i] = x * 2.0f;
}

__global__ void table_dynamic(Table t, float x) {
  int b = blockIdx.x, i = threadIdx.x;
  if (i < t.n[b]) t.pointer[b][i] = x * 2.0f;
}

// ---- what cannot be told: must be said
// ----------------------------------------------------------------------------

__global__ void pointer_to_pointer(float** out, const float* in) {
  out[blockIdx.x][threadIdx.x] = in[threadIdx.x] * 2.0f;
}

__global__ void scatter(float* out, const float* in, const int* index, int n) {
  int i = GLOBAL_INDEX;
  if (i < n) out[index[i]] = in[i] * 2.0f;
}

__global__ void data_dependent(float* out, const float* in, int n) {
  int i = GLOBAL_INDEX;
  if (i < n && in[i] > 0.0f) out[i] = sqrtf(in[i]);
}

__global__ void either_buffer(float* a, float* b, const float* in) {
  float* p = (threadIdx.x & 1) ? a : b;
  p[threadIdx.x] = in[threadIdx.x] + 1.0f;
}

__global__ void shared_or_global(float* out, const float* in, int k) {
  __shared__ float s[256];
  float* p = k ? out : s;
  p[threadIdx.x] = in[threadIdx.x] + 1.0f;
  __syncthreads();
  if (!k) out[threadIdx.x] = s[threadIdx.x ^ 1];
}

__device__ float module_buffer[1024];
__global__ void module_variable(const float* in) {
  module_buffer[threadIdx.x] = in[threadIdx.x] * 2.0f;
}

__device__ __noinline__ void store_twice(float* p, float v) {
  *p = v * 2.0f;
}
__global__ void calls_a_function(float* out, const float* in, int n) {
  int i = GLOBAL_INDEX;
  if (i < n) store_twice(out + i, in[i]);
}

typedef float (*Function)(float);
__device__ float function_a(float x) {
  return x + 1;
}
__device__ float function_b(float x) {
  return x * 2;
}
__device__ Function functions[2] = {function_a, function_b};
__global__ void calls_through_table(float* out, const float* in, int k) {
  out[threadIdx.x] = functions[k](in[threadIdx.x]);
}

__global__ void prints(float* out, const float* in, int n) {
  int i = GLOBAL_INDEX;
  if (i >= n) return;
  out[i] = in[i] * 2.0f;
  if (in[i] < 0) printf("negative %d\n", i);
}

// ---- atomics, order
// ------------------------------------------------------------------------------------------------

__global__ void atomic_histogram(int* out, const int* in, int n) {
  int i = GLOBAL_INDEX;
  if (i < n) atomicAdd(&out[in[i] & 255], 1);
}

__global__ void atomic_sum(float* out, const float* in, int n) {
  int i = GLOBAL_INDEX;
  if (i < n) atomicAdd(out, in[i]);
}

__global__ void publishes_flag(float* out, const float* in, volatile int* flag) {
  out[threadIdx.x] = in[threadIdx.x] * 2.0f;
  __threadfence_system();
  if (threadIdx.x == 0) *flag = 1;
}

// ---- types
// -------------------------------------------------------------------------------------------------------

__global__ void write_int(int* out, const int* in, int n) {
  int i = GLOBAL_INDEX;
  if (i < n) out[i] = in[i] * 3 + 7;
}

__global__ void copy_f32(float* out, const float* in, int n) {
  int i = GLOBAL_INDEX;
  if (i < n) out[i] = in[i];
}

__global__ void copy_u32(unsigned* out, const unsigned* in, int n) {
  int i = GLOBAL_INDEX;
  if (i < n) out[i] = in[i];
}

__global__ void bits_to_float(float* out, const unsigned* in, int n) {
  int i = GLOBAL_INDEX;
  if (i < n) out[i] = __uint_as_float((in[i] >> 9) | 0x3f800000) - 1.0f;
}

__global__ void float_bits_made(float* out, const unsigned* in, int n) {
  int i = GLOBAL_INDEX;
  if (i < n) out[i] = __uint_as_float(in[i] * 3 + 1);
}

__global__ void packed_halves(unsigned* out, const float* in, int n) {
  int i = GLOBAL_INDEX;
  if (i >= n) return;
  __half2 h = __floats2half2_rn(in[2 * i], in[2 * i + 1]);
  out[i] = *reinterpret_cast<unsigned*>(&h);
}

__global__ void four_types(float* f, __half* h, double* d, int* q, const float* in, int n) {
  int i = GLOBAL_INDEX;
  if (i >= n) return;
  float v = in[i] * 2.0f;
  f[i] = v;
  h[i] = __float2half(v);
  d[i] = (double)v;
  q[i] = (int)v;
}

__global__ void integer_division(int* out, const int* in, int d, int n) {
  int i = GLOBAL_INDEX;
  if (i < n) out[i] = in[i] / d;
}

// ---- intent
// ------------------------------------------------------------------------------------------------------

__global__ void fill_minus_inf(float* out, int n) {
  int i = GLOBAL_INDEX;
  if (i < n) out[i] = -CUDART_INF_F;
}

__global__ void fill_value(float* out, float value, int n) {
  int i = GLOBAL_INDEX;
  if (i < n) out[i] = value;
}

__global__ void mask_scores(float* out, const float* in, const unsigned char* mask, float scale,
                            int n) {
  int i = GLOBAL_INDEX;
  if (i < n) out[i] = mask[i] ? -CUDART_INF_F : in[i] * scale;
}

__global__ void running_max(float* out, const float* in, int rows, int n) {
  int r = GLOBAL_INDEX;
  if (r >= rows) return;
  float m = -CUDART_INF_F;
  for (int i = 0; i < n; i++) m = fmaxf(m, in[r * n + i]);
  out[r] = m;
}

// ---- both arms
// ---------------------------------------------------------------------------------------------------

__global__ void both_arms(float* out, const float* in, int n) {
  int i = GLOBAL_INDEX;
  if (i >= n) return;
  float x = in[i];
  if (x > 0.0f) {
    out[i] = logf(x);
    __threadfence_block();
  } else {
    out[i] = -x * 2.0f;
  }
}

__global__ void switch_value(float* out, const float* in, int op, int n) {
  int i = GLOBAL_INDEX;
  if (i >= n) return;
  float x = in[i], r;
  switch (op) {
    case 0:
      r = x + 1;
      break;
    case 1:
      r = x * 2;
      break;
    case 2:
      r = expf(x);
      break;
    case 3:
      r = logf(x);
      break;
    case 4:
      r = sinf(x);
      break;
    case 5:
      r = 1 / x;
      break;
    default:
      r = x * x;
  }
  out[i] = r;
}
}
