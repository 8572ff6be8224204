// SPDX-License-Identifier: MIT
// Constant expressions (PTX ISA 4.6): C's grammar over literals, WARP_SZ and the casts (.s64) and
// (.u64). A '%' that touches a letter or digit begins a name and is no operator, as in ptxas.
#include "image/ptx/parser.hpp"

namespace nonans::image::ptx {

Constant Parser::parse_constant() {
  const Position at = token_.at;
  const Constant condition = parse_binary(1);
  if (!accept('?')) return condition;
  const Deeper deeper(*this);
  const Constant yes = parse_constant();
  expect(':', "between the two values of '?:'");
  const Constant no = parse_constant();
  return choose(condition, yes, no, at);
}

// Precedence climbing: one level of recursion per operand, not per level of precedence.
Constant Parser::parse_binary(int weakest) {
  const Deeper deeper(*this);
  Constant left = parse_unary();
  for (;;) {
    const int precedence = token_.kind == Token::Kind::mark ? precedence_of(token_.mark) : 0;
    if (precedence < weakest || precedence == 0) return left;
    const Token op = token_;
    advance();
    left = binary(op.mark, left, parse_binary(precedence + 1), op.at);
  }
}

Constant Parser::parse_unary() {
  const Deeper deeper(*this);
  const Token first = token_;
  if (first.kind == Token::Kind::number) {
    advance();
    return read_number(first);
  }
  // `.5`: where a value is due this is no modifier.
  if (first.kind == Token::Kind::dotted && first.text[1] >= '0' && first.text[1] <= '9') {
    advance();
    return read_number(first);
  }
  if (first.is_word("WARP_SZ")) {
    advance();
    return make_signed(32);
  }
  for (char op : {'+', '-', '!', '~'}) {
    if (!accept(op)) continue;
    return unary(op, parse_unary(), first.at);
  }
  if (accept('(')) {
    const bool to_signed = token_.is_dotted(".s64");
    if (to_signed || token_.is_dotted(".u64")) {
      advance();
      expect(')', "after the type of a cast");
      return cast(!to_signed, parse_unary(), first.at);
    }
    const Constant inner = parse_constant();
    expect(')', "to close a constant expression");
    return inner;
  }
  fail_expected("a constant");
}

uint64_t Parser::parse_unsigned(const char* what) {
  const Position at = token_.at;
  const Constant value = parse_constant();
  const bool negative = value.kind == Constant::Kind::s64 && static_cast<int64_t>(value.bits) < 0;
  if (!value.is_integer() || negative) {
    throw Failure{at, std::string(what) + " must be an integer of zero or more"};
  }
  return value.bits;
}

// What follows a base: `+4`, `+-8`. `-8` alone is no PTX; ptxas refuses it too.
int64_t Parser::parse_offset() {
  const Position at = token_.at;
  const Constant value = parse_constant();
  if (!value.is_integer()) throw Failure{at, "an address offset must be an integer"};
  return static_cast<int64_t>(value.bits);
}

}  // namespace nonans::image::ptx
