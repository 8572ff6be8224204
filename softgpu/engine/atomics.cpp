// SPDX-License-Identifier: MIT
// atom and red (ISA 9.7.13). Each lane's operation is one compare-and-swap loop on the element, so
// it is atomic towards all worker threads, in global as in shared memory; lanes go in order of
// their number.
//
// f32 additions in global memory flush subnormals, in shared memory they do not (as documented for
// atom.add.f32).
#include "emitter.hpp"
#include "memory.hpp"
#include "ops/isa.hpp"
#include "ops/numeric.hpp"

namespace softgpu::engine {
namespace SOFTGPU_ISA {
namespace {

using ptx::Type;
using Kind = ptx::Operand::Kind;

constexpr u8 kAtomicWeight = 16;

template <class T>
using WordOf =
    std::conditional_t<sizeof(T) == 2, u16, std::conditional_t<sizeof(T) == 8, u64, u32>>;
template <class T>
using SlotFor = std::conditional_t<sizeof(T) == 8, u64, u32>;

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
    Word old = __atomic_load_n(word, __ATOMIC_RELAXED);
    while (true) {
      const Word fresh = __builtin_bit_cast(Word, F{}(__builtin_bit_cast(T, old), b, c));
      if (__atomic_compare_exchange_n(word, &old, fresh, false, __ATOMIC_SEQ_CST,
                                      __ATOMIC_RELAXED)) {
        break;
      }
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
Handler select_minmax(const Form& f) {
  const bool max = f.has(".max");
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

template <Handler (*Select)(const Form&)>
bool emit(Emitter& e, const Form& f, Op& op) {
  const auto& operands = e.instruction().operands;
  const bool returns = e.instruction().op == "atom";
  const size_t sources = f.has(".cas") ? 2 : 1;
  const size_t first = returns ? 1 : 0;
  if (operands.size() != first + 1 + sources + (f.has(".L2::cache_hint") ? 1 : 0)) {
    return e.refuse("wrong number of operands");
  }
  op.run = Select(f);
  if (op.run == nullptr || !set_memory_operand(e, f, operands[first], op)) return false;
  for (size_t i = 0; i < sources; ++i) {
    op.o[1 + i] = e.source_of(operands[first + 1 + i], f.type(0));
    if (op.o[1 + i] == kNoOperand) return false;
  }
  if (returns) {
    op.o[0] = e.destination_of(operands[0], f.type(0));
    if (op.o[0] == kNoOperand) return false;
  }
  op.weight = kAtomicWeight;
  e.append(op);
  return true;
}

#define SOFTGPU_ATOM                                                 \
  " {.relaxed|.acquire|.release|.acq_rel} {.cta|.cluster|.gpu|.sys}" \
  " {.global|.shared|.shared::cta|.shared::cluster}"
#define SOFTGPU_HINT " {.L2::cache_hint}"

constexpr Row kRows[] = {
    {"atom" SOFTGPU_ATOM " .add" SOFTGPU_HINT " .u32|.s32|.u64|.s64|.f32|.f64", "", nullptr,
     emit<select_add>},
    {"atom" SOFTGPU_ATOM " .add .noftz" SOFTGPU_HINT " .f16|.f16x2|.bf16|.bf16x2", "", nullptr,
     emit<select_add>},
    {"atom" SOFTGPU_ATOM " .min|.max" SOFTGPU_HINT " .u32|.s32|.u64|.s64", "", nullptr,
     emit<select_minmax>},
    {"atom" SOFTGPU_ATOM " .and|.or|.xor" SOFTGPU_HINT " .b32|.b64", "", nullptr,
     emit<select_bits>},
    {"atom" SOFTGPU_ATOM " .exch" SOFTGPU_HINT " .b32|.b64", "", nullptr, emit<select_exchange>},
    {"atom" SOFTGPU_ATOM " .cas" SOFTGPU_HINT " .b16|.b32|.b64", "", nullptr,
     emit<select_exchange>},
    {"atom" SOFTGPU_ATOM " .inc|.dec" SOFTGPU_HINT " .u32", "", nullptr, emit<select_count>},
    {"red" SOFTGPU_ATOM " .add" SOFTGPU_HINT " .u32|.s32|.u64|.s64|.f32|.f64", "", nullptr,
     emit<select_add>},
    {"red" SOFTGPU_ATOM " .add .noftz" SOFTGPU_HINT " .f16|.f16x2|.bf16|.bf16x2", "", nullptr,
     emit<select_add>},
    {"red" SOFTGPU_ATOM " .min|.max" SOFTGPU_HINT " .u32|.s32|.u64|.s64", "", nullptr,
     emit<select_minmax>},
    {"red" SOFTGPU_ATOM " .and|.or|.xor" SOFTGPU_HINT " .b32|.b64", "", nullptr, emit<select_bits>},
    {"red" SOFTGPU_ATOM " .inc|.dec" SOFTGPU_HINT " .u32", "", nullptr, emit<select_count>},
};

}  // namespace
}  // namespace SOFTGPU_ISA

std::span<const Row> rows_atomics() {
  return SOFTGPU_ISA::kRows;
}

}  // namespace softgpu::engine
