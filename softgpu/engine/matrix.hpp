// SPDX-License-Identifier: MIT
// Matrices that lie spread over the registers of a warp (ISA 9.7.14): the common ground of mma,
// wmma, ldmatrix and stmatrix.
//
// Everything is made of one tile. With E elements to a register, a tile has 8 rows of 4*E elements:
// lane l holds the E consecutive elements (l % 4) * E … of row l / 4. For f16 (E = 2):
//
//            columns 0,1   2,3    4,5    6,7
//   row 0    lane 0        1      2      3
//   row 1    lane 4        5      6      7        … row 7: lanes 28 to 31
//
// A fragment is a list of such tiles, one for each register, of a matrix seen as rows x "inner":
//   A (M x K)  rows m, inner k. Tiles in the order: the two of 16 rows, then along k, then the
//              next 16 rows.
//   B (K x N)  rows n, inner k: seen transposed. Tiles along k, then along n.
//   C, D       rows m, inner n, E = 2 for all types: an f32, s32 or f64 tile has two registers.
//              Tiles along m, then along n.
// These are exactly the documented fragments of every mma.sync shape but m8n8k4 with .f16 (which
// has its own, see ops/matrix_arithmetic.cpp). The fragments of wmma are not documented; here they
// are the same. There .f16 fragments of A and B have more registers than the matrix has elements:
// they hold it several times, as the documentation of the first such hardware tells.
#pragma once

#include <span>
#include <string_view>

#include "code.hpp"

namespace softgpu::engine {

class Emitter;
struct Form;
struct Row;
struct Warp;

// How the elements of A and B stand in registers.
enum class Element : u32 {
  none,
  f16,
  bf16,
  tf32,
  f64,
  s8,
  u8,
  s4,
  u4,
  b1,
  e4m3,
  e5m2,
  e3m2,  // a byte each, the value in the low six bits
  e2m3,
  e2m1,         // a byte each, the value in bits 2 to 5
  e2m1_packed,  // two to a byte
  f32,          // accumulators
  s32,
};

// E of a tile. 32 elements of b1 count as one: nothing looks inside that word.
constexpr u32 elements_per_register(Element type) {
  switch (type) {
    case Element::f16:
    case Element::bf16:
      return 2;
    case Element::s8:
    case Element::u8:
    case Element::e4m3:
    case Element::e5m2:
    case Element::e3m2:
    case Element::e2m3:
    case Element::e2m1:
      return 4;
    case Element::s4:
    case Element::u4:
    case Element::e2m1_packed:
      return 8;
    default:
      return 1;
  }
}

inline constexpr u32 kFragmentRegisters = 8;  // most that any fragment has

// What a multiplication needs beyond the nine operands of an Op; lies in Code::lists as words.
struct MatrixPlan {
  u32 m, n, k;  // k in elements as above: of b1, in words
  Element a, b, c, d;
  u32 saturate;               // .satfinite
  u32 bit_and;                // b1: .and.popc instead of .xor.popc
  u32 a_is_column, b_is_row;  // m8n8k4 with .f16 only
  // .block_scale: a factor for each of `chunks` parts of a row of A and of a column of B; 0: none.
  u32 chunks;
  u32 scale_is_e4m3;                                           // .ue4m3 instead of .ue8m0
  u32 a_scales, a_byte, a_thread, b_scales, b_byte, b_thread;  // slots
  u32 d_registers[kFragmentRegisters], a_registers[kFragmentRegisters],
      b_registers[kFragmentRegisters], c_registers[kFragmentRegisters];
};
static_assert(sizeof(MatrixPlan) % sizeof(u32) == 0);

// The plan of an Op (Op::aux). Throws illegal_instruction unless all 32 lanes are there: with
// fewer the result is undefined, which is worth a message rather than a number.
const MatrixPlan& matrix_plan(const Warp& w, const Op& op, u32 mask);
void require_whole_warp(const Warp& w, const Op& op, u32 mask);

struct MatrixShape {
  u32 m = 0, n = 0, k = 0;
};
// ".m16n8k16" -> {16, 8, 16}; ".m8n8" -> {8, 8, 0}.
MatrixShape shape_of(std::string_view mod);

// Makes the Op wait for its whole warp.
void join_warp(Emitter& e, Op& op);
// Flow::sync has the member mask where memory instructions have the address: a matrix instruction's
// address waits here, and locate() is asked with a copy of the Op that has it in its place.
inline constexpr unsigned kWaitingAddress = 7;
bool bind_matrix_address(Emitter& e, const Form& f, const nonans::image::ptx::Operand& operand,
                         Op& op);
// The slots of a fragment's registers: a vector, or one register without braces. False: refused.
bool bind_fragment(Emitter& e, const nonans::image::ptx::Operand& operand, Element type,
                   u32 registers, bool is_destination, u32* slots);
std::span<const Row> rows_wmma_moves();  // wmma.load, wmma.store; the other tables: ops/isa.hpp

// Registers of an accumulator fragment of `elements` elements.
constexpr u32 accumulator_registers(Element type, u32 elements) {
  return elements / kLanes / (type == Element::f16 ? 2 : 1);
}

}  // namespace softgpu::engine
