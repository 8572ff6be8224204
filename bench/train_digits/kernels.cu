// SPDX-License-Identifier: MIT
// Every kernel of the trainer. One thread makes one element of the output; matrices are row-major
// without padding.
//
//   x [m][k]   activations of a layer (rows = samples)     w [k][n]   weights
//   y [m][n]   what the layer makes of them                g…         gradients of the loss
//
// Only the activations of the hidden layers have two precisions: __half is what is trained, float
// is the reference to compare with. Sums, weights, logits, gradients and optimiser state are float
// in both. That is the common recipe, and its weak point is the narrowing store of an activation:
// what exceeds 65,504 becomes +Inf in __half. From there Inf - Inf or Inf * 0 in the next layer
// makes NaN, the loss is NaN, and one optimiser step later every weight is.
#include <cuda_fp16.h>

namespace {

__device__ float widen(float value) {
  return value;
}
__device__ float widen(__half value) {
  return __half2float(value);
}
__device__ void narrow(float value, float* out) {
  *out = value;
}
__device__ void narrow(float value, __half* out) {
  *out = __float2half(value);
}

// A NaN stays a NaN: the comparison is false for it.
__device__ float relu(float value) {
  return value < 0.0f ? 0.0f : value;
}

template <typename T>
__device__ float row_times_column(const T* x, const float* w, int row, int col, int n, int k) {
  float sum = 0.0f;
  for (int i = 0; i < k; ++i) sum += widen(x[row * k + i]) * w[i * n + col];
  return sum;
}

template <typename T>
__device__ void gemm_bias_relu(const T* x, const float* w, const float* bias, T* y, int m, int n,
                               int k) {
  int col = blockIdx.x * blockDim.x + threadIdx.x;
  int row = blockIdx.y * blockDim.y + threadIdx.y;
  if (row < m && col < n) {
    narrow(relu(row_times_column(x, w, row, col, n, k) + bias[col]), &y[row * n + col]);
  }
}

template <typename T>
__device__ void gemm_bias(const T* x, const float* w, const float* bias, float* y, int m, int n,
                          int k) {
  int col = blockIdx.x * blockDim.x + threadIdx.x;
  int row = blockIdx.y * blockDim.y + threadIdx.y;
  if (row < m && col < n) y[row * n + col] = row_times_column(x, w, row, col, n, k) + bias[col];
}

// gw[i][j] = sum over samples of x[s][i] * gy[s][j]
template <typename T>
__device__ void gemm_weight_grad(const T* x, const float* gy, float* gw, int m, int n, int k) {
  int col = blockIdx.x * blockDim.x + threadIdx.x;
  int row = blockIdx.y * blockDim.y + threadIdx.y;
  if (row < k && col < n) {
    float sum = 0.0f;
    for (int s = 0; s < m; ++s) sum += widen(x[s * k + row]) * gy[s * n + col];
    gw[row * n + col] = sum;
  }
}

// gx = gy * transpose(w), and back through the ReLU that made x.
template <typename T>
__device__ void gemm_relu_grad(const float* gy, const float* w, const T* x, float* gx, int m, int n,
                               int k) {
  int col = blockIdx.x * blockDim.x + threadIdx.x;
  int row = blockIdx.y * blockDim.y + threadIdx.y;
  if (row < m && col < k) {
    float sum = 0.0f;
    for (int j = 0; j < n; ++j) sum += gy[row * n + j] * w[col * n + j];
    gx[row * k + col] = widen(x[row * k + col]) <= 0.0f ? 0.0f : sum;
  }
}

// The largest logit of a row; NaN if the row holds one, so that a broken row cannot look like a
// healthy one.
__device__ float row_maximum(const float* row, int n) {
  float top = row[0];
  for (int j = 1; j < n; ++j) top = row[j] <= top ? top : row[j];
  return top;
}

__device__ float sum_of_exponentials(const float* row, int n, float top, float scale) {
  float sum = 0.0f;
  for (int j = 0; j < n; ++j) sum += expf((row[j] - top) * scale);
  return sum;
}

}  // namespace

#define LAYER_KERNELS(suffix, T)                                                                  \
  extern "C" __global__ void gemm_bias_relu_##suffix(                                             \
      const T* x, const float* w, const float* bias, T* y, int m, int n, int k) {                 \
    gemm_bias_relu(x, w, bias, y, m, n, k);                                                       \
  }                                                                                               \
  extern "C" __global__ void gemm_bias_logits_##suffix(                                           \
      const T* x, const float* w, const float* bias, float* y, int m, int n, int k) {             \
    gemm_bias(x, w, bias, y, m, n, k);                                                            \
  }                                                                                               \
  extern "C" __global__ void gemm_weight_grad_##suffix(const T* x, const float* gy, float* gw,    \
                                                       int m, int n, int k) {                     \
    gemm_weight_grad(x, gy, gw, m, n, k);                                                         \
  }                                                                                               \
  extern "C" __global__ void gemm_relu_grad_##suffix(const float* gy, const float* w, const T* x, \
                                                     float* gx, int m, int n, int k) {            \
    gemm_relu_grad(gy, w, x, gx, m, n, k);                                                        \
  }
LAYER_KERNELS(f16, __half)
LAYER_KERNELS(f32, float)
#undef LAYER_KERNELS

// loss[s] = -log softmax(scale * logits[s])[label[s]]
extern "C" __global__ void softmax_cross_entropy(const float* logits, const int* labels,
                                                 float* loss, int m, int n, float scale) {
  int row = blockIdx.x * blockDim.x + threadIdx.x;
  if (row < m) {
    const float* z = logits + row * n;
    float top = row_maximum(z, n);
    loss[row] = logf(sum_of_exponentials(z, n, top, scale)) - (z[labels[row]] - top) * scale;
  }
}

// Gradient of the mean loss by the logits.
extern "C" __global__ void softmax_cross_entropy_grad(const float* logits, const int* labels,
                                                      float* grad, int m, int n, float scale) {
  int col = blockIdx.x * blockDim.x + threadIdx.x;
  int row = blockIdx.y * blockDim.y + threadIdx.y;
  if (row < m && col < n) {
    const float* z = logits + row * n;
    float top = row_maximum(z, n);
    float probability = expf((z[col] - top) * scale) / sum_of_exponentials(z, n, top, scale);
    float target = labels[row] == col ? 1.0f : 0.0f;
    grad[row * n + col] = (probability - target) * scale / m;
  }
}

extern "C" __global__ void bias_grad(const float* gy, float* gb, int m, int n) {
  int col = blockIdx.x * blockDim.x + threadIdx.x;
  if (col < n) {
    float sum = 0.0f;
    for (int s = 0; s < m; ++s) sum += gy[s * n + col];
    gb[col] = sum;
  }
}

// Adam (Kingma and Ba 2015), in place. `rate` has the bias correction of the first moment in it,
// `correction2` is 1 / (1 - beta2^t).
extern "C" __global__ void adam(float* weights, float* m, float* v, const float* grad, int count,
                                float rate, float beta1, float beta2, float correction2,
                                float epsilon) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) {
    float g = grad[i];
    float first = beta1 * m[i] + (1.0f - beta1) * g;
    float second = beta2 * v[i] + (1.0f - beta2) * g * g;
    m[i] = first;
    v[i] = second;
    weights[i] -= rate * first / (sqrtf(second * correction2) + epsilon);
  }
}
