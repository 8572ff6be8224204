// SPDX-License-Identifier: MIT
// Constants of PTX text and the arithmetic on them (PTX ISA 4.5, 4.6).
//
//   Constant c = read_number(token);                  // "0x1fU" -> {u64, 31}
//   Constant d = binary(two_marks('<', '<'), c, c, at);
//
// Integers are 64 bits wide: signed unless the literal has a U suffix or does not fit. `0f` and
// `0d` literals are kept bit for bit; only doubles take part in arithmetic. Throws Failure at the
// position given for what the ISA forbids.
#pragma once

#include <cstdint>

#include "image/ptx/lexer.hpp"

namespace nonans::image::ptx {

struct Constant {
  enum class Kind : uint8_t { s64, u64, f32, f64 };
  Kind kind = Kind::s64;
  uint64_t bits = 0;

  bool is_integer() const { return kind == Kind::s64 || kind == Kind::u64; }
  bool is_zero() const;
  double as_double() const;  // the value, of any kind
};

Constant read_number(const Token& token);

Constant make_signed(int64_t value);
Constant make_unsigned(uint64_t value);
Constant make_double(double value);

// How strongly a binary operator binds, 1 (`||`) to 10 (`*`); 0 if `mark` is none.
int precedence_of(uint16_t mark);

Constant unary(char op, const Constant& a, Position at);
Constant binary(uint16_t op, const Constant& a, const Constant& b, Position at);
// `(.s64) a` and `(.u64) a`
Constant cast(bool to_unsigned, const Constant& a, Position at);
// `condition ? a : b`
Constant choose(const Constant& condition, const Constant& a, const Constant& b, Position at);

}  // namespace nonans::image::ptx
