// SPDX-License-Identifier: MIT
// Comparison and selection (ISA 9.7.6, 9.7.7): setp, selp, slct. `set` is emitted as a setp into a
// scratch predicate and a selection between constants (decode_misc.cpp).
#include "ops/numeric.hpp"

namespace softgpu::engine::SOFTGPU_ISA {
namespace {

using ptx::Type;

enum class Cmp : u8 { eq, ne, lt, le, gt, ge, equ, neu, ltu, leu, gtu, geu, num, nan };

template <Cmp C, class T>
SOFTGPU_INLINE bool holds(T a, T b) {
  switch (C) {
    case Cmp::eq:
      return a == b;
    case Cmp::ne:
      return a < b || a > b;  // false for NaN
    case Cmp::lt:
      return a < b;
    case Cmp::le:
      return a <= b;
    case Cmp::gt:
      return a > b;
    case Cmp::ge:
      return a >= b;
    case Cmp::equ:
      return !(a < b || a > b);
    case Cmp::neu:
      return !(a == b);
    case Cmp::ltu:
      return !(a >= b);
    case Cmp::leu:
      return !(a > b);
    case Cmp::gtu:
      return !(a <= b);
    case Cmp::geu:
      return !(a < b);
    case Cmp::num:
      return a == a && b == b;
    case Cmp::nan:
      return !(a == a && b == b);
  }
  return false;
}

// What the 16-bit formats are compared as.
template <class T>
SOFTGPU_INLINE T comparable(T x, bool) {
  return x;
}
SOFTGPU_INLINE float comparable(float x, bool ftz) {
  return ftz ? flush(x) : x;
}
SOFTGPU_INLINE float comparable(Half x, bool ftz) {
  if (ftz && (x.bits & 0x7c00U) == 0) x.bits &= 0x8000U;
  return to_f32(x);
}
SOFTGPU_INLINE float comparable(BFloat x, bool) {
  return to_f32(x);
}

u32 combine(u32 r, const Op& op, u32 c) {
  switch (op.small) {
    case 1:
      return r & c;
    case 2:
      return r | c;
    case 3:
      return r ^ c;
    default:
      return r;
  }
}
// o: p, q, a, b, c. q gets the opposite comparison, combined the same way.
void finish(Warp& w, const Op& op, u32 mask, u32 r, u32 opposite) {
  const u32 c = op.o[4] == kNoOperand ? 0 : w.predicate(op.o[4]);
  u32& p = w.predicate(op.o[0]);
  p = (p & ~mask) | (combine(r, op, c) & mask);
  if (op.o[1] != kNoOperand) {
    u32& q = w.predicate(op.o[1]);
    q = (q & ~mask) | (combine(opposite, op, c) & mask);
  }
}

template <class T, Cmp C, bool Ftz>
void setp_body(Warp& w, const Op& op, u32 mask) {
  const Slot<T>* a = w.at<const Slot<T>>(op.o[2]);
  const Slot<T>* b = w.at<const Slot<T>>(op.o[3]);
  u32 r = 0;
  for (u32 l = 0; l < kLanes; ++l) {
    const auto x = comparable(LaneTraits<T>::get(a[l]), Ftz);
    const auto y = comparable(LaneTraits<T>::get(b[l]), Ftz);
    r |= holds<C>(x, y) ? 1U << l : 0U;
  }
  finish(w, op, mask, r, ~r);
}
// Packed: p from the lower halves, q from the upper.
template <class T, Cmp C, bool Ftz>
void setp_pair_body(Warp& w, const Op& op, u32 mask) {
  const u32* a = w.at<const u32>(op.o[2]);
  const u32* b = w.at<const u32>(op.o[3]);
  u32 low = 0, high = 0;
  for (u32 l = 0; l < kLanes; ++l) {
    const bool first = holds<C>(comparable(T{static_cast<u16>(a[l])}, Ftz),
                                comparable(T{static_cast<u16>(b[l])}, Ftz));
    const bool second = holds<C>(comparable(T{static_cast<u16>(a[l] >> 16)}, Ftz),
                                 comparable(T{static_cast<u16>(b[l] >> 16)}, Ftz));
    low |= first ? 1U << l : 0U;
    high |= second ? 1U << l : 0U;
  }
  finish(w, op, mask, low, high);
}

template <Cmp C>
Handler for_operands(const Form& f) {
  const bool ftz = f.has(".ftz");
  switch (f.type(0)) {
    case Type::f32:
      return ftz ? &setp_body<float, C, true> : &setp_body<float, C, false>;
    case Type::f64:
      return &setp_body<double, C, false>;
    case Type::f16:
      return ftz ? &setp_body<Half, C, true> : &setp_body<Half, C, false>;
    case Type::bf16:
      return &setp_body<BFloat, C, false>;
    case Type::f16x2:
      return ftz ? &setp_pair_body<Half, C, true> : &setp_pair_body<Half, C, false>;
    case Type::bf16x2:
      return &setp_pair_body<BFloat, C, false>;
    default:
      break;
  }
  if constexpr (C <= Cmp::ge) {
    return for_type<u16, s16, u32, s32, u64, s64>(
        f.type(0), []<class T>() -> Handler { return &setp_body<T, C, false>; });
  } else {
    return nullptr;
  }
}
Handler select_setp(const Form& f) {
  switch (f.which({".eq", ".ne", ".lt", ".le", ".gt", ".ge", ".equ", ".neu", ".ltu", ".leu", ".gtu",
                   ".geu", ".num", ".nan", ".lo", ".ls", ".hi", ".hs"})) {
    case 0:
      return for_operands<Cmp::eq>(f);
    case 1:
      return for_operands<Cmp::ne>(f);
    case 2:
    case 14:
      return for_operands<Cmp::lt>(f);
    case 3:
    case 15:
      return for_operands<Cmp::le>(f);
    case 4:
    case 16:
      return for_operands<Cmp::gt>(f);
    case 5:
    case 17:
      return for_operands<Cmp::ge>(f);
    case 6:
      return for_operands<Cmp::equ>(f);
    case 7:
      return for_operands<Cmp::neu>(f);
    case 8:
      return for_operands<Cmp::ltu>(f);
    case 9:
      return for_operands<Cmp::leu>(f);
    case 10:
      return for_operands<Cmp::gtu>(f);
    case 11:
      return for_operands<Cmp::geu>(f);
    case 12:
      return for_operands<Cmp::num>(f);
    case 13:
      return for_operands<Cmp::nan>(f);
    default:
      return nullptr;
  }
}
bool set_boolean(Emitter&, const Form& f, Op& op) {
  op.small = static_cast<u8>(f.which({".and", ".or", ".xor"}) + 1);
  // A pair has two results, a single f16 or bf16 one.
  const Type type = f.type(0);
  const bool two = op.o[1] != kNoOperand;
  if (two && (type == Type::f16 || type == Type::bf16)) return false;
  return (op.small != 0) == (op.o[4] != kNoOperand);
}

// o: d, a, b, p
template <class T>
void selp_body(Warp& w, const Op& op, u32 mask) {
  T* d = w.at<T>(op.o[0]);
  const T* a = w.at<const T>(op.o[1]);
  const T* b = w.at<const T>(op.o[2]);
  const u32 p = w.predicate(op.o[3]);
#pragma GCC ivdep
  for (u32 l = 0; l < kLanes; ++l) {
    const T value = (p & (1U << l)) != 0 ? a[l] : b[l];
    d[l] = (mask & (1U << l)) != 0 ? value : d[l];
  }
}

template <class T>
Handler slct(const Form& f) {
  if (f.type(1) == Type::s32) {
    return lanes<T, T, T, s32>([](T a, T b, s32 c) { return c >= 0 ? a : b; });
  }
  return f.has(".ftz")
             ? lanes<T, T, T, float>([](T a, T b, float c) { return flush(c) >= 0.0F ? a : b; })
             : lanes<T, T, T, float>([](T a, T b, float c) { return c >= 0.0F ? a : b; });
}

#define SOFTGPU_INT_CMP ".eq|.ne|.lt|.le|.gt|.ge|.lo|.ls|.hi|.hs"
#define SOFTGPU_FLOAT_CMP ".eq|.ne|.lt|.le|.gt|.ge|.equ|.neu|.ltu|.leu|.gtu|.geu|.num|.nan"

constexpr Row kRows[] = {
    {"setp " SOFTGPU_INT_CMP " {.and|.or|.xor} .u16|.u32|.u64", "d.pred q s0 s0 s.pred?",
     select_setp, set_boolean},
    {"setp .eq|.ne|.lt|.le|.gt|.ge {.and|.or|.xor} .s16|.s32|.s64", "d.pred q s0 s0 s.pred?",
     select_setp, set_boolean},
    {"setp .eq|.ne {.and|.or|.xor} .b16|.b32|.b64", "d.pred q s0 s0 s.pred?", select_setp,
     set_boolean},
    {"setp " SOFTGPU_FLOAT_CMP " {.and|.or|.xor} {.ftz} .f32|.f16|.f16x2", "d.pred q s0 s0 s.pred?",
     select_setp, set_boolean},
    {"setp " SOFTGPU_FLOAT_CMP " {.and|.or|.xor} .f64|.bf16|.bf16x2", "d.pred q s0 s0 s.pred?",
     select_setp, set_boolean},
    {"selp .b16|.b32|.b64|.u16|.u32|.u64|.s16|.s32|.s64|.f32|.f64", "d0 s0 s0 s.pred",
     [](const Form& f) -> Handler {
       return ptx::bits_of(f.type(0)) == 64 ? &selp_body<u64> : &selp_body<u32>;
     }},
    {"slct {.ftz} .b16|.b32|.b64|.u16|.u32|.u64|.s16|.s32|.s64|.f32|.f64 .f32|.s32", "d0 s0 s0 s1",
     [](const Form& f) {
       if (f.has(".ftz") && f.type(1) != Type::f32) return Handler{nullptr};
       return ptx::bits_of(f.type(0)) == 64 ? slct<u64>(f) : slct<u32>(f);
     }},
};

}  // namespace

std::span<const Row> rows_compare() {
  return kRows;
}

}  // namespace softgpu::engine::SOFTGPU_ISA
