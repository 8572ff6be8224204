// SPDX-License-Identifier: MIT
// cvt between all number types (ISA 9.7.9.21): f16 and the 8-bit formats exhaustively against
// decoded values, the rest on the values that matter.
#include "evaluate.hpp"
#include "reference.hpp"

using namespace softgpu::test;

namespace {

// What f16 arithmetic of the compiler (soft or F16C, both IEEE) says.
uint16_t half_of(float x) {
  return std::isnan(x) ? uint16_t{0x7fff} : std::bit_cast<uint16_t>(static_cast<_Float16>(x));
}
uint16_t bfloat_of(double x) {
  if (std::isnan(x)) return 0x7fff;
  return static_cast<uint16_t>(nearest_code(x, 8, 7, 0x7f7f, 0x7f80));
}
template <class T>
std::vector<T> all_codes(uint32_t count) {
  std::vector<T> codes;
  for (uint32_t i = 0; i < count; ++i) codes.push_back(static_cast<T>(i));
  return codes;
}

}  // namespace

TEST_CASE("every f16 and bf16 widens exactly") {
  const auto codes = all_codes<uint16_t>(65536);
  const auto half = evaluate<uint32_t>("cvt.f32.f16 %d, %a0;", {"u16"}, "u32", codes);
  const auto half64 = evaluate<uint64_t>("cvt.f64.f16 %d, %a0;", {"u16"}, "u64", codes);
  const auto bfloat = evaluate<uint32_t>("cvt.f32.bf16 %d, %a0;", {"u16"}, "u32", codes);
  size_t wrong = 0;
  for (uint32_t c = 0; c < 65536; ++c) {
    const uint32_t magnitude = c & 0x7fffU;
    uint32_t want = std::bit_cast<uint32_t>(static_cast<float>(decode(c, 5, 10)));
    if (magnitude == 0x7c00) want = 0x7f800000U | ((c & 0x8000U) << 16);
    if (magnitude > 0x7c00) want = 0x7fffffffU;
    wrong += half[c] != want ? 1 : 0;
    if (magnitude < 0x7c00) wrong += half64[c] != std::bit_cast<uint64_t>(decode(c, 5, 10)) ? 1 : 0;
    const uint32_t want_bfloat = magnitude > 0x7f80 ? 0x7fffffffU : c << 16;
    wrong += bfloat[c] != want_bfloat ? 1 : 0;
  }
  CHECK(wrong == 0);
}

// cuda_bf16.hpp converts through registers of 8 bits, the only ones that ptxas takes here.
TEST_CASE("bf16 to 8-bit integers and back, every value") {
  const auto codes = all_codes<uint16_t>(65536);
  const auto to_int = [&](const std::string& rounding, const char* type, const char* wide) {
    return evaluate<uint32_t>("{ .reg .b8 t; cvt." + rounding + "." + type + ".bf16 t, %a0; cvt." +
                                  wide + "." + type + " %d, t; }",
                              {"u16"}, "u32", codes);
  };
  const auto truncated = to_int("rzi", "s8", "s32");
  const auto rounded = to_int("rni", "u8", "u32");
  const auto lowered = to_int("rmi", "s8", "s32");
  size_t wrong = 0;
  for (uint32_t c = 0; c < 65536; ++c) {
    const double x = decode(c, 8, 7);
    const bool nan = (c & 0x7fffU) > 0x7f80, infinite = (c & 0x7fffU) == 0x7f80;
    const double value = infinite ? ((c & 0x8000U) != 0 ? -1e9 : 1e9) : x;
    const auto clamped = [&](double v, double low, double high) {
      return static_cast<uint32_t>(
          static_cast<int32_t>(nan ? 0 : std::min(std::max(v, low), high)));
    };
    wrong += truncated[c] != clamped(std::trunc(value), -128, 127) ? 1 : 0;
    wrong += rounded[c] != clamped(std::nearbyint(value), 0, 255) ? 1 : 0;
    wrong += lowered[c] != clamped(std::floor(value), -128, 127) ? 1 : 0;
  }
  CHECK(wrong == 0);

  const auto bytes = all_codes<uint16_t>(256);
  const auto of_signed = evaluate<uint16_t>(
      "{ .reg .b8 t; cvt.u8.u16 t, %a0; cvt.rn.bf16.s8 %d, t; }", {"u16"}, "u16", bytes);
  const auto of_unsigned = evaluate<uint16_t>(
      "{ .reg .b8 t; cvt.u8.u16 t, %a0; cvt.rz.bf16.u8 %d, t; }", {"u16"}, "u16", bytes);
  for (uint32_t c = 0; c < 256; ++c) {
    CHECK(of_signed[c] == bfloat_of(static_cast<int8_t>(c)));
    CHECK(of_unsigned[c] == bfloat_of(c));
  }
}

