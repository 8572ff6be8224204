// SPDX-License-Identifier: MIT
// Instructions in which the lanes of a warp meet (ISA 9.7.9.6, 9.7.13): shfl, vote, match, redux,
// elect, activemask, bar.warp.sync. The scheduler waits for the lanes that the member mask names
// and calls the body with those lanes.
#include "emitter.hpp"
#include "ops/isa.hpp"
#include "state.hpp"

namespace softgpu::engine {
namespace {

using ptx::Type;

enum class Shuffle : u8 { up, down, bfly, idx };

// o: d, p, a, b, c
template <Shuffle Mode>
void shuffle_body(Warp& w, const Op& op, u32 mask) {
  u32 source[kLanes];
  for (u32 l = 0; l < kLanes; ++l) source[l] = w.at<const u32>(op.o[2])[l];
  u32 in_range = 0;
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const u32 l = static_cast<u32>(__builtin_ctz(rest));
    const u32 b = w.at<const u32>(op.o[3])[l] & 31U;
    const u32 c = w.at<const u32>(op.o[4])[l];
    const u32 clamp = c & 31U, segment = (c >> 8) & 31U;
    const u32 last = (l & segment) | (clamp & ~segment);
    const u32 first = l & segment;
    s32 j = 0;
    bool valid = false;
    switch (Mode) {
      case Shuffle::up:
        j = static_cast<s32>(l) - static_cast<s32>(b);
        valid = j >= static_cast<s32>(last);
        break;
      case Shuffle::down:
        j = static_cast<s32>(l + b);
        valid = j <= static_cast<s32>(last);
        break;
      case Shuffle::bfly:
        j = static_cast<s32>(l ^ b);
        valid = j <= static_cast<s32>(last);
        break;
      case Shuffle::idx:
        j = static_cast<s32>(first | (b & ~segment));
        valid = j <= static_cast<s32>(last);
        break;
    }
    if (valid) in_range |= 1U << l;
    w.at<u32>(op.o[0])[l] = source[valid ? static_cast<u32>(j) & 31U : l];
  }
  if (op.o[1] != kNoOperand) {
    u32& p = w.predicate(op.o[1]);
    p = (p & ~mask) | in_range;
  }
}
Handler select_shuffle(const Form& f) {
  switch (f.which({".up", ".down", ".bfly", ".idx"})) {
    case 0:
      return &shuffle_body<Shuffle::up>;
    case 1:
      return &shuffle_body<Shuffle::down>;
    case 2:
      return &shuffle_body<Shuffle::bfly>;
    default:
      return &shuffle_body<Shuffle::idx>;
  }
}
// The last bound operand is the member mask.
template <unsigned From>
bool sync(Emitter&, const Form&, Op& op) {
  op.flow = Flow::sync;
  op.o[kSyncMask] = op.o[From];
  return true;
}

enum class Vote : u8 { all, any, uni };
template <Vote V>
void vote_body(Warp& w, const Op& op, u32 mask) {
  const u32 p = w.predicate(op.o[1]) & mask;
  const bool r = V == Vote::all ? p == mask : (V == Vote::any ? p != 0 : p == mask || p == 0);
  u32& d = w.predicate(op.o[0]);
  d = (d & ~mask) | (r ? mask : 0);
}
void set_all(Warp& w, u32 operand, u32 mask, u32 value) {
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    w.at<u32>(operand)[__builtin_ctz(rest)] = value;
  }
}
void ballot_body(Warp& w, const Op& op, u32 mask) {
  set_all(w, op.o[0], mask, w.predicate(op.o[1]) & mask);
}
Handler select_vote(const Form& f) {
  switch (f.which({".all", ".any", ".uni"})) {
    case 0:
      return &vote_body<Vote::all>;
    case 1:
      return &vote_body<Vote::any>;
    default:
      return &vote_body<Vote::uni>;
  }
}

template <class T>
void match_any_body(Warp& w, const Op& op, u32 mask) {
  const T* a = w.at<const T>(op.o[1]);
  u32 result[kLanes];
  for (u32 l = 0; l < kLanes; ++l) {
    result[l] = 0;
    for (u32 rest = mask; rest != 0; rest &= rest - 1) {
      const u32 other = static_cast<u32>(__builtin_ctz(rest));
      if (a[other] == a[l]) result[l] |= 1U << other;
    }
  }
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const u32 l = static_cast<u32>(__builtin_ctz(rest));
    w.at<u32>(op.o[0])[l] = result[l];
  }
}
// o: d, p, a
template <class T>
void match_all_body(Warp& w, const Op& op, u32 mask) {
  const T* a = w.at<const T>(op.o[2]);
  bool same = true;
  const T first = a[__builtin_ctz(mask)];
  for (u32 rest = mask; rest != 0; rest &= rest - 1) same = same && a[__builtin_ctz(rest)] == first;
  set_all(w, op.o[0], mask, same ? mask : 0);
  if (op.o[1] != kNoOperand) {
    u32& p = w.predicate(op.o[1]);
    p = (p & ~mask) | (same ? mask : 0);
  }
}

