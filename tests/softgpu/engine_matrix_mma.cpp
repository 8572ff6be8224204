// SPDX-License-Identifier: MIT
// mma.sync (PTX ISA 9.7.14.5): every shape and type with numbers whose sums are exact, so that an
// element in the wrong place shows; then what the ISA says of special values and saturation.
#include <cmath>
#include <limits>

#include "matrix_harness.hpp"

using namespace softgpu::test;

namespace {

// A number as an element of A or B, and back from an accumulator.
struct ElementType {
  const char* name;
  uint32_t bits;
  int64_t low, high;  // integers that it holds exactly
};
constexpr ElementType kF16{"f16", 16, -9, 9}, kBF16{"bf16", 16, -9, 9}, kTF32{"tf32", 32, -9, 9},
    kF64{"f64", 64, -9, 9}, kS8{"s8", 8, -128, 127}, kU8{"u8", 8, 0, 255}, kS4{"s4", 4, -8, 7},
    kU4{"u4", 4, 0, 15}, kE4M3{"e4m3", 8, -8, 8}, kE5M2{"e5m2", 8, -4, 4}, kE3M2{"e3m2", 8, -4, 4},
    kE2M3{"e2m3", 8, -7, 7}, kE2M1{"e2m1", 8, -4, 4};

// The code of a small integer in a float format of the given widths, from the definition.
uint64_t float_code(int64_t value, uint32_t exponent_bits, uint32_t mantissa_bits) {
  const uint64_t sign = value < 0 ? 1 : 0;
  const uint64_t magnitude = static_cast<uint64_t>(value < 0 ? -value : value);
  if (magnitude == 0) return 0;
  const int bias = (1 << (exponent_bits - 1)) - 1;
  const int exponent = static_cast<int>(std::floor(std::log2(static_cast<double>(magnitude))));
  const double fraction = std::ldexp(static_cast<double>(magnitude), -exponent) - 1.0;
  const uint64_t mantissa =
      static_cast<uint64_t>(std::ldexp(fraction, static_cast<int>(mantissa_bits)));
  REQUIRE(std::ldexp(static_cast<double>(mantissa), -static_cast<int>(mantissa_bits)) == fraction);
  return (sign << (exponent_bits + mantissa_bits)) |
         (static_cast<uint64_t>(exponent + bias) << mantissa_bits) | mantissa;
}
uint64_t encoded(const std::string& type, int64_t value) {
  if (type == "f16") return float_code(value, 5, 10);
  if (type == "bf16") return float_code(value, 8, 7);
  if (type == "tf32" || type == "f32") return float_code(value, 8, 23);
  if (type == "f64") return float_code(value, 11, 52);
  if (type == "e4m3") return float_code(value, 4, 3);
  if (type == "e5m2") return float_code(value, 5, 2);
  if (type == "e3m2") return float_code(value, 3, 2);
  if (type == "e2m3") {  // 1 is its first normal number; 0 the only integer below
    return float_code(value, 2, 3);
  }
  if (type == "e2m1") return float_code(value, 2, 1) << 2;  // in bits 2 to 5 of the byte
  return static_cast<uint64_t>(value);
}
// Integers that a format skips.
int64_t representable(const ElementType& type, int64_t value) {
  const std::string name = type.name;
  if ((name == "e2m1" || name == "e5m2") && (value == 5 || value == -5)) return 4;
  return value;
}

FragmentType fragment_of(const ElementType& type, uint32_t elements) {
  return {type.bits == 64 ? "f64" : "b32", elements / 32 * type.bits / (type.bits == 64 ? 64 : 32)};
}
FragmentType accumulator_of(const std::string& type, uint32_t elements) {
  if (type == "f16") return {"b32", elements / 64};
  return {type, elements / 32};
}
uint32_t accumulator_bits(const std::string& type) {
  return type == "f16" ? 16 : (type == "f64" ? 64 : 32);
}

void check_exact(uint32_t m, uint32_t n, uint32_t k, const ElementType& ta, const ElementType& tb,
                 const std::string& td, const std::string& before_types,
                 const std::string& after_types) {
  const std::string form = "mma.sync.aligned.m" + std::to_string(m) + "n" + std::to_string(n) +
                           "k" + std::to_string(k) + ".row.col" + before_types + "." + td + "." +
                           ta.name + "." + tb.name + "." + td + after_types;
  INFO(form);
  Numbers numbers(m * 1000 + k + ta.bits * 7 + tb.bits);
  std::vector<int64_t> a(m * k), b(k * n), c(m * n);
  for (auto& x : a) x = representable(ta, numbers.between(ta.low, ta.high));
  for (auto& x : b) x = representable(tb, numbers.between(tb.low, tb.high));
  for (auto& x : c) x = numbers.between(-50, 50);
  Fragments in({fragment_of(ta, m * k), fragment_of(tb, k * n), accumulator_of(td, m * n)});
  for (uint32_t lane = 0; lane < 32; ++lane) {
    for (uint32_t i = 0; i < m * k / 32; ++i) {
      const Place p = place_in_a(m, ta.bits, lane, i);
      in.set(0, lane, i, ta.bits, encoded(ta.name, a[p.row * k + p.column]));
    }
    for (uint32_t i = 0; i < k * n / 32; ++i) {
      const Place p = place_in_b(tb.bits, lane, i);
      in.set(1, lane, i, tb.bits, encoded(tb.name, b[p.row * n + p.column]));
    }
    for (uint32_t i = 0; i < m * n / 32; ++i) {
      const Place p = place_in_c(lane, i);
      in.set(2, lane, i, accumulator_bits(td), encoded(td, c[p.row * n + p.column]));
    }
  }
  Fragments d = run_matrix(form + " {R}, {A}, {B}, {C};", accumulator_of(td, m * n), in);
  for (uint32_t lane = 0; lane < 32; ++lane) {
    for (uint32_t i = 0; i < m * n / 32; ++i) {
      const Place p = place_in_c(lane, i);
      int64_t sum = c[p.row * n + p.column];
      for (uint32_t j = 0; j < k; ++j) sum += a[p.row * k + j] * b[j * n + p.column];
      const uint32_t bits = accumulator_bits(td);
      const uint64_t mask = bits == 64 ? ~0ULL : (1ULL << bits) - 1;
      INFO("lane " << lane << " element " << i << " sum " << sum);
      REQUIRE(d.get(0, lane, i, bits) == (encoded(td, sum) & mask));
    }
  }
}

}  // namespace