TEST_CASE("f32 to f16 and bf16 rounds to nearest even, also packed and with relu") {
  auto a = interesting_f32(20000);
  for (uint32_t c = 0; c < 0x7c00;
       c += 3) {  // exact ties between f16 neighbours, and just beside them
    const double tie = (decode(c, 5, 10) + decode(c + 1, 5, 10)) / 2;
    const uint32_t bits = std::bit_cast<uint32_t>(static_cast<float>(tie));
    a.insert(a.end(), {bits, bits + 1, bits - 1, bits | 0x80000000U});
  }
  const auto b = rotated(a, 1);
  const auto half = evaluate<uint16_t>("cvt.rn.f16.f32 %d, %a0;", {"u32"}, "u16", a);
  const auto bfloat = evaluate<uint16_t>("cvt.rn.bf16.f32 %d, %a0;", {"u32"}, "u16", a);
  const auto pair =
      evaluate<uint32_t>("cvt.rn.f16x2.f32 %d, %a0, %a1;", {"u32", "u32"}, "u32", a, b);
  const auto relu =
      evaluate<uint32_t>("cvt.rn.relu.bf16x2.f32 %d, %a0, %a1;", {"u32", "u32"}, "u32", a, b);
  size_t wrong = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const float x = std::bit_cast<float>(a[i]), y = std::bit_cast<float>(b[i]);
    wrong += half[i] != half_of(x) ? 1 : 0;
    wrong += bfloat[i] != bfloat_of(x) ? 1 : 0;
    wrong += pair[i] != ((static_cast<uint32_t>(half_of(x)) << 16) | half_of(y)) ? 1 : 0;
    const auto positive = [](float v) { return std::isnan(v) || v > 0 ? v : 0.0F; };
    wrong +=
        relu[i] != ((static_cast<uint32_t>(bfloat_of(positive(x))) << 16) | bfloat_of(positive(y)))
            ? 1
            : 0;
  }
  CHECK(wrong == 0);
}

TEST_CASE("directed rounding to f16 brackets the value") {
  const auto a = interesting_f32();
  const auto down = evaluate<uint16_t>("cvt.rm.f16.f32 %d, %a0;", {"u32"}, "u16", a);
  const auto up = evaluate<uint16_t>("cvt.rp.f16.f32 %d, %a0;", {"u32"}, "u16", a);
  const auto zero = evaluate<uint16_t>("cvt.rz.f16.f32 %d, %a0;", {"u32"}, "u16", a);
  const auto value = [](uint16_t c) {
    if ((c & 0x7fff) == 0x7c00) return (c & 0x8000) != 0 ? -INFINITY : INFINITY;
    return static_cast<float>(decode(c, 5, 10));
  };
  size_t wrong = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const float x = std::bit_cast<float>(a[i]);
    if (std::isnan(x)) continue;
    const float d = value(down[i]), u = value(up[i]), z = value(zero[i]);
    bool good = d <= x && x <= u;
    if (d == x || u == x) good = good && d == u;
    // Neighbours: no f16 strictly between.
    if (d != u && !std::isinf(d) && !std::isinf(u))
      good = good && half_of((d + u) / 2) != 0xffff &&
             std::fabs(u - d) <= std::max(std::fabs(d), 0x1p-14F) * 0x1p-9F;
    good = good && z == (x > 0 ? d : u);
    wrong += good ? 0 : 1;
  }
  CHECK(wrong == 0);
}

