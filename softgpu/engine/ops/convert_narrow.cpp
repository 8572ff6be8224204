// SPDX-License-Identifier: MIT
// cvt to and from tf32 and the packed formats of 4, 6 and 8 bits (ISA 9.7.9.21), but for .rs
// (convert_random.cpp). The formats: small_float.hpp.
#include "ops/small_float.hpp"

namespace softgpu::engine::SOFTGPU_ISA {
namespace {

using ptx::Type;

constexpr u8 kRelu = 1, kFinite = 2;

bool set_flags(Emitter&, const Form& f, Op& op) {
  op.small = static_cast<u8>((f.has(".relu") ? kRelu : 0) | (f.has(".satfinite") ? kFinite : 0));
  return true;
}
double input(double x, const Op& op) {
  return rectified(x, (op.small & kRelu) != 0);
}

void to_tf32(Warp& w, const Op& op, u32 mask) {
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const int l = __builtin_ctz(rest);
    const double x = input(static_cast<double>(f32(w.at<const u32>(op.o[1])[l])), op);
    w.at<u32>(op.o[0])[l] =
        is_nan(x) ? kNan32 : encode(x, kTF32, op.rounding, (op.small & kFinite) != 0) << 13;
  }
}

// a to the upper part, b to the lower.
template <Type T>
void from_f32(Warp& w, const Op& op, u32 mask) {
  constexpr PackedFormat kTo = packed_format(T);
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const int l = __builtin_ctz(rest);
    const auto one = [&](u32 operand) {
      const double x = input(static_cast<double>(f32(w.at<const u32>(operand)[l])), op);
      return encode_packed(x, kTo);
    };
    w.at<u32>(op.o[0])[l] = (one(op.o[1]) << kTo.width) | one(op.o[2]);
  }
}
template <Type T>
void from_f16x2(Warp& w, const Op& op, u32 mask) {
  constexpr PackedFormat kTo = packed_format(T);
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const int l = __builtin_ctz(rest);
    const u32 pair = w.at<const u32>(op.o[1])[l];
    const auto one = [&](u32 half) {
      const double x = input(static_cast<double>(to_f32(Half{static_cast<u16>(half)})), op);
      return encode_packed(x, kTo);
    };
    w.at<u32>(op.o[0])[l] = (one(pair >> 16) << kTo.width) | one(pair);
  }
}
template <Type T>
void to_f16x2(Warp& w, const Op& op, u32 mask) {
  constexpr PackedFormat kFrom = packed_format(T);
  constexpr u32 kField = (1U << kFrom.width) - 1;
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const int l = __builtin_ctz(rest);
    const u32 pair = w.at<const u32>(op.o[1])[l];
    const auto one = [&](u32 code) {
      const double x = input(static_cast<double>(decode_packed(code & kField, kFrom)), op);
      return encode(x, kF16, Rounding::rn, false);
    };
    w.at<u32>(op.o[0])[l] = (one(pair >> kFrom.width) << 16) | one(pair);
  }
}

#define SOFTGPU_BY_TYPE(type, body)        \
  switch (type) {                          \
    case Type::e4m3x2:                     \
      return Handler{&body<Type::e4m3x2>}; \
    case Type::e5m2x2:                     \
      return Handler{&body<Type::e5m2x2>}; \
    case Type::e2m3x2:                     \
      return Handler{&body<Type::e2m3x2>}; \
    case Type::e3m2x2:                     \
      return Handler{&body<Type::e3m2x2>}; \
    case Type::e2m1x2:                     \
      return Handler{&body<Type::e2m1x2>}; \
    default:                               \
      return Handler{nullptr};             \
  }

Handler select_from_f32(const Form& f){SOFTGPU_BY_TYPE(f.type(0), from_f32)} Handler
    select_from_f16x2(const Form& f){SOFTGPU_BY_TYPE(f.type(0), from_f16x2)} Handler
    select_to_f16x2(const Form& f){SOFTGPU_BY_TYPE(f.type(1), to_f16x2)}