TEST_CASE("mma: every dense shape of the float types, exact sums") {
  for (uint32_t k : {8U, 16U}) {
    check_exact(16, 8, k, kF16, kF16, "f32", "", "");
    check_exact(16, 8, k, kF16, kF16, "f16", "", "");
    check_exact(16, 8, k, kBF16, kBF16, "f32", "", "");
  }
  for (uint32_t k : {4U, 8U}) check_exact(16, 8, k, kTF32, kTF32, "f32", "", "");
  check_exact(8, 8, 4, kF64, kF64, "f64", "", "");
  for (const char* rounding : {"", ".rn", ".rz", ".rm", ".rp"}) {
    for (uint32_t k : {4U, 8U, 16U}) check_exact(16, 8, k, kF64, kF64, "f64", "", rounding);
  }
}

TEST_CASE("mma: every pair of narrow float types, exact sums") {
  for (uint32_t k : {16U, 32U}) {
    for (const auto& a : {kE4M3, kE5M2}) {
      for (const auto& b : {kE4M3, kE5M2}) {
        check_exact(16, 8, k, a, b, "f32", "", "");
        check_exact(16, 8, k, a, b, "f16", "", "");
      }
    }
  }
  for (const auto& a : {kE4M3, kE5M2, kE3M2, kE2M3, kE2M1}) {
    for (const auto& b : {kE4M3, kE5M2, kE3M2, kE2M3, kE2M1}) {
      check_exact(16, 8, 32, a, b, "f32", ".kind::f8f6f4", "");
      check_exact(16, 8, 32, a, b, "f16", ".kind::f8f6f4", "");
    }
  }
}

