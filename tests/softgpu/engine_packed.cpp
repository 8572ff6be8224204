// SPDX-License-Identifier: MIT
// Pairs of f32 (PTX ISA 9.0, 9.7.3), f32 with f16 or bf16 operands (9.7.5), and the packed formats
// of cvt (9.7.9.21), from tables of the formats' values.
#include <bit>
#include <cfenv>
#include <cmath>
#include <limits>

#include "evaluate.hpp"
#include "stage_kernel.hpp"

using namespace softgpu::test;

namespace {

const std::vector<float> kFloats = {0.0F,     -0.0F,     1.0F,   -1.5F,      3.25F,    1e-40F,
                                    -1e-42F,  1e30F,     -3e38F, 0.1F,       1.0F / 3, 65504.0F,
                                    INFINITY, -INFINITY, NAN,    1.0000001F, 0.3333F,  -2.7F};

uint64_t pair_of(float low, float high) {
  return uint64_t{std::bit_cast<uint32_t>(high)} << 32 | std::bit_cast<uint32_t>(low);
}
uint32_t bits_of(float x) {
  return std::isnan(x) ? 0x7fffffffU : std::bit_cast<uint32_t>(x);
}
float flushed(float x) {
  return std::fpclassify(x) == FP_SUBNORMAL ? std::copysign(0.0F, x) : x;
}

struct Mode {
  std::string suffix;
  int host;
};
const std::vector<Mode> kModes = {
    {".rn", FE_TONEAREST}, {".rz", FE_TOWARDZERO}, {".rm", FE_DOWNWARD}, {".rp", FE_UPWARD}};
template <class F>
float under(int mode, F f) {
  std::fesetround(mode);
  volatile float r = f();
  std::fesetround(FE_TONEAREST);
  return r;
}

}  // namespace

TEST_CASE("f32x2 is two f32 operations, in every rounding mode, with and without .ftz") {
  std::vector<uint64_t> a, b;
  for (float x : kFloats) {
    for (float y : kFloats) {
      a.push_back(pair_of(x, y));
      b.push_back(pair_of(y, 0.7F * x));
    }
  }
  const std::vector<uint64_t> c = rotated(a, 5);
  for (const Mode& mode : kModes) {
    for (const bool ftz : {false, true}) {
      for (const std::string op : {"add", "sub", "mul", "fma"}) {
        const bool three = op == "fma";
        const std::string body = op + mode.suffix + (ftz ? ".ftz" : "") + ".f32x2 %d, %a0, %a1" +
                                 (three ? ", %a2;" : ";");
        const auto got = evaluate<uint64_t>(body, {"b64", "b64", "b64"}, "b64", a, b, c);
        size_t wrong = 0;
        for (size_t i = 0; i < a.size(); ++i) {
          for (const int shift : {0, 32}) {
            const auto half = [&](uint64_t v) {
              const float x = std::bit_cast<float>(static_cast<uint32_t>(v >> shift));
              return ftz ? flushed(x) : x;
            };
            const volatile float x = half(a[i]), y = half(b[i]), z = half(c[i]);
            const float r = under(mode.host, [&]() -> float {
              return op == "add"   ? x + y
                     : op == "sub" ? x - y
                     : op == "mul" ? x * y
                                   : std::fma(x, y, z);
            });
            wrong += static_cast<uint32_t>(got[i] >> shift) != bits_of(ftz ? flushed(r) : r);
          }
        }
        INFO(body);
        CHECK(wrong == 0);
      }
    }
  }
}

