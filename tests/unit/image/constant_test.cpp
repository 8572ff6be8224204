// SPDX-License-Identifier: MIT
// Literals and constant expressions: PTX ISA 9.0, sections 4.5 and 4.6. Where the text leaves a
// case open the expectation is what ptxas 13.0 does.
#include <bit>
#include <cmath>

#include "parse_text.hpp"

using namespace image_test;
using Kind = ptx::Operand::Kind;

namespace {

ptx::Operand value_of(const std::string& expression) {
  const Kernel kernel("mov.b64 %rd1, " + expression + ";");
  return kernel.operand(0, 1);
}

int64_t signed_value(const std::string& expression) {
  const ptx::Operand operand = value_of(expression);
  CHECK(operand.kind == Kind::integer);
  CHECK_FALSE(operand.is_unsigned);
  return static_cast<int64_t>(operand.bits);
}

uint64_t unsigned_value(const std::string& expression) {
  const ptx::Operand operand = value_of(expression);
  CHECK(operand.kind == Kind::integer);
  CHECK(operand.is_unsigned);
  return operand.bits;
}

double double_value(const std::string& expression) {
  const ptx::Operand operand = value_of(expression);
  CHECK(operand.kind == Kind::f64_bits);
  return std::bit_cast<double>(operand.bits);
}

}  // namespace

TEST_CASE("integer literals: decimal, octal, hexadecimal, binary, U suffix") {
  CHECK(signed_value("0") == 0);
  CHECK(signed_value("42") == 42);
  CHECK(signed_value("0777") == 511);
  CHECK(signed_value("0x1F") == 31);
  CHECK(signed_value("0X1f") == 31);
  CHECK(signed_value("0b101") == 5);
  CHECK(signed_value("0B11") == 3);
  CHECK(unsigned_value("42U") == 42);
  CHECK(unsigned_value("0x10U") == 16);
  CHECK(unsigned_value("0U") == 0);
}

TEST_CASE("a literal that does not fit a signed 64-bit integer is unsigned") {
  CHECK(signed_value("9223372036854775807") == INT64_MAX);
  CHECK(unsigned_value("9223372036854775808") == 1ull << 63);
  CHECK(unsigned_value("18446744073709551615") == UINT64_MAX);
  CHECK(unsigned_value("0xFFFFFFFFFFFFFFFF") == UINT64_MAX);
}

TEST_CASE("exact floating literals keep their bits") {
  CHECK(value_of("0f3F800000").kind == Kind::f32_bits);
  CHECK(value_of("0f3F800000").bits == 0x3f800000);
  CHECK(value_of("0F7fc00001").bits == 0x7fc00001);
  CHECK(value_of("0dBFF0000000000000").kind == Kind::f64_bits);
  CHECK(value_of("0D7ff0000000000001").bits == 0x7ff0000000000001);
}

TEST_CASE("decimal floating literals are doubles") {
  CHECK(double_value("1.5") == 1.5);
  CHECK(double_value("1e-3") == 1e-3);
  CHECK(double_value("2.5E+2") == 250.0);
  CHECK(double_value("5.") == 5.0);
  CHECK(double_value(".5") == 0.5);
  CHECK(double_value("-0.0") == 0.0);
  CHECK(std::signbit(double_value("-0.0")));
}

TEST_CASE("operators bind as in C") {
  CHECK(signed_value("1+2*3") == 7);
  CHECK(signed_value("(1+2)*3") == 9);
  CHECK(signed_value("10-4-3") == 3);
  CHECK(signed_value("100/7/2") == 7);
  CHECK(signed_value("1<<2+1") == 8);
  CHECK(signed_value("1<2==1") == 1);
  CHECK(unsigned_value("1|2^3&1") == (1 | (2 ^ (3 & 1))));
  CHECK(signed_value("0||1&&0") == 0);
  CHECK(signed_value("1 ? 2 : 0 ? 3 : 4") == 2);
  CHECK(signed_value("0 ? 2 : 0 ? 3 : 4") == 4);
  CHECK(signed_value("- - 5") == 5);
  CHECK(signed_value("-2*-3") == 6);
  CHECK(signed_value("WARP_SZ*2") == 64);
}

