// SPDX-License-Identifier: MIT
// cvt.rs: stochastic rounding (ISA 9.7.9.21). The random bits come in a register:
//
//   f16x2   a: bits 16 … 28, b: 0 … 12      bf16x2   a: bits 16 … 31, b: 0 … 15
//   x4 of 6 and 8 bits   a, b: bits 16 … 31, e, f: 0 … 15
//   e2m1x4   a, b: the upper byte of each half, e, f: the lower byte of each half
#include "emitter.hpp"
#include "ops/isa.hpp"
#include "ops/small_float.hpp"

namespace softgpu::engine {
namespace SOFTGPU_ISA {
namespace {

using ptx::Type;

constexpr u8 kRelu = 1, kFinite = 2;

double input(Warp& w, const Op& op, u32 operand, int lane) {
  const double x = static_cast<double>(f32(w.at<const u32>(operand)[lane]));
  return rectified(x, (op.small & kRelu) != 0);
}

// o: d, a, b, random bits
template <Type T>
void pair_body(Warp& w, const Op& op, u32 mask) {
  constexpr SmallFormat kTo = T == Type::f16x2 ? kF16 : kBF16;
  constexpr u32 kCount = T == Type::f16x2 ? 13 : 16;
  const bool finite = (op.small & kFinite) != 0;
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const int l = __builtin_ctz(rest);
    const u32 random = w.at<const u32>(op.o[3])[l];
    const u32 a = encode_random(input(w, op, op.o[1], l), kTo, finite, random >> 16, kCount);
    const u32 b = encode_random(input(w, op, op.o[2], l), kTo, finite, random, kCount);
    w.at<u32>(op.o[0])[l] = (a << 16) | b;
  }
}

// o: d, a, b, e, f, random bits
template <Type T>
void quad_body(Warp& w, const Op& op, u32 mask) {
  constexpr PackedFormat kTo = packed_format(T);
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const int l = __builtin_ctz(rest);
    const u32 random = w.at<const u32>(op.o[5])[l];
    u32 upper = random >> 16, lower = random & 0xffffU;
    if (T == Type::e2m1x4) {
      upper = ((random >> 16) & 0xff00U) | ((random >> 8) & 0xffU);
      lower = ((random >> 8) & 0xff00U) | (random & 0xffU);
    }
    u32 d = 0;
    for (u32 i = 0; i < 4; ++i) {
      const double x = input(w, op, op.o[1 + i], l);
      const u32 code = !kTo.has_nan && is_nan(x)
                           ? kTo.format.nan - 1
                           : encode_random(x, kTo.format, true, i < 2 ? upper : lower, 16);
      d = (d << kTo.width) | code;
    }
    w.at<u32>(op.o[0])[l] = d;
  }
}

Handler body_of(Type type) {
  switch (type) {
    case Type::f16x2:
      return &pair_body<Type::f16x2>;
    case Type::bf16x2:
      return &pair_body<Type::bf16x2>;
    case Type::e4m3x4:
      return &quad_body<Type::e4m3x4>;
    case Type::e5m2x4:
      return &quad_body<Type::e5m2x4>;
    case Type::e2m3x4:
      return &quad_body<Type::e2m3x4>;
    case Type::e3m2x4:
      return &quad_body<Type::e3m2x4>;
    case Type::e2m1x4:
      return &quad_body<Type::e2m1x4>;
    default:
      return nullptr;
  }
}

bool emit(Emitter& e, const Form& f, Op& op) {
  const auto& operands = e.instruction().operands;
  const Type type = f.type(0);
  const bool pair = type == Type::f16x2 || type == Type::bf16x2;
  if (operands.size() != (pair ? 4U : 3U)) return e.refuse("wrong number of operands");
  std::vector<ptx::Operand> sources(operands.begin() + 1, operands.end() - 1);
  if (!pair) {
    if (sources[0].kind != ptx::Operand::Kind::vector || sources[0].elements.size() != 4) {
      return e.refuse("a vector of four is expected");
    }
    sources = operands[1].elements;
  }
  u32 slot = 1;
  for (const ptx::Operand& source : sources) {
    op.o[slot] = e.source_of(source, Type::f32);
    if (op.o[slot++] == kNoOperand) return false;
  }
  op.o[slot] = e.source_of(operands.back(), Type::u32);
  op.o[0] = e.destination_of(operands[0], type == Type::e2m1x4 ? Type::u16 : Type::u32);
  if (op.o[slot] == kNoOperand || op.o[0] == kNoOperand) return false;
  op.small = static_cast<u8>((f.has(".relu") ? kRelu : 0) | (f.has(".satfinite") ? kFinite : 0));
  op.run = body_of(type);
  e.append(op);
  return true;
}

constexpr Row kRows[] = {
    {"cvt .rs {.relu} {.satfinite} .f16x2|.bf16x2 .f32", "", nullptr, emit},
    {"cvt .rs {.relu} .satfinite .e4m3x4|.e5m2x4|.e2m3x4|.e3m2x4|.e2m1x4 .f32", "", nullptr, emit},
};

}  // namespace
}  // namespace SOFTGPU_ISA

std::span<const Row> rows_convert_random() {
  return SOFTGPU_ISA::kRows;
}

}  // namespace softgpu::engine
