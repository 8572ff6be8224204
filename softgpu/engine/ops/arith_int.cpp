// SPDX-License-Identifier: MIT
// Integer arithmetic (ISA 9.7.1). Division by zero gives all ones, its remainder the dividend, as
// hardware does.
#include "ops/lanes.hpp"

namespace softgpu::engine::SOFTGPU_ISA {
namespace {

using ptx::Type;

template <class T>
struct WideOf;
template <>
struct WideOf<u16> {
  using type = u32;
};
template <>
struct WideOf<s16> {
  using type = s32;
};
template <>
struct WideOf<u32> {
  using type = u64;
};
template <>
struct WideOf<s32> {
  using type = s64;
};
template <>
struct WideOf<u64> {
  using type = u128;
};
template <>
struct WideOf<s64> {
  using type = s128;
};
template <class T>
using Wide = typename WideOf<T>::type;

template <class T>
struct UnsignedOf {
  using type = T;
};
template <>
struct UnsignedOf<s16> {
  using type = u16;
};
template <>
struct UnsignedOf<s32> {
  using type = u32;
};
template <>
struct UnsignedOf<s64> {
  using type = u64;
};
// Wrapping arithmetic is done on unsigned values of at least 32 bits: signed overflow has no
// defined result.
template <class T>
using Bits = decltype(typename UnsignedOf<T>::type{} + 0U);

template <class T>
constexpr T kMin = static_cast<T>(static_cast<Bits<T>>(1) << (sizeof(T) * 8 - 1));
template <class T>
constexpr bool kSigned = static_cast<T>(-1) < static_cast<T>(0);

template <class T>
T high(T a, T b) {
  return static_cast<T>((static_cast<Wide<T>>(a) * static_cast<Wide<T>>(b)) >> (sizeof(T) * 8));
}
template <class T>
T low(T a, T b) {
  return static_cast<T>(static_cast<Bits<T>>(a) * static_cast<Bits<T>>(b));
}
template <class T>
T plus(T a, T b) {
  return static_cast<T>(static_cast<Bits<T>>(a) + static_cast<Bits<T>>(b));
}
template <class T>
T minus(T a, T b) {
  return static_cast<T>(static_cast<Bits<T>>(a) - static_cast<Bits<T>>(b));
}
template <class T>
T divide(T a, T b) {
  if (b == 0) return static_cast<T>(-1);
  if constexpr (kSigned<T>) {
    if (b == static_cast<T>(-1)) return minus<T>(0, a);
  }
  return static_cast<T>(a / b);
}
template <class T>
T remainder(T a, T b) {
  if (b == 0) return a;
  if constexpr (kSigned<T>) {
    if (b == static_cast<T>(-1)) return 0;
  }
  return static_cast<T>(a % b);
}
s32 clamp_s32(s64 x) {
  return static_cast<s32>(x < -0x80000000LL ? -0x80000000LL
                                            : (x > 0x7fffffffLL ? 0x7fffffffLL : x));
}
s32 signed24(u32 x) {
  return static_cast<s32>(x << 8) >> 8;
}
u32 unsigned24(u32 x) {
  return x & 0xffffffU;
}

bool signed_less(u16 x, u16 y) {
  return static_cast<s16>(x) < static_cast<s16>(y);
}
u32 relu(u16 x) {
  return (x & 0x8000U) != 0 ? 0 : x;
}

#define INTS u16, s16, u32, s32, u64, s64
#define WORDS u16, s16, u32, s32

// dp4a, dp2a: signedness of a and of b come from the two types.
template <bool SignedA, bool SignedB>
u32 dot4(u32 a, u32 b, u32 c) {
  for (unsigned i = 0; i < 4; ++i) {
    const u8 x = static_cast<u8>(a >> (8 * i)), y = static_cast<u8>(b >> (8 * i));
    const s32 p = (SignedA ? static_cast<s32>(static_cast<s8>(x)) : static_cast<s32>(x)) *
                  (SignedB ? static_cast<s32>(static_cast<s8>(y)) : static_cast<s32>(y));
    c += static_cast<u32>(p);
  }
  return c;
}
template <bool SignedA, bool SignedB, bool High>
u32 dot2(u32 a, u32 b, u32 c) {
  for (unsigned i = 0; i < 2; ++i) {
    const u16 x = static_cast<u16>(a >> (16 * i));
    const u8 y = static_cast<u8>(b >> (8 * i + (High ? 16 : 0)));
    const s32 p = (SignedA ? static_cast<s32>(static_cast<s16>(x)) : static_cast<s32>(x)) *
                  (SignedB ? static_cast<s32>(static_cast<s8>(y)) : static_cast<s32>(y));
    c += static_cast<u32>(p);
  }
  return c;
}
template <bool SignedA, bool SignedB>
Handler dot(const Form& form, bool four) {
  if (four) {
    return lanes<u32, u32, u32, u32>(
        [](u32 a, u32 b, u32 c) { return dot4<SignedA, SignedB>(a, b, c); });
  }
  if (form.has(".hi")) {
    return lanes<u32, u32, u32, u32>(
        [](u32 a, u32 b, u32 c) { return dot2<SignedA, SignedB, true>(a, b, c); });
  }
  return lanes<u32, u32, u32, u32>(
      [](u32 a, u32 b, u32 c) { return dot2<SignedA, SignedB, false>(a, b, c); });
}
Handler select_dot(const Form& form, bool four) {
  const bool a = is_signed_type(form.type(0)), b = is_signed_type(form.type(1));
  if (a) return b ? dot<true, true>(form, four) : dot<true, false>(form, four);
  return b ? dot<false, true>(form, four) : dot<false, false>(form, four);
}

constexpr Row kRows[] = {
    {"add .u16|.s16|.u32|.s32|.u64|.s64", "d0 s0 s0",
     [](const Form& f) {
       return for_type<INTS>(f.type(0), []<class T>() {
         return lanes<T, T, T>([](T a, T b) { return plus<T>(a, b); });
       });
     }},
    {"add .sat .s32", "d0 s0 s0",
     [](const Form&) {
       return lanes<s32, s32, s32>([](s32 a, s32 b) { return clamp_s32(s64{a} + s64{b}); });
     }},
    {"add .u16x2|.s16x2", "d0 s0 s0",
     [](const Form&) {
       return lanes<u32, u32, u32>(
           [](u32 a, u32 b) { return each_half([](u16 x, u16 y) { return x + y; }, a, b); });
     }},
    {"sub .u16|.s16|.u32|.s32|.u64|.s64", "d0 s0 s0",
     [](const Form& f) {
       return for_type<INTS>(f.type(0), []<class T>() {
         return lanes<T, T, T>([](T a, T b) { return minus<T>(a, b); });
       });
     }},
    {"sub .sat .s32", "d0 s0 s0",
     [](const Form&) {
       return lanes<s32, s32, s32>([](s32 a, s32 b) { return clamp_s32(s64{a} - s64{b}); });
     }},
    {"mul .lo .u16|.s16|.u32|.s32|.u64|.s64", "d0 s0 s0",
     [](const Form& f) {
       return for_type<INTS>(f.type(0), []<class T>() {
         return lanes<T, T, T>([](T a, T b) { return low<T>(a, b); });
       });
     }},
    {"mul .hi .u16|.s16|.u32|.s32|.u64|.s64", "d0 s0 s0",
     [](const Form& f) {
       return for_type<INTS>(f.type(0), []<class T>() {
         return lanes<T, T, T>([](T a, T b) { return high<T>(a, b); });
       });
     }},
    {"mul .wide .u16|.s16|.u32|.s32", "dw0 s0 s0",
     [](const Form& f) {
       return for_type<WORDS>(f.type(0), []<class T>() {
         return lanes<Wide<T>, T, T>([](T a, T b) {
           return low<Wide<T>>(static_cast<Wide<T>>(a), static_cast<Wide<T>>(b));
         });
       });
     }},
    {"mad .lo .u16|.s16|.u32|.s32|.u64|.s64", "d0 s0 s0 s0",
     [](const Form& f) {
       return for_type<INTS>(f.type(0), []<class T>() {
         return lanes<T, T, T, T>([](T a, T b, T c) { return plus<T>(low<T>(a, b), c); });
       });
     }},
    {"mad .hi .u16|.s16|.u32|.s32|.u64|.s64", "d0 s0 s0 s0",
     [](const Form& f) {
       return for_type<INTS>(f.type(0), []<class T>() {
         return lanes<T, T, T, T>([](T a, T b, T c) { return plus<T>(high<T>(a, b), c); });
       });
     }},
    {"mad .hi .sat .s32", "d0 s0 s0 s0",
     [](const Form&) {
       return lanes<s32, s32, s32, s32>(
           [](s32 a, s32 b, s32 c) { return clamp_s32(s64{high<s32>(a, b)} + s64{c}); });
     }},
    {"mad .wide .u16|.s16|.u32|.s32", "dw0 s0 s0 sw0",
     [](const Form& f) {
       return for_type<WORDS>(f.type(0), []<class T>() {
         return lanes<Wide<T>, T, T, Wide<T>>([](T a, T b, Wide<T> c) {
           return plus<Wide<T>>(low<Wide<T>>(static_cast<Wide<T>>(a), static_cast<Wide<T>>(b)), c);
         });
       });
     }},
    {"mul24 .lo|.hi .u32|.s32", "d0 s0 s0",
     [](const Form& f) {
       const bool hi = f.has(".hi");
       if (f.type(0) == Type::s32) {
         return hi ? lanes<u32, u32, u32>([](u32 a, u32 b) {
           return static_cast<u32>((s64{signed24(a)} * s64{signed24(b)}) >> 16);
         })
                   : lanes<u32, u32, u32>([](u32 a, u32 b) {
                       return static_cast<u32>(s64{signed24(a)} * s64{signed24(b)});
                     });
       }
       return hi ? lanes<u32, u32, u32>([](u32 a, u32 b) {
         return static_cast<u32>((u64{unsigned24(a)} * u64{unsigned24(b)}) >> 16);
       })
                 : lanes<u32, u32, u32>([](u32 a, u32 b) { return unsigned24(a) * unsigned24(b); });
     }},
    {"mad24 .lo|.hi .u32|.s32", "d0 s0 s0 s0",
     [](const Form& f) {
       const bool hi = f.has(".hi");
       if (f.type(0) == Type::s32) {
         return hi ? lanes<u32, u32, u32, u32>([](u32 a, u32 b, u32 c) {
           return static_cast<u32>((s64{signed24(a)} * s64{signed24(b)}) >> 16) + c;
         })
                   : lanes<u32, u32, u32, u32>([](u32 a, u32 b, u32 c) {
                       return static_cast<u32>(s64{signed24(a)} * s64{signed24(b)}) + c;
                     });
       }
       return hi ? lanes<u32, u32, u32, u32>([](u32 a, u32 b, u32 c) {
         return static_cast<u32>((u64{unsigned24(a)} * u64{unsigned24(b)}) >> 16) + c;
       })
                 : lanes<u32, u32, u32, u32>(
                       [](u32 a, u32 b, u32 c) { return unsigned24(a) * unsigned24(b) + c; });
     }},
    {"mad24 .hi .sat .s32", "d0 s0 s0 s0",
     [](const Form&) {
       return lanes<s32, u32, u32, s32>([](u32 a, u32 b, s32 c) {
         return clamp_s32(((s64{signed24(a)} * s64{signed24(b)}) >> 16) + s64{c});
       });
     }},
    {"sad .u16|.s16|.u32|.s32|.u64|.s64", "d0 s0 s0 s0",
     [](const Form& f) {
       return for_type<INTS>(f.type(0), []<class T>() {
         return lanes<T, T, T, T>(
             [](T a, T b, T c) { return plus<T>(c, a < b ? minus<T>(b, a) : minus<T>(a, b)); });
       });
     }},
    {"div .u16|.s16|.u32|.s32|.u64|.s64", "d0 s0 s0",
     [](const Form& f) {
       return for_type<INTS>(f.type(0), []<class T>() {
         return slow_lanes<T, T, T>([](T a, T b) { return divide<T>(a, b); });
       });
     }},
    {"rem .u16|.s16|.u32|.s32|.u64|.s64", "d0 s0 s0",
     [](const Form& f) {
       return for_type<INTS>(f.type(0), []<class T>() {
         return slow_lanes<T, T, T>([](T a, T b) { return remainder<T>(a, b); });
       });
     }},
    {"abs .s16|.s32|.s64", "d0 s0",
     [](const Form& f) {
       return for_type<INTS>(f.type(0), []<class T>() {
         return lanes<T, T>([](T a) { return a < 0 ? minus<T>(0, a) : a; });
       });
     }},
    {"neg .s16|.s32|.s64", "d0 s0",
     [](const Form& f) {
       return for_type<INTS>(
           f.type(0), []<class T>() { return lanes<T, T>([](T a) { return minus<T>(0, a); }); });
     }},
    {"min .u16|.s16|.u32|.s32|.u64|.s64", "d0 s0 s0",
     [](const Form& f) {
       return for_type<INTS>(f.type(0), []<class T>() {
         return lanes<T, T, T>([](T a, T b) { return a < b ? a : b; });
       });
     }},
    {"max .u16|.s16|.u32|.s32|.u64|.s64", "d0 s0 s0",
     [](const Form& f) {
       return for_type<INTS>(f.type(0), []<class T>() {
         return lanes<T, T, T>([](T a, T b) { return a > b ? a : b; });
       });
     }},
    {"min .relu .s32", "d0 s0 s0",
     [](const Form&) {
       return lanes<s32, s32, s32>([](s32 a, s32 b) {
         const s32 m = a < b ? a : b;
         return m > 0 ? m : 0;
       });
     }},
    {"max .relu .s32", "d0 s0 s0",
     [](const Form&) {
       return lanes<s32, s32, s32>([](s32 a, s32 b) {
         const s32 m = a > b ? a : b;
         return m > 0 ? m : 0;
       });
     }},
    {"min {.relu} .u16x2|.s16x2", "d0 s0 s0",
     [](const Form& f) {
       if (f.type(0) == Type::u16x2) {
         return f.has(".relu") ? nullptr : lanes<u32, u32, u32>([](u32 a, u32 b) {
           return each_half([](u16 x, u16 y) { return x < y ? x : y; }, a, b);
         });
       }
       if (f.has(".relu")) {
         return lanes<u32, u32, u32>([](u32 a, u32 b) {
           return each_half([](u16 x, u16 y) { return relu(signed_less(x, y) ? x : y); }, a, b);
         });
       }
       return lanes<u32, u32, u32>([](u32 a, u32 b) {
         return each_half([](u16 x, u16 y) { return signed_less(x, y) ? x : y; }, a, b);
       });
     }},
    {"max {.relu} .u16x2|.s16x2", "d0 s0 s0",
     [](const Form& f) {
       if (f.type(0) == Type::u16x2) {
         return f.has(".relu") ? nullptr : lanes<u32, u32, u32>([](u32 a, u32 b) {
           return each_half([](u16 x, u16 y) { return x > y ? x : y; }, a, b);
         });
       }
       if (f.has(".relu")) {
         return lanes<u32, u32, u32>([](u32 a, u32 b) {
           return each_half([](u16 x, u16 y) { return relu(signed_less(y, x) ? x : y); }, a, b);
         });
       }
       return lanes<u32, u32, u32>([](u32 a, u32 b) {
         return each_half([](u16 x, u16 y) { return signed_less(y, x) ? x : y; }, a, b);
       });
     }},
    {"dp4a .u32|.s32 .u32|.s32", "d.u32 s.u32 s.u32 s.u32",
     [](const Form& f) { return select_dot(f, true); }},
    {"dp2a .lo|.hi .u32|.s32 .u32|.s32", "d.u32 s.u32 s.u32 s.u32",
     [](const Form& f) { return select_dot(f, false); }},
};

}  // namespace

std::span<const Row> rows_arith_int() {
  return kRows;
}

}  // namespace softgpu::engine::SOFTGPU_ISA
