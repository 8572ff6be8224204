// SPDX-License-Identifier: MIT
// The 16-bit types on the host: narrow<__half>(0.5F) rounds to nearest even, widen(h) is exact.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

namespace program {

template <typename T>
T narrow(float value);
template <>
inline __half narrow<__half>(float value) {
  return __float2half_rn(value);
}
template <>
inline __nv_bfloat16 narrow<__nv_bfloat16>(float value) {
  return __float2bfloat16_rn(value);
}

inline double widen(__half value) {
  return static_cast<double>(__half2float(value));
}
inline double widen(__nv_bfloat16 value) {
  return static_cast<double>(__bfloat162float(value));
}
inline double widen(float value) {
  return static_cast<double>(value);
}

}  // namespace program