TEST_CASE("mma: every shape and sign of the integer types") {
  for (const char* saturate : {"", ".satfinite"}) {
    for (const auto& a : {kS8, kU8}) {
      for (const auto& b : {kS8, kU8}) {
        check_exact(8, 8, 16, a, b, "s32", saturate, "");
        check_exact(16, 8, 16, a, b, "s32", saturate, "");
        check_exact(16, 8, 32, a, b, "s32", saturate, "");
      }
    }
    for (const auto& a : {kS4, kU4}) {
      for (const auto& b : {kS4, kU4}) {
        check_exact(8, 8, 32, a, b, "s32", saturate, "");
        check_exact(16, 8, 32, a, b, "s32", saturate, "");
        check_exact(16, 8, 64, a, b, "s32", saturate, "");
      }
    }
  }
}

TEST_CASE("mma: integer sums wrap, or stop at the ends with .satfinite") {
  for (const bool saturates : {false, true}) {
    for (const int32_t start : {0x7fffff00, -0x7fffff00}) {
      Fragments in({{"b32", 2}, {"b32", 1}, {"s32", 4}});
      for (uint32_t lane = 0; lane < 32; ++lane) {
        for (uint32_t r = 0; r < 2; ++r) in.at(0, r, lane) = start > 0 ? 0x7f7f7f7f : 0x80808080;
        in.at(1, 0, lane) = 0x7f7f7f7f;
        for (uint32_t r = 0; r < 4; ++r) in.at(2, r, lane) = static_cast<uint32_t>(start);
      }
      Fragments d =
          run_matrix(std::string("mma.sync.aligned.m16n8k16.row.col") +
                         (saturates ? ".satfinite" : "") + ".s32.s8.s8.s32 {R}, {A}, {B}, {C};",
                     {"s32", 4}, in);
      const int64_t exact = int64_t{start} + 16 * (start > 0 ? 127 * 127 : -128 * 127);
      const int64_t expected = !saturates  ? exact
                               : start > 0 ? std::numeric_limits<int32_t>::max()
                                           : std::numeric_limits<int32_t>::min();
      for (uint32_t lane = 0; lane < 32; ++lane) {
        for (uint32_t r = 0; r < 4; ++r) {
          REQUIRE(d.at(0, r, lane) == static_cast<uint32_t>(expected));
        }
      }
    }
  }
}

TEST_CASE("mma: single bits, xor and and") {
  struct Shape {
    uint32_t m, k;
  };
  for (const Shape s : {Shape{8, 128}, Shape{16, 128}, Shape{16, 256}}) {
    for (const bool is_and : {false, true}) {
      const uint32_t words = s.k / 32;
      Numbers numbers(s.m + s.k);
      std::vector<uint32_t> a(s.m * words), b(8 * words);
      for (auto& x : a) x = static_cast<uint32_t>(numbers.next() >> 16);
      for (auto& x : b) x = static_cast<uint32_t>(numbers.next() >> 16);
      Fragments in({{"b32", s.m * words / 32}, {"b32", words / 4}, {"s32", s.m / 4}});
      for (uint32_t lane = 0; lane < 32; ++lane) {
        for (uint32_t i = 0; i < s.m * words / 32; ++i) {
          const Place p = place_in_a(s.m, 32, lane, i);
          in.at(0, i, lane) = a[p.row * words + p.column];
        }
        for (uint32_t i = 0; i < words / 4; ++i) {
          const Place p = place_in_b(32, lane, i);
          in.at(1, i, lane) = b[p.column * words + p.row];
        }
        for (uint32_t i = 0; i < s.m / 4; ++i) in.at(2, i, lane) = i * 1000 + lane;
      }
      const std::string form = "mma.sync.aligned.m" + std::to_string(s.m) + "n8k" +
                               std::to_string(s.k) + ".row.col.s32.b1.b1.s32" +
                               (is_and ? ".and.popc" : ".xor.popc");
      INFO(form);
      Fragments d = run_matrix(form + " {R}, {A}, {B}, {C};", {"s32", s.m / 4}, in);
      for (uint32_t lane = 0; lane < 32; ++lane) {
        for (uint32_t i = 0; i < s.m / 4; ++i) {
          const Place p = place_in_c(lane, i);
          uint32_t sum = i * 1000 + lane;
          for (uint32_t j = 0; j < words; ++j) {
            const uint32_t x = a[p.row * words + j], y = b[p.column * words + j];
            sum += static_cast<uint32_t>(__builtin_popcount(is_and ? x & y : x ^ y));
          }
          REQUIRE(d.at(0, i, lane) == sum);
        }
      }
    }
  }
}

