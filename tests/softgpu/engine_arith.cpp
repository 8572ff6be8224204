// SPDX-License-Identifier: MIT
// f32 and f64 arithmetic against the host's IEEE arithmetic: every rounding mode, .ftz, .sat
// (ISA 9.7.3).
#include <functional>

#include "evaluate.hpp"
#include "reference.hpp"

using namespace softgpu::test;

namespace {

struct Mode {
  const char* name;
  int host;
};
const Mode kModes[] = {
    {".rn", FE_TONEAREST}, {".rz", FE_TOWARDZERO}, {".rm", FE_DOWNWARD}, {".rp", FE_UPWARD}};

uint32_t canonical(float x) {
  return std::isnan(x) ? 0x7fffffffU : std::bit_cast<uint32_t>(x);
}
// To [+0, 1]; NaN and -0 to +0.
float saturated(float x) {
  return x > 0.0F ? std::min(x, 1.0F) : 0.0F;
}
bool same64(uint64_t a, double b) {
  return std::isnan(b) ? std::isnan(std::bit_cast<double>(a)) : a == std::bit_cast<uint64_t>(b);
}

using Binary = std::function<float(float, float)>;

void check_binary(const std::string& op, const Binary& reference, bool with_sat) {
  const auto a = interesting_f32();
  for (size_t shift : {0U, 1U, 17U, 1999U}) {
    const auto b = rotated(a, shift);
    for (const Mode& mode : kModes) {
      for (bool ftz : {false, true}) {
        for (bool sat : {false, true}) {
          if (sat && !with_sat) continue;
          const std::string name =
              op + mode.name + (ftz ? ".ftz" : "") + (sat ? ".sat" : "") + ".f32";
          const auto got = evaluate<uint32_t>(name + " %d, %a0, %a1;", {"f32", "f32"}, "f32", a, b);
          size_t wrong = 0;
          const RoundingMode scope(mode.host);
          for (size_t i = 0; i < a.size(); ++i) {
            volatile float x = std::bit_cast<float>(a[i]), y = std::bit_cast<float>(b[i]);
            if (ftz) {
              x = flush(x);
              y = flush(y);
            }
            volatile float r = reference(x, y);
            if (ftz) r = flush(r);
            if (sat) r = saturated(r);
            if (got[i] != canonical(r)) ++wrong;
          }
          INFO(name << " rotated by " << shift);
          CHECK(wrong == 0);
        }
      }
    }
  }
}

}  // namespace

TEST_CASE("f32 add, sub and mul are IEEE in every mode") {
  check_binary(
      "add", [](float a, float b) { return a + b; }, true);
  check_binary(
      "sub", [](float a, float b) { return a - b; }, true);
  check_binary(
      "mul", [](float a, float b) { return a * b; }, true);
}

TEST_CASE("f32 division is IEEE in every mode") {
  check_binary(
      "div", [](float a, float b) { return a / b; }, false);
}

