// SPDX-License-Identifier: MIT
#include "scheduler.hpp"

#include <algorithm>
#include <utility>

#include "barrier.hpp"
#include "fault.hpp"
#include "watch.hpp"

namespace softgpu::engine {
namespace {

constexpr u32 kTurn = 16384;        // of a fragment: backward branches and polls
constexpr u64 kWarpQuantum = 4096;  // instructions of a warp before the next one of the block
constexpr u32 kRandomQuantum = 64;  // at most, of a warp and of a fragment in a random order

// `Watched` compiles the questions in that a launch with observers, weak memory or a random order
// needs; the plain instance has none of them.
template <bool Watched>
class WarpRun {
 public:
  WarpRun(Warp& w, u64& budget)
      : w_(w),
        ops_(w.block->grid->code->ops.data()),
        budget_(budget),
        watch_(w.block->watch.get()) {}

  // Runs until everything waits or is gone, or the quantum is over. False: nothing was runnable.
  bool run() {
    u64 quantum = std::min(kWarpQuantum, budget_);
    if (random()) quantum = std::min(quantum, some_instructions());
    bool any = false;
    while (w_.live != 0 && quantum > 0) {
      if constexpr (Watched) between_instructions();
      Fragment* fragment = pick();
      if (fragment == nullptr) break;
      any = true;
      const u64 used = step(*fragment);
      quantum -= std::min(used, quantum);
      budget_ -= std::min(used, budget_);
      drop_empty();
      if (std::exchange(yielded_, false)) break;
    }
    return any;
  }

 private:
  bool random() const {
    if constexpr (Watched) return watch_->random;
    return false;
  }
  // Few more often than many.
  u64 some_instructions() {
    return 1 + watch_->order.below(1 + watch_->order.below(kRandomQuantum));
  }
  void between_instructions() {
    if (watch_->weak) watch_->weak->bound();
    if (watch_->random) split_somebody();
  }
  void told(const Op& op, u32 active, u32 mask) {
    if constexpr (Watched) {
      if (!watch_->observers.empty() && watch_->grid.facts.tells[static_cast<size_t>(&op - ops_)])
        tell_instruction(w_, op, active, mask);
    }
  }

  // Lanes need not stay together because they could: parts them at any instruction.
  void split_somebody() {
    if (!watch_->grid.facts.may_split || !watch_->order.one_in(8)) return;
    Fragment& from = w_.fragments[watch_->order.below(static_cast<u32>(w_.fragments.size()))];
    const u32 part = from.mask & static_cast<u32>(watch_->order.next());
    if (from.wait != Wait::none || part == 0 || part == from.mask) return;
    Fragment other = from;
    other.mask = part;
    from.mask &= ~part;
    w_.fragments.push_back(other);
  }
  // In three turns of four the rule below, which brings lanes together again and sees to it that
  // everybody's turn comes; else whoever it hits.
  Fragment* pick_random() {
    if (!watch_->order.one_in(4)) return nullptr;
    Fragment& f = w_.fragments[watch_->order.below(static_cast<u32>(w_.fragments.size()))];
    return f.wait == Wait::none ? &f : nullptr;
  }

  static bool before(const Fragment& a, const Fragment& b) {
    if (a.penalty != b.penalty) return a.penalty < b.penalty;
    if (a.frame->depth != b.frame->depth) return a.frame->depth > b.frame->depth;
    return a.pc < b.pc;
  }

  Fragment* pick() {
    std::vector<Fragment>& all = w_.fragments;
    if (all.size() == 1) return all[0].wait == Wait::none ? all.data() : nullptr;
    Fragment* best = nullptr;
    if (random()) best = pick_random();
    const bool by_rule = best == nullptr;
    for (Fragment& f : all) {
      if (by_rule && f.wait == Wait::none && (best == nullptr || before(f, *best))) best = &f;
    }
    if (best == nullptr) return nullptr;
    // Everybody who stands here comes along; in a random order those who wait for company, and
    // others sometimes.
    for (Fragment& f : all) {
      if (&f == best || f.wait == Wait::barrier || f.pc != best->pc || f.frame != best->frame) {
        continue;
      }
      if (random() && f.wait == Wait::none && !watch_->order.one_in(4)) continue;
      best->mask |= f.mask;
      f.mask = 0;
    }
    const u32 pc = best->pc;
    Frame* frame = best->frame;
    if (drop_empty()) {
      best = &*std::find_if(all.begin(), all.end(), [&](const Fragment& f) {
        return f.pc == pc && f.frame == frame && f.wait == Wait::none;
      });
    }
    return best;
  }

  bool drop_empty() {
    const size_t before = w_.fragments.size();
    std::erase_if(w_.fragments, [](const Fragment& f) { return f.mask == 0; });
    return w_.fragments.size() != before;
  }

