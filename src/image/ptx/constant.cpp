// SPDX-License-Identifier: MIT
// The rules are C's with 64-bit integers, except that comparisons and logic give .s64, that `~ & |
// ^` give .u64 and that `%` is signed. What C leaves undefined is defined here: overflow wraps, a
// shift by 64 or more shifts everything out, a division by zero is an error.
#include "image/ptx/constant.hpp"

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

namespace nonans::image::ptx {
namespace {

[[noreturn]] void malformed(const Token& token, const char* why) {
  throw Failure{token.at, "malformed number " + quote(token.text) + ": " + why};
}

// 0fXXXXXXXX and 0dXXXXXXXXXXXXXXXX
Constant read_exact_float(const Token& token, size_t digits, Constant::Kind kind) {
  const std::string_view hex = token.text.substr(2);
  uint64_t bits = 0;
  const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), bits, 16);
  if (error != std::errc() || end != hex.data() + hex.size() || hex.size() != digits) {
    malformed(token, digits == 8 ? "0f takes exactly 8 hexadecimal digits"
                                 : "0d takes exactly 16 hexadecimal digits");
  }
  return {kind, bits};
}

Constant read_decimal_float(const Token& token) {
  double value = 0;
  const char* last = token.text.data() + token.text.size();
  const auto [end, error] = std::from_chars(token.text.data(), last, value);
  if (error == std::errc::result_out_of_range) malformed(token, "out of the range of a double");
  if (error != std::errc() || end != last) malformed(token, "not a decimal number");
  return make_double(value);
}

Constant read_integer(const Token& token) {
  std::string_view digits = token.text;
  bool is_unsigned = false;
  if (digits.back() == 'U') {
    is_unsigned = true;
    digits.remove_suffix(1);
  }
  int base = 10;
  if (digits.size() > 1 && digits[0] == '0') {
    base = 8;
    if (digits[1] == 'x' || digits[1] == 'X') base = 16;
    if (digits[1] == 'b' || digits[1] == 'B') base = 2;
    digits.remove_prefix(base == 8 ? 1 : 2);
  }
  uint64_t value = 0;
  const char* last = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(digits.data(), last, value, base);
  if (error == std::errc::result_out_of_range) malformed(token, "it needs more than 64 bits");
  if (error != std::errc() || end != last) {
    malformed(token, base == 8 ? "not an octal integer" : "not an integer");
  }
  if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) is_unsigned = true;
  return {is_unsigned ? Constant::Kind::u64 : Constant::Kind::s64, value};
}

void need_integers(const Constant& a, const Constant& b, std::string_view op, Position at) {
  if (!a.is_integer() || !b.is_integer()) {
    throw Failure{at, "operator " + quote(op) + " takes integer constants only"};
  }
}

std::string spell(uint16_t op) {
  std::string out(1, static_cast<char>(op & 0xff));
  if (op >> 8) out += static_cast<char>(op >> 8);
  return out;
}

Constant divide(const Constant& a, const Constant& b, bool is_unsigned, Position at) {
  if (b.bits == 0) throw Failure{at, "division by zero in a constant expression"};
  if (is_unsigned) return make_unsigned(a.bits / b.bits);
  const auto dividend = static_cast<int64_t>(a.bits);
  const auto divisor = static_cast<int64_t>(b.bits);
  if (divisor == -1) return make_signed(static_cast<int64_t>(0 - a.bits));  // INT64_MIN wraps
  return make_signed(dividend / divisor);
}

Constant remainder(const Constant& a, const Constant& b, Position at) {
  if (b.bits == 0) throw Failure{at, "remainder by zero in a constant expression"};
  const auto divisor = static_cast<int64_t>(b.bits);
  return make_signed(divisor == -1 ? 0 : static_cast<int64_t>(a.bits) % divisor);
}

Constant shift_right(const Constant& a, uint64_t by) {
  if (a.kind == Constant::Kind::u64) return make_unsigned(by > 63 ? 0 : a.bits >> by);
  return make_signed(static_cast<int64_t>(a.bits) >> (by > 63 ? 63 : by));
}

template <typename T>
bool compare(uint16_t op, T a, T b) {
  switch (op) {
    case '<':
      return a < b;
    case '>':
      return a > b;
    case two_marks('<', '='):
      return a <= b;
    case two_marks('>', '='):
      return a >= b;
    case two_marks('=', '='):
      return a == b;
    default:
      return a != b;
  }
}

bool is_comparison(uint16_t op) {
  return precedence_of(op) == precedence_of('<') ||
         precedence_of(op) == precedence_of(two_marks('=', '='));
}

Constant on_doubles(uint16_t op, double a, double b, Position at) {
  if (is_comparison(op)) return make_signed(compare(op, a, b));
  switch (op) {
    case '+':
      return make_double(a + b);
    case '-':
      return make_double(a - b);
    case '*':
      return make_double(a * b);
    case '/':
      // IEEE division, spelled out: dividing by zero is undefined in C++.
      if (b == 0) {
        if (a == 0 || a != a) return make_double(std::numeric_limits<double>::quiet_NaN());
        const bool negative = std::signbit(a) != std::signbit(b);
        return make_double(negative ? -std::numeric_limits<double>::infinity()
                                    : std::numeric_limits<double>::infinity());
      }
      return make_double(a / b);
    default:
      throw Failure{at, "operator " + quote(spell(op)) + " takes integer constants only"};
  }
}

}  // namespace

