// SPDX-License-Identifier: MIT
#include "driver/variants.hpp"

#include <type_traits>

// The addresses are those of the exported functions.
#define SOFTGPU_EXPORTED_NAMES
#include "driver/cuda_api.hpp"

#pragma GCC visibility push(default)
#include <cudaProfilerTypedefs.h>
#include <cudaTypedefs.h>
#pragma GCC visibility pop

namespace softgpu::driver {
namespace {

#define SOFTGPU_VARIANT(base, version, per_thread, symbol, typedef_) \
  static_assert(std::is_same_v<decltype(&symbol), typedef_>,         \
                #symbol " does not have the type of " #typedef_);
#include "driver/generated/variants.inc"
#undef SOFTGPU_VARIANT

const Variant kVariants[] = {
#define SOFTGPU_VARIANT(base, version, per_thread, symbol, typedef_) \
  {base, version, per_thread, reinterpret_cast<void*>(&symbol)},
#include "driver/generated/variants.inc"
#undef SOFTGPU_VARIANT
};

}  // namespace

std::span<const Variant> variants() {
  return kVariants;
}

}  // namespace softgpu::driver
