// SPDX-License-Identifier: MIT
// The exported functions. Each calls the function of this library that has its name (cuda_api.hpp),
// and reports the call if a tool listens.
//
//   cuMemAlloc_v2 ── nobody listens ──────────────► softgpu_cuMemAlloc_v2
//         └── traced_cuMemAlloc_v2: tells, calls, tells ──► the same
//
// A function that nobody wrote has the fallback of unsupported.cpp as its softgpu_ twin. Its entry
// point is weak, so that the built library itself says what is missing: nm -D libcuda.so.1 shows W
// for it and T for the others. Which they are is read out of the compiled objects
// (weak_entries.py).
#define SOFTGPU_EXPORTED_NAMES
#include "driver/cuda_api.hpp"
#include "driver/trace/call.hpp"
#include "softgpu_weak_entries.inc"

namespace {

using softgpu::driver::Call;

// The arguments in one structure are what generated_cuda_meta.h of CUPTI declares as cuX_params
// (softgpu/cupti/parameters.cpp holds the two together).
template <typename Parameters>
const void* address_of(const Parameters& parameters) {
  return std::is_empty_v<Parameters> ? nullptr : &parameters;
}

// Of launches alone a parameter is a CUfunction named f.
template <typename Parameters>
CUfunction launched_by(const Parameters& parameters) {
  if constexpr (requires { parameters.f; })
    return parameters.f;
  else
    return nullptr;
}

}  // namespace

#define SOFTGPU_UNWRAPPED(...) __VA_ARGS__
#define SOFTGPU_ENTRY(name, id, declared, passed, ...)                     \
  __attribute__((noinline, cold)) static CUresult traced_##name declared { \
    const struct { __VA_ARGS__ } parameters = {SOFTGPU_UNWRAPPED passed};  \
    Call call(id, #name, address_of(parameters), launched_by(parameters)); \
    return call.finish(softgpu_##name passed);                             \
  }                                                                        \
  CUresult name declared {                                                 \
    if (softgpu::driver::tracing()) [[unlikely]]                           \
      return traced_##name passed;                                         \
    return softgpu_##name passed;                                          \
  }
#include "driver/generated/entry_points.inc"
#undef SOFTGPU_ENTRY
