// SPDX-License-Identifier: MIT
// mbarrier.* (ISA 9.7.13.15). A cluster is one block, so the scopes and .shared::cluster change
// nothing but which forms exist.
#include <cstring>

#include "async_copy.hpp"
#include "emitter.hpp"
#include "fault.hpp"
#include "mbarrier.hpp"
#include "memory.hpp"
#include "ops/isa.hpp"

namespace softgpu::engine {
namespace {

using ptx::Type;
using Kind = ptx::Operand::Kind;

enum class Change : u8 {
  arrive,
  arrive_no_complete,
  arrive_expect,
  drop,
  drop_no_complete,
  drop_expect,
  expect,
  complete
};

// A spinning thread tests; what waits for the test must get its turn.
constexpr u8 kTestWeight = 64, kTryWeight = 255;

template <class F>
void for_lanes(u32 mask, F f) {
  for (u32 rest = mask; rest != 0; rest &= rest - 1) f(static_cast<u32>(__builtin_ctz(rest)));
}
[[noreturn]] void raise_invalid(const Warp& w, const Op& op, u32 lane) {
  raise(w, op, lane, FaultKind::illegal_instruction,
        "there is no valid mbarrier object at the address");
}
u32 checked(const Warp& w, const Op& op, u32 lane, u32 count, u32 least) {
  if (count < least || count > kMostArrivals) {
    raise(w, op, lane, FaultKind::illegal_instruction,
          "count " + std::to_string(count) + " of an mbarrier is out of range");
  }
  return count;
}

// The objects; a generic address must lie in shared memory.
void locate_objects(Warp& w, const Op& op, u32 mask, bool is_write, Located& at) {
  locate(w, op, mask, 8, is_write, at);
  if (static_cast<MemorySpace>(op.small) != MemorySpace::generic) return;
  for_lanes(mask, [&](u32 l) {
    if (at.address[l] >> kWindowShift != kSharedWindow >> kWindowShift) {
      raise_access(w, op, l, FaultKind::illegal_address, {at.address[l], 8, is_write});
    }
  });
}

// o: none, count
void init_body(Warp& w, const Op& op, u32 mask) {
  Located at;
  locate_objects(w, op, mask, true, at);
  for_lanes(mask, [&](u32 l) {
    const u32 count = checked(w, op, l, w.at<const u32>(op.o[1])[l], 1);
    const u64 word = MBarrier{count, count, 0, 0}.pack();
    std::memcpy(at.host[l], &word, sizeof word);
  });
}
void inval_body(Warp& w, const Op& op, u32 mask) {
  Located at;
  locate_objects(w, op, mask, true, at);
  for_lanes(mask, [&](u32 l) {
    u64 word = 0;
    std::memcpy(&word, at.host[l], sizeof word);
    if ((word & kValidMBarrier) == 0) raise_invalid(w, op, l);
    std::memset(at.host[l], 0, 8);
  });
}

// o: state (or none), count or bytes
template <Change C>
void change_body(Warp& w, const Op& op, u32 mask) {
  Located at;
  locate_objects(w, op, mask, true, at);
  for_lanes(mask, [&](u32 l) {
    const u32 value = w.at<const u32>(op.o[1])[l];
    constexpr bool kBytes = C == Change::arrive_expect || C == Change::drop_expect ||
                            C == Change::expect || C == Change::complete;
    checked(w, op, l, value, kBytes ? 0 : 1);
    MBarrierChange change;
    if (kBytes) change.bytes = C == Change::complete ? -s64{value} : s64{value};
    if (C != Change::expect && C != Change::complete) change.arrivals = kBytes ? 1 : value;
    if (C == Change::drop || C == Change::drop_no_complete || C == Change::drop_expect) {
      change.dropped = change.arrivals;
    }
    change.may_complete = C != Change::arrive_no_complete && C != Change::drop_no_complete;
    const u64 before = change_mbarrier(w, op, l, at.host[l], change);
    if (op.o[0] != kNoOperand) w.at<u64>(op.o[0])[l] = before;
  });
}

// o: predicate, state or parity
template <bool Parity>
void test_body(Warp& w, const Op& op, u32 mask) {
  Located at;
  locate_objects(w, op, mask, false, at);
  u32 complete = 0;
  for_lanes(mask, [&](u32 l) {
    complete_arrivals(w, at.host[l]);
    u64 word = 0;
    std::memcpy(&word, at.host[l], sizeof word);
    if ((word & kValidMBarrier) == 0) raise_invalid(w, op, l);
    const u32 phase = MBarrier::unpack(word).phase;
    const bool done = Parity ? (phase & 1U) != (w.at<const u32>(op.o[1])[l] & 1U)
                             : phase != MBarrier::unpack(w.at<const u64>(op.o[1])[l]).phase;
    if (done) complete |= 1U << l;
  });
  u32& d = w.predicate(op.o[0]);
  d = (d & ~mask) | complete;
}

void pending_body(Warp& w, const Op& op, u32 mask) {
  for_lanes(mask, [&](u32 l) {
    w.at<u32>(op.o[0])[l] = MBarrier::unpack(w.at<const u64>(op.o[1])[l]).pending;
  });
}

// An order needs a scope and a scope an order; .noComplete is .release.cta in the own block.
bool good_modifiers(Emitter& e, const Form& f) {
  const bool order = f.has(".release") || f.has(".acquire") || f.has(".relaxed");
  if (order != (f.has(".cta") || f.has(".cluster"))) {
    return e.refuse("an order of memory needs a scope, and a scope an order");
  }
  if (f.has(".noComplete") &&
      (f.has(".relaxed") || f.has(".cluster") || f.has(".shared::cluster"))) {
    return e.refuse(".noComplete goes with .release.cta and the block's own mbarriers");
  }
  return true;
}

bool emit_init(Emitter& e, const Form& f, Op& op) {
  const auto& operands = e.instruction().operands;
  const bool init = f.has(".init");
  if (operands.size() != (init ? 2U : 1U)) return e.refuse("wrong number of operands");
  if (!set_memory_operand(e, f, operands[0], op)) return false;
  if (init) {
    op.o[1] = e.source_of(operands[1], Type::u32);
    if (op.o[1] == kNoOperand) return false;
  }
  op.run = init ? &init_body : &inval_body;
  e.append(op);
  return true;
}

Handler body_of(const Form& f) {
  const bool drop = f.has(".arrive_drop");
  if (f.has(".complete_tx")) return &change_body<Change::complete>;
  if (!drop && !f.has(".arrive")) return &change_body<Change::expect>;
  if (f.has(".expect_tx")) {
    return drop ? &change_body<Change::drop_expect> : &change_body<Change::arrive_expect>;
  }
  if (f.has(".noComplete")) {
    return drop ? &change_body<Change::drop_no_complete> : &change_body<Change::arrive_no_complete>;
  }
  return drop ? &change_body<Change::drop> : &change_body<Change::arrive>;
}
bool emit_change(Emitter& e, const Form& f, Op& op) {
  const auto& operands = e.instruction().operands;
  const bool arrives = f.has(".arrive") || f.has(".arrive_drop");
  const size_t first = arrives ? 1 : 0;
  const bool needs_value = !arrives || f.has(".expect_tx") || f.has(".noComplete");
  if (operands.size() > first + 2 || operands.size() < first + (needs_value ? 2 : 1)) {
    return e.refuse("wrong number of operands");
  }
  if (!good_modifiers(e, f) || !set_memory_operand(e, f, operands[first], op)) return false;
  if (arrives && operands[0].kind != Kind::sink) {
    if (f.has(".shared::cluster")) return e.refuse("'_' is expected with .shared::cluster");
    op.o[0] = e.destination_of(operands[0], Type::b64);
    if (op.o[0] == kNoOperand) return false;
  }
  op.o[1] = operands.size() == first + 2 ? e.source_of(operands[first + 1], Type::u32)
                                         : e.constant(Type::u32, 1);
  if (op.o[1] == kNoOperand) return false;
  op.run = body_of(f);
  e.append(op);
  return true;
}

bool emit_test(Emitter& e, const Form& f, Op& op) {
  const auto& operands = e.instruction().operands;
  const bool tries = f.has(".try_wait"), parity = f.has(".parity");
  if (operands.size() < 3 || operands.size() > (tries ? 4U : 3U)) {
    return e.refuse("wrong number of operands");
  }
  if (!good_modifiers(e, f) || !set_memory_operand(e, f, operands[1], op)) return false;
  op.o[1] = e.source_of(operands[2], parity ? Type::u32 : Type::b64);
  // How long the thread may be suspended: any time is right, so none.
  if (operands.size() == 4 && e.source_of(operands[3], Type::u32) == kNoOperand) return false;
  op.o[0] = e.destination_of(operands[0], Type::pred);
  if (op.o[0] == kNoOperand || op.o[1] == kNoOperand) return false;
  op.weight = tries ? kTryWeight : kTestWeight;
  op.run = parity ? &test_body<true> : &test_body<false>;
  e.append(op);
  return true;
}

#define SOFTGPU_OWN " {.shared|.shared::cta}"
#define SOFTGPU_ANY " {.shared|.shared::cta|.shared::cluster}"
#define SOFTGPU_RELEASE " {.release|.relaxed} {.cta|.cluster}"

constexpr Row kRows[] = {
    {"mbarrier .init|.inval" SOFTGPU_OWN " .b64", "", nullptr, emit_init},
    {"mbarrier .arrive|.arrive_drop {.expect_tx|.noComplete}" SOFTGPU_RELEASE SOFTGPU_ANY " .b64",
     "", nullptr, emit_change},
    {"mbarrier .expect_tx|.complete_tx {.relaxed} {.cta|.cluster}" SOFTGPU_ANY " .b64", "", nullptr,
     emit_change},
    {"mbarrier .test_wait|.try_wait {.parity} {.acquire|.relaxed} {.cta|.cluster}" SOFTGPU_OWN
     " .b64",
     "", nullptr, emit_test},
    {"mbarrier .pending_count .b64", "d.u32 s.b64",
     [](const Form&) -> Handler { return &pending_body; }},
};

}  // namespace

std::span<const Row> rows_mbarrier() {
  return kRows;
}

}  // namespace softgpu::engine
