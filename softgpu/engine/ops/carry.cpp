// SPDX-License-Identifier: MIT
// Extended-precision integer arithmetic (ISA 9.7.2). The carry flag CC.CF of each lane is a hidden
// predicate of the frame. Subtraction keeps the borrow there.
#include "ops/lanes.hpp"

namespace softgpu::engine::SOFTGPU_ISA {
namespace {

enum class Kind { add, sub, mad_lo, mad_hi };

template <class T>
T high_half(T a, T b, bool is_signed) {
  if constexpr (sizeof(T) == 8) {
    return is_signed ? static_cast<T>((static_cast<s128>(static_cast<s64>(a)) *
                                       static_cast<s128>(static_cast<s64>(b))) >>
                                      64)
                     : static_cast<T>((static_cast<u128>(a) * b) >> 64);
  } else {
    return is_signed ? static_cast<T>((s64{static_cast<s32>(a)} * s64{static_cast<s32>(b)}) >> 32)
                     : static_cast<T>((u64{a} * u64{b}) >> 32);
  }
}

// T unsigned; op.small: bit 0 = reads the carry, bit 1 = writes it, bit 2 = signed high product.
template <class T, Kind K>
void carry_body(Warp& w, const Op& op, u32 mask) {
  const bool in = (op.small & 1U) != 0, out = (op.small & 2U) != 0, sign = (op.small & 4U) != 0;
  u32& flags = w.predicate(kCarryPredicate);
  u32 carries = 0;
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const int l = __builtin_ctz(rest);
    const T carry = in ? static_cast<T>((flags >> l) & 1U) : T{0};
    T a = w.at<const T>(op.o[1])[l], b = w.at<const T>(op.o[2])[l];
    if constexpr (K == Kind::mad_lo || K == Kind::mad_hi) {
      a = K == Kind::mad_lo ? static_cast<T>(a * b) : high_half<T>(a, b, sign);
      b = w.at<const T>(op.o[3])[l];
    }
    T partial = 0, result = 0;
    bool over = false;
    if constexpr (K == Kind::sub) {
      over = __builtin_sub_overflow(a, b, &partial);
      over = __builtin_sub_overflow(partial, carry, &result) || over;
    } else {
      over = __builtin_add_overflow(a, b, &partial);
      over = __builtin_add_overflow(partial, carry, &result) || over;
    }
    w.at<T>(op.o[0])[l] = result;
    if (over) carries |= 1U << l;
  }
  if (out) flags = (flags & ~mask) | carries;
}

template <Kind K>
Handler select(const Form& f) {
  const bool wide = f.type(0) == ptx::Type::u64 || f.type(0) == ptx::Type::s64;
  return wide ? &carry_body<u64, K> : &carry_body<u32, K>;
}
Handler select_mad(const Form& f) {
  return f.has(".hi") ? select<Kind::mad_hi>(f) : select<Kind::mad_lo>(f);
}
template <bool Reads>
bool flags(Emitter&, const Form& f, Op& op) {
  op.small = static_cast<u8>((Reads ? 1 : 0) | (f.has(".cc") ? 2 : 0) |
                             (is_signed_type(f.type(0)) ? 4 : 0));
  return true;
}

constexpr Row kRows[] = {
    {"add .cc .u32|.s32|.u64|.s64", "d0 s0 s0", select<Kind::add>, flags<false>},
    {"addc {.cc} .u32|.s32|.u64|.s64", "d0 s0 s0", select<Kind::add>, flags<true>},
    {"sub .cc .u32|.s32|.u64|.s64", "d0 s0 s0", select<Kind::sub>, flags<false>},
    {"subc {.cc} .u32|.s32|.u64|.s64", "d0 s0 s0", select<Kind::sub>, flags<true>},
    {"mad .hi|.lo .cc .u32|.s32|.u64|.s64", "d0 s0 s0 s0", select_mad, flags<false>},
    {"madc .hi|.lo {.cc} .u32|.s32|.u64|.s64", "d0 s0 s0 s0", select_mad, flags<true>},
};

}  // namespace

std::span<const Row> rows_carry() {
  return kRows;
}

}  // namespace softgpu::engine::SOFTGPU_ISA
