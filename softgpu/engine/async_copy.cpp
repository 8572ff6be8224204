// SPDX-License-Identifier: MIT
#include "async_copy.hpp"

#include <algorithm>
#include <cstring>

#include "emitter.hpp"
#include "fault.hpp"
#include "mbarrier.hpp"
#include "ops/isa.hpp"

namespace softgpu::engine {
namespace {

using ptx::Type;
using Kind = ptx::Operand::Kind;

AsyncCopies::OfWarp& copies_of(Warp& w) {
  std::shared_ptr<AsyncCopies>& all = w.block->async_copies;
  if (!all) {
    all = std::make_shared<AsyncCopies>();
    all->warps.resize(w.block->warps.size());
  }
  return all->warps[w.index];
}

// Whole words are moved as such: another thread may write the source at the same time.
void move_bytes(std::byte* to, const std::byte* from, u32 read, u32 size) {
  u32 at = 0;
  for (; at + 4 <= read; at += 4) {
    const u32 word = __atomic_load_n(reinterpret_cast<const u32*>(from + at), __ATOMIC_RELAXED);
    std::memcpy(to + at, &word, sizeof word);
  }
  if (at < read) std::memcpy(to + at, from + at, read - at);
  std::memset(to + read, 0, size - read);
}

// The one place where bytes move.
void complete(Warp& w, AsyncCopy& copy, u32 lanes) {
  lanes &= copy.pending;
  if (lanes == 0) return;
  Located at;
  std::copy(std::begin(copy.destination), std::end(copy.destination), at.address);
  locate_at(w, *copy.op, lanes, {MemorySpace::shared, copy.size, copy.size, true}, at);
  for (u32 rest = lanes; rest != 0; rest &= rest - 1) {
    const int l = __builtin_ctz(rest);
    move_bytes(at.host[l], copy.source[l], copy.read[l], copy.size);
  }
  w.worker->bytes_written += u64{copy.size} * static_cast<u64>(__builtin_popcount(lanes));
  copy.pending &= ~lanes;
}
void drop_complete(AsyncCopies::OfWarp& mine) {
  std::erase_if(mine.copies, [](const AsyncCopy& copy) { return copy.pending == 0; });
}

// o: destination address (64 bits), source size, ignore-source predicate. count: bytes.
void copy_body(Warp& w, const Op& op, u32 mask) {
  AsyncCopies::OfWarp& mine = copies_of(w);
  AsyncCopy copy;
  copy.op = &op;
  copy.number = mine.next++;
  copy.pending = mask;
  copy.size = op.count;
  Located from, to;
  addresses_of(w, op, from.address);
  const u32 ignored = op.o[2] == kNoOperand ? 0 : w.predicate(op.o[2]);
  for (u32 l = 0; l < kLanes; ++l) {
    copy.group[l] = mine.committed[l];
    copy.destination[l] = to.address[l] = w.at<const u64>(op.o[0])[l];
    u32 read = op.o[1] == kNoOperand ? op.count : w.at<const u32>(op.o[1])[l];
    if ((ignored & (1U << l)) != 0) read = 0;
    copy.read[l] = read;
    if (read > op.count && (mask & (1U << l)) != 0) {
      raise(w, op, l, FaultKind::illegal_instruction,
            "cp.async of " + std::to_string(op.count) + " bytes with a source size of " +
                std::to_string(read));
    }
  }
  check_at(w, op, mask, {MemorySpace::shared, copy.size, copy.size, true}, to);
  for (u32 rest = mask; rest != 0;) {
    const u32 read = copy.read[__builtin_ctz(rest)];
    u32 same = 0;
    for (u32 l = 0; l < kLanes; ++l) {
      if ((rest & (1U << l)) != 0 && copy.read[l] == read) same |= 1U << l;
    }
    rest &= ~same;
    if (read == 0) continue;
    locate_at(w, op, same, {MemorySpace::global, read, op.count, false}, from);
    w.worker->bytes_read += u64{read} * static_cast<u64>(__builtin_popcount(same));
  }
  for (u32 l = 0; l < kLanes; ++l) copy.source[l] = from.host[l];
  mine.copies.push_back(copy);
}

// The address of an operand in shared memory as a 64-bit value.
u32 shared_address(Emitter& e, const ptx::Operand& operand) {
  Op base;
  ptx::Space named = ptx::Space::generic;
  if (operand.kind != Kind::address || !e.address_of(operand, base, named)) return kNoOperand;
  if (base.o[kAddress] == kNoOperand) return e.constant(Type::u64, base.imm);
  Op add;
  add.run = e.body("add", {base.address_is_wide ? ".u64" : ".u32"}, 3);
  add.o[0] = e.scratch(base.address_is_wide ? SlotClass::wide : SlotClass::word);
  add.o[1] = base.o[kAddress];
  add.o[2] = e.constant(base.address_is_wide ? Type::u64 : Type::u32, base.imm);
  e.append(add);
  if (base.address_is_wide) return add.o[0];
  Op widen;
  widen.run = e.body("cvt", {".u64", ".u32"}, 2);
  widen.o[0] = e.scratch(SlotClass::wide);
  widen.o[1] = add.o[0];
  e.append(widen);
  return widen.o[0];
}

bool emit_copy(Emitter& e, const Form& f, Op& op) {
  const auto& operands = e.instruction().operands;
  const size_t count = operands.size() - (f.has(".L2::cache_hint") ? 1 : 0);
  if (count < 3 || count > 4) return e.refuse("wrong number of operands");
  const u64 size = operands[2].bits;
  if (operands[2].kind != Kind::integer ||
      (size != 16 && (f.has(".cg") || (size != 4 && size != 8)))) {
    return e.refuse(f.has(".cg") ? "cp.async.cg copies 16 bytes"
                                 : "cp.async.ca copies 4, 8 or 16 bytes");
  }
  if (count == 4) {
    const ptx::Operand& last = operands[3];
    const bool is_predicate = last.kind == Kind::reg && e.type_of_register(last.reg) == Type::pred;
    u32& slot = op.o[is_predicate ? 2 : 1];
    slot = e.source_of(last, is_predicate ? Type::pred : Type::u32);
    if (slot == kNoOperand) return false;
  }
  op.o[0] = shared_address(e, operands[0]);
  if (op.o[0] == kNoOperand) return e.refuse("an address in shared memory is expected");
  if (!set_memory_operand(e, f, operands[1], op)) return false;
  op.small = static_cast<u8>(MemorySpace::global);
  op.count = static_cast<u8>(size);
  op.run = &copy_body;
  e.append(op);
  return true;
}

void commit_body(Warp& w, const Op&, u32 mask) {
  AsyncCopies::OfWarp& mine = copies_of(w);
  for (u32 rest = mask; rest != 0; rest &= rest - 1) ++mine.committed[__builtin_ctz(rest)];
}
// imm: how many of the latest groups may stay pending.
void wait_group_body(Warp& w, const Op& op, u32 mask) {
  AsyncCopies::OfWarp& mine = copies_of(w);
  for (AsyncCopy& copy : mine.copies) {
    u32 lanes = 0;
    for (u32 rest = mask & copy.pending; rest != 0; rest &= rest - 1) {
      const int l = __builtin_ctz(rest);
      const u64 behind = mine.committed[l] - copy.group[l];  // 0: not committed
      if (behind > op.imm) lanes |= 1U << l;
    }
    complete(w, copy, lanes);
  }
  drop_complete(mine);
}
void wait_all_body(Warp& w, const Op&, u32 mask) {
  AsyncCopies::OfWarp& mine = copies_of(w);
  for (AsyncCopy& copy : mine.copies) complete(w, copy, mask);
  drop_complete(mine);
}

void arrive_body(Warp& w, const Op& op, u32 mask) {
  Located at;
  locate(w, op, mask, 8, true, at);
  AsyncCopies::OfWarp& mine = copies_of(w);
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const u32 l = static_cast<u32>(__builtin_ctz(rest));
    if (op.count != 0) change_mbarrier(w, op, l, at.host[l], {.announced = 1});
    w.block->async_copies->arrivals.push_back({at.host[l], &op, w.index, l, mine.next});
  }
}
bool emit_arrive(Emitter& e, const Form& f, Op& op) {
  const auto& operands = e.instruction().operands;
  if (operands.size() != 1) return e.refuse("one operand is expected");
  if (!set_memory_operand(e, f, operands[0], op)) return false;
  op.run = &arrive_body;
  op.count = f.has(".noinc") ? 0 : 1;
  e.append(op);
  return true;
}

#define SOFTGPU_PREFETCH " {.L2::cache_hint} {.L2::64B|.L2::128B|.L2::256B}"

constexpr Row kRows[] = {
    {"cp .async .ca|.cg .shared|.shared::cta .global" SOFTGPU_PREFETCH, "", nullptr, emit_copy},
    {"cp .async .commit_group", "", nullptr,
     [](Emitter& e, const Form&, Op& op) {
       op.run = &commit_body;
       e.append(op);
       return true;
     }},
    {"cp .async .wait_group", "i", [](const Form&) -> Handler { return &wait_group_body; }},
    {"cp .async .wait_all", "", nullptr,
     [](Emitter& e, const Form&, Op& op) {
       op.run = &wait_all_body;
       e.append(op);
       return true;
     }},
    {"cp .async .mbarrier .arrive {.noinc} {.shared|.shared::cta} .b64", "", nullptr, emit_arrive},
};

}  // namespace

void complete_arrivals(Warp& w, std::byte* barrier) {
  Block& block = *w.block;
  if (!block.async_copies) return;
  AsyncCopies& all = *block.async_copies;
  for (const AsyncArrival& arrival : all.arrivals) {
    if (arrival.barrier != barrier) continue;
    Warp& owner = block.warps[arrival.warp];
    owner.worker = w.worker;  // it may have run on another thread last
    AsyncCopies::OfWarp& copies = all.warps[arrival.warp];
    for (AsyncCopy& copy : copies.copies) {
      if (copy.number < arrival.copies) complete(owner, copy, 1U << arrival.lane);
    }
    drop_complete(copies);
    change_mbarrier(owner, *arrival.op, arrival.lane, barrier, {.arrivals = 1});
  }
  std::erase_if(all.arrivals, [&](const AsyncArrival& a) { return a.barrier == barrier; });
}

std::span<const Row> rows_async_copy() {
  return kRows;
}

}  // namespace softgpu::engine
