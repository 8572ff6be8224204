// SPDX-License-Identifier: MIT
// cvt with an integer on at least one side (ISA 9.7.9.21), and cvt.pack.
//
// To an integer: the value is rounded to an integral one and clamped to the range of the
// destination. NaN becomes 0, or 1 << (width - 1) where the source is f64 or the destination has 64
// bits.
#include "ops/numeric.hpp"

namespace softgpu::engine::SOFTGPU_ISA {
namespace {

using ptx::Type;

#define ALL_INTS u8, s8, u16, s16, u32, s32, u64, s64

template <class T>
constexpr bool kSigned = static_cast<T>(-1) < static_cast<T>(0);
template <class T>
constexpr T kLowest = kSigned<T> ? static_cast<T>(1ULL << (sizeof(T) * 8 - 1)) : T{0};
template <class T>
constexpr T kHighest = static_cast<T>(~kLowest<T>);

template <class D, class S>
D clamp_to(S x) {
  using Wide = s128;
  const Wide v = x;
  if (v < static_cast<Wide>(kLowest<D>)) return kLowest<D>;
  if (v > static_cast<Wide>(kHighest<D>)) return kHighest<D>;
  return static_cast<D>(x);
}
// Are there values of `from` that `to` does not have? Only then .sat exists.
bool can_saturate(Type to, Type from) {
  const unsigned room = ptx::bits_of(to), need = ptx::bits_of(from);
  if (is_signed_type(from) && !is_signed_type(to)) return true;
  return is_signed_type(from) == is_signed_type(to) ? need > room : need >= room;
}
Handler select_int(const Form& f) {
  const bool sat = f.has(".sat");
  const Type from = f.type(1);
  if (sat && !can_saturate(f.type(0), from)) return nullptr;
  return for_type<ALL_INTS>(f.type(0), [&]<class D>() {
    return for_type<ALL_INTS>(from, [&]<class S>() {
      return sat ? slow_lanes<D, S>([](S a) { return clamp_to<D, S>(a); })
                 : lanes<D, S>([](S a) { return static_cast<D>(a); });
    });
  });
}

double integral(double x, Rounding mode) {
  switch (mode) {
    case Rounding::rz:
      return __builtin_trunc(x);
    case Rounding::rm:
      return __builtin_floor(x);
    case Rounding::rp:
      return __builtin_ceil(x);
    default:
      return __builtin_rint(x);
  }
}
template <class S>
double exact(S x) {
  if constexpr (sizeof(S) == 8) {
    return x;
  } else {
    return static_cast<double>(to_f32(x));
  }
}

// The bounds as doubles: for 64-bit types the upper one is the power of two just above.
template <class D>
D to_integer(double x, bool wide_nan) {
  if (is_nan(x)) {
    return wide_nan || sizeof(D) == 8 ? static_cast<D>(1ULL << (sizeof(D) * 8 - 1)) : D{0};
  }
  constexpr double kAbove = static_cast<double>(kHighest<D> / 2 + 1) * 2.0;
  if (x >= kAbove) return kHighest<D>;
  if (x < static_cast<double>(kLowest<D>)) return kLowest<D>;
  return static_cast<D>(x);
}
template <class D, class S, bool Ftz>
void float_to_int(Warp& w, const Op& op, u32 mask) {
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const int l = __builtin_ctz(rest);
    S x = LaneTraits<S>::get(w.at<const Slot<S>>(op.o[1])[l]);
    if constexpr (Ftz) x = flush(x);
    const D r = to_integer<D>(integral(exact(x), op.rounding), kTypeOf<S> == Type::f64);
    w.at<Slot<D>>(op.o[0])[l] = LaneTraits<D>::put(r);
  }
}
Handler select_to_int(const Form& f) {
  const bool ftz = f.has(".ftz");
  const Type from = f.type(1);
  if (from == Type::bf16 && f.has(".sat")) return nullptr;
  return for_type<ALL_INTS>(f.type(0), [&]<class D>() -> Handler {
    switch (from) {
      case Type::f16:
        return ftz ? nullptr : &float_to_int<D, Half, false>;
      case Type::bf16:
        return ftz ? nullptr : &float_to_int<D, BFloat, false>;
      case Type::f32:
        return ftz ? &float_to_int<D, float, true> : &float_to_int<D, float, false>;
      case Type::f64:
        return ftz ? nullptr : &float_to_int<D, double, false>;
      default:
        return nullptr;
    }
  });
}

// To f32 and f64 the processor rounds in its mode; .sat clamps to [0, 1].
template <class D, class S, bool Sat>
Handler int_to_float(const Form& f) {
  return with_rounding<lanes<D, S>([](S a) {
    const D r = static_cast<D>(a);
    return Sat ? saturate(r) : r;
  })>(f);
}
// A 64-bit integer does not always fit a double: round to odd, so that the next rounding is the
// only one.
template <class S>
double odd_double(S a) {
  if constexpr (sizeof(S) < 8) {
    return static_cast<double>(a);
  } else {
    const bool negative = kSigned<S> && a < 0;
    const u64 m = negative ? 0 - static_cast<u64>(a) : static_cast<u64>(a);
    const u64 low = m & 0x7ffU;
    const u64 kept = (m >> 53) == 0 ? m : (m & ~u64{0x7ff}) | (low != 0 ? 0x800U : 0U);
    const double r = static_cast<double>(kept);
    return negative ? -r : r;
  }
}
template <class D, class S>
void int_to_small(Warp& w, const Op& op, u32 mask) {
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const int l = __builtin_ctz(rest);
    double x = odd_double(LaneTraits<S>::get(w.at<const Slot<S>>(op.o[1])[l]));
    if (op.small != 0) x = saturate(x);
    w.at<u32>(op.o[0])[l] = encode(x, kTypeOf<D> == Type::f16 ? kF16 : kBF16, op.rounding, false);
  }
}
Handler select_from_int(const Form& f) {
  const bool sat = f.has(".sat");
  const Type to = f.type(0);
  if ((f.has(".ftz") && to != Type::f32) || (sat && to == Type::bf16)) return nullptr;
  return for_type<ALL_INTS>(f.type(1), [&]<class S>() -> Handler {
    switch (to) {
      case Type::f32:
        return sat ? int_to_float<float, S, true>(f) : int_to_float<float, S, false>(f);
      case Type::f64:
        return sat ? int_to_float<double, S, true>(f) : int_to_float<double, S, false>(f);
      case Type::f16:
        return &int_to_small<Half, S>;
      case Type::bf16:
        return &int_to_small<BFloat, S>;
      default:
        return nullptr;
    }
  });
}
bool note_saturation(Emitter&, const Form& f, Op& op) {
  op.small = f.has(".sat") ? 1 : 0;
  return true;
}

