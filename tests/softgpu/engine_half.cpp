// SPDX-License-Identifier: MIT
// f16 and bf16 arithmetic (ISA 9.7.4): each result is the exact one rounded once. The reference
// computes in long double, which holds every exact sum and product that can be near a tie, and
// searches the nearest code.
#include "evaluate.hpp"
#include "reference.hpp"

using namespace softgpu::test;

namespace {

struct Format {
  const char* name;
  int exponent_bits, mantissa_bits;
  uint16_t infinity;
};
const Format kHalf{"f16", 5, 10, 0x7c00};
const Format kBFloat{"bf16", 8, 7, 0x7f80};

double value(uint16_t code, const Format& f) {
  const uint16_t magnitude = code & 0x7fff;
  if (magnitude > f.infinity) return NAN;
  if (magnitude == f.infinity) return (code & 0x8000) != 0 ? -INFINITY : INFINITY;
  return decode(code, f.exponent_bits, f.mantissa_bits);
}

// Exact sign of (x - tie) matters only near ties; `residue` is what x lacks of the exact value.
uint16_t rounded(double x, double residue, const Format& f) {
  if (std::isnan(x)) return 0x7fff;
  if (std::isinf(x)) return static_cast<uint16_t>((x < 0 ? 0x8000 : 0) | f.infinity);
  // Move to the neighbouring double towards the exact value if the last bit would make x look like
  // a tie.
  if (residue != 0 && (std::bit_cast<uint64_t>(x) & 1U) == 0) {
    x = std::nextafter(x, residue > 0 ? INFINITY : -INFINITY);
  }
  return static_cast<uint16_t>(
      nearest_code(x, f.exponent_bits, f.mantissa_bits, f.infinity - 1U, f.infinity));
}
uint16_t fma_reference(double a, double b, double c, const Format& f) {
  const double product = a * b;  // exact: at most 22 bits
  const double sum = product + c;
  double residue = 0;
  if (std::isfinite(sum)) {
    const double t = sum - product;
    residue = (product - (sum - t)) + (c - t);
  }
  return rounded(sum, residue, f);
}

std::vector<uint16_t> codes(const Format& f) {
  std::vector<uint16_t> c = {0,
                             0x8000,
                             1,
                             0x8001,
                             0x3ff,
                             0x400,
                             f.infinity,
                             0x7fff,
                             static_cast<uint16_t>(f.infinity | 0x8000),
                             static_cast<uint16_t>(f.infinity - 1),
                             static_cast<uint16_t>(f.infinity + 1),
                             0x3c00,
                             0xbc00,
                             0x3f80,
                             0x3f81,
                             0xbf80,
                             0x0080,
                             0x007f};
  std::mt19937 generator(5);
  for (int i = 0; i < 30000; ++i) c.push_back(static_cast<uint16_t>(generator()));
  return c;
}

void check(const Format& f) {
  const auto a = codes(f), b = rotated(a, 1), c = rotated(a, 4567);
  const std::string t = std::string(".") + f.name;
  const std::vector<std::string> two = {"u16", "u16"};
  const auto add = evaluate<uint16_t>("add" + t + " %d, %a0, %a1;", two, "u16", a, b);
  const auto sub = evaluate<uint16_t>("sub" + t + " %d, %a0, %a1;", two, "u16", a, b);
  const auto mul = evaluate<uint16_t>("mul" + t + " %d, %a0, %a1;", two, "u16", a, b);
  const auto fma = evaluate<uint16_t>("fma.rn" + t + " %d, %a0, %a1, %a2;", {"u16", "u16", "u16"},
                                      "u16", a, b, c);
  const auto relu = evaluate<uint16_t>("fma.rn.relu" + t + " %d, %a0, %a1, %a2;",
                                       {"u16", "u16", "u16"}, "u16", a, b, c);
  const auto max = evaluate<uint16_t>("max" + t + " %d, %a0, %a1;", two, "u16", a, b);
  size_t wrong = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double x = value(a[i], f), y = value(b[i], f), z = value(c[i], f);
    wrong += add[i] != fma_reference(x, 1, y, f) ? 1 : 0;
    wrong += sub[i] != fma_reference(x, 1, -y, f) ? 1 : 0;
    wrong += mul[i] != rounded(x * y, 0, f) ? 1 : 0;
    const uint16_t want = fma_reference(x, y, z, f);
    wrong += fma[i] != want ? 1 : 0;
    wrong += relu[i] != (want == 0x7fff ? want : ((want & 0x8000) != 0 ? 0 : want)) ? 1 : 0;
    if (!std::isnan(x) && !std::isnan(y) && x != y)
      wrong += max[i] != (x > y ? a[i] : b[i]) ? 1 : 0;
    if (std::isnan(x) && std::isnan(y)) wrong += max[i] != 0x7fff ? 1 : 0;
  }
  INFO(f.name);
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("f16 arithmetic rounds once") {
  check(kHalf);
}

TEST_CASE("bf16 arithmetic rounds once") {
  check(kBFloat);
}

TEST_CASE("f16 fma near a tie does not round twice") {
  // 1 + 2^-11 is a tie of f16; a product of 2^-24 * 2^-24 tips it.
  const std::vector<uint16_t> a = {0x0001, 0x8001, 0x3c01}, b = {0x0001, 0x0001, 0x1000};
  for (size_t i = 0; i < a.size(); ++i) {
    const uint16_t got =
        evaluate<uint16_t>("mov.b16 %h0, 0x3c01; fma.rn.f16 %d, %a0, %a1, %h0;", {"u16", "u16"},
                           "u16", std::vector<uint16_t>{a[i]}, std::vector<uint16_t>{b[i]})[0];
    CHECK(got ==
          fma_reference(value(a[i], kHalf), value(b[i], kHalf), value(0x3c01, kHalf), kHalf));
  }
  // bf16: the product is a tie (1.0078125 * 1.5 has 9 bits), the smallest subnormal decides.
  CHECK(evaluate<uint16_t>("mov.b16 %h0, 0x3fc0; mov.b16 %h1, 1; fma.rn.bf16 %d, %a0, %h0, %h1;",
                           {"u16"}, "u16", std::vector<uint16_t>{0x3f81})[0] ==
        fma_reference(value(0x3f81, kBFloat), 1.5, value(1, kBFloat), kBFloat));
  CHECK(
      evaluate<uint16_t>("mov.b16 %h0, 0x3fc0; mov.b16 %h1, 0x8001; fma.rn.bf16 %d, %a0, %h0, %h1;",
                         {"u16"}, "u16", std::vector<uint16_t>{0x3f81})[0] ==
      fma_reference(value(0x3f81, kBFloat), 1.5, value(0x8001, kBFloat), kBFloat));
}

TEST_CASE("packed operations work on both halves") {
  const std::vector<uint32_t> a = {0x3c004000U, 0xbc000001U}, b = {0x40003c00U, 0x3c008001U};
  const std::vector<std::string> two = {"u32", "u32"};
  // 1+2, 2+1; -1+1, subnormal - subnormal
  CHECK(evaluate<uint32_t>("add.f16x2 %d, %a0, %a1;", two, "u32", a, b) ==
        std::vector<uint32_t>{0x42004200U, 0x00000000U});
  CHECK(evaluate<uint32_t>("mul.ftz.f16x2 %d, %a0, %a1;", two, "u32", a, b) ==
        std::vector<uint32_t>{0x40004000U, 0xbc008000U});
  CHECK(evaluate<uint32_t>("add.sat.f16x2 %d, %a0, %a1;", two, "u32", a, b) ==
        std::vector<uint32_t>{0x3c003c00U, 0x00000000U});
  CHECK(evaluate<uint32_t>("neg.f16x2 %d, %a0;", {"u32"}, "u32", a) ==
        std::vector<uint32_t>{0xbc00c000U, 0x3c008001U});
  CHECK(evaluate<uint32_t>("set.gt.f16x2.f16x2 %d, %a0, %a1;", two, "u32", a, b) ==
        std::vector<uint32_t>{0x00003c00U, 0x00003c00U});
  CHECK(evaluate<uint32_t>(
            "setp.lt.f16x2 %p1|%p2, %a0, %a1; selp.u32 %d, 1, 0, %p1; @%p2 add.u32 %d, %d, 2;", two,
            "u32", a, b) == std::vector<uint32_t>{2, 2});
}
