// SPDX-License-Identifier: MIT
// Lane loops: how a body for one lane becomes a body for a warp.
//
//   lanes<float, float, float>([](float a, float b) { return a + b; })   // a Handler: d = a + b
//
// With all lanes active the loop has no condition and the compiler vectorises it. With some
// inactive it computes all 32 and keeps the old value where the mask says so; bodies must therefore
// be harmless on any input (a division checks for zero). `slow_lanes` calls the body for active
// lanes only: for bodies that call into libm.
//
// A destination may be the same slot as a source (add r1, r1, r2): lane l reads only lane l, so
// this is no dependence between iterations, which is what `ivdep` promises to the compiler.
#pragma once

#include <utility>

#include "ops/isa.hpp"
#include "state.hpp"

#ifndef SOFTGPU_ISA
#error "SOFTGPU_ISA must name the namespace of this instruction set; see CMakeLists.txt"
#endif

namespace softgpu::engine::SOFTGPU_ISA {

// Values of 16-bit float formats are passed to bodies as these, so that types tell them from
// integers.
struct Half {
  u16 bits;
};
struct BFloat {
  u16 bits;
};

template <class T>
struct LaneTraits {
  using Slot = u32;
  static constexpr T get(u32 v) { return static_cast<T>(v); }
  static constexpr u32 put(T v) {
    if constexpr (sizeof(T) == 1) return static_cast<u8>(v);
    if constexpr (sizeof(T) == 2) return static_cast<u16>(v);
    if constexpr (sizeof(T) == 4) return static_cast<u32>(v);
  }
};
template <>
struct LaneTraits<u64> {
  using Slot = u64;
  static constexpr u64 get(u64 v) { return v; }
  static constexpr u64 put(u64 v) { return v; }
};
template <>
struct LaneTraits<s64> {
  using Slot = u64;
  static constexpr s64 get(u64 v) { return static_cast<s64>(v); }
  static constexpr u64 put(s64 v) { return static_cast<u64>(v); }
};
template <>
struct LaneTraits<float> {
  using Slot = u32;
  static constexpr float get(u32 v) { return __builtin_bit_cast(float, v); }
  static constexpr u32 put(float v) { return __builtin_bit_cast(u32, v); }
};
template <>
struct LaneTraits<double> {
  using Slot = u64;
  static constexpr double get(u64 v) { return __builtin_bit_cast(double, v); }
  static constexpr u64 put(double v) { return __builtin_bit_cast(u64, v); }
};
template <>
struct LaneTraits<Half> {
  using Slot = u32;
  static constexpr Half get(u32 v) { return {static_cast<u16>(v)}; }
  static constexpr u32 put(Half v) { return v.bits; }
};
template <>
struct LaneTraits<BFloat> {
  using Slot = u32;
  static constexpr BFloat get(u32 v) { return {static_cast<u16>(v)}; }
  static constexpr u32 put(BFloat v) { return v.bits; }
};

template <class T>
using Slot = typename LaneTraits<T>::Slot;

template <class F, class D, class... S>
[[gnu::always_inline]] inline void lane_loop(Slot<D>* d, u32 mask, const Slot<S>*... s) {
  if (mask == kAllLanes) {
#pragma GCC ivdep
    for (u32 l = 0; l < kLanes; ++l) d[l] = LaneTraits<D>::put(F{}(LaneTraits<S>::get(s[l])...));
  } else {
#pragma GCC ivdep
    for (u32 l = 0; l < kLanes; ++l) {
      const Slot<D> value = LaneTraits<D>::put(F{}(LaneTraits<S>::get(s[l])...));
      d[l] = (mask & (1U << l)) != 0 ? value : d[l];
    }
  }
}

template <class F, class D, class... S>
[[gnu::always_inline]] inline void slow_lane_loop(Slot<D>* d, u32 mask, const Slot<S>*... s) {
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const int l = __builtin_ctz(rest);
    d[l] = LaneTraits<D>::put(F{}(LaneTraits<S>::get(s[l])...));
  }
}

template <bool Slow, class F, class D, class... S>
struct Body {
  static void run(Warp& w, const Op& op, u32 mask) {
    go(w, op, mask, std::index_sequence_for<S...>{});
  }

