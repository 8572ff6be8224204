// SPDX-License-Identifier: MIT
#include "ops/isa.hpp"

#include "matrix.hpp"

namespace softgpu::engine {
namespace {

#define SOFTGPU_LIST(table) rows_##table(),

std::vector<std::span<const Row>> body_rows() {
#if SOFTGPU_HAVE_V3
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
      __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2")) {
    using namespace isa_v3;
    return {SOFTGPU_BODY_TABLES(SOFTGPU_LIST)};
  }
#endif
  using namespace isa_base;
  return {SOFTGPU_BODY_TABLES(SOFTGPU_LIST)};
}
#undef SOFTGPU_LIST

}  // namespace

std::vector<std::span<const Row>> all_rows() {
  std::vector<std::span<const Row>> rows = body_rows();
  for (std::span<const Row> table :
       {rows_memory(), rows_atomics(), rows_control(), rows_warp(), rows_barrier(), rows_hints(),
        rows_moves(), rows_stack(), rows_convert_random(), rows_async_copy(), rows_async_store(),
        rows_mbarrier(), rows_matrix(), rows_matrix_moves(), rows_wmma_moves()}) {
    rows.push_back(table);
  }
  return rows;
}

}  // namespace softgpu::engine
