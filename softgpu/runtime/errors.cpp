// SPDX-License-Identifier: MIT
#include "runtime/errors.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <iterator>

namespace softgpu::runtime {
namespace {

struct Named {
  int code;
  const char* name;
  const char* text;
};

// Ascending by code, as generated.
constexpr Named kErrors[] = {
#define SOFTGPU_ERROR(name, text) {name, #name, text},
#if CUDART_VERSION >= 13000
#include "runtime/generated/errors_13.inc"
#else
#include "runtime/generated/errors_12.inc"
#endif
#undef SOFTGPU_ERROR
};

const Named* find(int code) {
  const auto it = std::lower_bound(std::begin(kErrors), std::end(kErrors), code,
                                   [](const Named& n, int c) { return n.code < c; });
  return it != std::end(kErrors) && it->code == code ? it : nullptr;
}

thread_local cudaError_t t_last_error = cudaSuccess;

}  // namespace

cudaError_t to_error(CUresult result) {
  return find(static_cast<int>(result)) ? static_cast<cudaError_t>(result) : cudaErrorUnknown;
}

cudaError_t record(cudaError_t error) {
  if (error != cudaSuccess) t_last_error = error;
  return error;
}

// For unsupported.cpp, which declares it.
int not_supported(const char* function, std::atomic_flag& said) noexcept;
int not_supported(const char* function, std::atomic_flag& said) noexcept {
  if (!said.test_and_set()) std::fprintf(stderr, "softgpu: %s is not supported\n", function);
  return record(cudaErrorNotSupported);
}

}  // namespace softgpu::runtime

using namespace softgpu::runtime;

cudaError_t cudaGetLastError() {
  const cudaError_t error = t_last_error;
  t_last_error = cudaSuccess;
  return error;
}

cudaError_t cudaPeekAtLastError() {
  return t_last_error;
}

const char* cudaGetErrorName(cudaError_t error) {
  const Named* const named = find(error);
  return named ? named->name : "unrecognized error code";
}

const char* cudaGetErrorString(cudaError_t error) {
  const Named* const named = find(error);
  return named ? named->text : "unrecognized error code";
}
