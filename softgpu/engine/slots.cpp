// SPDX-License-Identifier: MIT
#include "slots.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <iterator>
#include <queue>
#include <string_view>

#include "emitter.hpp"

namespace softgpu::engine {
namespace {

using Kind = ptx::Operand::Kind;

std::atomic<bool> sharing{true};

// Opcodes whose first operand is a destination that every executing lane writes in full. For all
// others (and for what is guarded) a mention keeps the old value in use, which is always right.
constexpr std::string_view kWriters[] = {
    "abs",   "activemask", "add",       "addc", "and",      "atom", "bfe",      "bfi",  "bfind",
    "bmsk",  "brev",       "clz",       "cnot", "copysign", "cos",  "cvt",      "cvta", "div",
    "dp2a",  "dp4a",       "elect",     "ex2",  "fma",      "fns",  "isspacep", "ld",   "ldmatrix",
    "ldu",   "lg2",        "lop3",      "mad",  "mad24",    "madc", "match",    "max",  "min",
    "mma",   "mov",        "movmatrix", "mul",  "mul24",    "neg",  "not",      "or",   "popc",
    "prmt",  "rcp",        "redux",     "rem",  "rsqrt",    "sad",  "selp",     "set",  "setp",
    "shf",   "shfl",       "shl",       "shr",  "sin",      "slct", "sqrt",     "sub",  "subc",
    "szext", "tanh",       "testp",     "vote", "wmma",     "xor"};

static_assert(std::is_sorted(std::begin(kWriters), std::end(kWriters)));

size_t destinations_of(const ptx::Instruction& i) {
  if (i.guard.present || i.operands.empty() || i.has(".store")) return 0;
  if (!std::binary_search(std::begin(kWriters), std::end(kWriters), i.op)) return 0;
  return i.pipe ? 2 : 1;
}

template <class F>
void each_register(const ptx::Operand& operand, F f) {
  if (operand.kind == Kind::reg ||
      (operand.kind == Kind::address && operand.base_kind == ptx::Operand::Base::reg)) {
    f(operand.reg);
  }
  for (const ptx::Operand& element : operand.elements) each_register(element, f);
}

// From the first to the last position at which a register is in use; positions count instructions
// in the order of the layout.
struct InUse {
  u32 first = ~0U, last = 0;
  void add(u32 from, u32 to) {
    first = std::min(first, from);
    last = std::max(last, to);
  }
};

class Liveness {
 public:
  Liveness(const ptx::Function& function, const Layout& layout)
      : function_(function),
        blocks_(layout.blocks),
        ranges_(function.registers.size()),
        places_(layout.blocks.size()),
        predecessors_(layout.blocks.size()),
        touches_(function.registers.size()) {
    u32 position = 0;
    for (u32 b : layout.order) {
      const u32 length = std::max(blocks_[b].end - blocks_[b].begin, 1U);
      places_[b] = {position, position + length - 1};
      position += length;
    }
    for (u32 b = 0; b < blocks_.size(); ++b) {
      for (u32 s : blocks_[b].successors) predecessors_[s].push_back(b);
    }
    for (u32 b = 0; b < blocks_.size(); ++b) read(b);
    spread();
    // Parameters and results of a function pass between its registers and its local frame.
    for (u32 r = 0; r < ranges_.size() && !function.is_entry; ++r) {
      const auto named = [&](const ptx::Variable& v) {
        return v.space == ptx::Space::reg && v.name == function.registers[r].name;
      };
      if (std::any_of(function.params.begin(), function.params.end(), named) ||
          std::any_of(function.returns.begin(), function.returns.end(), named)) {
        ranges_[r].add(0, position);
      }
    }
  }

  const std::vector<InUse>& ranges() const { return ranges_; }

 private:
  // What a block does with a register: reads what came in, writes it whatever came in.
  struct Touch {
    u32 block = 0;
    bool reads = false, writes = false;
  };

  Touch& touch(u32 r, u32 block, u32 position) {
    ranges_[r].add(position, position);
    if (touches_[r].empty() || touches_[r].back().block != block) {
      touches_[r].push_back({block, false, false});
    }
    return touches_[r].back();
  }

