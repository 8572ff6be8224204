// SPDX-License-Identifier: MIT
#include "driver/cuda_api.hpp"

namespace {

struct ErrorText {
  CUresult code;
  const char* name;
  const char* text;
};
constexpr ErrorText kErrors[] = {
#define SOFTGPU_ERROR(name, text) {name, #name, text},
#include "driver/generated/errors.inc"
#undef SOFTGPU_ERROR
};

CUresult look_up(CUresult code, const char** out, const char* ErrorText::*field) {
  if (!out) return CUDA_ERROR_INVALID_VALUE;
  *out = nullptr;
  for (const ErrorText& e : kErrors) {
    if (e.code != code) continue;
    *out = e.*field;
    return CUDA_SUCCESS;
  }
  return CUDA_ERROR_INVALID_VALUE;
}

}  // namespace

CUresult cuGetErrorName(CUresult code, const char** out) {
  return look_up(code, out, &ErrorText::name);
}
CUresult cuGetErrorString(CUresult code, const char** out) {
  return look_up(code, out, &ErrorText::text);
}