  // Where the nearest other fragment of this frame stands ahead: there the two become one.
  u32 stop_for(const Fragment& fragment) const {
    u32 stop = ~0U;
    for (const Fragment& f : w_.fragments) {
      if (&f != &fragment && f.wait != Wait::barrier && f.frame == fragment.frame &&
          f.pc > fragment.pc) {
        stop = std::min(stop, f.pc);
      }
    }
    return stop;
  }

  u64 step(Fragment& fragment) {
    Worker& worker = *w_.worker;
    w_.frame = fragment.frame;
    w_.base[0] = fragment.frame->registers.get();
    const bool alone = w_.fragments.size() == 1;
    const u32 stop = alone ? ~0U : stop_for(fragment);
    const u32 lanes = fragment.mask;
    const u64 lane_count = static_cast<u64>(__builtin_popcount(lanes));
    const u64 executed_before = worker.instructions;
    u64 used = 0;
    u64 turn = kWarpQuantum;
    if (random()) turn = some_instructions();
    u32 pc = fragment.pc;
    while (pc != stop && used < turn) {
      const Op& op = ops_[pc];
      const u32 mask = lanes & (w_.predicate(op.guard) ^ op.guard_flip);
      used += op.weight;
      ++worker.instructions;
      worker.thread_instructions +=
          mask == lanes ? lane_count : static_cast<u64>(__builtin_popcount(mask));
      if (Watched && (mask == 0 || !told_later(op.flow))) told(op, lanes, mask);
      if (op.flow == Flow::next) {
        if (mask != 0) op.run(w_, op, mask);
        ++pc;
        continue;
      }
      if (mask == 0) {
        ++pc;
        continue;
      }
      // A uniform branch of a warp that is in one piece needs no bookkeeping but the turn.
      if (op.flow == Flow::branch && mask == lanes && alone) {
        pc = op.aux;
        continue;
      }
      fragment.pc = pc;
      polls_ = static_cast<u32>(used - (worker.instructions - executed_before));
      control(fragment, op, mask);
      return used;
    }
    fragment.pc = pc;
    return used;
  }

  // Lanes may have to wait or to part before they execute these.
  static bool told_later(Flow flow) {
    return flow == Flow::sync || flow == Flow::barrier || flow == Flow::branch_index ||
           flow == Flow::call_indirect;
  }

  // The lanes of the fragment that are not in `mask` go on behind the instruction.
  void split_rest(Fragment& fragment, u32 mask) {
    const u32 rest = fragment.mask & ~mask;
    fragment.mask = mask;
    if (rest == 0) return;
    Fragment other = fragment;
    other.mask = rest;
    other.pc = fragment.pc + 1;
    w_.fragments.push_back(other);  // reserved for 32: never moves `fragment`
  }

  void end_turn(Fragment& fragment, u32 cost) {
    fragment.spent += cost;
    if (fragment.spent < kTurn || w_.fragments.size() == 1) return;
    fragment.spent = 0;
    fragment.penalty = ++w_.next_penalty;
  }

  void jump(Fragment& fragment, u32 target) {
    if (target <= fragment.pc) end_turn(fragment, 16 + polls_);
    fragment.pc = target;
  }

  void control(Fragment& fragment, const Op& op, u32 mask) {
    switch (op.flow) {
      case Flow::branch:
        split_rest(fragment, mask);
        jump(fragment, op.aux);
        break;
      case Flow::branch_index:
        branch_index(fragment, op, mask);
        break;
      case Flow::call:
        enter_call(w_, fragment, op, mask);
        break;
      case Flow::call_indirect:
        enter_call(w_, fragment, op, mask);
        told(op, mask, fragment.mask);
        break;
      case Flow::ret:
        split_rest(fragment, mask);
        if (fragment.frame->depth == 0) {
          leave(fragment);
        } else {
          leave_call(w_, fragment, mask);
        }
        break;
      case Flow::exit:
        split_rest(fragment, mask);
        leave(fragment);
        break;
      case Flow::sync:
        synchronize(fragment, op, mask);
        break;
      case Flow::barrier:
        barrier(fragment, op, mask);
        break;
      case Flow::yield:
        op.run(w_, op, mask);
        ++fragment.pc;
        end_turn(fragment, kTurn);
        // The next warp goes on at once: it may be the one that this warp polls for.
        yielded_ = true;
        budget_ -= std::min<u64>(budget_, kWarpQuantum);
        break;
      case Flow::next:
        break;
    }
  }

  void branch_index(Fragment& fragment, const Op& op, u32 mask) {
    const std::vector<u32>& targets = w_.block->grid->code->lists[op.aux];
    split_rest(fragment, mask);
    const u32* index = w_.at<const u32>(op.o[0]);
    const u32 first = index[__builtin_ctz(mask)];
    u32 same = 0;
    for (u32 rest = mask; rest != 0; rest &= rest - 1) {
      const u32 l = static_cast<u32>(__builtin_ctz(rest));
      if (index[l] == first) same |= 1U << l;
    }
    if (same != mask) {
      Fragment other = fragment;  // the others take this instruction again
      other.mask = mask & ~same;
      fragment.mask = same;
      w_.fragments.push_back(other);
    }
    if (first >= targets.size()) {
      raise(w_, op, static_cast<u32>(__builtin_ctz(same)), FaultKind::invalid_pc,
            "branch index " + std::to_string(first) + " of " + std::to_string(targets.size()));
    }
    told(op, same, same);
    jump(fragment, targets[first]);
  }

