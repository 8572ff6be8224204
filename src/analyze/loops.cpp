// SPDX-License-Identifier: MIT
#include "analyze/loops.hpp"

#include <algorithm>

#include "analyze/linear.hpp"

namespace nonans::analyze {
namespace {

// Calls fn(SymbolRef&) for every symbol of the access.
template <typename Fn>
void each_symbol(Polynomial& p, Fn fn) {
  for (Term& t : p.terms)
    for (unsigned i = 0; i < t.degree; ++i) fn(t.factors[i]);
}
template <typename Fn>
void each_symbol(Condition& c, Fn fn) {
  each_symbol(c.left, fn);
  each_symbol(c.right, fn);
  for (Polynomial& p : c.no_wrap) each_symbol(p, fn);
}

bool mentions_loop(const Condition& c) {
  const auto does = [](const Polynomial& p) { return mentions(p, Symbol::loop); };
  return does(c.left) || does(c.right) || std::any_of(c.no_wrap.begin(), c.no_wrap.end(), does);
}

bool same_condition(const Condition& a, const Condition& b) {
  return a.op == b.op && a.left.bits == b.left.bits && a.left.is_signed == b.left.is_signed &&
         same_terms(a.left, b.left) && same_terms(a.right, b.right);
}

class Attacher {
 public:
  Attacher(const KernelFacts& facts, FoundAccess& found)
      : f_(facts), found_(found), a_(found.access) {}

  void run() {
    // A condition inside a loop says something about one iteration; which ones run is told by the
    // loops.
    if (std::erase_if(a_.conditions, mentions_loop) > 0) a_.conditions_known = false;
    if (a_.offset_known && !attach()) forget_offset();
    if (!number_derived()) {
      forget_offset();
      a_.conditions.clear();
      a_.conditions_known = false;
    }
  }

 private:
  void forget_offset() {
    a_.offset_known = false;
    a_.offset = {};
    a_.no_wrap.clear();
    a_.loops.clear();
    a_.derived.clear();
  }

  bool attach() {
    std::vector<uint16_t> loops;
    const auto collect = [&](SymbolRef& s) {
      if (s.symbol == Symbol::loop &&
          std::find(loops.begin(), loops.end(), s.offset) == loops.end())
        loops.push_back(s.offset);
    };
    each_symbol(a_.offset, collect);
    for (Polynomial& p : a_.no_wrap) each_symbol(p, collect);
    // The conditions of a loop may mention loops around it.
    for (size_t n = 0; n < loops.size(); ++n) {
      if (loops.size() > kMaxLoops) return false;
      Loop loop;
      if (!describe(loops[n], loop)) return false;
      for (Condition& c : loop.continues) each_symbol(c, collect);
      a_.loops.push_back(std::move(loop));
    }
    if (loops.empty()) return true;
    if (loops.size() > 1 || !straight(loops[0])) a_.conditions_known = false;
    if (loops.size() == 1) take_guards(loops[0]);
    renumber(loops);
    return true;
  }

  uint32_t header_of(uint16_t loop) const { return f_.values.loop_headers[loop]; }

  uint32_t latch_of(uint32_t header) const {
    uint32_t latch = kNone;
    for (uint32_t p : f_.cfg.blocks[header].predecessors) {
      const Block& block = f_.cfg.blocks[p];
      if (block.order == kNone || block.order < f_.cfg.blocks[header].order) continue;
      if (latch != kNone) return kNone;
      latch = p;
    }
    return latch;
  }

  // The condition of the branch back, written for the iteration it leads to.
  bool describe(uint16_t index, Loop& loop) const {
    const uint32_t header = header_of(index), latch = latch_of(header);
    if (latch == kNone) return false;
    const Node& branch = f_.program.nodes[f_.cfg.blocks[latch].last - 1];
    for (const Edge& e : f_.cfg.blocks[latch].successors) {
      if (e.to != header || (e.when != Edge::When::taken && e.when != Edge::When::not_taken))
        continue;
      const bool value = (e.when == Edge::When::taken) != branch.branch_negated;
      std::vector<Condition> conditions;
      complete_ = expand(f_.values, used_value(branch, branch.branch_reg), value, conditions);
      const SymbolRef counter = loop_symbol(index);
      for (Condition& c : conditions) {
        bool moved = move_back(c.left, counter) && move_back(c.right, counter);
        for (Polynomial& p : c.no_wrap) moved = moved && move_back(p, counter);
        if (moved) {
          loop.continues.push_back(std::move(c));
        } else {
          complete_ = false;
        }
      }
    }
    return !loop.continues.empty();
  }

  static bool move_back(Polynomial& p, const SymbolRef& counter) {
    auto earlier = one_earlier(p, counter);
    if (!earlier) return false;
    p = std::move(*earlier);
    return true;
  }

