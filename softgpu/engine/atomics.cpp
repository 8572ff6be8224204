// SPDX-License-Identifier: MIT
// atom and red (ISA 9.7.13). Each lane's operation is one compare-and-swap loop on the element, so
// it is atomic towards all worker threads, in global as in shared memory; lanes go in order of
// their number.
//
// f32 additions in global memory flush subnormals, in shared memory they do not (as documented for
// atom.add.f32).
//
// Here are the bodies; atomic_rows.cpp has the forms.
#include "atomics.hpp"

#include "form.hpp"
#include "memory.hpp"
#include "ops/numeric.hpp"

namespace softgpu::engine {
namespace SOFTGPU_ISA {
namespace {

using ptx::Type;

template <class T>
using SlotFor =
    std::conditional_t<sizeof(T) == 16, u128, std::conditional_t<sizeof(T) == 8, u64, u32>>;
template <class T>
using WordOf = std::conditional_t<sizeof(T) == 2, u16, SlotFor<T>>;

// What probably stands at *word: replace() tells if another thread was faster.
template <class Word>
Word guess(const Word* word) {
  if constexpr (sizeof(Word) == 16) {
    const u64* halves = reinterpret_cast<const u64*>(word);
    const u64 low = __atomic_load_n(halves, __ATOMIC_RELAXED);
    return static_cast<u128>(__atomic_load_n(halves + 1, __ATOMIC_RELAXED)) << 64 | low;
  } else {
    return __atomic_load_n(word, __ATOMIC_RELAXED);
  }
}
// Writes `fresh` if *word is `old`; otherwise `old` becomes what is there.
template <class Word>
bool replace(Word* word, Word& old, Word fresh) {
  if constexpr (sizeof(Word) == 16) {
    u64 low = static_cast<u64>(old), high = static_cast<u64>(old >> 64);
    bool done = false;
    asm volatile("lock cmpxchg16b %1"
                 : "=@ccz"(done), "+m"(*word), "+a"(low), "+d"(high)
                 : "b"(static_cast<u64>(fresh)), "c"(static_cast<u64>(fresh >> 64))
                 : "memory");
    old = static_cast<u128>(high) << 64 | low;
    return done;
  } else {
    return __atomic_compare_exchange_n(word, &old, fresh, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_RELAXED);
  }
}

// o: old value (or none), b, c
template <class T, class F>
void atomic_body(Warp& w, const Op& op, u32 mask) {
  using Word = WordOf<T>;
  using Lane = SlotFor<T>;
  Located at;
  locate(w, op, mask, sizeof(Word), true, at);
  w.worker->bytes_read += sizeof(Word) * static_cast<u64>(__builtin_popcount(mask));
  w.worker->bytes_written += sizeof(Word) * static_cast<u64>(__builtin_popcount(mask));
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const int l = __builtin_ctz(rest);
    auto* word = reinterpret_cast<Word*>(at.host[l]);
    const T b = __builtin_bit_cast(T, static_cast<Word>(w.at<const Lane>(op.o[1])[l]));
    const T c = op.o[2] == kNoOperand
                    ? T{}
                    : __builtin_bit_cast(T, static_cast<Word>(w.at<const Lane>(op.o[2])[l]));
    Word old = guess(word);
    while (!replace(word, old, __builtin_bit_cast(Word, F{}(__builtin_bit_cast(T, old), b, c)))) {
    }
    if (op.o[0] != kNoOperand) w.at<Lane>(op.o[0])[l] = old;
  }
}
template <class T, class F>
constexpr Handler atomic(F) {
  return &atomic_body<T, F>;
}

struct AddF32Global {
  float operator()(float a, float b, float) const {
    return output<true, false>(flush(a) + flush(b));
  }
};
struct AddF32Shared {
  float operator()(float a, float b, float) const { return canonical(a + b); }
};
// The space decides, and a generic address tells it at run time, lane by lane.
void add_f32(Warp& w, const Op& op, u32 mask) {
  u32 shared = 0;
  if (static_cast<MemorySpace>(op.small) == MemorySpace::shared) shared = mask;
  if (static_cast<MemorySpace>(op.small) == MemorySpace::generic && op.o[kAddress] != kNoOperand) {
    for (u32 l = 0; l < kLanes; ++l) {
      const u64 address = op.address_is_wide ? w.at<const u64>(op.o[kAddress])[l] : 0;
      if ((address + op.imm) >> kWindowShift == kSharedWindow >> kWindowShift) shared |= 1U << l;
    }
    shared &= mask;
  }
  if (shared != 0) atomic_body<float, AddF32Shared>(w, op, shared);
  if ((mask & ~shared) != 0) atomic_body<float, AddF32Global>(w, op, mask & ~shared);
}

template <class T>
T add16(T a, T b) {
  if constexpr (kTypeOf<T> == Type::f16) {
    return to_half(to_f32(a) + to_f32(b));
  } else {
    return to_bfloat(to_f32(a) + to_f32(b));
  }
}
template <class T>
struct AddPair {
  u32 operator()(u32 a, u32 b, u32) const {
    return each_half([](u16 x, u16 y) { return u32{add16(T{x}, T{y}).bits}; }, a, b);
  }
};
template <class T>
struct Add16 {
  T operator()(T a, T b, T) const { return add16(a, b); }
};

Handler select_add(const Form& f) {
  switch (f.type(0)) {
    case Type::u32:
    case Type::s32:
      return atomic<u32>([](u32 a, u32 b, u32) { return a + b; });
    case Type::u64:
    case Type::s64:
      return atomic<u64>([](u64 a, u64 b, u64) { return a + b; });
    case Type::f32:
      return &add_f32;
    case Type::f64:
      return atomic<double>([](double a, double b, double) { return a + b; });
    case Type::f16:
      return atomic<Half>(Add16<Half>{});
    case Type::bf16:
      return atomic<BFloat>(Add16<BFloat>{});
    case Type::f16x2:
      return atomic<u32>(AddPair<Half>{});
    case Type::bf16x2:
      return atomic<u32>(AddPair<BFloat>{});
    default:
      return nullptr;
  }
}
// As the instructions min and max of the same types: a number wins over a NaN, -0 is less than +0.
template <bool Max>
struct Pick16 {
  template <class T>
  T operator()(T a, T b, T) const {
    const float x = to_f32(a), y = to_f32(b);
    if (is_nan(x)) return is_nan(y) ? T{kNan16} : b;
    if (is_nan(y)) return a;
    const bool a_less = x == y ? (a.bits >> 15) > (b.bits >> 15) : x < y;
    return a_less != Max ? a : b;
  }
};
template <class T, bool Max>
struct PickPair {
  u32 operator()(u32 a, u32 b, u32) const {
    return each_half([](u16 x, u16 y) { return u32{Pick16<Max>{}(T{x}, T{y}, T{x}).bits}; }, a, b);
  }
};
template <bool Max>
Handler select_minmax16(Type type) {
  switch (type) {
    case Type::f16:
      return atomic<Half>(Pick16<Max>{});
    case Type::bf16:
      return atomic<BFloat>(Pick16<Max>{});
    case Type::f16x2:
      return atomic<u32>(PickPair<Half, Max>{});
    default:
      return atomic<u32>(PickPair<BFloat, Max>{});
  }
}
Handler select_minmax(const Form& f) {
  const bool max = f.has(".max");
  if (f.has(".noftz")) {
    return max ? select_minmax16<true>(f.type(0)) : select_minmax16<false>(f.type(0));
  }
  return for_type<u32, s32, u64, s64>(f.type(0), [&]<class T>() {
    return max ? atomic<T>([](T a, T b, T) { return a > b ? a : b; })
               : atomic<T>([](T a, T b, T) { return a < b ? a : b; });
  });
}
Handler select_bits(const Form& f) {
  const int which = f.which({".and", ".or", ".xor"});
  return for_type<u32, u64>(f.type(0), [&]<class T>() {
    return which == 0   ? atomic<T>([](T a, T b, T) { return static_cast<T>(a & b); })
           : which == 1 ? atomic<T>([](T a, T b, T) { return static_cast<T>(a | b); })
                        : atomic<T>([](T a, T b, T) { return static_cast<T>(a ^ b); });
  });
}
Handler select_exchange(const Form& f) {
  if (f.type(0) == Type::b128) {
    return f.has(".cas") ? atomic<u128>([](u128 a, u128 b, u128 c) { return a == b ? c : a; })
                         : atomic<u128>([](u128, u128 b, u128) { return b; });
  }
  if (f.has(".cas")) {
    return for_type<u16, u32, u64>(f.type(0), []<class T>() {
      return atomic<T>([](T a, T b, T c) { return a == b ? c : a; });
    });
  }
  return for_type<u32, u64>(f.type(0),
                            []<class T>() { return atomic<T>([](T, T b, T) { return b; }); });
}
Handler select_count(const Form& f) {
  return f.has(".inc") ? atomic<u32>([](u32 a, u32 b, u32) { return a >= b ? 0 : a + 1; })
                       : atomic<u32>([](u32 a, u32 b, u32) { return a == 0 || a > b ? b : a - 1; });
}

}  // namespace

Handler select_atomic(const Form& f) {
  switch (f.which({".add", ".min", ".max", ".and", ".or", ".xor", ".exch", ".cas", ".inc"})) {
    case 0:
      return select_add(f);
    case 1:
    case 2:
      return select_minmax(f);
    case 3:
    case 4:
    case 5:
      return select_bits(f);
    case 6:
    case 7:
      return select_exchange(f);
    default:
      return select_count(f);
  }
}

}  // namespace SOFTGPU_ISA

Handler atomic_body_of(const Form& form) {
  return SOFTGPU_ISA::select_atomic(form);
}

}  // namespace softgpu::engine
