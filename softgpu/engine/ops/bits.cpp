// SPDX-License-Identifier: MIT
// Logic, shifts and bit fields (ISA 9.7.1 and 9.7.8), byte permutation (9.7.9.7).
#include "ops/lanes.hpp"

namespace softgpu::engine::SOFTGPU_ISA {
namespace {

using ptx::Type;

template <class T>
constexpr u32 kBits = sizeof(T) * 8;

template <class F>
void predicate_body(Warp& w, const Op& op, u32 mask) {
  const u32 b = op.o[2] == kNoOperand ? 0 : w.predicate(op.o[2]);
  u32& d = w.predicate(op.o[0]);
  d = (d & ~mask) | (F{}(w.predicate(op.o[1]), b) & mask);
}
template <class F>
constexpr Handler predicates(F) {
  return &predicate_body<F>;
}

u64 lut3(u64 lut, u64 a, u64 b, u64 c) {
  u64 r = 0;
  for (unsigned i = 0; i < 8; ++i) {
    const u64 term = ((i & 4U) != 0 ? a : ~a) & ((i & 2U) != 0 ? b : ~b) & ((i & 1U) != 0 ? c : ~c);
    r |= ((lut >> i) & 1U) != 0 ? term : 0;
  }
  return r;
}

// lop3.BoolOp: d|p = (result != 0) BoolOp q.
void lop3_predicate(Warp& w, const Op& op, u32 mask) {
  u32 nonzero = 0;
  for (u32 l = 0; l < kLanes; ++l) {
    const u32 r = static_cast<u32>(
        lut3(op.imm, w.at<u32>(op.o[2])[l], w.at<u32>(op.o[3])[l], w.at<u32>(op.o[4])[l]));
    nonzero |= r != 0 ? 1U << l : 0;
    if ((mask & (1U << l)) != 0) w.at<u32>(op.o[0])[l] = r;
  }
  const u32 q = w.predicate(op.o[5]);
  u32& p = w.predicate(op.o[1]);
  p = (p & ~mask) | ((op.small == 0 ? nonzero | q : nonzero & q) & mask);
}

template <class T>
T shift_left(T a, u32 n) {
  return n >= kBits<T> ? T{0} : static_cast<T>(a << n);
}
template <class T>
T shift_right(T a, u32 n) {
  const bool fill = static_cast<T>(-1) < T{0};
  if (n >= kBits<T>) return fill && a < T{0} ? static_cast<T>(-1) : T{0};
  return static_cast<T>(a >> n);
}

template <class T>
T field_extract(T a, u32 b, u32 c) {
  using U = Slot<T>;
  constexpr bool kSign = static_cast<T>(-1) < T{0};
  const u32 position = b & 0xffU, length = c & 0xffU;
  if (length == 0) return 0;
  const U v = static_cast<U>(a);
  const u32 last = position + length - 1 < kBits<T> - 1 ? position + length - 1 : kBits<T> - 1;
  const bool sign = kSign && ((v >> last) & 1U) != 0;
  const U shifted = position >= kBits<T> ? U{0} : static_cast<U>(v >> position);
  // Bits that exist: below `length`, and below what is left above `position`.
  const u32 left = position >= kBits<T> ? 0 : kBits<T> - position;
  const u32 valid = length < left ? length : left;
  const U low = valid >= kBits<T> ? ~U{0} : static_cast<U>((U{1} << valid) - 1);
  return static_cast<T>((shifted & low) | (sign ? ~low : U{0}));
}
template <class T>
T field_insert(T a, T b, u32 c, u32 d) {
  const u32 position = c & 0xffU, length = d & 0xffU;
  if (position >= kBits<T> || length == 0) return b;
  const T low = length >= kBits<T> ? static_cast<T>(~T{0}) : static_cast<T>((T{1} << length) - 1);
  const T at = static_cast<T>(low << position);
  return static_cast<T>((b & static_cast<T>(~at)) | (static_cast<T>(a << position) & at));
}
template <class T>
u32 find_leading(T a, bool shift_amount) {
  using U = Slot<T>;
  U v = static_cast<U>(a);
  if (static_cast<T>(-1) < T{0} && a < T{0}) v = static_cast<U>(~v);
  if (v == 0) return 0xffffffffU;
  const u32 msb =
      kBits<T> - 1 -
      static_cast<u32>(sizeof(T) == 8 ? __builtin_clzll(v) : __builtin_clz(static_cast<u32>(v)));
  return shift_amount ? kBits<T> - 1 - msb : msb;
}
u32 bit_mask(u32 a, u32 b, bool clamp) {
  const u32 position = a & 31U, width = b & 31U, end = position + width;
  u32 from = kAllLanes << position;
  if (clamp && a >= 32) from = 0;
  const bool to_the_top = end >= 32 || (clamp && (a >= 32 || b >= 32));
  return from & ~(to_the_top ? 0U : kAllLanes << end);
}
u32 sign_or_zero_extend(u32 a, u32 b, bool clamp, bool is_signed) {
  const u32 n = b & 31U;
  const bool too_large = b >= 32 && clamp;
  const u32 upper = too_large ? 0U : kAllLanes << n;
  const bool negative = is_signed && n != 0 && !too_large && ((a >> ((n - 1) & 31U)) & 1U) != 0;
  return (a & ~upper) | (negative ? upper : 0U);
}
u32 find_nth_set(u32 mask, u32 base, s32 offset) {
  if (offset == 0) return base < 32 && ((mask >> base) & 1U) != 0 ? base : 0xffffffffU;
  const s32 step = offset > 0 ? 1 : -1;
  u32 count = offset > 0 ? static_cast<u32>(offset) : 0U - static_cast<u32>(offset);
  for (s64 at = base; at >= 0 && at < 32; at += step) {
    if (((mask >> at) & 1U) != 0 && --count == 0) return static_cast<u32>(at);
  }
  return 0xffffffffU;
}
template <class T>
T reverse(T x) {
  T r = 0;
  for (u32 i = 0; i < kBits<T>; ++i) r |= static_cast<T>(((x >> i) & 1U) << (kBits<T> - 1 - i));
  return r;
}

u32 byte_of(u32 a, u32 b, u32 selector) {
  const u64 both = (static_cast<u64>(b) << 32) | a;
  const u32 byte = static_cast<u32>(both >> (8 * (selector & 7U))) & 0xffU;
  if ((selector & 8U) == 0) return byte;
  return (byte & 0x80U) != 0 ? 0xffU : 0U;  // replicate the sign
}
u32 permute(u32 a, u32 b, u32 selectors) {
  u32 r = 0;
  for (u32 i = 0; i < 4; ++i) r |= byte_of(a, b, (selectors >> (4 * i)) & 0xfU) << (8 * i);
  return r;
}
// The selectors of the special modes for c = 0 … 3, as a default-mode selector word each.
enum class PermuteMode { f4e, b4e, rc8, ecl, ecr, rc16 };
template <PermuteMode M>
u32 permute_mode(u32 a, u32 b, u32 c) {
  constexpr u16 kSelectors[6][4] = {
      {0x3210, 0x4321, 0x5432, 0x6543}, {0x5670, 0x6701, 0x7012, 0x0123},
      {0x0000, 0x1111, 0x2222, 0x3333}, {0x3210, 0x3211, 0x3222, 0x3333},
      {0x0000, 0x1110, 0x2210, 0x3210}, {0x1010, 0x3232, 0x1010, 0x3232}};
  return permute(a, b, kSelectors[static_cast<int>(M)][c & 3U]);
}
template <PermuteMode M>
constexpr Handler permute_lanes() {
  return slow_lanes<u32, u32, u32, u32>(
      [](u32 a, u32 b, u32 c) { return permute_mode<M>(a, b, c); });
}

constexpr Row kRows[] = {
    {"and .b16|.b32|.b64", "d0 s0 s0",
     [](const Form& f) {
       return for_type<u16, u32, u64>(f.type(0), []<class T>() {
         return lanes<T, T, T>([](T a, T b) { return static_cast<T>(a & b); });
       });
     }},
    {"or .b16|.b32|.b64", "d0 s0 s0",
     [](const Form& f) {
       return for_type<u16, u32, u64>(f.type(0), []<class T>() {
         return lanes<T, T, T>([](T a, T b) { return static_cast<T>(a | b); });
       });
     }},
    {"xor .b16|.b32|.b64", "d0 s0 s0",
     [](const Form& f) {
       return for_type<u16, u32, u64>(f.type(0), []<class T>() {
         return lanes<T, T, T>([](T a, T b) { return static_cast<T>(a ^ b); });
       });
     }},
    {"not .b16|.b32|.b64", "d0 s0",
     [](const Form& f) {
       return for_type<u16, u32, u64>(f.type(0), []<class T>() {
         return lanes<T, T>([](T a) { return static_cast<T>(~a); });
       });
     }},
    {"cnot .b16|.b32|.b64", "d0 s0",
     [](const Form& f) {
       return for_type<u16, u32, u64>(f.type(0), []<class T>() {
         return lanes<T, T>([](T a) { return static_cast<T>(a == 0 ? 1 : 0); });
       });
     }},
    {"and .pred", "d0 s0 s0",
     [](const Form&) { return predicates([](u32 a, u32 b) { return a & b; }); }},
    {"or .pred", "d0 s0 s0",
     [](const Form&) { return predicates([](u32 a, u32 b) { return a | b; }); }},
    {"xor .pred", "d0 s0 s0",
     [](const Form&) { return predicates([](u32 a, u32 b) { return a ^ b; }); }},
    {"not .pred", "d0 s0", [](const Form&) { return predicates([](u32 a, u32) { return ~a; }); }},
    {"mov .pred", "d0 s0", [](const Form&) { return predicates([](u32 a, u32) { return a; }); }},
    {"lop3 .b32", "d0 s0 s0 s0 i",
     [](const Form&) {
       return immediate_lanes<u32, u32, u32, u32>(
           [](u64 lut, u32 a, u32 b, u32 c) { return static_cast<u32>(lut3(lut, a, b, c)); });
     }},
    {"lop3 .or|.and .b32", "d0 d.pred s0 s0 s0 i s.pred",
     [](const Form&) -> Handler { return &lop3_predicate; },
     [](Emitter&, const Form& f, Op& op) {
       op.small = f.has(".and") ? 1 : 0;
       return true;
     }},
    {"shl .b16|.b32|.b64", "d0 s0 s.u32",
     [](const Form& f) {
       return for_type<u16, u32, u64>(f.type(0), []<class T>() {
         return lanes<T, T, u32>([](T a, u32 n) { return shift_left<T>(a, n); });
       });
     }},
    {"shr .b16|.b32|.b64|.u16|.u32|.u64|.s16|.s32|.s64", "d0 s0 s.u32",
     [](const Form& f) {
       return for_type<u16, u32, u64, s16, s32, s64>(f.type(0), []<class T>() {
         return lanes<T, T, u32>([](T a, u32 n) { return shift_right<T>(a, n); });
       });
     }},
    {"shf .l|.r .clamp|.wrap .b32", "d0 s0 s0 s0",
     [](const Form& f) {
       if (f.has(".l")) {
         return f.has(".wrap")
                    ? lanes<u32, u32, u32, u32>([](u32 a, u32 b, u32 c) {
                        return static_cast<u32>((((u64{b} << 32) | a) << (c & 31U)) >> 32);
                      })
                    : lanes<u32, u32, u32, u32>([](u32 a, u32 b, u32 c) {
                        return static_cast<u32>((((u64{b} << 32) | a) << (c < 32 ? c : 32)) >> 32);
                      });
       }
       return f.has(".wrap") ? lanes<u32, u32, u32, u32>([](u32 a, u32 b, u32 c) {
         return static_cast<u32>(((u64{b} << 32) | a) >> (c & 31U));
       })
                             : lanes<u32, u32, u32, u32>([](u32 a, u32 b, u32 c) {
                                 return static_cast<u32>(((u64{b} << 32) | a) >> (c < 32 ? c : 32));
                               });
     }},
    {"bfe .u32|.s32|.u64|.s64", "d0 s0 s.u32 s.u32",
     [](const Form& f) {
       return for_type<u32, s32, u64, s64>(f.type(0), []<class T>() {
         return lanes<T, T, u32, u32>([](T a, u32 b, u32 c) { return field_extract<T>(a, b, c); });
       });
     }},
    {"bfi .b32|.b64", "d0 s0 s0 s.u32 s.u32",
     [](const Form& f) {
       return for_type<u32, u64>(f.type(0), []<class T>() {
         return lanes<T, T, T, u32, u32>(
             [](T a, T b, u32 c, u32 d) { return field_insert<T>(a, b, c, d); });
       });
     }},
    {"bfind .u32|.s32|.u64|.s64", "d.u32 s0",
     [](const Form& f) {
       return for_type<u32, s32, u64, s64>(f.type(0), []<class T>() {
         return lanes<u32, T>([](T a) { return find_leading<T>(a, false); });
       });
     }},
    {"bfind .shiftamt .u32|.s32|.u64|.s64", "d.u32 s0",
     [](const Form& f) {
       return for_type<u32, s32, u64, s64>(f.type(0), []<class T>() {
         return lanes<u32, T>([](T a) { return find_leading<T>(a, true); });
       });
     }},
    {"bmsk .clamp|.wrap .b32", "d0 s0 s0",
     [](const Form& f) {
       return f.has(".clamp")
                  ? lanes<u32, u32, u32>([](u32 a, u32 b) { return bit_mask(a, b, true); })
                  : lanes<u32, u32, u32>([](u32 a, u32 b) { return bit_mask(a, b, false); });
     }},
    {"szext .clamp|.wrap .u32|.s32", "d0 s0 s.u32",
     [](const Form& f) {
       const bool sign = f.type(0) == Type::s32;
       if (f.has(".clamp")) {
         return sign ? lanes<u32, u32, u32>(
                           [](u32 a, u32 b) { return sign_or_zero_extend(a, b, true, true); })
                     : lanes<u32, u32, u32>(
                           [](u32 a, u32 b) { return sign_or_zero_extend(a, b, true, false); });
       }
       return sign ? lanes<u32, u32, u32>(
                         [](u32 a, u32 b) { return sign_or_zero_extend(a, b, false, true); })
                   : lanes<u32, u32, u32>(
                         [](u32 a, u32 b) { return sign_or_zero_extend(a, b, false, false); });
     }},
    {"brev .b32|.b64", "d0 s0",
     [](const Form& f) {
       return for_type<u32, u64>(
           f.type(0), []<class T>() { return lanes<T, T>([](T a) { return reverse<T>(a); }); });
     }},
    {"popc .b32|.b64", "d.u32 s0",
     [](const Form& f) {
       return for_type<u32, u64>(f.type(0), []<class T>() {
         return lanes<u32, T>([](T a) { return static_cast<u32>(__builtin_popcountll(a)); });
       });
     }},
    {"clz .b32|.b64", "d.u32 s0",
     [](const Form& f) {
       return for_type<u32, u64>(f.type(0), []<class T>() {
         return lanes<u32, T>([](T a) {
           return a == 0 ? kBits<T> : static_cast<u32>(__builtin_clzll(a)) - (64 - kBits<T>);
         });
       });
     }},
    {"fns .b32", "d0 s0 s0 s.u32",
     [](const Form&) {
       return slow_lanes<u32, u32, u32, s32>(
           [](u32 mask, u32 base, s32 offset) { return find_nth_set(mask, base, offset); });
     }},
    {"prmt .b32 {.f4e|.b4e|.rc8|.ecl|.ecr|.rc16}", "d0 s0 s0 s0",
     [](const Form& f) {
       switch (f.which({".f4e", ".b4e", ".rc8", ".ecl", ".ecr", ".rc16"})) {
         case 0:
           return permute_lanes<PermuteMode::f4e>();
         case 1:
           return permute_lanes<PermuteMode::b4e>();
         case 2:
           return permute_lanes<PermuteMode::rc8>();
         case 3:
           return permute_lanes<PermuteMode::ecl>();
         case 4:
           return permute_lanes<PermuteMode::ecr>();
         case 5:
           return permute_lanes<PermuteMode::rc16>();
         default:
           return lanes<u32, u32, u32, u32>([](u32 a, u32 b, u32 c) { return permute(a, b, c); });
       }
     }},
};

}  // namespace

std::span<const Row> rows_bits() {
  return kRows;
}

}  // namespace softgpu::engine::SOFTGPU_ISA