bool Constant::is_zero() const {
  return is_integer() ? bits == 0 : as_double() == 0;
}

double Constant::as_double() const {
  switch (kind) {
    case Kind::s64:
      return static_cast<double>(static_cast<int64_t>(bits));
    case Kind::u64:
      return static_cast<double>(bits);
    case Kind::f32:
      return static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(bits)));
    case Kind::f64:
      return std::bit_cast<double>(bits);
  }
  return 0;
}

Constant make_signed(int64_t value) {
  return {Constant::Kind::s64, static_cast<uint64_t>(value)};
}
Constant make_unsigned(uint64_t value) {
  return {Constant::Kind::u64, value};
}
Constant make_double(double value) {
  return {Constant::Kind::f64, std::bit_cast<uint64_t>(value)};
}

Constant read_number(const Token& token) {
  const std::string_view text = token.text;
  if (text.size() > 1 && text[0] == '0') {
    if (text[1] == 'f' || text[1] == 'F') return read_exact_float(token, 8, Constant::Kind::f32);
    if (text[1] == 'd' || text[1] == 'D') return read_exact_float(token, 16, Constant::Kind::f64);
  }
  const bool hex = text.size() > 1 && (text[1] == 'x' || text[1] == 'X');
  if (!hex && text.find_first_of(".eE") != std::string_view::npos) return read_decimal_float(token);
  return read_integer(token);
}

int precedence_of(uint16_t mark) {
  switch (mark) {
    case two_marks('|', '|'):
      return 1;
    case two_marks('&', '&'):
      return 2;
    case '|':
      return 3;
    case '^':
      return 4;
    case '&':
      return 5;
    case two_marks('=', '='):
    case two_marks('!', '='):
      return 6;
    case '<':
    case '>':
    case two_marks('<', '='):
    case two_marks('>', '='):
      return 7;
    case two_marks('<', '<'):
    case two_marks('>', '>'):
      return 8;
    case '+':
    case '-':
      return 9;
    case '*':
    case '/':
    case '%':
      return 10;
    default:
      return 0;
  }
}

Constant unary(char op, const Constant& a, Position at) {
  if (op == '+') return a;
  if (op == '-') {
    // The sign bit is flipped, so that -0.0 and the bits of a 0f literal come out exactly.
    if (a.kind == Constant::Kind::f32) return {a.kind, a.bits ^ 0x80000000u};
    if (a.kind == Constant::Kind::f64) return {a.kind, a.bits ^ 0x8000000000000000u};
    return {a.kind, 0 - a.bits};
  }
  need_integers(a, a, std::string_view(&op, 1), at);
  if (op == '!') return make_signed(a.bits == 0);
  return make_unsigned(~a.bits);
}

Constant binary(uint16_t op, const Constant& a, const Constant& b, Position at) {
  if (a.kind == Constant::Kind::f32 || b.kind == Constant::Kind::f32) {
    throw Failure{at, "a 0f constant cannot be part of an expression"};
  }
  const bool logic = op == two_marks('&', '&') || op == two_marks('|', '|');
  if (!logic && (a.kind == Constant::Kind::f64 || b.kind == Constant::Kind::f64)) {
    return on_doubles(op, a.as_double(), b.as_double(), at);
  }
  if (logic) need_integers(a, b, spell(op), at);
  const bool is_unsigned = a.kind == Constant::Kind::u64 || b.kind == Constant::Kind::u64;
  if (is_comparison(op)) {
    return make_signed(
        is_unsigned ? compare(op, a.bits, b.bits)
                    : compare(op, static_cast<int64_t>(a.bits), static_cast<int64_t>(b.bits)));
  }
  const Constant::Kind usual = is_unsigned ? Constant::Kind::u64 : Constant::Kind::s64;
  switch (op) {
    case two_marks('&', '&'):
      return make_signed(a.bits != 0 && b.bits != 0);
    case two_marks('|', '|'):
      return make_signed(a.bits != 0 || b.bits != 0);
    case '|':
      return make_unsigned(a.bits | b.bits);
    case '^':
      return make_unsigned(a.bits ^ b.bits);
    case '&':
      return make_unsigned(a.bits & b.bits);
    case two_marks('<', '<'):
      return {a.kind, b.bits > 63 ? 0 : a.bits << b.bits};
    case two_marks('>', '>'):
      return shift_right(a, b.bits);
    case '+':
      return {usual, a.bits + b.bits};
    case '-':
      return {usual, a.bits - b.bits};
    case '*':
      return {usual, a.bits * b.bits};
    case '/':
      return divide(a, b, is_unsigned, at);
    default:
      return remainder(a, b, at);
  }
}

Constant cast(bool to_unsigned, const Constant& a, Position at) {
  if (!a.is_integer()) throw Failure{at, "only integer constants can be cast"};
  return {to_unsigned ? Constant::Kind::u64 : Constant::Kind::s64, a.bits};
}

Constant choose(const Constant& condition, const Constant& a, const Constant& b, Position at) {
  if (!condition.is_integer()) throw Failure{at, "the condition of '?:' must be an integer"};
  if (a.is_integer() != b.is_integer()) {
    throw Failure{at, "the two values of '?:' must both be integers or both be floating"};
  }
  Constant chosen = condition.is_zero() ? b : a;
  if (a.is_integer() && (a.kind == Constant::Kind::u64 || b.kind == Constant::Kind::u64)) {
    chosen.kind = Constant::Kind::u64;
  }
  return chosen;
}

}  // namespace nonans::image::ptx