TEST_CASE("mixed precision widens exactly and rounds once") {
  // bf16 operands are the upper halves of floats.
  std::vector<uint16_t> a, b;
  std::vector<float> c;
  for (float x : kFloats) {
    for (float y : kFloats) {
      a.push_back(static_cast<uint16_t>(std::bit_cast<uint32_t>(x) >> 16));
      b.push_back(static_cast<uint16_t>(std::bit_cast<uint32_t>(y) >> 16));
      c.push_back(y * 0.9F);
    }
  }
  const auto wide = [](uint16_t v) { return std::bit_cast<float>(uint32_t{v} << 16); };
  for (const Mode& mode : kModes) {
    for (const bool sat : {false, true}) {
      for (const std::string op : {"add", "sub", "fma"}) {
        const std::string body = op + mode.suffix + (sat ? ".sat" : "") + ".f32.bf16 %d, %a0, " +
                                 (op == "fma" ? "%a1, %a2;" : "%a2;");
        const auto got = evaluate<float>(body, {"b16", "b16", "f32"}, "f32", a, b, c);
        size_t wrong = 0;
        for (size_t i = 0; i < a.size(); ++i) {
          const volatile float x = wide(a[i]), y = wide(b[i]), z = c[i];
          float r = under(mode.host, [&]() -> float {
            return op == "add" ? x + z : op == "sub" ? x - z : std::fma(x, y, z);
          });
          if (sat) r = std::isnan(r) || r <= 0 ? 0.0F : std::min(r, 1.0F);
          wrong += std::bit_cast<uint32_t>(got[i]) != bits_of(r);
        }
        INFO(body);
        CHECK(wrong == 0);
      }
    }
  }
  // f16: 0x3c01 is 1 + 2^-10, 0x0001 is 2^-24.
  CHECK(evaluate<float>("add.f32.f16 %d, %a0, %a1;", {"b16", "f32"}, "f32",
                        std::vector<uint16_t>{0x3c01, 0x0001}, std::vector<float>{1, 1}) ==
        std::vector<float>{2 + std::ldexp(1.0F, -10), 1.0F});
}

namespace {

// The values of the positive codes, from the definition of each format.
std::vector<double> values_of(int exponent_bits, int mantissa_bits, int codes) {
  std::vector<double> values;
  const int bias = (1 << (exponent_bits - 1)) - 1;
  for (int code = 0; code < codes; ++code) {
    const int exponent = code >> mantissa_bits, fraction = code & ((1 << mantissa_bits) - 1);
    values.push_back(exponent == 0 ? std::ldexp(fraction, 1 - bias - mantissa_bits)
                                   : std::ldexp((1 << mantissa_bits) + fraction,
                                                exponent - bias - mantissa_bits));
  }
  return values;
}
struct Format {
  std::string name;
  std::vector<double> values;
  unsigned width, sign_bit;
  uint32_t nan;
};
const std::vector<Format> kFormats = {{"e4m3", values_of(4, 3, 0x7f), 8, 7, 0x7f},
                                      {"e5m2", values_of(5, 2, 0x7c), 8, 7, 0x7f},
                                      {"e2m3", values_of(2, 3, 0x20), 8, 5, 0x1f},
                                      {"e3m2", values_of(3, 2, 0x20), 8, 5, 0x1f},
                                      {"e2m1", values_of(2, 1, 0x08), 4, 3, 0x07}};

// The code nearest to x, to even, never beyond the largest.
uint32_t nearest(const Format& f, float x) {
  if (std::isnan(x)) return f.nan;
  const uint32_t sign = std::signbit(x) ? 1U << f.sign_bit : 0;
  const double m = std::fabs(x);
  for (size_t i = 0; i + 1 < f.values.size(); ++i) {
    const double middle = (f.values[i] + f.values[i + 1]) / 2;
    if (m < middle || (m == middle && i % 2 == 0)) return sign | static_cast<uint32_t>(i);
  }
  return sign | static_cast<uint32_t>(f.values.size() - 1);
}

}  // namespace

