// SPDX-License-Identifier: MIT
// cuGetProcAddress: which spelling of a function does a caller mean?
//
// The caller gives the base name, the CUDA version whose prototype it was compiled for, and whether
// it wants the per-thread default stream. The answer is the newest variant that is not newer than
// that version: cuCtxCreate asked at 12000 has two arguments fewer than at 13000, so answering "the
// newest" would hand out a wrong ABI. Where a function has no per-thread twin old enough, the
// legacy one is meant.
#include <algorithm>
#include <cstring>
#include <string_view>

#include "driver/cuda_api.hpp"
#include "driver/driver_state.hpp"
#include "driver/variants.hpp"

namespace {

CUresult look_up(const char* symbol, void** out, int version, cuuint64_t flags,
                 CUdriverProcAddressQueryResult* status) {
  if (!symbol || !out) return CUDA_ERROR_INVALID_VALUE;
  *out = nullptr;
  if (version > softgpu::driver::kDriverVersion) return CUDA_ERROR_INVALID_VALUE;
  constexpr cuuint64_t kBoth =
      CU_GET_PROC_ADDRESS_LEGACY_STREAM | CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM;
  if ((flags & ~kBoth) != 0 || flags == kBoth) return CUDA_ERROR_INVALID_VALUE;

  using softgpu::driver::Variant;
  const std::span<const Variant> all = softgpu::driver::variants();
  const auto before = [](const Variant& v, std::string_view name) { return v.base < name; };
  const auto first = std::lower_bound(all.begin(), all.end(), std::string_view(symbol), before);
  const Variant *legacy = nullptr, *per_thread = nullptr;
  bool known = false;
  for (auto v = first; v != all.end() && std::strcmp(v->base, symbol) == 0; ++v) {
    known = true;
    if (v->version <= version) (v->per_thread ? per_thread : legacy) = &*v;
  }
  const bool wants_per_thread = (flags & CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM) != 0;
  const Variant* const chosen = wants_per_thread && per_thread ? per_thread : legacy;
  if (chosen) *out = chosen->address;
  if (status)
    *status = chosen  ? CU_GET_PROC_ADDRESS_SUCCESS
              : known ? CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT
                      : CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND;
  return CUDA_SUCCESS;
}

}  // namespace

// The four-argument ABI of CUDA 11.3 to 11.8. There an unknown name was an error.
CUresult cuGetProcAddress(const char* symbol, void** out, int version, cuuint64_t flags) {
  const CUresult result = look_up(symbol, out, version, flags, nullptr);
  return result == CUDA_SUCCESS && !*out ? CUDA_ERROR_NOT_FOUND : result;
}

CUresult cuGetProcAddress_v2(const char* symbol, void** out, int version, cuuint64_t flags,
                             CUdriverProcAddressQueryResult* status) {
  return look_up(symbol, out, version, flags, status);
}