TEST_CASE("8-bit formats round to nearest even, saturate, and widen exactly") {
  auto a = interesting_f32(5000);
  for (uint32_t c = 0; c < 0x7e; ++c) {
    for (int bits : {3, 2}) {
      const double tie = (decode(c, 7 - bits, bits) + decode(c + 1, 7 - bits, bits)) / 2;
      const uint32_t t = std::bit_cast<uint32_t>(static_cast<float>(tie));
      a.insert(a.end(), {t, t + 1, t - 1, t | 0x80000000U});
    }
  }
  const auto zero = std::vector<uint32_t>(a.size(), 0);
  const auto e4m3 = evaluate<uint16_t>("cvt.rn.satfinite.e4m3x2.f32 %d, %a0, %a1;", {"u32", "u32"},
                                       "u16", a, zero);
  const auto e5m2 = evaluate<uint16_t>("cvt.rn.satfinite.e5m2x2.f32 %d, %a1, %a0;", {"u32", "u32"},
                                       "u16", a, zero);
  size_t wrong = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const float x = std::bit_cast<float>(a[i]);
    const uint32_t sign = std::signbit(x) ? 0x80 : 0;
    uint32_t want3 = nearest_code(x, 4, 3, 0x7e, 0x7e), want2 = nearest_code(x, 5, 2, 0x7b, 0x7b);
    if (std::isinf(x)) want3 = sign | 0x7e, want2 = sign | 0x7b;
    if (std::isnan(x)) want3 = 0x7f, want2 = 0x7f;
    wrong += e4m3[i] != want3 << 8 ? 1 : 0;
    wrong += e5m2[i] != want2 ? 1 : 0;
  }
  CHECK(wrong == 0);
  const auto codes = all_codes<uint16_t>(256);
  const auto wide3 = evaluate<uint32_t>("cvt.rn.f16x2.e4m3x2 %d, %a0;", {"u16"}, "u32", codes);
  const auto wide2 = evaluate<uint32_t>("cvt.rn.f16x2.e5m2x2 %d, %a0;", {"u16"}, "u32", codes);
  for (uint32_t c = 0; c < 256; ++c) {
    const uint32_t want3 =
        (c & 0x7f) == 0x7f ? 0x7fffU : half_of(static_cast<float>(decode(c, 4, 3)));
    uint32_t want2 = half_of(static_cast<float>(decode(c, 5, 2)));
    if ((c & 0x7f) == 0x7c) want2 = 0x7c00 | ((c & 0x80) << 8);
    if ((c & 0x7f) > 0x7c) want2 = 0x7fff;
    INFO(c);
    CHECK(wide3[c] == want3);
    CHECK(wide2[c] == want2);
  }
}

