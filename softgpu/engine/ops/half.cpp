// SPDX-License-Identifier: MIT
// f16, bf16 and their packed pairs (ISA 9.7.4). Why each intermediate format is wide enough:
// numeric.hpp.
//   f16 add sub mul   f32, then to nearest          bf16 add sub   f32, then to nearest
//   f16 fma           f64 (every case that could be a tie is exact there), to odd, to nearest
//   bf16 mul          the product is exact in f64 but may underflow in f32: f64, to odd, to nearest
//   bf16 fma          f64 to odd, f32 to odd, to nearest
#include "ops/numeric.hpp"

namespace softgpu::engine::SOFTGPU_ISA {
namespace {

using ptx::Type;

enum class Clamp { none, sat, relu };

template <class T>
constexpr bool kIsHalf = kTypeOf<T> == Type::f16;

template <class T>
SOFTGPU_INLINE T flush16(T x) {
  constexpr u16 kExponent = kIsHalf<T> ? 0x7c00U : 0x7f80U;
  return {static_cast<u16>((x.bits & kExponent) == 0 ? x.bits & 0x8000U : x.bits)};
}
template <class T>
SOFTGPU_INLINE bool is_nan16(T x) {
  constexpr u16 kInfinity = kIsHalf<T> ? 0x7c00U : 0x7f80U;
  return (x.bits & 0x7fffU) > kInfinity;
}
template <class T, Clamp C>
SOFTGPU_INLINE T clamped(T x) {
  constexpr u16 kOne = kIsHalf<T> ? 0x3c00U : 0x3f80U;
  if (C == Clamp::none) return x;
  const bool negative = (x.bits & 0x8000U) != 0;
  if (C == Clamp::relu)
    return {static_cast<u16>(negative ? 0U : x.bits)};  // the canonical NaN is positive
  u16 r = negative ? u16{0} : (x.bits > kOne ? kOne : x.bits);
  return {is_nan16(x) ? u16{0} : r};
}

struct Add {
  template <class T>
  static T value(T a, T b) {
    return narrow<T>(to_f32(a) + to_f32(b));
  }
};
struct Sub {
  template <class T>
  static T value(T a, T b) {
    return narrow<T>(to_f32(a) - to_f32(b));
  }
};
struct Mul {
  template <class T>
  static T value(T a, T b) {
    if constexpr (kIsHalf<T>) {
      return to_half(to_f32(a) * to_f32(b));
    } else {
      return to_bfloat(to_odd(static_cast<double>(to_f32(a)) * static_cast<double>(to_f32(b))));
    }
  }
};
struct Fma {
  template <class T>
  static T value(T a, T b, T c) {
    const double x = to_f32(a), y = to_f32(b), z = to_f32(c);
    return narrow<T>(to_odd(kIsHalf<T> ? x * y + z : fma_to_odd(x, y, z)));
  }
};

template <class T, class F, bool Ftz, Clamp C>
struct One {
  template <class... A>
  T operator()(A... a) const {
    if constexpr (Ftz) {
      return clamped<T, C>(flush16(F::template value<T>(flush16(a)...)));
    } else {
      return clamped<T, C>(F::template value<T>(a...));
    }
  }
};
template <class T, class F, bool Ftz, Clamp C>
struct Pair {
  template <class... A>
  u32 operator()(A... a) const {
    return each_half([](auto... x) { return u32{One<T, F, Ftz, C>{}(T{x}...).bits}; }, a...);
  }
};
template <class T>
struct Same {
  template <class>
  using type = T;
};

template <class F, class T, bool Ftz, Clamp C, size_t... I>
Handler make(bool pair, std::index_sequence<I...>) {
  if (pair) {
    return lanes<u32, typename Same<u32>::template type<std::integral_constant<size_t, I>>...>(
        Pair<T, F, Ftz, C>{});
  }
  return lanes<T, typename Same<T>::template type<std::integral_constant<size_t, I>>...>(
      One<T, F, Ftz, C>{});
}
template <class F, class T, size_t N>
Handler by_clamp(const Form& f, bool pair) {
  constexpr auto kIndex = std::make_index_sequence<N>{};
  const bool sat = f.has(".sat"), relu = f.has(".relu");
  if (kIsHalf<T> && f.has(".ftz")) {
    if (sat) return make<F, T, true, Clamp::sat>(pair, kIndex);
    if (relu) return make<F, T, true, Clamp::relu>(pair, kIndex);
    return make<F, T, true, Clamp::none>(pair, kIndex);
  }
  if (sat) return make<F, T, false, Clamp::sat>(pair, kIndex);
  if (relu) return make<F, T, false, Clamp::relu>(pair, kIndex);
  return make<F, T, false, Clamp::none>(pair, kIndex);
}
template <class F, size_t N>
Handler select(const Form& f) {
  const bool pair = f.type(0) == Type::f16x2 || f.type(0) == Type::bf16x2;
  const bool half = f.type(0) == Type::f16 || f.type(0) == Type::f16x2;
  return half ? by_clamp<F, Half, N>(f, pair) : by_clamp<F, BFloat, N>(f, pair);
}

// fma.oob: +0 where an operand is the NaN that a tensor copy fills with what lies out of bounds.
// The ISA does not tell its bits; on hardware it has been seen to be 0x7ff7 in both formats.
constexpr u16 kOutOfBounds = 0x7ff7U;

template <class T, bool Relu>
struct BoundedFma {
  T operator()(T a, T b, T c) const {
    const bool out = a.bits == kOutOfBounds || b.bits == kOutOfBounds || c.bits == kOutOfBounds;
    const T r = One < T, Fma, false, Relu ? Clamp::relu : Clamp::none > {}(a, b, c);
    return {out ? u16{0} : r.bits};
  }
};
template <class T, bool Relu>
Handler bounded(bool pair) {
  if (!pair) return lanes<T, T, T, T>(BoundedFma<T, Relu>{});
  return lanes<u32, u32, u32, u32>([](u32 a, u32 b, u32 c) {
    return each_half(
        [](u16 x, u16 y, u16 z) { return u32{BoundedFma<T, Relu>{}(T{x}, T{y}, T{z}).bits}; }, a, b,
        c);
  });
}
Handler select_bounded(const Form& f) {
  const bool pair = f.type(0) == Type::f16x2 || f.type(0) == Type::bf16x2;
  const bool half = f.type(0) == Type::f16 || f.type(0) == Type::f16x2;
  if (f.has(".relu")) return half ? bounded<Half, true>(pair) : bounded<BFloat, true>(pair);
  return half ? bounded<Half, false>(pair) : bounded<BFloat, false>(pair);
}

// Sign operations on one or both halves: `ftz` flushes f16 subnormals first.
template <bool Negate, bool Ftz>
u32 sign_of(u16 x) {
  const u32 v = Ftz ? flush16(Half{x}).bits : x;
  return Negate ? v ^ 0x8000U : v & 0x7fffU;
}
template <bool Negate, bool Ftz>
Handler sign_lanes(const Form& f) {
  if (f.type(0) == Type::f16x2 || f.type(0) == Type::bf16x2) {
    return lanes<u32, u32>([](u32 a) { return each_half(sign_of<Negate, Ftz>, a); });
  }
  return lanes<u16, u16>([](u16 a) { return static_cast<u16>(sign_of<Negate, Ftz>(a)); });
}
template <bool Negate>
Handler select_sign(const Form& f) {
  return f.has(".ftz") ? sign_lanes<Negate, true>(f) : sign_lanes<Negate, false>(f);
}

constexpr Row kRows[] = {
    {"add {.rn} {.ftz} {.sat} .f16|.f16x2", "d0 s0 s0", select<Add, 2>},
    {"sub {.rn} {.ftz} {.sat} .f16|.f16x2", "d0 s0 s0", select<Sub, 2>},
    {"mul {.rn} {.ftz} {.sat} .f16|.f16x2", "d0 s0 s0", select<Mul, 2>},
    {"fma .rn {.ftz} {.sat|.relu} .f16|.f16x2", "d0 s0 s0 s0", select<Fma, 3>},
    {"add {.rn} .bf16|.bf16x2", "d0 s0 s0", select<Add, 2>},
    {"sub {.rn} .bf16|.bf16x2", "d0 s0 s0", select<Sub, 2>},
    {"mul {.rn} .bf16|.bf16x2", "d0 s0 s0", select<Mul, 2>},
    {"fma .rn {.relu} .bf16|.bf16x2", "d0 s0 s0 s0", select<Fma, 3>},
    {"fma .rn .oob {.relu} .f16|.f16x2|.bf16|.bf16x2", "d0 s0 s0 s0", select_bounded},
    {"neg {.ftz} .f16|.f16x2", "d0 s0", select_sign<true>},
    {"neg .bf16|.bf16x2", "d0 s0", select_sign<true>},
    {"abs {.ftz} .f16|.f16x2", "d0 s0", select_sign<false>},
    {"abs .bf16|.bf16x2", "d0 s0", select_sign<false>},
};

}  // namespace

std::span<const Row> rows_half() {
  return kRows;
}

}  // namespace softgpu::engine::SOFTGPU_ISA
