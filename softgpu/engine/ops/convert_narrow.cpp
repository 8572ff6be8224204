// SPDX-License-Identifier: MIT
// cvt to and from tf32 and the 8-bit formats e4m3 and e5m2 (ISA 9.7.9.21). The 8-bit ones are
// converted in pairs and always saturate to the largest finite number; e4m3 has no infinity, its
// largest number is 448.
#include "ops/numeric.hpp"

namespace softgpu::engine::SOFTGPU_ISA {
namespace {

using ptx::Type;

constexpr u8 kRelu = 1, kFinite = 2;

bool set_flags(Emitter&, const Form& f, Op& op) {
  op.small = static_cast<u8>((f.has(".relu") ? kRelu : 0) | (f.has(".satfinite") ? kFinite : 0));
  return true;
}
double rectified(double x, const Op& op) {
  return (op.small & kRelu) != 0 && !is_nan(x) && !(x > 0.0) ? 0.0 : x;
}

void to_tf32(Warp& w, const Op& op, u32 mask) {
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const int l = __builtin_ctz(rest);
    const double x = rectified(static_cast<double>(f32(w.at<const u32>(op.o[1])[l])), op);
    w.at<u32>(op.o[0])[l] =
        is_nan(x) ? kNan32 : encode(x, kTF32, op.rounding, (op.small & kFinite) != 0) << 13;
  }
}

template <Type T>
constexpr const SmallFormat& kFormat = T == Type::e4m3x2 ? kE4M3 : kE5M2;

// a to the upper byte, b to the lower.
template <Type T>
void from_f32(Warp& w, const Op& op, u32 mask) {
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const int l = __builtin_ctz(rest);
    const auto one = [&](u32 operand) {
      const double x = rectified(static_cast<double>(f32(w.at<const u32>(operand)[l])), op);
      return encode(x, kFormat<T>, Rounding::rn, true);
    };
    w.at<u32>(op.o[0])[l] = (one(op.o[1]) << 8) | one(op.o[2]);
  }
}
template <Type T>
void from_f16x2(Warp& w, const Op& op, u32 mask) {
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const int l = __builtin_ctz(rest);
    const u32 pair = w.at<const u32>(op.o[1])[l];
    const auto one = [&](u32 half) {
      const double x = rectified(static_cast<double>(to_f32(Half{static_cast<u16>(half)})), op);
      return encode(x, kFormat<T>, Rounding::rn, true);
    };
    w.at<u32>(op.o[0])[l] = (one(pair >> 16) << 8) | one(pair);
  }
}
template <Type T>
void to_f16x2(Warp& w, const Op& op, u32 mask) {
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const int l = __builtin_ctz(rest);
    const u32 pair = w.at<const u32>(op.o[1])[l];
    const auto one = [&](u32 code) {
      const double x = rectified(static_cast<double>(decode8(code & 0xffU, kFormat<T>)), op);
      return encode(x, kF16, Rounding::rn, false);
    };
    w.at<u32>(op.o[0])[l] = (one(pair >> 8) << 16) | one(pair);
  }
}

constexpr Row kRows[] = {
    {"cvt .rna {.satfinite} .tf32 .f32", "d.u32 s.f32",
     [](const Form&) -> Handler { return &to_tf32; }, set_flags},
    {"cvt .rn|.rz {.relu} {.satfinite} .tf32 .f32", "d.u32 s.f32",
     [](const Form&) -> Handler { return &to_tf32; }, set_flags},
    {"cvt .rn .satfinite {.relu} .e4m3x2|.e5m2x2 .f32", "d.u16 s.f32 s.f32",
     [](const Form& f) -> Handler {
       return f.type(0) == Type::e4m3x2 ? &from_f32<Type::e4m3x2> : &from_f32<Type::e5m2x2>;
     },
     set_flags},
    {"cvt .rn .satfinite {.relu} .e4m3x2|.e5m2x2 .f16x2", "d.u16 s.u32",
     [](const Form& f) -> Handler {
       return f.type(0) == Type::e4m3x2 ? &from_f16x2<Type::e4m3x2> : &from_f16x2<Type::e5m2x2>;
     },
     set_flags},
    {"cvt .rn {.relu} .f16x2 .e4m3x2|.e5m2x2", "d.u32 s.u16",
     [](const Form& f) -> Handler {
       return f.type(1) == Type::e4m3x2 ? &to_f16x2<Type::e4m3x2> : &to_f16x2<Type::e5m2x2>;
     },
     set_flags},
};

}  // namespace

std::span<const Row> rows_convert_narrow() {
  return kRows;
}

}  // namespace softgpu::engine::SOFTGPU_ISA