TEST_CASE("floats become integers: four modes, clamped, NaN by the ISA's rule") {
  const auto a = interesting_f32();
  struct Case {
    const char* mod;
    float (*round)(float);
  };
  const Case cases[] = {
      {".rni", std::nearbyint}, {".rzi", std::trunc}, {".rmi", std::floor}, {".rpi", std::ceil}};
  for (const Case& c : cases) {
    const auto s32 =
        evaluate<uint32_t>(std::string("cvt") + c.mod + ".s32.f32 %d, %a0;", {"u32"}, "u32", a);
    const auto u8 =
        evaluate<uint32_t>(std::string("cvt") + c.mod + ".u8.f32 %d, %a0;", {"u32"}, "u32", a);
    const auto s64 =
        evaluate<uint64_t>(std::string("cvt") + c.mod + ".s64.f32 %d, %a0;", {"u32"}, "u64", a);
    const auto u64 =
        evaluate<uint64_t>(std::string("cvt") + c.mod + ".u64.f32 %d, %a0;", {"u32"}, "u64", a);
    const auto same =
        evaluate<uint32_t>(std::string("cvt") + c.mod + ".f32.f32 %d, %a0;", {"u32"}, "u32", a);
    size_t wrong = 0;
    for (size_t i = 0; i < a.size(); ++i) {
      const float x = std::bit_cast<float>(a[i]);
      const double r = c.round(x);
      if (std::isnan(x)) {
        wrong += s32[i] != 0 || u8[i] != 0 || s64[i] != 1ULL << 63 || u64[i] != 1ULL << 63 ? 1 : 0;
        continue;
      }
      const double clamped = std::min(std::max(r, -2147483648.0), 2147483647.0);
      wrong += s32[i] != static_cast<uint32_t>(static_cast<int32_t>(clamped)) ? 1 : 0;
      wrong += u8[i] != static_cast<uint32_t>(std::min(std::max(r, 0.0), 255.0)) ? 1 : 0;
      const int64_t want64 =
          r >= 0x1p63 ? INT64_MAX : (r < -0x1p63 ? INT64_MIN : static_cast<int64_t>(r));
      wrong += s64[i] != static_cast<uint64_t>(want64) ? 1 : 0;
      wrong +=
          u64[i] != (r >= 0x1p64 ? UINT64_MAX : (r < 0 ? 0 : static_cast<uint64_t>(r))) ? 1 : 0;
      wrong += same[i] != std::bit_cast<uint32_t>(c.round(x)) ? 1 : 0;
    }
    INFO(c.mod);
    CHECK(wrong == 0);
  }
}

TEST_CASE("integers become floats in every mode") {
  auto a = interesting_u32();
  std::vector<uint64_t> wide;
  for (size_t i = 0; i < a.size(); ++i)
    wide.push_back((uint64_t{a[i]} << 32) | a[(i + 9) % a.size()]);
  wide.insert(wide.end(), {0x8000000000000001ULL, 0x8000010000000001ULL, 0x0020000000000001ULL,
                           0xffffffffffffffffULL});
  const struct {
    const char* mod;
    int host;
  } modes[] = {
      {".rn", FE_TONEAREST}, {".rz", FE_TOWARDZERO}, {".rm", FE_DOWNWARD}, {".rp", FE_UPWARD}};
  for (const auto& mode : modes) {
    const std::string m = std::string("cvt") + mode.mod;
    const auto s = evaluate<uint32_t>(m + ".f32.s32 %d, %a0;", {"u32"}, "u32", a);
    const auto u = evaluate<uint32_t>(m + ".f32.u32 %d, %a0;", {"u32"}, "u32", a);
    const auto s64 = evaluate<uint32_t>(m + ".f32.s64 %d, %a0;", {"u64"}, "u32", wide);
    const auto u64 = evaluate<uint64_t>(m + ".f64.u64 %d, %a0;", {"u64"}, "u64", wide);
    const auto h = evaluate<uint16_t>(m + ".f16.s32 %d, %a0;", {"u32"}, "u16", a);
    size_t wrong = 0;
    const RoundingMode scope(mode.host);
    for (size_t i = 0; i < a.size(); ++i) {
      volatile int32_t x = static_cast<int32_t>(a[i]);
      volatile uint32_t y = a[i];
      wrong += s[i] != std::bit_cast<uint32_t>(static_cast<float>(x)) ? 1 : 0;
      wrong += u[i] != std::bit_cast<uint32_t>(static_cast<float>(y)) ? 1 : 0;
      if (mode.host == FE_TONEAREST) {
        wrong += h[i] != static_cast<uint16_t>(nearest_code(x, 5, 10, 0x7bff, 0x7c00)) ? 1 : 0;
      }
    }
    for (size_t i = 0; i < wide.size(); ++i) {
      volatile int64_t x = static_cast<int64_t>(wide[i]);
      volatile long double y = static_cast<long double>(wide[i]);  // exact: 64 bits of significand
      wrong += s64[i] != std::bit_cast<uint32_t>(static_cast<float>(x)) ? 1 : 0;
      volatile double want = static_cast<double>(y);
      wrong += u64[i] != std::bit_cast<uint64_t>(static_cast<double>(want)) ? 1 : 0;
    }
    INFO(mode.mod);
    CHECK(wrong == 0);
  }
}