 private:
  template <size_t... I>
  [[gnu::always_inline]] static void go(Warp& w, const Op& op, u32 mask,
                                        std::index_sequence<I...>) {
    if constexpr (Slow) {
      slow_lane_loop<F, D, S...>(w.at<Slot<D>>(op.o[0]), mask, w.at<const Slot<S>>(op.o[I + 1])...);
    } else {
      lane_loop<F, D, S...>(w.at<Slot<D>>(op.o[0]), mask, w.at<const Slot<S>>(op.o[I + 1])...);
    }
  }
};

template <class D, class... S, class F>
constexpr Handler lanes(F) {
  return &Body<false, F, D, S...>::run;
}
template <class D, class... S, class F>
constexpr Handler slow_lanes(F) {
  return &Body<true, F, D, S...>::run;
}

// The same with the Op's immediate as the first argument of the body.
template <class F, class D, class... S>
struct ImmediateBody {
  static void run(Warp& w, const Op& op, u32 mask) {
    go(w, op, mask, std::index_sequence_for<S...>{});
  }

 private:
  template <size_t... I>
  [[gnu::always_inline]] static void go(Warp& w, const Op& op, u32 mask,
                                        std::index_sequence<I...>) {
    loop(w.at<Slot<D>>(op.o[0]), mask, op.imm, w.at<const Slot<S>>(op.o[I + 1])...);
  }
  [[gnu::always_inline]] static void loop(Slot<D>* d, u32 mask, u64 imm, const Slot<S>*... s) {
#pragma GCC ivdep
    for (u32 l = 0; l < kLanes; ++l) {
      const Slot<D> value = LaneTraits<D>::put(F{}(imm, LaneTraits<S>::get(s[l])...));
      d[l] = (mask & (1U << l)) != 0 ? value : d[l];
    }
  }
};
template <class D, class... S, class F>
constexpr Handler immediate_lanes(F) {
  return &ImmediateBody<F, D, S...>::run;
}

// A body on the two 16-bit halves of packed values.
template <class F, class... A>
[[gnu::always_inline]] inline u32 each_half(F f, A... packed) {
  const u32 low = f(static_cast<u16>(packed)...);
  const u32 high = f(static_cast<u16>(packed >> 16)...);
  return (low & 0xffffU) | (high << 16);
}

// Calls make.operator()<T>() with the C++ type of a PTX type, if it is among Ts.
template <class T>
constexpr ptx::Type kTypeOf = ptx::Type::none;
template <>
inline constexpr ptx::Type kTypeOf<u8> = ptx::Type::u8;
template <>
inline constexpr ptx::Type kTypeOf<s8> = ptx::Type::s8;
template <>
inline constexpr ptx::Type kTypeOf<u16> = ptx::Type::u16;
template <>
inline constexpr ptx::Type kTypeOf<s16> = ptx::Type::s16;
template <>
inline constexpr ptx::Type kTypeOf<u32> = ptx::Type::u32;
template <>
inline constexpr ptx::Type kTypeOf<s32> = ptx::Type::s32;
template <>
inline constexpr ptx::Type kTypeOf<u64> = ptx::Type::u64;
template <>
inline constexpr ptx::Type kTypeOf<s64> = ptx::Type::s64;
template <>
inline constexpr ptx::Type kTypeOf<float> = ptx::Type::f32;
template <>
inline constexpr ptx::Type kTypeOf<double> = ptx::Type::f64;
template <>
inline constexpr ptx::Type kTypeOf<Half> = ptx::Type::f16;
template <>
inline constexpr ptx::Type kTypeOf<BFloat> = ptx::Type::bf16;

template <class... Ts, class Make>
constexpr Handler for_type(ptx::Type type, Make make) {
  // .b8 … .b64 are handled as unsigned integers.
  if (type == ptx::Type::b8) type = ptx::Type::u8;
  if (type == ptx::Type::b16) type = ptx::Type::u16;
  if (type == ptx::Type::b32) type = ptx::Type::u32;
  if (type == ptx::Type::b64) type = ptx::Type::u64;
  Handler handler = nullptr;
  ((kTypeOf<Ts> == type ? static_cast<void>(handler = make.template operator()<Ts>())
                        : static_cast<void>(0)),
   ...);
  return handler;
}

}  // namespace softgpu::engine::SOFTGPU_ISA