// ue8m0: the power of two below (.rz) or above (.rp) the magnitude; there is no sign.
u32 to_ue8m0(u32 f32_bits, const Op& op) {
  const u32 magnitude = f32_bits & 0x7fffffffU;
  if (magnitude > 0x7f800000U) return 0xffU;
  const bool finite = (op.small & kFinite) != 0;
  u32 code = magnitude >> 23;
  // Below 2^-126 the exponent field is 0, whose code means 2^-127.
  const bool above = code == 0 ? magnitude > 0x00400000U : (magnitude & 0x7fffffU) != 0;
  if (op.rounding == Rounding::rp && above && code != 0xffU) ++code;
  return code == 0xffU && finite ? 0xfeU : code;
}
void ue8m0_from_f32(Warp& w, const Op& op, u32 mask) {
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const int l = __builtin_ctz(rest);
    const u32 a = w.at<const u32>(op.o[1])[l], b = w.at<const u32>(op.o[2])[l];
    w.at<u32>(op.o[0])[l] = (to_ue8m0(a, op) << 8) | to_ue8m0(b, op);
  }
}
void ue8m0_from_bf16x2(Warp& w, const Op& op, u32 mask) {
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const int l = __builtin_ctz(rest);
    const u32 pair = w.at<const u32>(op.o[1])[l];
    w.at<u32>(op.o[0])[l] = (to_ue8m0(pair & 0xffff0000U, op) << 8) | to_ue8m0(pair << 16, op);
  }
}
u32 from_ue8m0(u32 code) {
  return code == 0xffU ? u32{kNan16} : (code == 0 ? 0x0040U : code << 7);
}

#define SOFTGPU_BYTES ".e4m3x2|.e5m2x2|.e2m3x2|.e3m2x2"

constexpr Row kRows[] = {
    {"cvt .rna {.satfinite} .tf32 .f32", "d.u32 s.f32",
     [](const Form&) -> Handler { return &to_tf32; }, set_flags},
    {"cvt .rn|.rz {.relu} {.satfinite} .tf32 .f32", "d.u32 s.f32",
     [](const Form&) -> Handler { return &to_tf32; }, set_flags},
    {"cvt .rn .satfinite {.relu} " SOFTGPU_BYTES " .f32", "d.u16 s.f32 s.f32", select_from_f32,
     set_flags},
    {"cvt .rn .satfinite {.relu} .e2m1x2 .f32", "d.u8 s.f32 s.f32", select_from_f32, set_flags},
    {"cvt .rn .satfinite {.relu} .e4m3x2|.e5m2x2 .f16x2", "d.u16 s.u32", select_from_f16x2,
     set_flags},
    {"cvt .rn .satfinite {.relu} .e2m1x2 .f16x2", "d.u8 s.u32", select_from_f16x2, set_flags},
    {"cvt .rn {.relu} .f16x2 " SOFTGPU_BYTES, "d.u32 s.u16", select_to_f16x2, set_flags},
    {"cvt .rn {.relu} .f16x2 .e2m1x2", "d.u32 s.u8", select_to_f16x2, set_flags},
    {"cvt .rz|.rp {.satfinite} .ue8m0x2 .f32", "d.u16 s.f32 s.f32",
     [](const Form&) -> Handler { return &ue8m0_from_f32; }, set_flags},
    {"cvt .rz|.rp {.satfinite} .ue8m0x2 .bf16x2", "d.u16 s.u32",
     [](const Form&) -> Handler { return &ue8m0_from_bf16x2; }, set_flags},
    {"cvt .rn .bf16x2 .ue8m0x2", "d.u32 s.u16",
     [](const Form&) {
       return lanes<u32, u16>(
           [](u16 a) { return (from_ue8m0(u32{a} >> 8) << 16) | from_ue8m0(a & 0xffU); });
     }},
};

}  // namespace

std::span<const Row> rows_convert_narrow() {
  return kRows;
}

}  // namespace softgpu::engine::SOFTGPU_ISA