TEST_CASE("cvt to the packed formats takes the nearest value and never overflows") {
  for (const Format& f : kFormats) {
    std::vector<float> a;
    for (size_t i = 0; i + 1 < f.values.size(); ++i) {
      const float low = static_cast<float>(f.values[i]), high = static_cast<float>(f.values[i + 1]);
      for (float x : {low, (low + high) / 2, std::nextafter((low + high) / 2, 1e9F),
                      std::nextafter((low + high) / 2, 0.0F)}) {
        a.push_back(x);
        a.push_back(-x);
      }
    }
    a.insert(a.end(), kFloats.begin(), kFloats.end());
    const std::vector<float> b = rotated(a, 7);
    const bool byte = f.width == 4;
    for (const bool relu : {false, true}) {
      const std::string form =
          std::string("cvt.rn.satfinite") + (relu ? ".relu." : ".") + f.name + "x2.f32";
      const auto got =
          evaluate<uint32_t>(byte ? "{ .reg .b8 %q; " + form + " %q, %a0, %a1; cvt.u32.u8 %d, %q; }"
                                  : form + " %h0, %a0, %a1; cvt.u32.u16 %d, %h0;",
                             {"f32", "f32"}, "b32", a, b);
      size_t wrong = 0;
      for (size_t i = 0; i < a.size(); ++i) {
        const auto code = [&](float x) { return nearest(f, relu && x < 0 ? 0.0F : x); };
        uint32_t high = code(a[i]), low = code(b[i]);
        if (relu && a[i] == 0) high = 0;  // -0 is not negative: either zero
        if (relu && b[i] == 0) low = 0;
        wrong += got[i] != (high << f.width | low) ? 1 : 0;
      }
      INFO(form);
      CHECK(wrong == 0);
    }
    // And back, all codes.
    std::vector<uint16_t> codes;
    for (uint32_t i = 0; i < f.values.size(); ++i) {
      codes.push_back(static_cast<uint16_t>(i << f.width | (1U << f.sign_bit) | i));
    }
    const std::string back = "cvt.rn.f16x2." + f.name + "x2";
    const auto halves = evaluate<uint32_t>(
        byte ? "{ .reg .b8 %q; cvt.u8.u16 %q, %a0; " + back + " %d, %q; }" : back + " %d, %a0;",
        {"b16"}, "b32", codes);
    const auto wide = evaluate<float>("{ mov.b32 {%h0, %h1}, %a0; cvt.f32.f16 %d, %h1; }", {"b32"},
                                      "f32", halves);
    const auto negative = evaluate<float>("{ mov.b32 {%h0, %h1}, %a0; cvt.f32.f16 %d, %h0; }",
                                          {"b32"}, "f32", halves);
    for (size_t i = 0; i < f.values.size(); ++i) {
      CHECK(wide[i] == static_cast<float>(f.values[i]));
      CHECK(negative[i] == -static_cast<float>(f.values[i]));
    }
  }
}

TEST_CASE("ue8m0 is the power of two below or above") {
  std::vector<float> a = {1,
                          1.5F,
                          2,
                          3,
                          0.75F,
                          std::ldexp(1.0F, 127),
                          3e38F,
                          std::ldexp(1.0F, -126),
                          std::ldexp(1.0F, -127),
                          std::ldexp(1.0F, -128),
                          0,
                          std::ldexp(1.1F, -127),
                          INFINITY,
                          NAN,
                          -4};
  const std::vector<float> b(a.size(), 1.0F);
  const auto run = [&](const std::string& form) {
    auto r = evaluate<uint32_t>("cvt." + form + ".ue8m0x2.f32 %h0, %a0, %a1; cvt.u32.u16 %d, %h0;",
                                {"f32", "f32"}, "b32", a, b);
    for (uint32_t& v : r) {
      CHECK((v & 0xffU) == 127);
      v >>= 8;
    }
    return r;
  };
  CHECK(run("rz") ==
        std::vector<uint32_t>{127, 127, 128, 128, 126, 254, 254, 1, 0, 0, 0, 0, 255, 255, 129});
  CHECK(run("rp") ==
        std::vector<uint32_t>{127, 128, 128, 129, 127, 254, 255, 1, 0, 0, 0, 1, 255, 255, 129});
  CHECK(run("rp.satfinite") ==
        std::vector<uint32_t>{127, 128, 128, 129, 127, 254, 254, 1, 0, 0, 0, 1, 254, 255, 129});
  CHECK(evaluate<uint32_t>("cvt.rn.bf16x2.ue8m0x2 %d, %a0;", {"b16"}, "b32",
                           std::vector<uint16_t>{0x7f80, 0x00ff, 0xfe01}) ==
        std::vector<uint32_t>{0x3f804000, 0x00407fff, 0x7f000080});
}