TEST_CASE("mma.m8n8k4 with .f16: four products of quad pairs, all layouts and accumulators") {
  // 9.7.14.5.1: lanes 4i … 4i+3 and 16+4i … make the i-th product.
  for (const bool a_col : {false, true}) {
    for (const bool b_row : {false, true}) {
      for (const char* dc : {"f16.f16", "f32.f16", "f32.f32"}) {
        const std::string d_type = std::string(dc).substr(0, 3), c_type = std::string(dc).substr(4);
        Numbers numbers(a_col * 2U + b_row);
        int64_t a[4][8][4], b[4][4][8], c[4][8][8];
        for (auto& p : a)
          for (auto& r : p)
            for (auto& x : r) x = numbers.between(-9, 9);
        for (auto& p : b)
          for (auto& r : p)
            for (auto& x : r) x = numbers.between(-9, 9);
        for (auto& p : c)
          for (auto& r : p)
            for (auto& x : r) x = numbers.between(-50, 50);
        const auto place = [](const std::string& type, uint32_t lane, uint32_t i) -> Place {
          if (type == "f16") return {lane % 4 + (lane < 16 ? 0U : 4U), i};
          const uint32_t x = (lane & 1U) + (i & 2U);
          return {lane < 16 ? x : x + 4, (i & 4U) + (lane & 2U) + (i & 1U)};
        };
        Fragments in({{"b32", 2}, {"b32", 2}, accumulator_of(c_type, 8 * 32)});
        for (uint32_t lane = 0; lane < 32; ++lane) {
          const uint32_t pair = lane / 4 % 4, q = lane % 4, upper = lane < 16 ? 0 : 4;
          for (uint32_t i = 0; i < 4; ++i) {
            in.set(0, lane, i, 16,
                   encoded("f16", a_col ? a[pair][i + upper][q] : a[pair][q + upper][i]));
            in.set(1, lane, i, 16,
                   encoded("f16", b_row ? b[pair][q][i + upper] : b[pair][i][q + upper]));
          }
          for (uint32_t i = 0; i < 8; ++i) {
            const Place p = place(c_type, lane, i);
            in.set(2, lane, i, accumulator_bits(c_type), encoded(c_type, c[pair][p.row][p.column]));
          }
        }
        const std::string form = std::string("mma.sync.aligned.m8n8k4.") +
                                 (a_col ? "col." : "row.") + (b_row ? "row." : "col.") + d_type +
                                 ".f16.f16." + c_type;
        INFO(form);
        Fragments d = run_matrix(form + " {R}, {A}, {B}, {C};", accumulator_of(d_type, 8 * 32), in);
        for (uint32_t lane = 0; lane < 32; ++lane) {
          const uint32_t pair = lane / 4 % 4;
          for (uint32_t i = 0; i < 8; ++i) {
            const Place p = place(d_type, lane, i);
            int64_t sum = c[pair][p.row][p.column];
            for (uint32_t k = 0; k < 4; ++k) sum += a[pair][p.row][k] * b[pair][k][p.column];
            const uint32_t bits = accumulator_bits(d_type);
            INFO("lane " << lane << " element " << i);
            REQUIRE(d.get(0, lane, i, bits) ==
                    (encoded(d_type, sum) & (bits == 16 ? 0xffffU : 0xffffffffU)));
          }
        }
      }
    }
  }
}

