// SPDX-License-Identifier: MIT
// Arithmetic on pairs of f32 in one 64-bit register (.f32x2, ISA 9.7.3), and of f32 with f16 or
// bf16 (ISA 9.7.5: the small operand is widened, which is exact, and the f32 result rounded once).
#include "ops/numeric.hpp"

namespace softgpu::engine::SOFTGPU_ISA {
namespace {

using ptx::Type;

struct Add {
  float operator()(float a, float b) const { return a + b; }
};
struct Sub {
  float operator()(float a, float b) const { return a - b; }
};
struct Mul {
  float operator()(float a, float b) const { return a * b; }
};
struct Fma {
  float operator()(float a, float b, float c) const { return __builtin_fmaf(a, b, c); }
};

template <class F, bool Ftz>
struct Pair {
  template <class... S>
  u64 operator()(S... s) const {
    const u64 low = bits(output<Ftz, false>(F{}(input<Ftz>(f32(static_cast<u32>(s)))...)));
    const u64 high = bits(output<Ftz, false>(F{}(input<Ftz>(f32(static_cast<u32>(s >> 32)))...)));
    return high << 32 | low;
  }
};
template <class F, class... S>
Handler pair(const Form& f) {
  return f.has(".ftz") ? with_rounding<lanes<u64, S...>(Pair<F, true>{})>(f)
                       : with_rounding<lanes<u64, S...>(Pair<F, false>{})>(f);
}

// d = F(a, c) with a of a small type; fma: d = a * b + c.
template <class F, bool Sat>
struct Mixed {
  template <class... S>
  float operator()(S... s) const {
    return output<false, Sat>(F{}(to_f32(s)...));
  }
};
template <class F, class... S>
Handler mixed_of(const Form& f) {
  return f.has(".sat") ? with_rounding<lanes<float, S...>(Mixed<F, true>{})>(f)
                       : with_rounding<lanes<float, S...>(Mixed<F, false>{})>(f);
}
template <class F>
Handler mixed(const Form& f) {
  return f.type(1) == Type::f16 ? mixed_of<F, Half, float>(f) : mixed_of<F, BFloat, float>(f);
}

constexpr Row kRows[] = {
    {"add {.rn|.rz|.rm|.rp} {.ftz} .f32x2", "d0 s0 s0", pair<Add, u64, u64>},
    {"sub {.rn|.rz|.rm|.rp} {.ftz} .f32x2", "d0 s0 s0", pair<Sub, u64, u64>},
    {"mul {.rn|.rz|.rm|.rp} {.ftz} .f32x2", "d0 s0 s0", pair<Mul, u64, u64>},
    {"fma .rn|.rz|.rm|.rp {.ftz} .f32x2", "d0 s0 s0 s0", pair<Fma, u64, u64, u64>},
    {"add {.rn|.rz|.rm|.rp} {.sat} .f32 .f16|.bf16", "d0 s1 s0", mixed<Add>},
    {"sub {.rn|.rz|.rm|.rp} {.sat} .f32 .f16|.bf16", "d0 s1 s0", mixed<Sub>},
    {"fma .rn|.rz|.rm|.rp {.sat} .f32 .f16|.bf16", "d0 s1 s1 s0",
     [](const Form& f) {
       return f.type(1) == Type::f16 ? mixed_of<Fma, Half, Half, float>(f)
                                     : mixed_of<Fma, BFloat, BFloat, float>(f);
     }},
};

}  // namespace

std::span<const Row> rows_packed_f32() {
  return kRows;
}

}  // namespace softgpu::engine::SOFTGPU_ISA
