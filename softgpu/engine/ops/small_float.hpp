// SPDX-License-Identifier: MIT
// The 4-, 6- and 8-bit formats of cvt (ISA 5.2.3, 9.7.9.21), beside what numeric.hpp has.
//
//            exponent mantissa bias  largest   NaN, infinity
//   e2m1        2        1      1        6     none
//   e2m3        2        3      1        7.5   none
//   e3m2        3        2      3       28     none
//   e4m3        4        3      7      448     0x7f, none
//   e5m2        5        2     15    57344     0x7d 0x7e 0x7f, 0x7c
//   ue8m0       8        0    127     2^127    0xff, none; no sign, no zero: the code c is
//   2^(c-127)
//
// Where a format has no NaN, a NaN becomes the largest positive number.
#pragma once

#include "ops/numeric.hpp"

namespace softgpu::engine::SOFTGPU_ISA {

// `nan` is one above the largest code where there is none.
inline constexpr SmallFormat kE2M1{2, 1, false, 0x08};
inline constexpr SmallFormat kE2M3{2, 3, false, 0x20};
inline constexpr SmallFormat kE3M2{3, 2, false, 0x20};

struct PackedFormat {
  SmallFormat format;
  u32 width;  // bits that an element takes in the packed register
  bool has_nan;
};
constexpr PackedFormat packed_format(ptx::Type type) {
  switch (type) {
    case ptx::Type::e4m3x2:
    case ptx::Type::e4m3x4:
      return {kE4M3, 8, true};
    case ptx::Type::e5m2x2:
    case ptx::Type::e5m2x4:
      return {kE5M2, 8, true};
    case ptx::Type::e2m3x2:
    case ptx::Type::e2m3x4:
      return {kE2M3, 8, false};
    case ptx::Type::e3m2x2:
    case ptx::Type::e3m2x4:
      return {kE3M2, 8, false};
    default:
      return {kE2M1, 4, false};
  }
}

SOFTGPU_INLINE double rectified(double x, bool relu) {
  return relu && !is_nan(x) && !(x > 0.0) ? 0.0 : x;
}

// To nearest even, saturating to the largest finite number.
SOFTGPU_INLINE u32 encode_packed(double x, const PackedFormat& to) {
  if (!to.has_nan && is_nan(x)) return to.format.nan - 1;
  return encode(x, to.format, Rounding::rn, true);
}

// The value of a code; exact.
[[maybe_unused]] static float decode_packed(u32 code, const PackedFormat& from) {
  if (from.has_nan) return decode8(code, from.format);
  const u32 man = from.format.mantissa_bits, exponents = from.format.exponent_bits;
  const u32 sign = (code >> (man + exponents)) & 1U;
  const u32 exponent = (code >> man) & ((1U << exponents) - 1);
  const u32 fraction = code & ((1U << man) - 1);
  const u32 significand = exponent == 0 ? fraction : fraction | (1U << man);
  const int bias = (1 << (exponents - 1)) - 1;
  const int scale = (exponent == 0 ? 1 : static_cast<int>(exponent)) - bias - static_cast<int>(man);
  const float power = f32(static_cast<u32>(scale + 127) << 23);
  return f32(sign << 31 | bits(static_cast<float>(significand) * power));
}

// .rs: the `count` random bits are added to the first of the bits that rounding discards; a carry
// out of them rounds away from zero. So a value a third of the way up is rounded up by a third of
// all random numbers.
[[maybe_unused]] static u32 encode_random(double value, const SmallFormat& format, bool finite,
                                          u32 random, u32 count) {
  const u64 b = bits(value);
  const u32 man = format.mantissa_bits;
  const u32 sign = (b >> 63) != 0 ? 1U << (man + format.exponent_bits) : 0;
  const u32 all = ((1U << format.exponent_bits) - 1) << man;
  const u32 largest = format.infinity ? all - 1 : format.nan - 1;
  const int biased = static_cast<int>((b >> 52) & 0x7ffU);
  // Zeros, subnormals of f64 (no f32 widens to one), infinities and NaNs.
  if (biased == 0 || biased == 0x7ff) return encode(value, format, Rounding::rz, finite);
  const int bias = (1 << (format.exponent_bits - 1)) - 1;
  const int e = biased - 1023, least = 1 - bias;
  const int top = e > least ? e : least;
  u64 m = (b & 0x000fffffffffffffULL) | (1ULL << 52);
  int shift = 52 - static_cast<int>(man) + (top - e);
  if (shift > 60) {  // further bits are beyond what the random ones reach
    m = shift - 60 > 60 ? 0 : m >> (shift - 60);
    shift = 60;
  }
  const u64 rest = m & ((1ULL << shift) - 1);
  const u64 addend = static_cast<u64>(random & ((1U << count) - 1))
                     << (static_cast<u32>(shift) - count);
  const u64 n = (m >> shift) + ((rest + addend) >> shift);
  const u64 code = e > least ? (static_cast<u64>(e + bias - 1) << man) + n : n;
  if (code <= largest) return sign | static_cast<u32>(code);
  return sign | (finite ? largest : (format.infinity ? all : format.nan));
}

}  // namespace softgpu::engine::SOFTGPU_ISA
