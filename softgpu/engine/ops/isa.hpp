// SPDX-License-Identifier: MIT
// The bodies of lane-wise opcodes, compiled once per instruction set of the host.
//
// Every file of ops/ that is listed as a body in CMakeLists.txt is compiled several times, each
// time with another -march and another SOFTGPU_ISA (a namespace). Rules for those files, so that
// the linker cannot pick, for a plain x86-64 machine, a function that was compiled with AVX:
//   - everything is in namespace SOFTGPU_ISA or has internal linkage;
//   - no function template of the standard library is instantiated, builtins are used instead;
//   - tables are constant data.
#pragma once

#include <span>
#include <vector>

#include "form.hpp"

#define SOFTGPU_BODY_TABLES(X) \
  X(access)                    \
  X(arith_int)                 \
  X(bits)                      \
  X(carry)                     \
  X(arith_float)               \
  X(packed_f32)                \
  X(minmax)                    \
  X(approx)                    \
  X(half)                      \
  X(compare)                   \
  X(convert_int)               \
  X(convert_float)             \
  X(convert_narrow)            \
  X(matrix_arithmetic)         \
  X(move)

namespace softgpu::engine {

#define SOFTGPU_DECLARE(table) std::span<const Row> rows_##table();
namespace isa_base {
SOFTGPU_BODY_TABLES(SOFTGPU_DECLARE)
}
namespace isa_v3 {
SOFTGPU_BODY_TABLES(SOFTGPU_DECLARE)
}
namespace isa_v4 {
SOFTGPU_BODY_TABLES(SOFTGPU_DECLARE)
}
#undef SOFTGPU_DECLARE

// Tables that are compiled once.
std::span<const Row> rows_memory();
std::span<const Row> rows_atomics();
std::span<const Row> rows_control();
std::span<const Row> rows_warp();
std::span<const Row> rows_barrier();
std::span<const Row> rows_hints();
std::span<const Row> rows_moves();
std::span<const Row> rows_stack();
std::span<const Row> rows_convert_random();
std::span<const Row> rows_async_copy();
std::span<const Row> rows_async_store();
std::span<const Row> rows_mbarrier();
std::span<const Row> rows_matrix();
std::span<const Row> rows_matrix_moves();

// All tables, with the bodies for the best instruction set this machine has.
std::vector<std::span<const Row>> all_rows();

}  // namespace softgpu::engine