TEST_CASE("the types of results: table 6 of the ISA") {
  CHECK(unsigned_value("1U+2") == 3);
  CHECK(unsigned_value("2-3U") == UINT64_MAX);
  CHECK(signed_value("2-3") == -1);
  CHECK(signed_value("!5") == 0);
  CHECK(signed_value("!0U") == 1);
  CHECK(unsigned_value("~0") == UINT64_MAX);
  CHECK(unsigned_value("6&3") == 2);
  CHECK(unsigned_value("6|3") == 7);
  CHECK(unsigned_value("6^3") == 5);
  CHECK(signed_value("-1<1") == 1);
  CHECK(signed_value("-1<1U") == 0);
  CHECK(signed_value("7 % -4") == 3);
  CHECK(signed_value("-7 % 4") == -3);
  CHECK(signed_value("-8>>1") == -4);
  CHECK(unsigned_value("(.u64)-8>>60") == 15);
  CHECK(signed_value("(.s64)0xFFFFFFFFFFFFFFFF") == -1);
  CHECK(unsigned_value("1?2:3U") == 2);
  CHECK(unsigned_value("-7/2U") == (UINT64_MAX - 6) / 2);
  CHECK(signed_value("-7/2") == -3);
}

TEST_CASE("arithmetic on doubles") {
  CHECK(double_value("1.5+2") == 3.5);
  CHECK(double_value("1.0/4.0") == 0.25);
  CHECK(signed_value("1.5<2.5") == 1);
  CHECK(std::isinf(double_value("1.0/0.0")));
  CHECK(std::isnan(double_value("0.0/0.0")));
}

TEST_CASE("what C leaves undefined does not go wrong") {
  CHECK(signed_value("9223372036854775807+1") == INT64_MIN);
  CHECK(signed_value("-9223372036854775807-1") == INT64_MIN);
  CHECK(signed_value("(-9223372036854775807-1)/-1") == INT64_MIN);
  CHECK(signed_value("(-9223372036854775807-1) % -1") == 0);
  CHECK(signed_value("1<<64") == 0);
  CHECK(signed_value("-1>>200") == -1);
}

TEST_CASE("constants that are refused, with their position") {
  const auto error = [](const std::string& e) {
    return error_of(in_kernel("mov.b64 %rd1, " + e + ";"));
  };
  CHECK(error("08") == "6:15: malformed number '08': not an octal integer");
  CHECK(error("18446744073709551616") ==
        "6:15: malformed number '18446744073709551616': it needs more than 64 bits");
  CHECK(error("0f3f8") == "6:15: malformed number '0f3f8': 0f takes exactly 8 hexadecimal digits");
  CHECK(error("0d3f8") == "6:15: malformed number '0d3f8': 0d takes exactly 16 hexadecimal digits");
  CHECK(error("10u") == "6:15: malformed number '10u': not an integer");
  CHECK(error("0x") == "6:15: malformed number '0x': not an integer");
  CHECK(error("1e999") == "6:15: malformed number '1e999': out of the range of a double");
  CHECK(error("1/0") == "6:16: division by zero in a constant expression");
  CHECK(error("1 % 0") == "6:17: remainder by zero in a constant expression");
  CHECK(error("1.0 % 2.0") == "6:19: operator '%' takes integer constants only");
  CHECK(error("~1.0") == "6:15: operator '~' takes integer constants only");
  CHECK(error("0f3f800000+1.0") == "6:25: a 0f constant cannot be part of an expression");
  CHECK(error("1+") == "6:17: expected a constant, found ';'");
  CHECK(error("(1") == "6:17: expected ')' to close a constant expression, found ';'");
}
