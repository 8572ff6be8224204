// SPDX-License-Identifier: MIT
// f32 and f64 arithmetic (ISA 9.7.3): add, sub, mul, fma, mad, div, sqrt, rcp, neg, abs, copysign,
// testp.
//
// Each is one IEEE operation of the host under the form's rounding mode (numeric.hpp, rounded()).
// This file must be compiled with -ffp-contract=off -frounding-math.
#include "ops/numeric.hpp"

namespace softgpu::engine::SOFTGPU_ISA {
namespace {

using ptx::Type;

template <class F, bool Ftz, bool Sat>
struct F32 {
  template <class... S>
  float operator()(S... s) const {
    return output<Ftz, Sat>(F{}(input<Ftz>(s)...));
  }
};
// A body of f32 operations as a Handler, for the form's .ftz, .sat and rounding.
template <class... S, class F>
Handler f32_op(const Form& f, F) {
  const bool ftz = f.has(".ftz"), sat = f.has(".sat");
  if (ftz) {
    return sat ? with_rounding<lanes<float, S...>(F32<F, true, true>{})>(f)
               : with_rounding<lanes<float, S...>(F32<F, true, false>{})>(f);
  }
  return sat ? with_rounding<lanes<float, S...>(F32<F, false, true>{})>(f)
             : with_rounding<lanes<float, S...>(F32<F, false, false>{})>(f);
}

struct Add {
  template <class T>
  T operator()(T a, T b) const {
    return a + b;
  }
};
struct Sub {
  template <class T>
  T operator()(T a, T b) const {
    return a - b;
  }
};
struct Mul {
  template <class T>
  T operator()(T a, T b) const {
    return a * b;
  }
};
struct Div {
  template <class T>
  T operator()(T a, T b) const {
    return a / b;
  }
};
struct Rcp {
  template <class T>
  T operator()(T a) const {
    return T{1} / a;
  }
};
struct Sqrt {
  float operator()(float a) const { return __builtin_sqrtf(a); }
  double operator()(double a) const { return __builtin_sqrt(a); }
};
struct Fma {
  float operator()(float a, float b, float c) const { return __builtin_fmaf(a, b, c); }
  double operator()(double a, double b, double c) const { return __builtin_fma(a, b, c); }
};

template <class F>
Handler binary32(const Form& f) {
  return f32_op<float, float>(f, F{});
}
template <class F>
Handler binary64(const Form& f) {
  return with_rounding<lanes<double, double, double>(F{})>(f);
}

constexpr u32 kSign32 = 0x80000000U;
constexpr u64 kSign64 = 0x8000000000000000ULL;

enum class Class { finite, infinite, number, not_a_number, normal, subnormal };

template <class T>
bool test(T b, Class what) {
  constexpr T kExponent = sizeof(T) == 8 ? static_cast<T>(0x7ff0000000000000ULL) : T{0x7f800000U};
  constexpr T kMagnitude = sizeof(T) == 8 ? static_cast<T>(~kSign64) : T{0x7fffffffU};
  const T m = b & kMagnitude;
  switch (what) {
    case Class::finite:
      return m < kExponent;
    case Class::infinite:
      return m == kExponent;
    case Class::number:
      return m <= kExponent;
    case Class::not_a_number:
      return m > kExponent;
    case Class::normal:
      return m < kExponent && (m & kExponent) != 0;
    case Class::subnormal:
      return m != 0 && (m & kExponent) == 0;
  }
  return false;
}
template <class T>
void test_body(Warp& w, const Op& op, u32 mask) {
  u32 r = 0;
  for (u32 l = 0; l < kLanes; ++l) {
    if (test<T>(w.at<const T>(op.o[1])[l], static_cast<Class>(op.small))) r |= 1U << l;
  }
  u32& d = w.predicate(op.o[0]);
  d = (d & ~mask) | (r & mask);
}

constexpr Row kRows[] = {
    {"add {.rn|.rz|.rm|.rp} {.ftz} {.sat} .f32", "d0 s0 s0", binary32<Add>},
    {"sub {.rn|.rz|.rm|.rp} {.ftz} {.sat} .f32", "d0 s0 s0", binary32<Sub>},
    {"mul {.rn|.rz|.rm|.rp} {.ftz} {.sat} .f32", "d0 s0 s0", binary32<Mul>},
    {"add {.rn|.rz|.rm|.rp} .f64", "d0 s0 s0", binary64<Add>},
    {"sub {.rn|.rz|.rm|.rp} .f64", "d0 s0 s0", binary64<Sub>},
    {"mul {.rn|.rz|.rm|.rp} .f64", "d0 s0 s0", binary64<Mul>},
    {"div .rn|.rz|.rm|.rp {.ftz} .f32", "d0 s0 s0", binary32<Div>},
    {"div .rn|.rz|.rm|.rp .f64", "d0 s0 s0", binary64<Div>},
    {"fma .rn|.rz|.rm|.rp {.ftz} {.sat} .f32", "d0 s0 s0 s0",
     [](const Form& f) { return f32_op<float, float, float>(f, Fma{}); }},
    {"mad .rn|.rz|.rm|.rp {.ftz} {.sat} .f32", "d0 s0 s0 s0",
     [](const Form& f) { return f32_op<float, float, float>(f, Fma{}); }},
    {"fma .rn|.rz|.rm|.rp .f64", "d0 s0 s0 s0",
     [](const Form& f) { return with_rounding<lanes<double, double, double, double>(Fma{})>(f); }},
    {"mad .rn|.rz|.rm|.rp .f64", "d0 s0 s0 s0",
     [](const Form& f) { return with_rounding<lanes<double, double, double, double>(Fma{})>(f); }},
    {"rcp .rn|.rz|.rm|.rp {.ftz} .f32", "d0 s0",
     [](const Form& f) { return f32_op<float>(f, Rcp{}); }},
    {"rcp .rn|.rz|.rm|.rp .f64", "d0 s0",
     [](const Form& f) { return with_rounding<lanes<double, double>(Rcp{})>(f); }},
    {"sqrt .rn|.rz|.rm|.rp {.ftz} .f32", "d0 s0",
     [](const Form& f) { return f32_op<float>(f, Sqrt{}); }},
    {"sqrt .rn|.rz|.rm|.rp .f64", "d0 s0",
     [](const Form& f) { return with_rounding<lanes<double, double>(Sqrt{})>(f); }},
    // neg and abs only touch the sign: also of a NaN.
    {"neg {.ftz} .f32", "d0 s0",
     [](const Form& f) {
       return f.has(".ftz")
                  ? lanes<float, float>([](float a) { return f32(bits(flush(a)) ^ kSign32); })
                  : lanes<float, float>([](float a) { return f32(bits(a) ^ kSign32); });
     }},
    {"abs {.ftz} .f32", "d0 s0",
     [](const Form& f) {
       return f.has(".ftz")
                  ? lanes<float, float>([](float a) { return f32(bits(flush(a)) & ~kSign32); })
                  : lanes<float, float>([](float a) { return f32(bits(a) & ~kSign32); });
     }},
    {"neg .f64", "d0 s0",
     [](const Form&) { return lanes<u64, u64>([](u64 a) { return a ^ kSign64; }); }},
    {"abs .f64", "d0 s0",
     [](const Form&) { return lanes<u64, u64>([](u64 a) { return a & ~kSign64; }); }},
    // copysign d, a, b: the sign of a, the magnitude of b.
    {"copysign .f32", "d0 s0 s0",
     [](const Form&) {
       return lanes<u32, u32, u32>([](u32 a, u32 b) { return (b & ~kSign32) | (a & kSign32); });
     }},
    {"copysign .f64", "d0 s0 s0",
     [](const Form&) {
       return lanes<u64, u64, u64>([](u64 a, u64 b) { return (b & ~kSign64) | (a & kSign64); });
     }},
    {"testp .finite|.infinite|.number|.notanumber|.normal|.subnormal .f32|.f64", "d.pred s0",
     [](const Form& f) -> Handler {
       return f.type(0) == Type::f64 ? &test_body<u64> : &test_body<u32>;
     },
     [](Emitter&, const Form& f, Op& op) {
       op.small = static_cast<u8>(
           f.which({".finite", ".infinite", ".number", ".notanumber", ".normal", ".subnormal"}));
       return true;
     }},
};

}  // namespace

std::span<const Row> rows_arith_float() {
  return kRows;
}

}  // namespace softgpu::engine::SOFTGPU_ISA