namespace {

// One row of A times one column of B: D[0][0], all else zero. Codes of the elements.
uint64_t dot(const std::string& form, uint32_t m, uint32_t bits, const std::string& type,
             const std::vector<uint64_t>& a, const std::vector<uint64_t>& b, uint64_t c, uint32_t k,
             const std::string& d_type) {
  const ElementType element{"", bits, 0, 0};
  Fragments in(
      {fragment_of(element, m * k), fragment_of(element, 8 * k), accumulator_of(type, m * 8)});
  for (uint32_t lane = 0; lane < 32; ++lane) {
    for (uint32_t i = 0; i < m * k / 32; ++i) {
      const Place p = place_in_a(m, bits, lane, i);
      if (p.row == 0 && p.column < a.size()) in.set(0, lane, i, bits, a[p.column]);
    }
    for (uint32_t i = 0; i < 8 * k / 32; ++i) {
      const Place p = place_in_b(bits, lane, i);
      if (p.column == 0 && p.row < b.size()) in.set(1, lane, i, bits, b[p.row]);
    }
  }
  in.set(2, 0, 0, accumulator_bits(type), c);
  Fragments d = run_matrix(form + " {R}, {A}, {B}, {C};", accumulator_of(d_type, m * 8), in);
  for (uint32_t i = 1; i < m * 8 / 32; ++i) {
    CHECK(d.get(0, 31, i, accumulator_bits(d_type)) == 0);
  }
  return d.get(0, 0, 0, accumulator_bits(d_type));
}

constexpr const char* kF16ToF32 = "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32";
constexpr const char* kF16ToF16 = "mma.sync.aligned.m16n8k16.row.col.f16.f16.f16.f16";

}  // namespace

TEST_CASE("mma: NaN, infinities, zeros and subnormals of f16") {
  const auto f32 = [](std::vector<uint64_t> a, std::vector<uint64_t> b, uint64_t c) {
    return dot(kF16ToF32, 16, 16, "f32", a, b, c, 16, "f32");
  };
  CHECK(f32({0x7e01}, {0x3c00}, 0) == 0x7fffffff);  // NaN * 1
  CHECK(f32({0x7c00}, {0x0000}, 0) == 0x7fffffff);  // inf * 0
  CHECK(f32({0x7c00, 0xfc00}, {0x3c00, 0x3c00}, 0) == 0x7fffffff);
  CHECK(f32({0x7c00}, {0xbc00}, 0) == 0xff800000);           // inf * -1
  CHECK(f32({0x3c00}, {0x3c00}, 0x7f800000) == 0x7f800000);  // + inf
  CHECK(f32({0x3c00}, {0x3c00}, 0xffc12345) == 0x7fffffff);  // + NaN
  CHECK(f32({0x0001}, {0x3c00}, 0) == 0x33800000);           // the smallest subnormal: 2^-24
  CHECK(f32({0x0001}, {0x0001}, 0) == 0x27800000);           // 2^-48
  CHECK(f32({}, {}, 0x00000001) == 0x00000001);              // a subnormal accumulator stays
  CHECK(f32({0x7bff}, {0x7bff}, 0) == 0x4f7fc004);           // 65504^2, more than f16 holds
}

TEST_CASE("mma: f16 accumulators round once, to nearest even") {
  const auto f16 = [](std::vector<uint64_t> a, std::vector<uint64_t> b, uint64_t c) {
    return dot(kF16ToF16, 16, 16, "f16", a, b, c, 16, "f16");
  };
  CHECK(f16({0x3c00}, {0x1000}, 0x3c00) == 0x3c00);  // 1 + 2^-11: a tie, to even
  CHECK(f16({0x3c00}, {0x1000}, 0x3c01) == 0x3c02);  // 1 + 3 * 2^-11: a tie, to even
  // Just above and below a tie, by a product far smaller than the last place of an f16.
  CHECK(f16({0x3c00, 0x0001}, {0x1000, 0x3c00}, 0x3c00) == 0x3c01);
  CHECK(f16({0x3c00, 0x8001}, {0x1000, 0x3c00}, 0x3c01) == 0x3c01);
  // Sums beyond the range in between come back: 65504 + 65504 - 65504.
  CHECK(f16({0x7bff, 0xfbff}, {0x3c00, 0x3c00}, 0x7bff) == 0x7bff);
  CHECK(f16({0x7bff}, {0x3c00}, 0x7bff) == 0x7c00);  // overflow
  CHECK(f16({0x0001}, {0x3800}, 0) == 0x0000);       // half the smallest subnormal
  CHECK(f16({0x0001}, {0x3801}, 0) == 0x0001);       // a little more than half
  CHECK(f16({0x7e00}, {0x3c00}, 0) == 0x7fff);
}

