// SPDX-License-Identifier: MIT
// The approximate functions (ISA 9.7.3, 9.7.4): computed in double by the host's libm and rounded
// once, which is well inside every documented error bound (the tightest is one ulp for rcp.approx).
#include "ops/numeric.hpp"

namespace softgpu::engine::SOFTGPU_ISA {
namespace {

using ptx::Type;

struct Rcp {
  double operator()(double a) const { return 1.0 / a; }
};
struct Rsqrt {
  double operator()(double a) const { return 1.0 / __builtin_sqrt(a); }
};
struct Sqrt {
  double operator()(double a) const { return __builtin_sqrt(a); }
};
struct Sin {
  double operator()(double a) const { return __builtin_sin(a); }
};
struct Cos {
  double operator()(double a) const { return __builtin_cos(a); }
};
struct Lg2 {
  double operator()(double a) const { return __builtin_log2(a); }
};
struct Ex2 {
  double operator()(double a) const { return __builtin_exp2(a); }
};
struct Tanh {
  double operator()(double a) const { return __builtin_tanh(a); }
};

template <class F, bool Ftz>
struct Unary32 {
  float operator()(float a) const {
    return output<Ftz, false>(static_cast<float>(F{}(static_cast<double>(input<Ftz>(a)))));
  }
};
template <class F>
Handler unary32(const Form& f) {
  return f.has(".ftz") ? slow_lanes<float, float>(Unary32<F, true>{})
                       : slow_lanes<float, float>(Unary32<F, false>{});
}
// Without libm calls the loop vectorises.
template <class F>
Handler fast_unary32(const Form& f) {
  return f.has(".ftz") ? lanes<float, float>(Unary32<F, true>{})
                       : lanes<float, float>(Unary32<F, false>{});
}

template <class T, class F>
u32 small_value(u16 x) {
  const double r = F{}(static_cast<double>(to_f32(T{x})));
  return narrow<T>(to_odd(r)).bits;
}
template <class F>
Handler small_unary(const Form& f) {
  switch (f.type(0)) {
    case Type::f16:
      return slow_lanes<u32, u32>([](u32 a) { return small_value<Half, F>(static_cast<u16>(a)); });
    case Type::bf16:
      return slow_lanes<u32, u32>(
          [](u32 a) { return small_value<BFloat, F>(static_cast<u16>(a)); });
    case Type::f16x2:
      return slow_lanes<u32, u32>(
          [](u32 a) { return each_half([](u16 x) { return small_value<Half, F>(x); }, a); });
    case Type::bf16x2:
      return slow_lanes<u32, u32>(
          [](u32 a) { return each_half([](u16 x) { return small_value<BFloat, F>(x); }, a); });
    default:
      return nullptr;
  }
}

// div.approx is a * (1 / b) whose reciprocal underflows to zero for |b| > 2^126: the documented
// result is then 0, or NaN for an infinite a.
template <bool Full, bool Ftz>
struct Divide {
  float operator()(float a, float b) const {
    a = input<Ftz>(a);
    b = input<Ftz>(b);
    const float magnitude = f32(bits(b) & 0x7fffffffU);
    float r = a / b;
    if (!Full && magnitude > 0x1p126F && magnitude < __builtin_inff()) {
      r = a * f32((bits(b) & 0x80000000U));
    }
    return output<Ftz, false>(r);
  }
};

// rcp and rsqrt .approx.ftz.f64 look at the upper 32 bits only and give a result whose lower 32
// bits are zero.
template <class F>
struct Coarse64 {
  double operator()(double a) const {
    const u64 upper = bits(a) & 0xffffffff00000000ULL;
    const bool subnormal = (upper & 0x7ff0000000000000ULL) == 0;
    const double r = F{}(f64(subnormal ? upper & 0x8000000000000000ULL : upper));
    if (is_nan(r)) return f64(0x7fffffff00000000ULL);
    u64 b = bits(r) & 0xffffffff00000000ULL;
    if ((b & 0x7ff0000000000000ULL) == 0) b &= 0x8000000000000000ULL;
    return f64(b);
  }
};

constexpr Row kRows[] = {
    {"rcp .approx {.ftz} .f32", "d0 s0", fast_unary32<Rcp>},
    {"sqrt .approx {.ftz} .f32", "d0 s0", fast_unary32<Sqrt>},
    {"rsqrt .approx {.ftz} .f32", "d0 s0", fast_unary32<Rsqrt>},
    {"sin .approx {.ftz} .f32", "d0 s0", unary32<Sin>},
    {"cos .approx {.ftz} .f32", "d0 s0", unary32<Cos>},
    {"lg2 .approx {.ftz} .f32", "d0 s0", unary32<Lg2>},
    {"ex2 .approx {.ftz} .f32", "d0 s0", unary32<Ex2>},
    {"tanh .approx .f32", "d0 s0", unary32<Tanh>},
    {"ex2 .approx .f16|.f16x2", "d0 s0", small_unary<Ex2>},
    {"ex2 .approx .ftz .bf16|.bf16x2", "d0 s0", small_unary<Ex2>},
    {"tanh .approx .f16|.f16x2|.bf16|.bf16x2", "d0 s0", small_unary<Tanh>},
    {"div .approx|.full {.ftz} .f32", "d0 s0 s0",
     [](const Form& f) {
       if (f.has(".full")) {
         return f.has(".ftz") ? lanes<float, float, float>(Divide<true, true>{})
                              : lanes<float, float, float>(Divide<true, false>{});
       }
       return f.has(".ftz") ? lanes<float, float, float>(Divide<false, true>{})
                            : lanes<float, float, float>(Divide<false, false>{});
     }},
    {"rcp .approx .ftz .f64", "d0 s0",
     [](const Form&) { return lanes<double, double>(Coarse64<Rcp>{}); }},
    {"rsqrt .approx {.ftz} .f64", "d0 s0",
     [](const Form& f) {
       return f.has(".ftz") ? lanes<double, double>(Coarse64<Rsqrt>{})
                            : lanes<double, double>(Rsqrt{});
     }},
};

}  // namespace

std::span<const Row> rows_approx() {
  return kRows;
}

}  // namespace softgpu::engine::SOFTGPU_ISA
