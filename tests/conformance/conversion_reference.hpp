// SPDX-License-Identifier: MIT
// What a conversion must give, in integer arithmetic on bit patterns: written from IEEE 754 and the
// PTX ISA (9.7.9.21), sharing nothing with the engine.
//
//   const Conversion c{.from = Kind::f32, .to = Kind::f16, .rounding = Rounding::rn};
//   expected(c, 0x3f800000)        // {0x3c00, Match::exact}
//
// A value is taken apart into sign, integer significand m and exponent e (m * 2^e, exactly) and put
// together again in the destination format with one rounding.
#pragma once

#include <cstdint>

namespace conformance {

enum class Kind : uint8_t {
  u8,
  u16,
  u32,
  u64,
  s8,
  s16,
  s32,
  s64,
  f16,
  bf16,
  f32,
  f64,
  tf32,
  e4m3,
  e5m2
};
enum class Rounding : uint8_t { rn, rz, rm, rp, rna };

struct Conversion {
  Kind from, to;
  Rounding rounding = Rounding::rn;
  bool integral = false;  // .rni … between equal float types
  bool ftz = false, sat = false, relu = false, satfinite = false;
};

enum class Match : uint8_t {
  exact,
  any_nan,      // f32 and f64: the ISA does not fix the payload
  either_zero,  // .sat and .relu of -0
  skip,         // .ftz, and the result is subnormal only before it is rounded
};
struct Expected {
  uint64_t bits;
  Match match;
};

unsigned bits_of(Kind kind);
bool is_integer(Kind kind);
bool is_signed(Kind kind);
const char* name_of(Kind kind);

Expected expected(const Conversion& conversion, uint64_t source);
// Whether `got` is what the conversion may give.
bool agrees(const Conversion& conversion, uint64_t source, uint64_t got);

}  // namespace conformance
