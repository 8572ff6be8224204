// SPDX-License-Identifier: MIT
// Calls and returns. Each lane has a stack of local frames; the registers of a call are shared by
// the lanes of a warp that are at the same depth in the same function (each uses its own lane of
// them).
#include <algorithm>
#include <cstring>

#include "fault.hpp"
#include "scheduler.hpp"
#include "watch.hpp"

namespace softgpu::engine {
namespace {

constexpr u32 kDeepest = 1024;

void copy_slots(std::byte* to, const std::vector<CallSlot>& to_slots, const std::byte* from,
                const std::vector<CallSlot>& from_slots) {
  const size_t count = std::min(to_slots.size(), from_slots.size());
  for (size_t i = 0; i < count; ++i) {
    std::memcpy(to + to_slots[i].offset, from + from_slots[i].offset,
                std::min(to_slots[i].size, from_slots[i].size));
  }
}

}  // namespace

Frame* Warp::frame_for(u32 function, u32 depth, const Code& code) {
  for (const std::unique_ptr<Frame>& known : frames) {
    if (known->depth == depth && known->function == function) return known.get();
  }
  auto fresh = std::make_unique<Frame>();
  const u32 bytes = code.functions[function].frame_bytes;
  fresh->registers.reset(new (std::align_val_t{64}) std::byte[bytes]);
  std::memset(fresh->registers.get(), 0, bytes);
  *reinterpret_cast<u32*>(fresh->registers.get() + kTruePredicate) = kAllLanes;
  fresh->function = function;
  fresh->depth = depth;
  frames.push_back(std::move(fresh));
  return frames.back().get();
}

void enter_call(Warp& w, Fragment& fragment, const Op& op, u32 mask) {
  const Code& code = *w.block->grid->code;
  const CallSite& site = code.call_sites[op.aux];
  const u32 lane = static_cast<u32>(__builtin_ctz(mask));
  u32 callee = site.function;
  if (op.flow == Flow::call_indirect) {
    const u64* handles = w.at<const u64>(op.o[0]);
    const u64 handle = handles[lane];
    const u64 index = (handle - kCodeWindow) / 16 - 1;
    if (handle % 16 != 0 || handle <= kCodeWindow || index >= code.functions.size() ||
        code.functions[index].is_entry) {
      raise(w, op, lane, FaultKind::invalid_pc, "call of something that is no function");
    }
    callee = static_cast<u32>(index);
    // Lanes with other targets take this instruction again.
    u32 same = 0;
    for (u32 rest = mask; rest != 0; rest &= rest - 1) {
      const u32 l = static_cast<u32>(__builtin_ctz(rest));
      if (handles[l] == handle) same |= 1U << l;
    }
    if (same != mask) {
      Fragment others = fragment;
      others.mask = mask & ~same;
      w.fragments.push_back(others);
      fragment.mask &= ~others.mask;
      mask = same;
    }
  }
  if ((fragment.mask & ~mask) != 0) {
    Fragment rest = fragment;
    rest.mask &= ~mask;
    ++rest.pc;
    w.fragments.push_back(rest);
    fragment.mask = mask;
  }
  const FunctionCode& function = code.functions[callee];
  if (function.builtin != Builtin::none) {
    run_builtin(w, op, site, function.builtin, mask);
    ++fragment.pc;
    return;
  }
  Frame& from = *fragment.frame;
  const u32 from_bytes = code.functions[from.function].local_bytes;
  if (from.depth + 1 > kDeepest) {
    raise(w, op, lane, FaultKind::hardware_stack_error, "calls are nested too deep");
  }
  Frame& to = *w.frame_for(callee, from.depth + 1, code);
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const u32 l = static_cast<u32>(__builtin_ctz(rest));
    to.return_pc[l] = fragment.pc + 1;
    to.caller[l] = &from;
    to.local_base[l] = from.local_base[l] + from_bytes + from.allocated[l];
    to.allocated[l] = 0;
    if (u64{to.local_base[l]} + function.local_bytes > w.block->stack_bytes) {
      raise(w, op, l, FaultKind::hardware_stack_error, "the stack of the thread is full");
    }
    std::byte* stack = w.block->stack(w, l);
    copy_slots(stack + to.local_base[l], function.params, stack + from.local_base[l], site.args);
    tell_copied(w, op, l, to.local_base[l], function.params);
  }
  fragment.frame = &to;
  fragment.pc = function.entry;
}

void leave_call(Warp& w, Fragment& fragment, u32 mask) {
  const Code& code = *w.block->grid->code;
  Frame& from = *fragment.frame;
  const FunctionCode& function = code.functions[from.function];
  const u32 first = static_cast<u32>(__builtin_ctz(mask));
  Frame* caller = from.caller[first];
  const u32 pc = from.return_pc[first];
  u32 same = 0;
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const u32 l = static_cast<u32>(__builtin_ctz(rest));
    if (from.return_pc[l] != pc || from.caller[l] != caller) continue;
    same |= 1U << l;
    const CallSite& site = code.call_sites[code.ops[pc - 1].aux];
    std::byte* stack = w.block->stack(w, l);
    copy_slots(stack + caller->local_base[l], site.results, stack + from.local_base[l],
               function.results);
    tell_copied(w, code.ops[pc - 1], l, caller->local_base[l], site.results);
  }
  if (same != mask) {
    Fragment others = fragment;  // they return to other places: again
    others.mask = mask & ~same;
    w.fragments.push_back(others);
  }
  fragment.mask = same;
  fragment.frame = caller;
  fragment.pc = pc;
}

}  // namespace softgpu::engine