TEST_CASE("mma: f32 accumulators round once") {
  const auto f32 = [](std::vector<uint64_t> a, std::vector<uint64_t> b, uint64_t c) {
    return dot(kF16ToF32, 16, 16, "f32", a, b, c, 16, "f32");
  };
  // 1 + 2^-24 + 2^-40: above the tie only if the small ones were not lost one by one.
  CHECK(f32({0x0001, 0x0001}, {0x3c00, 0x0100}, 0x3f800000) == 0x3f800001);
  CHECK(f32({0x0001}, {0x3c00}, 0x3f800000) == 0x3f800000);  // the tie, to even
  CHECK(f32({0x0001}, {0x3c00}, 0x3f800001) == 0x3f800002);
}

TEST_CASE("mma: tf32 takes no notice of the low 13 bits of a register") {
  const std::string form = "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32";
  CHECK(dot(form, 16, 32, "f32", {0x3f801fff}, {0x3f800000}, 0, 8, "f32") == 0x3f800000);
  CHECK(dot(form, 16, 32, "f32", {0x3f802000}, {0x3f800000}, 0, 8, "f32") == 0x3f802000);
  CHECK(dot(form, 16, 32, "f32", {0x7f800000}, {0x3f800000}, 0, 8, "f32") == 0x7f800000);
  CHECK(dot(form, 16, 32, "f32", {0x7fc00000}, {0x3f800000}, 0, 8, "f32") == 0x7fffffff);
  CHECK(dot(form, 16, 32, "f32", {0x00002000}, {0x3f800000}, 0, 8, "f32") == 0x00002000);
}

TEST_CASE("mma: special codes of the 8-bit formats") {
  const std::string e4m3 = "mma.sync.aligned.m16n8k32.row.col.f32.e4m3.e4m3.f32";
  const std::string e5m2 = "mma.sync.aligned.m16n8k32.row.col.f32.e5m2.e5m2.f32";
  CHECK(dot(e4m3, 16, 8, "f32", {0x7f}, {0x38}, 0, 32, "f32") == 0x7fffffff);  // NaN
  CHECK(dot(e4m3, 16, 8, "f32", {0x7e}, {0x38}, 0, 32, "f32") == 0x43e00000);  // 448
  CHECK(dot(e4m3, 16, 8, "f32", {0x01}, {0x38}, 0, 32, "f32") == 0x3b000000);  // 2^-9
  CHECK(dot(e5m2, 16, 8, "f32", {0x7c}, {0x3c}, 0, 32, "f32") == 0x7f800000);  // inf
  CHECK(dot(e5m2, 16, 8, "f32", {0xfc}, {0x3c}, 0, 32, "f32") == 0xff800000);
  CHECK(dot(e5m2, 16, 8, "f32", {0x7d}, {0x3c}, 0, 32, "f32") == 0x7fffffff);
  CHECK(dot(e5m2, 16, 8, "f32", {0x01}, {0x3c}, 0, 32, "f32") == 0x37800000);  // 2^-16
}