template <class T, class F>
void redux_body(Warp& w, const Op& op, u32 mask) {
  const u32* a = w.at<const u32>(op.o[1]);
  T r = static_cast<T>(a[__builtin_ctz(mask)]);
  for (u32 rest = mask & (mask - 1); rest != 0; rest &= rest - 1) {
    r = F{}(r, static_cast<T>(a[__builtin_ctz(rest)]));
  }
  set_all(w, op.o[0], mask, static_cast<u32>(r));
}
template <class T, class F>
constexpr Handler redux(F) {
  return &redux_body<T, F>;
}
Handler select_redux(const Form& f) {
  const bool is_signed = f.type(0) == Type::s32;
  switch (f.which({".add", ".min", ".max", ".and", ".or", ".xor"})) {
    case 0:
      return redux<u32>([](u32 a, u32 b) { return a + b; });
    case 1:
      return is_signed ? redux<s32>([](s32 a, s32 b) { return a < b ? a : b; })
                       : redux<u32>([](u32 a, u32 b) { return a < b ? a : b; });
    case 2:
      return is_signed ? redux<s32>([](s32 a, s32 b) { return a > b ? a : b; })
                       : redux<u32>([](u32 a, u32 b) { return a > b ? a : b; });
    case 3:
      return redux<u32>([](u32 a, u32 b) { return a & b; });
    case 4:
      return redux<u32>([](u32 a, u32 b) { return a | b; });
    default:
      return redux<u32>([](u32 a, u32 b) { return a ^ b; });
  }
}

// f32: NaNs do not count, unless .NaN or there is nothing else; -0 is less than +0.
constexpr u8 kMax = 1, kAbs = 2, kNaN = 4;
void redux_f32_body(Warp& w, const Op& op, u32 mask) {
  const u32* a = w.at<const u32>(op.o[1]);
  constexpr u32 kCanonical = 0x7fffffffU;
  // Codes of numbers, in order: negative ones reversed below the positive ones.
  const auto order = [](u32 b) { return (b >> 31) != 0 ? ~b : b | 0x80000000U; };
  u32 best = kCanonical;
  bool found = false, nan = false;
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    u32 b = a[__builtin_ctz(rest)];
    if ((op.small & kAbs) != 0) b &= 0x7fffffffU;
    if ((b & 0x7fffffffU) > 0x7f800000U) {
      nan = true;
      continue;
    }
    const bool better = (op.small & kMax) != 0 ? order(b) > order(best) : order(b) < order(best);
    if (!found || better) best = b;
    found = true;
  }
  set_all(w, op.o[0], mask, nan && (op.small & kNaN) != 0 ? kCanonical : best);
}

// The lowest member is elected. o: d, p
void elect_body(Warp& w, const Op& op, u32 mask) {
  const u32 leader = static_cast<u32>(__builtin_ctz(mask));
  set_all(w, op.o[0], mask, leader);
  if (op.o[1] != kNoOperand) {
    u32& p = w.predicate(op.o[1]);
    p = (p & ~mask) | (1U << leader);
  }
}
void activemask_body(Warp& w, const Op& op, u32 mask) {
  set_all(w, op.o[0], mask, mask);
}
void nothing(Warp&, const Op&, u32) {}

constexpr Row kRows[] = {
    {"shfl .sync .up|.down|.bfly|.idx .b32", "d0 q s0 s0 s0 s.u32", select_shuffle, sync<5>},
    {"shfl .up|.down|.bfly|.idx .b32", "d0 q s0 s0 s0", select_shuffle},
    {"vote .sync .all|.any|.uni .pred", "d0 s0 s.u32", select_vote, sync<2>},
    {"vote .sync .ballot .b32", "d0 s.pred s.u32",
     [](const Form&) -> Handler { return &ballot_body; }, sync<2>},
    {"vote .all|.any|.uni .pred", "d0 s0", select_vote},
    {"vote .ballot .b32", "d0 s.pred", [](const Form&) -> Handler { return &ballot_body; }},
    {"match .any .sync .b32|.b64", "d.u32 s0 s.u32",
     [](const Form& f) -> Handler {
       return f.type(0) == Type::b64 ? &match_any_body<u64> : &match_any_body<u32>;
     },
     sync<2>},
    {"match .all .sync .b32|.b64", "d.u32 q s0 s.u32",
     [](const Form& f) -> Handler {
       return f.type(0) == Type::b64 ? &match_all_body<u64> : &match_all_body<u32>;
     },
     sync<3>},
    {"redux .sync .add|.min|.max .u32|.s32", "d0 s0 s.u32", select_redux, sync<2>},
    {"redux .sync .and|.or|.xor .b32", "d0 s0 s.u32", select_redux, sync<2>},
    {"redux .sync .min|.max {.abs} {.NaN} .f32", "d0 s0 s.u32",
     [](const Form&) -> Handler { return &redux_f32_body; },
     [](Emitter& e, const Form& f, Op& op) {
       op.small = static_cast<u8>((f.has(".max") ? kMax : 0) | (f.has(".abs") ? kAbs : 0) |
                                  (f.has(".NaN") ? kNaN : 0));
       return sync<2>(e, f, op);
     }},
    {"elect .sync", "d.u32 q s.u32", [](const Form&) -> Handler { return &elect_body; }, sync<2>},
    {"activemask .b32", "d0", [](const Form&) -> Handler { return &activemask_body; }},
    {"bar .warp .sync", "s.u32", [](const Form&) -> Handler { return &nothing; }, sync<0>},
};

}  // namespace

std::span<const Row> rows_warp() {
  return kRows;
}

}  // namespace softgpu::engine