  void read(u32 b) {
    for (u32 n = blocks_[b].begin; n < blocks_[b].end; ++n) {
      const ptx::Instruction& i = function_.body[n];
      const u32 position = places_[b].first + n - blocks_[b].begin;
      const auto use = [&](u32 r) {
        Touch& t = touch(r, b, position);
        t.reads = t.reads || !t.writes;
      };
      if (i.guard.present) use(i.guard.reg);
      const size_t destinations = destinations_of(i);
      for (size_t o = destinations; o < i.operands.size(); ++o) each_register(i.operands[o], use);
      for (size_t o = 0; o < std::min(destinations, i.operands.size()); ++o) {
        each_register(i.operands[o], [&](u32 r) { touch(r, b, position).writes = true; });
      }
    }
  }

  // A register that a block reads is in use on every way to it, back to where it is written.
  void spread() {
    std::vector<u32> writes(blocks_.size(), ~0U), seen(blocks_.size(), ~0U), todo;
    for (u32 r = 0; r < ranges_.size(); ++r) {
      for (const Touch& t : touches_[r]) {
        if (t.writes) writes[t.block] = r;
        if (t.reads) todo.push_back(t.block);
      }
      while (!todo.empty()) {
        const u32 b = todo.back();
        todo.pop_back();
        if (seen[b] == r) continue;
        seen[b] = r;
        ranges_[r].add(places_[b].first, places_[b].first);
        for (u32 p : predecessors_[b]) {
          ranges_[r].add(places_[p].last, places_[p].last);
          if (writes[p] != r) todo.push_back(p);
        }
      }
    }
  }

  const ptx::Function& function_;
  const std::vector<BasicBlock>& blocks_;
  std::vector<InUse> ranges_;
  std::vector<InUse> places_;  // of blocks
  std::vector<std::vector<u32>> predecessors_;
  std::vector<std::vector<Touch>> touches_;
};

constexpr u32 kClasses = 4;
constexpr u32 bytes_of(u32 slot_class) {
  return slot_class == static_cast<u32>(SlotClass::predicate) ? 4U : 64U << slot_class;
}

}  // namespace

void share_slots(bool share) {
  sharing.store(share);
}

Slots place_registers(const ptx::Function& function, const Layout& layout) {
  const size_t count = function.registers.size();
  std::vector<InUse> ranges;
  if (sharing.load()) {
    ranges = Liveness(function, layout).ranges();
  } else {
    ranges.assign(count, {0, ~0U});
  }
  std::vector<u32> order(count);
  for (u32 r = 0; r < count; ++r) order[r] = r;
  std::sort(order.begin(), order.end(), [&](u32 a, u32 b) {
    return ranges[a].first != ranges[b].first ? ranges[a].first < ranges[b].first : a < b;
  });

  // Numbers within each class first: how many each needs decides where the next begins.
  struct Pool {
    u32 used = 0;
    std::vector<u32> free;  // the one that became free last is the one still in the cache
    std::priority_queue<std::pair<u32, u32>, std::vector<std::pair<u32, u32>>, std::greater<>>
        ends;  // last position, number
  };
  std::array<Pool, kClasses> pools;
  std::vector<u32> number(count);
  for (u32 r : order) {
    Pool& pool = pools[static_cast<u32>(class_of(function.registers[r].type))];
    while (!pool.ends.empty() && pool.ends.top().first < ranges[r].first) {
      pool.free.push_back(pool.ends.top().second);
      pool.ends.pop();
    }
    if (pool.free.empty()) {
      number[r] = pool.used++;
    } else {
      number[r] = pool.free.back();
      pool.free.pop_back();
    }
    pool.ends.emplace(ranges[r].last, number[r]);
  }

  std::array<u32, kClasses> start{};
  start[0] = kFalsePredicate + 4;  // predicates stand in the header, as far as they fit
  u32 end = std::max((start[0] + pools[0].used * 4 + 127U) / 128U * 128U, kFirstRegister);
  for (u32 c = 1; c < kClasses; ++c) {
    start[c] = end;
    end += pools[c].used * bytes_of(c);
  }
  Slots slots{std::vector<u32>(count), end};
  for (u32 r = 0; r < count; ++r) {
    const u32 c = static_cast<u32>(class_of(function.registers[r].type));
    slots.of[r] = start[c] + number[r] * bytes_of(c);
  }
  return slots;
}

}  // namespace softgpu::engine