TEST_CASE("mma.f64: a chain of fused multiply-adds in the given rounding") {
  const uint64_t one = 0x3ff0000000000000, tiny = 0x3c90000000000000;  // 2^-54
  const auto run = [&](const char* rounding, uint64_t c) {
    return dot(std::string("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64") + rounding, 8, 64,
               "f64", {tiny}, {one}, c, 4, "f64");
  };
  const uint64_t minus_one = one | (1ULL << 63);
  CHECK(run("", one) == one);
  CHECK(run(".rn", one) == one);
  CHECK(run(".rz", one) == one);
  CHECK(run(".rm", one) == one);
  CHECK(run(".rp", one) == one + 1);
  CHECK(run(".rz", minus_one) == minus_one - 1);
  CHECK(run(".rp", minus_one) == minus_one - 1);
  CHECK(run(".rm", minus_one) == minus_one);
}

TEST_CASE(
    "mma with block scaling: each chunk of k has its factors, from the lanes and bytes selected") {
  struct Kind {
    std::string form;
    uint32_t k, bits, chunks;
    bool e4m3;
  };
  const std::string start = "mma.sync.aligned.m16n8k";
  const Kind kinds[] = {
      {start + "32.row.col.kind::mxf8f6f4.block_scale.f32.e4m3.e4m3.f32.ue8m0", 32, 8, 1, false},
      {start + "64.row.col.kind::mxf4.block_scale.f32.e2m1.e2m1.f32.ue8m0", 64, 4, 2, false},
      {start + "64.row.col.kind::mxf4nvf4.block_scale.scale_vec::4X.f32.e2m1.e2m1.f32.ue4m3", 64, 4,
       4, true}};
  for (const Kind& kind : kinds) {
    for (uint32_t choice = 0; choice < 4; ++choice) {
      const uint32_t step = kind.chunks == 1 ? 1 : (kind.chunks == 2 ? 2 : 4);
      const uint32_t a_byte = choice * step % 4, b_byte = (choice + 1) * step % 4;
      const uint32_t a_thread = choice % 2, b_thread = choice;
      INFO(kind.form << " choice " << choice);
      Numbers numbers(kind.k + choice);
      // Elements 1 and -1; scales are powers of two from 2^-4 to 2^3, one for each byte of each
      // lane.
      std::vector<int> a(16 * kind.k), b(kind.k * 8);
      for (int& x : a) x = numbers.between(0, 1) == 0 ? 1 : -1;
      for (int& x : b) x = numbers.between(0, 1) == 0 ? 1 : -1;
      Fragments in({{"b32", 4}, {"b32", 2}, {"f32", 4}, {"b32", 1}, {"b32", 1}});
      const auto code = [&](int x) {
        const uint32_t one = kind.bits == 8 ? 0x38U : 2U;
        return x > 0 ? one : one | (1U << (kind.bits - 1));
      };
      for (uint32_t lane = 0; lane < 32; ++lane) {
        for (uint32_t i = 0; i < 16 * kind.k / 32; ++i) {
          const Place p = place_in_a(16, kind.bits, lane, i);
          in.set(0, lane, i, kind.bits, code(a[p.row * kind.k + p.column]));
        }
        for (uint32_t i = 0; i < 8 * kind.k / 32; ++i) {
          const Place p = place_in_b(kind.bits, lane, i);
          in.set(1, lane, i, kind.bits, code(b[p.row * 8 + p.column]));
        }
        for (uint32_t s = 3; s < 5; ++s) {
          for (uint32_t byte = 0; byte < 4; ++byte) {
            const int64_t power = numbers.between(-4, 3);
            in.set(s, lane, byte, 8,
                   static_cast<uint64_t>(kind.e4m3 ? (7 + power) << 3 : 127 + power));
          }
        }
      }
      const auto scale = [&](uint32_t s, uint32_t lane, uint32_t byte) {
        const int code_of_scale = static_cast<int>(in.get(s, lane, byte, 8));
        return std::ldexp(1.0, kind.e4m3 ? (code_of_scale >> 3) - 7 : code_of_scale - 127);
      };
      const auto selector = [](uint32_t byte, uint32_t thread) {
        return "{" + std::to_string(byte) + ", " + std::to_string(thread) + "}";
      };
      Fragments d =
          run_matrix(kind.form + " {R}, {A}, {B}, {C}, {D}, " + selector(a_byte, a_thread) +
                         ", {E}, " + selector(b_byte, b_thread) + ";",
                     {"f32", 4}, in);
      for (uint32_t lane = 0; lane < 32; ++lane) {
        for (uint32_t i = 0; i < 4; ++i) {
          const Place p = place_in_c(lane, i);
          double sum = 0;
          for (uint32_t k = 0; k < kind.k; ++k) {
            const uint32_t chunk = k * kind.chunks / kind.k;
            sum += a[p.row * kind.k + k] * b[k * 8 + p.column] *
                   scale(3, p.row % 8 * 4 + 2 * a_thread + p.row / 8, a_byte + chunk) *
                   scale(4, p.column * 4 + b_thread, b_byte + chunk);
          }
          const float expected = static_cast<float>(sum);
          uint32_t bits = 0;
          std::memcpy(&bits, &expected, 4);
          REQUIRE(d.at(0, i, lane) == bits);
        }
      }
    }
  }
}