// cvt.pack: d = (c << 2n) | (sat(a) << n) | sat(b), n bits each. imm: n; small: signed.
void pack_body(Warp& w, const Op& op, u32 mask) {
  const u32 n = static_cast<u32>(op.imm);
  const bool is_signed = op.small != 0;
  const s64 low = is_signed ? -(s64{1} << (n - 1)) : 0;
  const s64 high = is_signed ? (s64{1} << (n - 1)) - 1 : (s64{1} << n) - 1;
  const u32 field = n >= 32 ? kAllLanes : (1U << n) - 1;
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const int l = __builtin_ctz(rest);
    const auto one = [&](u32 operand) {
      const s64 v = static_cast<s32>(w.at<const u32>(operand)[l]);
      return static_cast<u32>(v < low ? low : (v > high ? high : v)) & field;
    };
    const u32 upper = op.o[3] == kNoOperand ? 0 : w.at<const u32>(op.o[3])[l] << (2 * n);
    w.at<u32>(op.o[0])[l] = upper | (one(op.o[1]) << n) | one(op.o[2]);
  }
}
bool pack_width(Emitter&, const Form& f, Op& op) {
  constexpr u8 kWidths[] = {2, 2, 4, 4, 8, 8, 16, 16};
  const int i = f.which({".u2", ".s2", ".u4", ".s4", ".u8", ".s8", ".u16", ".s16"});
  op.imm = kWidths[i];
  op.small = static_cast<u8>(i & 1);
  return (op.o[3] != kNoOperand) == (i < 6);
}

#define SOFTGPU_INT_TYPES ".u8|.u16|.u32|.u64|.s8|.s16|.s32|.s64"

constexpr Row kRows[] = {
    {"cvt " SOFTGPU_INT_TYPES " " SOFTGPU_INT_TYPES, "d0~ s1~", select_int},
    // .sat where the destination does not hold every value of the source.
    {"cvt .sat .u8 .u16|.u32|.u64|.s8|.s16|.s32|.s64", "d0~ s1~", select_int},
    {"cvt .sat .u16 .u32|.u64|.s8|.s16|.s32|.s64", "d0~ s1~", select_int},
    {"cvt .sat .u32 .u64|.s8|.s16|.s32|.s64", "d0~ s1~", select_int},
    {"cvt .sat .u64 .s8|.s16|.s32|.s64", "d0~ s1~", select_int},
    {"cvt .sat .s8 .u8|.u16|.u32|.u64|.s16|.s32|.s64", "d0~ s1~", select_int},
    {"cvt .sat .s16 .u16|.u32|.u64|.s32|.s64", "d0~ s1~", select_int},
    {"cvt .sat .s32 .u32|.u64|.s64", "d0~ s1~", select_int},
    {"cvt .sat .s64 .u64", "d0~ s1~", select_int},
    {"cvt .rni|.rzi|.rmi|.rpi {.ftz} {.sat} " SOFTGPU_INT_TYPES " .f32", "d0~ s1~", select_to_int},
    {"cvt .rni|.rzi|.rmi|.rpi {.sat} " SOFTGPU_INT_TYPES " .f16|.f64", "d0~ s1~", select_to_int},
    {"cvt .rni|.rzi|.rmi|.rpi " SOFTGPU_INT_TYPES " .bf16", "d0~ s1~", select_to_int},
    {"cvt .rn|.rz|.rm|.rp {.ftz} {.sat} .f32 " SOFTGPU_INT_TYPES, "d0~ s1~", select_from_int,
     note_saturation},
    {"cvt .rn|.rz|.rm|.rp {.sat} .f16|.f64 " SOFTGPU_INT_TYPES, "d0~ s1~", select_from_int,
     note_saturation},
    {"cvt .rn|.rz|.rm|.rp .bf16 " SOFTGPU_INT_TYPES, "d0~ s1~", select_from_int, note_saturation},
    {"cvt .pack .sat .u16|.s16 .s32", "d.u32 s.u32 s.u32 s.u32?",
     [](const Form&) -> Handler { return &pack_body; }, pack_width},
    {"cvt .pack .sat .u2|.s2|.u4|.s4|.u8|.s8 .s32 .b32", "d.u32 s.u32 s.u32 s.u32?",
     [](const Form&) -> Handler { return &pack_body; }, pack_width},
};

}  // namespace

std::span<const Row> rows_convert_int() {
  return kRows;
}

}  // namespace softgpu::engine::SOFTGPU_ISA