TEST_CASE("f32 fma rounds once in every mode") {
  const auto a = interesting_f32();
  const auto b = rotated(a, 7), c = rotated(a, 1234);
  for (const Mode& mode : kModes) {
    for (bool ftz : {false, true}) {
      const std::string name = std::string("fma") + mode.name + (ftz ? ".ftz" : "") + ".f32";
      const auto got =
          evaluate<uint32_t>(name + " %d, %a0, %a1, %a2;", {"f32", "f32", "f32"}, "f32", a, b, c);
      size_t wrong = 0;
      const RoundingMode scope(mode.host);
      for (size_t i = 0; i < a.size(); ++i) {
        float x = std::bit_cast<float>(a[i]), y = std::bit_cast<float>(b[i]),
              z = std::bit_cast<float>(c[i]);
        if (ftz) {
          x = flush(x);
          y = flush(y);
          z = flush(z);
        }
        volatile float r = std::fma(x, y, z);
        if (ftz) r = flush(r);
        if (got[i] != canonical(r)) ++wrong;
      }
      INFO(name);
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("f32 sqrt and rcp are IEEE in every mode") {
  const auto a = interesting_f32();
  for (const Mode& mode : kModes) {
    for (bool ftz : {false, true}) {
      const std::string suffix = std::string(mode.name) + (ftz ? ".ftz" : "") + ".f32 %d, %a0;";
      const auto roots = evaluate<uint32_t>("sqrt" + suffix, {"f32"}, "f32", a);
      const auto inverses = evaluate<uint32_t>("rcp" + suffix, {"f32"}, "f32", a);
      size_t wrong = 0;
      const RoundingMode scope(mode.host);
      for (size_t i = 0; i < a.size(); ++i) {
        volatile float x = std::bit_cast<float>(a[i]);
        if (ftz) x = flush(x);
        volatile float root = std::sqrt(x), inverse = 1.0F / x;
        if (ftz) {
          root = flush(root);
          inverse = flush(inverse);
        }
        if (roots[i] != canonical(root) || inverses[i] != canonical(inverse)) ++wrong;
      }
      INFO(suffix);
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("f64 arithmetic is IEEE in every mode") {
  const auto a = interesting_f64();
  const auto b = rotated(a, 5), c = rotated(a, 333);
  for (const Mode& mode : kModes) {
    const std::string m = mode.name;
    const std::vector<std::string> two = {"f64", "f64"};
    const auto add = evaluate<uint64_t>("add" + m + ".f64 %d, %a0, %a1;", two, "f64", a, b);
    const auto sub = evaluate<uint64_t>("sub" + m + ".f64 %d, %a0, %a1;", two, "f64", a, b);
    const auto mul = evaluate<uint64_t>("mul" + m + ".f64 %d, %a0, %a1;", two, "f64", a, b);
    const auto div = evaluate<uint64_t>("div" + m + ".f64 %d, %a0, %a1;", two, "f64", a, b);
    const auto sqrt = evaluate<uint64_t>("sqrt" + m + ".f64 %d, %a0;", {"f64"}, "f64", a);
    const auto fma = evaluate<uint64_t>("fma" + m + ".f64 %d, %a0, %a1, %a2;",
                                        {"f64", "f64", "f64"}, "f64", a, b, c);
    size_t wrong = 0;
    const RoundingMode scope(mode.host);
    for (size_t i = 0; i < a.size(); ++i) {
      volatile double x = std::bit_cast<double>(a[i]), y = std::bit_cast<double>(b[i]),
                      z = std::bit_cast<double>(c[i]);
      volatile double r[] = {x + y, x - y, x * y, x / y, std::sqrt(x), std::fma(x, y, z)};
      if (!same64(add[i], r[0]) || !same64(sub[i], r[1]) || !same64(mul[i], r[2]) ||
          !same64(div[i], r[3]) || !same64(sqrt[i], r[4]) || !same64(fma[i], r[5])) {
        ++wrong;
      }
    }
    INFO(m);
    CHECK(wrong == 0);
  }
}

TEST_CASE("min and max order zeros, skip NaNs unless asked not to") {
  const auto a = interesting_f32();
  const auto b = rotated(a, 11);
  std::vector<uint32_t> swapped_zero_a = {0, 0x80000000U, 0x7fc00000U, 0x3f800000U, 0x7fc00000U};
  std::vector<uint32_t> swapped_zero_b = {0x80000000U, 0, 0x3f800000U, 0xffc00000U, 0x7f800001U};
  const std::vector<std::string> two = {"f32", "f32"};
  CHECK(evaluate<uint32_t>("min.f32 %d, %a0, %a1;", two, "f32", swapped_zero_a, swapped_zero_b) ==
        std::vector<uint32_t>{0x80000000U, 0x80000000U, 0x3f800000U, 0x3f800000U, 0x7fffffffU});
  CHECK(evaluate<uint32_t>("max.f32 %d, %a0, %a1;", two, "f32", swapped_zero_a, swapped_zero_b) ==
        std::vector<uint32_t>{0, 0, 0x3f800000U, 0x3f800000U, 0x7fffffffU});
  CHECK(
      evaluate<uint32_t>("max.NaN.f32 %d, %a0, %a1;", two, "f32", swapped_zero_a, swapped_zero_b) ==
      std::vector<uint32_t>{0, 0, 0x7fffffffU, 0x7fffffffU, 0x7fffffffU});
  const std::vector<uint32_t> x = {0xc0400000U, 0x40400000U},
                              y = {0x40000000U, 0xc0800000U};  // -3, 3; 2, -4
  CHECK(evaluate<uint32_t>("min.xorsign.abs.f32 %d, %a0, %a1;", two, "f32", x, y) ==
        std::vector<uint32_t>{0xc0000000U, 0xc0400000U});  // -2, -3
  const auto got = evaluate<uint32_t>("min.f32 %d, %a0, %a1;", two, "f32", a, b);
  size_t wrong = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const float p = std::bit_cast<float>(a[i]), q = std::bit_cast<float>(b[i]);
    float want = std::isnan(p) ? q : (std::isnan(q) || p < q ? p : q);
    if (p == 0.0F && q == 0.0F) want = std::signbit(p) ? p : q;
    if (got[i] != canonical(want)) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("neg, abs, copysign and testp work on bits") {
  const std::vector<uint32_t> a = {0,           0x80000000U, 0x3f800000U,
                                   0xffc00001U, 0x00000001U, 0xff800000U};
  std::vector<uint32_t> negated, magnitude;
  for (uint32_t x : a) negated.push_back(x ^ 0x80000000U), magnitude.push_back(x & 0x7fffffffU);
  CHECK(evaluate<uint32_t>("neg.f32 %d, %a0;", {"f32"}, "f32", a) == negated);
  CHECK(evaluate<uint32_t>("abs.f32 %d, %a0;", {"f32"}, "f32", a) == magnitude);
  CHECK(evaluate<uint32_t>("copysign.f32 %d, %a0, 0f40000000;", {"f32"}, "f32", a) ==
        std::vector<uint32_t>{0x40000000U, 0xc0000000U, 0x40000000U, 0xc0000000U, 0x40000000U,
                              0xc0000000U});
  const auto test = [&](const std::string& what) {
    return evaluate<uint32_t>("testp." + what + ".f32 %p1, %a0; selp.u32 %d, 1, 0, %p1;", {"f32"},
                              "f32", a);
  };
  using V = std::vector<uint32_t>;
  CHECK(test("finite") == V{1, 1, 1, 0, 1, 0});
  CHECK(test("infinite") == V{0, 0, 0, 0, 0, 1});
  CHECK(test("number") == V{1, 1, 1, 0, 1, 1});
  CHECK(test("notanumber") == V{0, 0, 0, 1, 0, 0});
  CHECK(test("normal") == V{0, 0, 1, 0, 0, 0});
  CHECK(test("subnormal") == V{0, 0, 0, 0, 1, 0});
}

TEST_CASE("comparisons, ordered and unordered, combined and paired") {
  const auto a = interesting_f32(300);
  auto b = rotated(a, 1);
  for (size_t i = 0; i < b.size(); i += 3) b[i] = a[i];
  struct Case {
    const char* name;
    std::function<bool(float, float)> holds;
  };
  const auto unordered = [](float x, float y) { return std::isnan(x) || std::isnan(y); };
  const Case cases[] = {{"eq", [](float x, float y) { return x == y; }},
                        {"ne", [&](float x, float y) { return !unordered(x, y) && x != y; }},
                        {"lt", [](float x, float y) { return x < y; }},
                        {"le", [](float x, float y) { return x <= y; }},
                        {"gt", [](float x, float y) { return x > y; }},
                        {"ge", [](float x, float y) { return x >= y; }},
                        {"equ", [&](float x, float y) { return unordered(x, y) || x == y; }},
                        {"neu", [&](float x, float y) { return unordered(x, y) || x != y; }},
                        {"ltu", [&](float x, float y) { return unordered(x, y) || x < y; }},
                        {"leu", [&](float x, float y) { return unordered(x, y) || x <= y; }},
                        {"gtu", [&](float x, float y) { return unordered(x, y) || x > y; }},
                        {"geu", [&](float x, float y) { return unordered(x, y) || x >= y; }},
                        {"num", [&](float x, float y) { return !unordered(x, y); }},
                        {"nan", [&](float x, float y) { return unordered(x, y); }}};
  for (const Case& c : cases) {
    // bit 0: p, bit 1: q = the opposite, both xor-ed with (index is odd); bit 2: set.
    const auto got = evaluate<uint32_t>(
        "and.b32 %t0, %i, 1; setp.ne.u32 %p2, %t0, 0;\n  setp." + std::string(c.name) +
            ".xor.f32 %p3|%p4, %a0, %a1, %p2;\n  selp.u32 %d, 1, 0, %p3; @%p4 add.u32 %d, %d, 2;\n "
            " set." +
            c.name + ".u32.f32 %t1, %a0, %a1; and.b32 %t1, %t1, 4; add.u32 %d, %d, %t1;",
        {"f32", "f32"}, "f32", a, b);
    size_t wrong = 0;
    for (size_t i = 0; i < a.size(); ++i) {
      const bool holds = c.holds(std::bit_cast<float>(a[i]), std::bit_cast<float>(b[i]));
      const bool odd = i % 2 == 1;
      const uint32_t want =
          (holds != odd ? 1U : 0U) | (!holds != odd ? 2U : 0U) | (holds ? 4U : 0U);
      if (got[i] != want) ++wrong;
    }
    INFO(c.name);
    CHECK(wrong == 0);
  }
}

TEST_CASE("approximate functions stay within their documented errors") {
  std::vector<uint32_t> a;
  for (uint32_t i = 0; i < 20000; ++i)
    a.push_back(std::bit_cast<uint32_t>(-3.0F + 0.0003F * static_cast<float>(i)));
  const auto check = [&](const std::string& name, const std::vector<uint32_t>& in, double relative,
                         double absolute, const std::function<double(double)>& f) {
    const auto got = evaluate<uint32_t>(name + " %d, %a0;", {"f32"}, "f32", in);
    double worst = 0;
    for (size_t i = 0; i < in.size(); ++i) {
      const double want = f(std::bit_cast<float>(in[i]));
      if (std::isnan(want)) {
        CHECK(got[i] == 0x7fffffffU);
        continue;
      }
      const double allowed = std::max(relative * std::fabs(want), absolute);
      worst = std::max(worst, std::fabs(std::bit_cast<float>(got[i]) - want) / allowed);
    }
    INFO(name);
    CHECK(worst <= 1.0);
  };
  check("sin.approx.f32", a, 0, 0x1p-20, [](double x) { return std::sin(x); });
  check("cos.approx.f32", a, 0, 0x1p-20, [](double x) { return std::cos(x); });
  check("ex2.approx.f32", a, 0x1p-22, 0, [](double x) { return std::exp2(x); });
  check("lg2.approx.f32", a, 0x1p-22, 0x1p-22, [](double x) { return std::log2(x); });
  check("rsqrt.approx.f32", a, 0x1p-22, 0, [](double x) { return 1 / std::sqrt(x); });
  check("sqrt.approx.f32", a, 0x1p-22, 0, [](double x) { return std::sqrt(x); });
  check("rcp.approx.f32", a, 0x1p-23, 0, [](double x) { return 1 / x; });
  check("tanh.approx.f32", a, 0x1p-10, 0, [](double x) { return std::tanh(x); });
  CHECK(evaluate<uint32_t>(
            "ex2.approx.f32 %d, %a0;", {"f32"}, "f32",
            std::vector<uint32_t>{0xff800000U, 0x7f800000U, 0x43000000U, 0xc3150000U}) ==
        std::vector<uint32_t>{0, 0x7f800000U, 0x7f800000U, 0x00000001U});
}