TEST_CASE("mma: all threads of the warp are needed") {
  const std::string body =
      "setp.ge.u32 %p, %lane, 16;\n  @%p ret;\n  "
      "mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {R}, {A}, {B}, {C};";
  const std::vector<FragmentType> types{{"b32", 2}, {"b32", 1}, {"f32", 4}};
  Device device;
  device.load(matrix_kernel(body, {"f32", 4}, types));
  const uint64_t in = device.upload(std::vector<uint64_t>(7 * 32));
  const uint64_t out = device.upload(std::vector<uint64_t>(4 * 32));
  const auto fault = device.try_run("k", {1}, {32}, in, out);
  REQUIRE(fault);
  CHECK(fault->kind == softgpu::engine::FaultKind::illegal_instruction);
  CHECK(fault->message.find("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 needs all 32 "
                            "threads of the warp, only 16 execute it") != std::string::npos);
}

TEST_CASE("mma: forms that do not exist, and fragments of the wrong size, are refused") {
  const auto refused = [](const std::string& form, const FragmentType& d,
                          std::vector<FragmentType> in) {
    Device device;
    const auto error = device.try_load(matrix_kernel(form + " {R}, {A}, {B}, {C};", d, in));
    INFO(form);
    REQUIRE(error);
    return error->message;
  };
  refused("mma.sync.aligned.m16n8k16.row.col.f16.f16.f16.f32", {"b32", 2},
          {{"b32", 4}, {"b32", 2}, {"f32", 4}});
  refused("mma.sync.aligned.m16n8k16.row.row.f32.f16.f16.f32", {"f32", 4},
          {{"b32", 4}, {"b32", 2}, {"f32", 4}});
  refused("mma.sync.aligned.m8n8k4.row.col.f16.f16.f16.f32", {"b32", 4},
          {{"b32", 2}, {"b32", 2}, {"f32", 8}});
  refused("mma.sync.aligned.m16n8k16.row.col.f32.tf32.tf32.f32", {"f32", 4},
          {{"b32", 8}, {"b32", 4}, {"f32", 4}});
  refused("mma.sync.aligned.m16n8k16.row.col.kind::f8f6f4.f32.e2m1.e2m1.f32", {"f32", 4},
          {{"b32", 2}, {"b32", 1}, {"f32", 4}});
  refused("mma.sync.aligned.m16n8k32.row.col.f32.e2m1.e2m1.f32", {"f32", 4},
          {{"b32", 4}, {"b32", 2}, {"f32", 4}});
  // Sparse products are not done, and say so by name.
  CHECK(refused("mma.sp.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32", {"f32", 4},
                {{"b32", 2}, {"b32", 2}, {"f32", 4}})
            .find("unsupported form of 'mma': 'mma.sp.sync.aligned.m16n8k16.row.col.f32.f16.f16."
                  "f32'") != std::string::npos);
  CHECK(refused("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32", {"f32", 4},
                {{"b32", 2}, {"b32", 2}, {"f32", 4}})
            .find("a fragment has 2 registers, 4 are expected") != std::string::npos);
}
