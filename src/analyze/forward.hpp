// SPDX-License-Identifier: MIT
// A forward data-flow over SSA values whose facts only grow: element types, hazards, intent.
//
//   std::vector<uint32_t> facts = propagate<uint32_t>(program, cfg, ssa, deadline,
//       [&](const Node& node, size_t def, const auto& facts) { return …facts of the operands…; });
//
// A fact is a value with `|=` and `==`; its default is "nothing yet". Phis and guarded writes
// unite.
#pragma once

#include <vector>

#include "analyze/cfg.hpp"
#include "analyze/program.hpp"
#include "analyze/ssa.hpp"
#include "analyze/values.hpp"

namespace nonans::analyze {

template <typename Fact, typename Step>
std::vector<Fact> propagate(const Program& program, const Cfg& cfg, const Ssa& ssa,
                            Clock::time_point deadline, Step step) {
  std::vector<Fact> facts(ssa.value_count);
  const auto grow = [&](uint32_t value, const Fact& fact) {
    Fact next = facts[value];
    next |= fact;
    if (next == facts[value]) return false;
    facts[value] = next;
    return true;
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (uint32_t b : cfg.order) {
      if (Clock::now() > deadline)
        return facts;  // the caller looks at the clock as well and gives the kernel up
      for (uint32_t p : ssa.phis_of[b])
        for (uint32_t input : ssa.phis[p].inputs)
          if (input != kNone) changed |= grow(ssa.phis[p].value, facts[input]);
      for (uint32_t n = cfg.blocks[b].first; n < cfg.blocks[b].last; ++n) {
        const Node& node = program.nodes[n];
        for (size_t d = 0; d < node.defs.size(); ++d) {
          changed |= grow(node.defs[d].value, step(node, d, facts));
          if (node.defs[d].previous != kNone)
            changed |= grow(node.defs[d].value, facts[node.defs[d].previous]);
        }
      }
    }
  }
  return facts;
}

}  // namespace nonans::analyze