  // One way round, one way out at its end, the access on it every time: the loop's conditions are
  // all there is.
  bool straight(uint16_t index) const {
    const uint32_t header = header_of(index), latch = latch_of(header), own = found_.block;
    if (!complete_ || own == kNone || !f_.cfg.dominates(header, own) ||
        !f_.cfg.dominates(own, latch))
      return false;
    for (const Literal& l : found_.literals)
      if (f_.cfg.dominates(header, l.block)) return false;
    for (uint32_t b : f_.cfg.order) {
      if (b == latch || !f_.cfg.in_loop(header, b)) continue;
      const Block& block = f_.cfg.blocks[b];
      for (const Edge& e : block.successors)
        if (!f_.cfg.in_loop(header, e.to)) return false;
    }
    return true;
  }

  // A guard before the loop that says the same for j = 0 is part of the loop's condition.
  void take_guards(uint16_t index) {
    const SymbolRef counter = loop_symbol(index);
    Loop& loop = a_.loops[0];
    loop.guarded = true;
    std::vector<size_t> taken;
    for (const Condition& c : loop.continues) {
      Condition at_start = c;
      at_start.left = at_zero(c.left, counter);
      at_start.right = at_zero(c.right, counter);
      const auto guard =
          std::find_if(a_.conditions.begin(), a_.conditions.end(),
                       [&](const Condition& g) { return same_condition(g, at_start); });
      if (guard == a_.conditions.end()) {
        loop.guarded = false;
      } else {
        taken.push_back(static_cast<size_t>(guard - a_.conditions.begin()));
      }
    }
    if (!loop.guarded || !a_.conditions_known) {
      loop.guarded = false;  // may keeps the guard: it clips
      return;
    }
    std::sort(taken.rbegin(), taken.rend());
    taken.erase(std::unique(taken.begin(), taken.end()), taken.end());
    for (size_t at : taken)
      a_.conditions.erase(a_.conditions.begin() + static_cast<std::ptrdiff_t>(at));
  }

  // Outer and earlier loops first, as their heads stand in the order of the blocks.
  void renumber(const std::vector<uint16_t>& loops) {
    std::vector<size_t> by_order(loops.size());
    for (size_t i = 0; i < loops.size(); ++i) by_order[i] = i;
    std::sort(by_order.begin(), by_order.end(), [&](size_t x, size_t y) {
      return f_.cfg.blocks[header_of(loops[x])].order < f_.cfg.blocks[header_of(loops[y])].order;
    });
    std::vector<Loop> sorted;
    for (size_t i : by_order) sorted.push_back(std::move(a_.loops[i]));
    a_.loops = std::move(sorted);
    const auto rename = [&](SymbolRef& s) {
      if (s.symbol != Symbol::loop) return;
      const auto old =
          static_cast<size_t>(std::find(loops.begin(), loops.end(), s.offset) - loops.begin());
      s.offset = static_cast<uint16_t>(std::find(by_order.begin(), by_order.end(), old) -
                                       by_order.begin());
    };
    each_symbol(a_.offset, rename);
    for (Polynomial& p : a_.no_wrap) each_symbol(p, rename);
    for (Loop& l : a_.loops)
      for (Condition& c : l.continues) each_symbol(c, rename);
  }

  template <typename Fn>
  void each(Fn fn) {
    each_symbol(a_.offset, fn);
    for (Polynomial& p : a_.no_wrap) each_symbol(p, fn);
    for (Condition& c : a_.conditions) each_symbol(c, fn);
    for (Loop& l : a_.loops)
      for (Condition& c : l.continues) each_symbol(c, fn);
  }

  // Copies the derived numbers it needs, those they need before them.
  bool number_derived() {
    std::vector<uint16_t> needed;
    const auto need = [&](SymbolRef& s) {
      if (s.symbol == Symbol::derived) needed.push_back(s.offset);
    };
    each(need);
    for (size_t n = 0; n < needed.size() && n < 64; ++n) {
      Derived d = f_.values.derived[needed[n]].number;
      each_symbol(d.left, need);
      each_symbol(d.right, need);
    }
    // A number only uses numbers that were found before it.
    std::sort(needed.begin(), needed.end());
    needed.erase(std::unique(needed.begin(), needed.end()), needed.end());
    if (needed.size() > kMaxDerived) return false;
    const auto rename = [&](SymbolRef& s) {
      if (s.symbol == Symbol::derived)
        s.offset = static_cast<uint16_t>(std::lower_bound(needed.begin(), needed.end(), s.offset) -
                                         needed.begin());
    };
    each(rename);
    for (uint16_t n : needed) {
      a_.derived.push_back(f_.values.derived[n].number);
      each_symbol(a_.derived.back().left, rename);
      each_symbol(a_.derived.back().right, rename);
    }
    return true;
  }

  const KernelFacts& f_;
  FoundAccess& found_;
  Access& a_;
  mutable bool complete_ = true;
};

}  // namespace

void attach_loops(const KernelFacts& facts, FoundAccess& found) {
  Attacher(facts, found).run();
}

}  // namespace nonans::analyze
