// SPDX-License-Identifier: MIT
// What an instruction does to memory and registers, as far as the analysis needs to know.
//
//   Opcode o = classify(instruction);      // st.global.v4.f32: effect store, space global, type
//   f32, vector 4
//
// An opcode that is not in the table is `known = false`: it clobbers every register it names and
// may write anything.
#pragma once

#include <cstdint>

#include "image/ptx/ast.hpp"

namespace nonans::analyze {

namespace ptx = image::ptx;

enum class Effect : uint8_t {
  none,       // registers only, or memory that is not global (barriers, prefetch, shared matrices)
  load,       // ld, ldu
  store,      // st
  atomic,     // atom: reads, writes, returns the old value
  reduction,  // red
  matrix_load,   // wmma.load
  matrix_store,  // wmma.store
  async_copy,    // cp.async: global to shared
  fence,
  call,
  writes_unknown,  // known to write global memory in a way that is not modelled: bulk, multimem,
                   // surfaces
};

struct Opcode {
  bool known = false;
  Effect effect = Effect::none;
  uint8_t destinations = 0;  // leading operands that are written
  ptx::Space space = ptx::Space::generic;
  ptx::Type type = ptx::Type::none;  // the last type suffix: of the data for memory, of the sources
                                     // for cvt and setp
  ptx::Type first_type = ptx::Type::none;  // the first type suffix: of the result for cvt, mma, set
  uint8_t vector = 1;                      // .v2 .v4 .v8
  bool publishes = false;                  // release, volatile (not shared), system scope
};

Opcode classify(const ptx::Instruction& instruction);

bool is_float(ptx::Type type);
bool is_signed_integer(ptx::Type type);

}  // namespace nonans::analyze