TEST_CASE("f64 to f32, f16 and bf16 round once") {
  auto a = interesting_f64(5000);
  // Just beside a tie of f16, closer than f32 can tell: two roundings would go wrong.
  a.push_back(std::bit_cast<uint64_t>(1.0 + 0x1p-11 + 0x1p-40));
  a.push_back(std::bit_cast<uint64_t>(1.0 + 0x1p-8 + 0x1p-40));
  const auto single = evaluate<uint32_t>("cvt.rn.f32.f64 %d, %a0;", {"u64"}, "u32", a);
  const auto down = evaluate<uint32_t>("cvt.rm.f32.f64 %d, %a0;", {"u64"}, "u32", a);
  const auto half = evaluate<uint16_t>("cvt.rn.f16.f64 %d, %a0;", {"u64"}, "u16", a);
  const auto bfloat = evaluate<uint16_t>("cvt.rn.bf16.f64 %d, %a0;", {"u64"}, "u16", a);
  size_t wrong = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    volatile double x = std::bit_cast<double>(a[i]);
    if (std::isnan(x)) {
      wrong += single[i] != 0x7fffffffU || half[i] != 0x7fff || bfloat[i] != 0x7fff ? 1 : 0;
      continue;
    }
    wrong += single[i] != std::bit_cast<uint32_t>(static_cast<float>(x)) ? 1 : 0;
    {
      const RoundingMode scope(FE_DOWNWARD);
      volatile float lower = static_cast<float>(x);  // volatile: before the mode goes back
      wrong += down[i] != std::bit_cast<uint32_t>(static_cast<float>(lower)) ? 1 : 0;
    }
    const uint32_t sign = std::signbit(x) ? 0x8000 : 0;
    wrong +=
        half[i] != (std::isinf(x) ? sign | 0x7c00 : nearest_code(x, 5, 10, 0x7bff, 0x7c00)) ? 1 : 0;
    wrong += bfloat[i] != (std::isinf(x) ? sign | 0x7f80 : nearest_code(x, 8, 7, 0x7f7f, 0x7f80))
                 ? 1
                 : 0;
  }
  CHECK(wrong == 0);
}

TEST_CASE("tf32 rounds away at ties, integers saturate, packs saturate") {
  const std::vector<uint32_t> a = {0x3f801000U, 0x3f800fffU, 0x3f802fffU, 0xbf801000U,
                                   0x7fc00000U, 0x7f7fffffU, 0x00001000U};
  CHECK(evaluate<uint32_t>("cvt.rna.tf32.f32 %d, %a0;", {"u32"}, "u32", a) ==
        std::vector<uint32_t>{0x3f802000U, 0x3f800000U, 0x3f802000U, 0xbf802000U, 0x7fffffffU,
                              0x7f800000U, 0x00002000U});
  const std::vector<uint32_t> b = {300, static_cast<uint32_t>(-200), 5, 0x7fffffffU, 0x80000000U};
  CHECK(evaluate<uint32_t>("cvt.sat.s8.s32 %d, %a0;", {"u32"}, "u32", b) ==
        std::vector<uint32_t>{127, 0xffffff80U, 5, 127, 0xffffff80U});
  CHECK(evaluate<uint32_t>("cvt.u16.s32 %h0, %a0; cvt.u32.u16 %d, %h0;", {"u32"}, "u32", b) ==
        std::vector<uint32_t>{300, 0xff38, 5, 0xffff, 0});
  CHECK(evaluate<uint32_t>("cvt.pack.sat.u8.s32.b32 %d, %a0, 7, 0xabcd1234;", {"u32"}, "u32", b) ==
        std::vector<uint32_t>{0x1234ff07U, 0x12340007U, 0x12340507U, 0x1234ff07U, 0x12340007U});
}
