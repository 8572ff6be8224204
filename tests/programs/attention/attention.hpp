// SPDX-License-Identifier: MIT
// Attention, softmax(scale * Q K^T + mask) V, without ever storing the scores (Dao et al. 2022).
//
//   Attention<__half> attention{.batch = 2, .heads = 4, .queries = 128, .keys = 128, .width = 64,
//                               .causal = true, .q = ..., .k = ..., .v = ..., .lengths = nullptr,
//                               .out = ..., .lse = ...};
//   CHECK_CUDA(forward(attention, stream));
//
// q, out: [batch][heads][queries][width]; k, v: [batch][heads][keys][width]; lse, the logarithm of
// each row's sum, [batch][heads][queries] in fp32. lengths, or null: how many keys of each batch
// exist. causal: query i sees keys up to i + keys - queries, so with fewer keys than queries the
// first rows see none. A row that sees no key has out 0 and lse -infinity.
//
// careless: leaves that case out, as kernels do until somebody pads a batch: such rows become NaN.
//
// width is 64 or 128, T __half or __nv_bfloat16. All pointers are device memory of the caller's.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

template <typename T>
struct Attention {
  int batch, heads, queries, keys, width;
  bool causal, careless;
  const T *q, *k, *v;
  const int* lengths;
  T* out;
  float* lse;
};

// Gradients of sum(out * out_gradient), in fp32. `products` is scratch: [batch][heads][queries].
template <typename T>
struct Gradients {
  const T* out_gradient;
  float *q, *k, *v, *products;
};

template <typename T>
cudaError_t forward(const Attention<T>& attention, cudaStream_t stream);
template <typename T>
cudaError_t backward(const Attention<T>& attention, const Gradients<T>& gradients,
                     cudaStream_t stream);
