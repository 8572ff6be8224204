// SPDX-License-Identifier: MIT
// IEEE 754 details that bodies share: flushing, canonical NaNs, 16-bit formats, rounding modes.
//
// Rounding once. A result must be what exact arithmetic followed by ONE rounding gives. Going
// through a wider format rounds twice, which can differ when the wider result lies exactly between
// two narrow values although the exact one does not. Two facts make it right:
//   - for + - * / sqrt, a format with at least 2p+2 bits of precision is wide enough that the
//     second rounding never sees a false tie (p = 11 for f16, 8 for bf16; f32 has 24), as long as
//     the wide result is normal;
//   - otherwise round the wide result *to odd*: if it was inexact, make the last bit 1. A value
//     that stands between two narrow ones is then never taken for a tie (Boldo and Melquiond,
//     "When double rounding is odd").
//
// NaNs: an f32, f16 or bf16 result that is NaN is the canonical one (0x7fffffff, 0x7fff, 0x7fff).
#pragma once

#include <xmmintrin.h>

#include "ops/lanes.hpp"

namespace softgpu::engine::SOFTGPU_ISA {

inline constexpr u32 kNan32 = 0x7fffffffU;
inline constexpr u16 kNan16 = 0x7fffU;  // f16 and bf16

#define SOFTGPU_INLINE [[gnu::always_inline]] static inline

SOFTGPU_INLINE u32 bits(float x) {
  return __builtin_bit_cast(u32, x);
}
SOFTGPU_INLINE u64 bits(double x) {
  return __builtin_bit_cast(u64, x);
}
SOFTGPU_INLINE float f32(u32 x) {
  return __builtin_bit_cast(float, x);
}
SOFTGPU_INLINE double f64(u64 x) {
  return __builtin_bit_cast(double, x);
}

SOFTGPU_INLINE bool is_nan(float x) {
  return x != x;
}
SOFTGPU_INLINE bool is_nan(double x) {
  return x != x;
}

// .ftz: subnormals become zero of the same sign.
SOFTGPU_INLINE float flush(float x) {
  const u32 b = bits(x);
  return f32((b & 0x7f800000U) == 0 ? b & 0x80000000U : b);
}
SOFTGPU_INLINE float canonical(float x) {
  return is_nan(x) ? f32(kNan32) : x;
}
// .sat: to [0, 1], NaN to +0.
SOFTGPU_INLINE float saturate(float x) {
  return x > 0.0F ? (x < 1.0F ? x : 1.0F) : 0.0F;
}
SOFTGPU_INLINE double saturate(double x) {
  return x > 0.0 ? (x < 1.0 ? x : 1.0) : 0.0;
}

template <bool Ftz>
SOFTGPU_INLINE float input(float x) {
  return Ftz ? flush(x) : x;
}
template <bool Ftz, bool Sat>
SOFTGPU_INLINE float output(float x) {
  if (Ftz) x = flush(x);
  return Sat ? saturate(x) : canonical(x);
}

// f16 -> f32, exact. NaNs stay NaNs.
SOFTGPU_INLINE float to_f32(Half h) {
  u32 o = (h.bits & 0x7fffU) << 13;
  const u32 exponent = o & 0x0f800000U;
  o += (127U - 15U) << 23;
  const u32 special = o + ((128U - 16U) << 23);
  const u32 subnormal = bits(f32(o + (1U << 23)) - f32(113U << 23));
  o = exponent == 0x0f800000U ? special : o;
  o = exponent == 0 ? subnormal : o;
  return f32(o | ((h.bits & 0x8000U) << 16));
}
SOFTGPU_INLINE float to_f32(BFloat b) {
  return f32(static_cast<u32>(b.bits) << 16);
}
SOFTGPU_INLINE float to_f32(float x) {
  return x;
}

// f32 -> f16, to nearest even; NaN canonical.
SOFTGPU_INLINE Half to_half(float x) {
  const u32 sign = bits(x) & 0x80000000U;
  const u32 f = bits(x) ^ sign;
  // Subnormal results: adding 0.5 makes the f32 addition round at the f16 position.
  const u32 magic = 126U << 23;
  const u32 subnormal = bits(f32(f) + f32(magic)) - magic;
  const u32 normal = (f + ((15U - 127U) << 23) + 0xfffU + ((f >> 13) & 1U)) >> 13;
  u32 o = f < (113U << 23) ? subnormal : normal;
  o = f >= ((127U + 16U) << 23) ? 0x7c00U : o;
  o |= sign >> 16;
  return {static_cast<u16>(f > 0x7f800000U ? kNan16 : o)};
}
// f32 -> bf16, to nearest even; NaN canonical.
SOFTGPU_INLINE BFloat to_bfloat(float x) {
  const u32 f = bits(x);
  const u32 o = (f + 0x7fffU + ((f >> 16) & 1U)) >> 16;
  return {static_cast<u16>((f & 0x7fffffffU) > 0x7f800000U ? kNan16 : o)};
}
template <class T>
SOFTGPU_INLINE T narrow(float x) {
  if constexpr (kTypeOf<T> == ptx::Type::f16) {
    return to_half(x);
  } else if constexpr (kTypeOf<T> == ptx::Type::bf16) {
    return to_bfloat(x);
  } else {
    return x;
  }
}

// f64 -> f32 rounded to odd: exact values stay, others get the neighbour with an odd last bit.
SOFTGPU_INLINE float to_odd(double x) {
  const float near = static_cast<float>(x);
  const double back = static_cast<double>(near);
  const double magnitude = f64(bits(x) & 0x7fffffffffffffffULL);
  const double back_magnitude = f64(bits(back) & 0x7fffffffffffffffULL);
  u32 b = bits(near);
  const u32 truncated = back_magnitude > magnitude ? b - 1 : b;
  b = back == x || is_nan(x) ? b : truncated | 1U;
  return f32(b);
}

// a * b + c for values whose product is exact in f64, rounded to odd in f64.
SOFTGPU_INLINE double fma_to_odd(double a, double b, double c) {
  const double p = a * b;
  const double s = p + c;
  const double t = s - p;
  const double error = (p - (s - t)) + (c - t);  // Knuth's TwoSum: p + c == s + error
  const u64 sb = bits(s);
  const bool inexact = error != 0.0 && (sb & 0x7ff0000000000000ULL) != 0x7ff0000000000000ULL;
  const bool away = (error < 0.0) == (s < 0.0);  // exact value lies farther from zero than s
  const u64 odd = away ? sb | 1U : ((sb & 1U) != 0 ? sb : sb - 1);
  return f64(inexact ? odd : sb);
}

// A binary format of at most 32 bits. `infinity` false: the largest code below the NaN is a number
// (e4m3).
struct SmallFormat {
  u32 exponent_bits, mantissa_bits;
  bool infinity;
  u32 nan;
};
inline constexpr SmallFormat kF16{5, 10, true, 0x7fff};
inline constexpr SmallFormat kBF16{8, 7, true, 0x7fff};
inline constexpr SmallFormat kF32{8, 23, true, 0x7fffffff};
inline constexpr SmallFormat kTF32{8, 10, true, 0x7fffffff >> 13};
inline constexpr SmallFormat kE4M3{4, 3, false, 0x7f};
inline constexpr SmallFormat kE5M2{5, 2, true, 0x7f};

// Rounds once, in any mode, to any of these formats. `finite` replaces overflow and infinities by
// the largest finite number (.satfinite). The value is m * 2^(e-52); the result is the integer n
// nearest m * 2^(e-52-q) with q the exponent of the last place, and since the formats count up
// through their codes, a carry out of n needs no care.
[[maybe_unused]] static u32 encode(double value, const SmallFormat& format, Rounding mode,
                                   bool finite) {
  const u64 b = bits(value);
  const u32 man = format.mantissa_bits, width = 1 + format.exponent_bits + man;
  const u32 sign = (b >> 63) != 0 ? 1U << (width - 1) : 0;
  const u32 all = ((1U << format.exponent_bits) - 1) << man;
  const u32 largest = format.infinity ? all - 1 : format.nan - 1;
  if (is_nan(value)) return format.nan;
  const u64 fraction = b & 0x000fffffffffffffULL;
  const int biased = static_cast<int>((b >> 52) & 0x7ffU);
  if (biased == 0 && fraction == 0) return sign;
  const u32 overflow = format.infinity ? all : format.nan;
  if (biased == 0x7ff) return sign | (finite ? largest : overflow);
  const int bias = (1 << (format.exponent_bits - 1)) - 1;
  const int e = biased == 0 ? -1022 : biased - 1023;
  const u64 m = biased == 0 ? fraction : fraction | (1ULL << 52);
  const int least = 1 - bias;
  const int top = e > least ? e : least;
  const int shift = 52 - static_cast<int>(man) + (top - e);
  u64 n = shift > 63 ? 0 : m >> shift;
  const u64 rest = shift > 63 ? 1 : m & ((1ULL << shift) - 1);
  const u64 half = shift > 63 ? 2 : 1ULL << (shift - 1);
  const bool away = mode == Rounding::rn    ? rest > half || (rest == half && (n & 1U) != 0)
                    : mode == Rounding::rna ? rest >= half
                    : mode == Rounding::rz  ? false
                    : mode == Rounding::rp  ? rest != 0 && sign == 0
                                            : rest != 0 && sign != 0;
  n += away ? 1 : 0;
  // In 64 bits: the exponent of an f64 may lie far beyond what the format can count to.
  const u64 code = e > least ? (static_cast<u64>(e + bias - 1) << man) + n : n;
  if (code <= largest) return sign | static_cast<u32>(code);
  const bool toward_zero = mode == Rounding::rz || (mode == Rounding::rm && sign == 0) ||
                           (mode == Rounding::rp && sign != 0);
  return sign | (finite || toward_zero ? largest : overflow);
}

// The value of an 8-bit code; exact.
[[maybe_unused]] static float decode8(u32 code, const SmallFormat& format) {
  const u32 man = format.mantissa_bits, magnitude = code & 0x7fU;
  const u32 all = ((1U << format.exponent_bits) - 1) << man;
  const int bias = (1 << (format.exponent_bits - 1)) - 1;
  const u32 sign = (code & 0x80U) << 24;
  if (magnitude == format.nan || (format.infinity && magnitude > all)) return f32(kNan32);
  if (format.infinity && magnitude == all) return f32(sign | 0x7f800000U);
  const u32 exponent = magnitude >> man;
  const u32 fraction = magnitude & ((1U << man) - 1);
  const u32 significand = exponent == 0 ? fraction : fraction | (1U << man);
  const int scale = (exponent == 0 ? 1 : static_cast<int>(exponent)) - bias - static_cast<int>(man);
  const float power = f32(static_cast<u32>(scale + 127) << 23);
  return f32(sign | bits(static_cast<float>(significand) * power));
}

[[maybe_unused]] static unsigned mxcsr_of(Rounding mode) {
  switch (mode) {
    case Rounding::rz:
      return _MM_ROUND_TOWARD_ZERO;
    case Rounding::rm:
      return _MM_ROUND_DOWN;
    case Rounding::rp:
      return _MM_ROUND_UP;
    default:
      return _MM_ROUND_NEAREST;
  }
}

// Runs body H with the processor in the Op's rounding mode. H reads its inputs from memory and
// leaves its results there, so the barriers keep all of its arithmetic between the two writes of
// MXCSR.
template <Handler H>
void rounded(Warp& w, const Op& op, u32 mask) {
  const unsigned before = _mm_getcsr();
  _mm_setcsr((before & ~static_cast<unsigned>(_MM_ROUND_MASK)) | mxcsr_of(op.rounding));
  asm volatile("" ::: "memory");
  H(w, op, mask);
  asm volatile("" ::: "memory");
  _mm_setcsr(before);
}

// The body as it is for .rn, under the rounding mode of the Op otherwise.
template <Handler H>
constexpr Handler with_rounding(const Form& form) {
  return form.rounding() == Rounding::rn ? H : &rounded<H>;
}

}  // namespace softgpu::engine::SOFTGPU_ISA
