// SPDX-License-Identifier: MIT
// cvt between floating-point types (ISA 9.7.9.21). Every value of f16, bf16 and f32 is exact in
// f64, so the general body widens to f64 and rounds once; the conversions that real code is full of
// have bodies of their own.
#include "ops/numeric.hpp"

namespace softgpu::engine::SOFTGPU_ISA {
namespace {

using ptx::Type;

constexpr u8 kFtz = 1, kSat = 2, kRelu = 4, kFinite = 8, kIntegral = 16;

template <class T>
SOFTGPU_INLINE double widened(T x, bool ftz) {
  if constexpr (kTypeOf<T> == Type::f64) {
    return x;
  } else if constexpr (kTypeOf<T> == Type::f32) {
    return static_cast<double>(ftz ? flush(x) : x);
  } else {
    return static_cast<double>(to_f32(x));
  }
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
template <class D>
u64 finished(double x, const Op& op) {
  const u8 flags = op.small;
  if ((flags & kIntegral) != 0) x = integral(x, op.rounding);
  if ((flags & kSat) != 0) x = saturate(x);
  if ((flags & kRelu) != 0 && !is_nan(x)) x = x > 0.0 ? x : 0.0;
  const bool finite = (flags & kFinite) != 0;
  if constexpr (kTypeOf<D> == Type::f64) {
    return bits(x);
  } else if constexpr (kTypeOf<D> == Type::f32) {
    const u32 r = encode(x, kF32, op.rounding, finite);
    return (flags & kFtz) != 0 ? bits(flush(f32(r))) : r;
  } else {
    return encode(x, kTypeOf<D> == Type::f16 ? kF16 : kBF16, op.rounding, finite);
  }
}
template <class D, class S>
void general(Warp& w, const Op& op, u32 mask) {
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const int l = __builtin_ctz(rest);
    const double x =
        widened<S>(LaneTraits<S>::get(w.at<const Slot<S>>(op.o[1])[l]), (op.small & kFtz) != 0);
    w.at<Slot<D>>(op.o[0])[l] = static_cast<Slot<D>>(finished<D>(x, op));
  }
}
bool set_flags(Emitter&, const Form& f, Op& op) {
  const bool integral_mode = f.has(".rni") || f.has(".rzi") || f.has(".rmi") || f.has(".rpi");
  op.small = static_cast<u8>((f.has(".ftz") ? kFtz : 0) | (f.has(".sat") ? kSat : 0) |
                             (f.has(".relu") ? kRelu : 0) | (f.has(".satfinite") ? kFinite : 0) |
                             (integral_mode ? kIntegral : 0));
  return true;
}

#define FLOATS Half, BFloat, float, double

Handler select_general(const Form& f) {
  const Type to = f.type(0), from = f.type(1);
  return for_type<FLOATS>(to, [&]<class D>() {
    return for_type<FLOATS>(from, []<class S>() -> Handler { return &general<D, S>; });
  });
}
// .ftz is of forms with f32, .sat of those without bf16; .relu and .satfinite stand alone, with .rn
// or .rz.
bool exists(const Form& f) {
  const Type to = f.type(0), from = f.type(1);
  const bool clamps = f.has(".relu") || f.has(".satfinite");
  if (f.has(".ftz") && ((to != Type::f32 && from != Type::f32) || clamps)) return false;
  if (f.has(".sat") && (to == Type::bf16 || from == Type::bf16 || clamps)) return false;
  return !clamps || (f.rounding() != Rounding::rm && f.rounding() != Rounding::rp);
}
// Rounding-free widening and .rn narrowing without .sat: the common forms.
Handler select(const Form& f) {
  if (!exists(f)) return nullptr;
  const Type to = f.type(0), from = f.type(1);
  if (!f.has(".sat") && !f.has(".relu") && !f.has(".satfinite") && !f.has(".ftz") &&
      f.rounding() == Rounding::rn) {
    if (to == Type::f32 && from == Type::f16) {
      return lanes<float, Half>([](Half x) { return canonical(to_f32(x)); });
    }
    if (to == Type::f32 && from == Type::bf16) {
      return lanes<float, BFloat>([](BFloat x) { return canonical(to_f32(x)); });
    }
    if (to == Type::f16 && from == Type::f32) {
      return lanes<Half, float>([](float x) { return to_half(x); });
    }
    if (to == Type::bf16 && from == Type::f32) {
      return lanes<BFloat, float>([](float x) { return to_bfloat(x); });
    }
    if (to == Type::f64 && from == Type::f32) {
      return lanes<double, float>([](float x) { return static_cast<double>(x); });
    }
    if (to == Type::f32 && from == Type::f64) {
      return lanes<float, double>([](double x) { return canonical(static_cast<float>(x)); });
    }
  }
  return select_general(f);
}

// f16x2 and bf16x2 from two f32: a to the upper half, b to the lower. o: d, a, b.
template <class D>
void pack_body(Warp& w, const Op& op, u32 mask) {
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const int l = __builtin_ctz(rest);
    const auto one = [&](u32 operand) {
      const float x = f32(w.at<const u32>(operand)[l]);
      return static_cast<u32>(finished<D>(static_cast<double>(x), op));
    };
    w.at<u32>(op.o[0])[l] = (one(op.o[1]) << 16) | one(op.o[2]);
  }
}
Handler select_pack(const Form& f) {
  const bool half = f.type(0) == Type::f16x2;
  if (f.rounding() == Rounding::rn && !f.has(".relu") && !f.has(".satfinite")) {
    return half ? lanes<u32, float, float>([](float a, float b) {
      return (static_cast<u32>(to_half(a).bits) << 16) | to_half(b).bits;
    })
                : lanes<u32, float, float>([](float a, float b) {
                    return (static_cast<u32>(to_bfloat(a).bits) << 16) | to_bfloat(b).bits;
                  });
  }
  return half ? &pack_body<Half> : &pack_body<BFloat>;
}

constexpr Row kRows[] = {
    // To an integral value in the same format.
    {"cvt .rni|.rzi|.rmi|.rpi {.ftz} {.sat} .f32 .f32", "d0~ s1~", select_general, set_flags},
    {"cvt .rni|.rzi|.rmi|.rpi {.sat} .f64 .f64", "d0~ s1~", select_general, set_flags},
    {"cvt .rni|.rzi|.rmi|.rpi {.sat} .f16 .f16", "d0~ s1~", select_general, set_flags},
    {"cvt .rni|.rzi|.rmi|.rpi .bf16 .bf16", "d0~ s1~", select_general, set_flags},
    {"cvt {.ftz} {.sat} .f32 .f16|.f32", "d0~ s1~", select, set_flags},
    {"cvt {.ftz} {.sat} .f64 .f32", "d0~ s1~", select, set_flags},
    {"cvt {.sat} .f64 .f16|.f64", "d0~ s1~", select, set_flags},
    {"cvt {.sat} .f16 .f16", "d0~ s1~", select, set_flags},
    {"cvt {.ftz} .f32 .bf16", "d0~ s1~", select, set_flags},
    {"cvt .bf16|.f64 .bf16", "d0~ s1~", select, set_flags},
    // bf16 alone takes a rounding modifier where nothing is rounded.
    {"cvt .rn|.rz|.rm|.rp {.ftz} .f32 .bf16", "d0~ s1~", select, set_flags},
    {"cvt .rn|.rz|.rm|.rp .f64 .bf16", "d0~ s1~", select, set_flags},
    {"cvt .rn|.rz|.rm|.rp {.ftz} {.sat} .f32 .f64", "d0~ s1~", select, set_flags},
    {"cvt .rn|.rz|.rm|.rp {.ftz} {.sat} .f16 .f32", "d0~ s1~", select, set_flags},
    {"cvt .rn|.rz|.rm|.rp {.ftz} .bf16 .f32", "d0~ s1~", select, set_flags},
    {"cvt .rn|.rz .relu {.satfinite} .f16|.bf16 .f32", "d0~ s1~", select, set_flags},
    {"cvt .rn|.rz .satfinite .f16|.bf16 .f32", "d0~ s1~", select, set_flags},
    {"cvt .rn|.rz|.rm|.rp {.sat} .f16 .f64", "d0~ s1~", select, set_flags},
    {"cvt .rn|.rz|.rm|.rp .bf16 .f16|.f64", "d0~ s1~", select, set_flags},
    {"cvt .rn|.rz|.rm|.rp .f16 .bf16", "d0~ s1~", select, set_flags},
    {"cvt .rn|.rz {.relu} {.satfinite} .f16x2|.bf16x2 .f32", "d0 s.f32 s.f32", select_pack,
     set_flags},
};

}  // namespace

std::span<const Row> rows_convert_float() {
  return kRows;
}

}  // namespace softgpu::engine::SOFTGPU_ISA
