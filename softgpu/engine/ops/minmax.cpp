// SPDX-License-Identifier: MIT
// Floating-point min and max (ISA 9.7.3, 9.7.4), with two or three inputs. -0 is less than +0. One
// NaN gives the other input; .NaN makes it give the canonical NaN; .xorsign.abs compares magnitudes
// and multiplies signs.
#include "ops/numeric.hpp"

namespace softgpu::engine::SOFTGPU_ISA {
namespace {

using ptx::Type;

struct Options {
  bool max, nan, xorsign, abs;
};

float pick(float a, float b, bool max, bool nan) {
  const bool a_nan = is_nan(a), b_nan = is_nan(b);
  const bool equal = a == b;
  const bool a_less = equal ? (bits(a) >> 31) > (bits(b) >> 31) : a < b;
  float r = a_less != max ? a : b;
  r = a_nan ? b : r;
  r = b_nan ? a : r;
  return (nan ? a_nan || b_nan : a_nan && b_nan) ? f32(kNan32) : r;
}
double pick(double a, double b, bool max) {
  if (is_nan(a)) return is_nan(b) ? f64(0x7fffffffffffffffULL) : b;
  if (is_nan(b)) return a;
  const bool a_less = a == b ? (bits(a) >> 63) > (bits(b) >> 63) : a < b;
  return a_less != max ? a : b;
}
float magnitude(float a) {
  return f32(bits(a) & 0x7fffffffU);
}

float combine(float a, float b, const Options& o) {
  const u32 sign = (bits(a) ^ bits(b)) & 0x80000000U;
  if (o.xorsign || o.abs) {
    a = magnitude(a);
    b = magnitude(b);
  }
  float r = pick(a, b, o.max, o.nan);
  if (o.xorsign && !is_nan(r)) r = f32(bits(r) | sign);
  return r;
}

constexpr u8 kMax = 1, kFtz = 2, kNaN = 4, kXorsign = 8, kAbs = 16;

SOFTGPU_INLINE Half flush_half(Half x) {
  return {static_cast<u16>((x.bits & 0x7c00U) == 0 ? x.bits & 0x8000U : x.bits)};
}

// Flags are compile-time so that the loops have no branches on them.
template <class T, u8 Flags>
struct Two {
  T operator()(T a, T b) const {
    if constexpr ((Flags & kFtz) != 0 && kTypeOf<T> == Type::f16) {
      a = flush_half(a);
      b = flush_half(b);
    }
    constexpr Options kOptions{(Flags & kMax) != 0, (Flags & kNaN) != 0, (Flags & kXorsign) != 0,
                               (Flags & kAbs) != 0};
    constexpr bool kFlush = (Flags & kFtz) != 0 && kTypeOf<T> == Type::f32;
    return narrow<T>(combine(input<kFlush>(to_f32(a)), input<kFlush>(to_f32(b)), kOptions));
  }
};
template <class T, u8 Flags>
struct Three {
  T operator()(T a, T b, T c) const { return Two<T, Flags>{}(Two<T, Flags>{}(a, b), c); }
};
template <class T, u8 Flags>
struct Packed {
  u32 operator()(u32 a, u32 b) const {
    return each_half([](u16 x, u16 y) { return u32{Two<T, Flags>{}(T{x}, T{y}).bits}; }, a, b);
  }
};

template <class T, u8 Flags>
Handler two() {
  return lanes<T, T, T>(Two<T, Flags>{});
}
template <class T, u8 Flags>
Handler packed() {
  return lanes<u32, u32, u32>(Packed<T, Flags>{});
}

template <class T, bool Pack, u8 Base>
Handler by_flags(const Form& f) {
  const u8 flags = static_cast<u8>((f.has(".ftz") ? kFtz : 0) | (f.has(".NaN") ? kNaN : 0) |
                                   (f.has(".xorsign") ? kXorsign : 0));
  switch (flags) {
#define SOFTGPU_CASE(n)               \
  case n:                             \
    if constexpr (Pack)               \
      return packed<T, (n) | Base>(); \
    else                              \
      return two<T, (n) | Base>();
    SOFTGPU_CASE(0)
    SOFTGPU_CASE(kFtz)
    SOFTGPU_CASE(kNaN)
    SOFTGPU_CASE(kFtz | kNaN)
    SOFTGPU_CASE(kXorsign)
    SOFTGPU_CASE(kFtz | kXorsign)
    SOFTGPU_CASE(kNaN | kXorsign)
    SOFTGPU_CASE(kFtz | kNaN | kXorsign)
#undef SOFTGPU_CASE
    default:
      return nullptr;
  }
}
template <u8 Base>
Handler select(const Form& f) {
  // .xorsign and .abs only come together.
  if (f.has(".xorsign") != f.has(".abs")) return nullptr;
  switch (f.type(0)) {
    case Type::f32:
      return by_flags<float, false, Base>(f);
    case Type::f16:
      return by_flags<Half, false, Base>(f);
    case Type::bf16:
      return by_flags<BFloat, false, Base>(f);
    case Type::f16x2:
      return by_flags<Half, true, Base>(f);
    case Type::bf16x2:
      return by_flags<BFloat, true, Base>(f);
    default:
      return nullptr;
  }
}
template <u8 Base>
Handler select_three(const Form& f) {
  const u8 flags = static_cast<u8>((f.has(".ftz") ? kFtz : 0) | (f.has(".NaN") ? kNaN : 0) |
                                   (f.has(".abs") ? kAbs : 0));
  switch (flags) {
#define SOFTGPU_CASE(n) \
  case n:               \
    return lanes<float, float, float, float>(Three<float, (n) | Base>{});
    SOFTGPU_CASE(0)
    SOFTGPU_CASE(kFtz)
    SOFTGPU_CASE(kNaN)
    SOFTGPU_CASE(kFtz | kNaN)
    SOFTGPU_CASE(kAbs)
    SOFTGPU_CASE(kFtz | kAbs)
    SOFTGPU_CASE(kNaN | kAbs)
    SOFTGPU_CASE(kFtz | kNaN | kAbs)
#undef SOFTGPU_CASE
    default:
      return nullptr;
  }
}

constexpr Row kRows[] = {
    {"min {.ftz} {.NaN} {.xorsign} {.abs} .f32|.f16|.f16x2", "d0 s0 s0", select<0>},
    {"max {.ftz} {.NaN} {.xorsign} {.abs} .f32|.f16|.f16x2", "d0 s0 s0", select<kMax>},
    {"min {.NaN} {.xorsign} {.abs} .bf16|.bf16x2", "d0 s0 s0", select<0>},
    {"max {.NaN} {.xorsign} {.abs} .bf16|.bf16x2", "d0 s0 s0", select<kMax>},
    {"min {.ftz} {.NaN} {.abs} .f32", "d0 s0 s0 s0", select_three<0>},
    {"max {.ftz} {.NaN} {.abs} .f32", "d0 s0 s0 s0", select_three<kMax>},
    {"min .f64", "d0 s0 s0",
     [](const Form&) {
       return lanes<double, double, double>([](double a, double b) { return pick(a, b, false); });
     }},
    {"max .f64", "d0 s0 s0",
     [](const Form&) {
       return lanes<double, double, double>([](double a, double b) { return pick(a, b, true); });
     }},
};

}  // namespace

std::span<const Row> rows_minmax() {
  return kRows;
}

}  // namespace softgpu::engine::SOFTGPU_ISA