TEST_CASE("stochastic rounding goes up for as many random numbers as the distance says") {
  // 1 + k/8192 of the way from 1 to the next f16: up for k of the 8192 random numbers.
  const uint32_t k = 2731;
  const float x = std::bit_cast<float>(0x3f800000U + k);
  std::vector<uint32_t> random(8192);
  for (uint32_t i = 0; i < random.size(); ++i) random[i] = i << 16 | (8191 - i);
  const auto got =
      evaluate<uint32_t>("cvt.rs.f16x2.f32 %d, %a0, %a1, %a2;", {"f32", "f32", "b32"}, "b32",
                         std::vector<float>(8192, x), std::vector<float>(8192, -x), random);
  size_t up_a = 0, up_b = 0;
  for (uint32_t v : got) {
    up_a += v >> 16 == 0x3c01 ? 1 : 0;
    up_b += (v & 0xffffU) == 0xbc01 ? 1 : 0;
    CHECK(((v >> 16 == 0x3c01 || v >> 16 == 0x3c00) &&
           ((v & 0xffffU) == 0xbc01 || (v & 0xffffU) == 0xbc00)));
  }
  CHECK(up_a == k);
  CHECK(up_b == k);
  // Exact values stay whatever the bits; four values, upper and lower random halves.
  CHECK(evaluate<uint32_t>("cvt.rs.satfinite.e4m3x4.f32 %d, {%a0, %a1, %a0, %a1}, %a2;",
                           {"f32", "f32", "b32"}, "b32", std::vector<float>{1, 1, 1e9F},
                           std::vector<float>{1.0625F, 1.0625F, -1e9F},
                           std::vector<uint32_t>{0xffff0000U, 0x00007fffU, 0}) ==
        std::vector<uint32_t>{0x38393838U, 0x38383838U, 0x7efe7efeU});
  CHECK(evaluate<uint32_t>("cvt.rs.satfinite.e2m1x4.f32 %h0, {%a0, %a1, %a0, %a1}, %a2; "
                           "cvt.u32.u16 %d, %h0;",
                           {"f32", "f32", "b32"}, "b32", std::vector<float>{1, NAN},
                           std::vector<float>{1.25F, -9}, std::vector<uint32_t>{0x80008000U, 0}) ==
        std::vector<uint32_t>{0x2322U, 0x7f7fU});
}

TEST_CASE("fma.oob gives zero where an operand lies out of bounds") {
  const std::vector<uint32_t> a = {0x7ff73c00U, 0x40007ff7U, 0x7fff3c00U, 0xc000c000U};
  const std::vector<uint32_t> one(4, 0x3c003c00U), zero(4, 0);
  CHECK(evaluate<uint32_t>("fma.rn.oob.f16x2 %d, %a0, %a1, %a2;", {"b32", "b32", "b32"}, "b32", a,
                           one, zero) ==
        std::vector<uint32_t>{0x00003c00U, 0x40000000U, 0x7fff3c00U, 0xc000c000U});
  CHECK(evaluate<uint32_t>("fma.rn.oob.relu.f16x2 %d, %a1, %a2, %a0;", {"b32", "b32", "b32"}, "b32",
                           a, one, zero) ==
        std::vector<uint32_t>{0x00003c00U, 0x40000000U, 0x7fff3c00U, 0});
}