  void leave(Fragment& fragment) {
    w_.live &= ~fragment.mask;
    w_.block->live_threads -= static_cast<u32>(__builtin_popcount(fragment.mask));
    fragment.mask = 0;
    // Whoever waited for these lanes need not any more.
    for (Fragment& f : w_.fragments) {
      if (f.wait == Wait::sync) f.wait = Wait::none;
    }
    recheck_barriers(*w_.block);
  }

  void synchronize(Fragment& fragment, const Op& op, u32 mask) {
    split_rest(fragment, mask);
    const u32* named = w_.at<const u32>(op.o[kSyncMask]);
    u32 done = 0;
    for (u32 rest = mask; rest != 0;) {
      const u32 lane = static_cast<u32>(__builtin_ctz(rest));
      const u32 members = named[lane];
      u32 group = 0;
      for (u32 l = lane; l < kLanes; ++l) {
        if ((rest & (1U << l)) != 0 && named[l] == members) group |= 1U << l;
      }
      rest &= ~group;
      if ((members & (1U << lane)) == 0) {
        raise(w_, op, lane, FaultKind::illegal_instruction,
              "the member mask does not name the executing lane");
      }
      if ((members & w_.live & ~group) != 0) continue;  // somebody is still missing
      told(op, group, group);
      op.run(w_, op, group);
      done |= group;
    }
    if (done == 0) {
      fragment.wait = Wait::sync;
      return;
    }
    if (done != mask) {
      Fragment waiting = fragment;
      waiting.mask = mask & ~done;
      waiting.wait = Wait::sync;
      w_.fragments.push_back(waiting);
    }
    fragment.mask = done;
    ++fragment.pc;
  }

  void barrier(Fragment& fragment, const Op& op, u32 mask) {
    split_rest(fragment, mask);
    const u32* numbers = w_.at<const u32>(op.o[1]);
    const u32 number = numbers[__builtin_ctz(mask)];
    u32 same = 0;
    for (u32 l = 0; l < kLanes; ++l) {
      if ((mask & (1U << l)) != 0 && numbers[l] == number) same |= 1U << l;
    }
    if (same != mask) {
      Fragment other = fragment;
      other.mask = mask & ~same;
      fragment.mask = same;
      w_.fragments.push_back(other);
    }
    const u32 pc = fragment.pc++;
    told(op, same, same);
    // Set before arriving: completing the barrier releases this fragment with all others.
    const u32 waits = arrive(w_, op, pc, same, number);
    if (waits == 0) return;
    if (waits != same) {
      Fragment passed = fragment;
      passed.mask = same & ~waits;
      fragment.mask = waits;
      w_.fragments.push_back(passed);
    }
    fragment.wait = Wait::barrier;
    fragment.barrier = static_cast<u8>(number);
  }

  Warp& w_;
  const Op* ops_;
  u64& budget_;
  BlockWatch* watch_;  // of the watched instance
  bool yielded_ = false;
  u32 polls_ = 0;  // extra weight of what the running step executed
};

// Every warp has its turn in every round, so that none is left behind; in a random order the rounds
// differ. Never inlined: it would cost the plain loop registers.
[[gnu::noinline]] BlockState run_watched(Block& block, Worker& worker, u64 budget) {
  std::vector<Warp*> round;
  for (Warp& w : block.warps) round.push_back(&w);
  Random& order = block.watch->order;
  while (budget > 0) {
    if (block.watch->random) {
      for (u32 left = static_cast<u32>(round.size()); left > 1; --left) {
        std::swap(round[left - 1], round[order.below(left)]);
      }
    }
    bool any = false;
    for (Warp* w : round) {
      if (w->live == 0) continue;
      w->worker = &worker;
      any = WarpRun<true>(*w, budget).run() || any;
    }
    if (block.live_threads == 0) return BlockState::finished;
    if (!any) raise_deadlock(block);
    if (block.grid->stop.load(std::memory_order_relaxed)) return BlockState::running;
  }
  return BlockState::running;
}

}  // namespace

BlockState run_block(Block& block, Worker& worker, u64 budget) {
  if (block.watch) return run_watched(block, worker, budget);
  while (budget > 0) {
    bool any = false;
    for (Warp& w : block.warps) {
      if (w.live == 0) continue;
      w.worker = &worker;
      any = WarpRun<false>(w, budget).run() || any;
    }
    if (block.live_threads == 0) return BlockState::finished;
    if (!any) raise_deadlock(block);
    if (block.grid->stop.load(std::memory_order_relaxed)) return BlockState::running;
  }
  return BlockState::running;
}

}  // namespace softgpu::engine
