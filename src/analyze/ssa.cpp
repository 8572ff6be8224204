// SPDX-License-Identifier: MIT
// Cytron et al. (1991), semi-pruned: phis only for registers that live across a block boundary.
#include "analyze/ssa.hpp"

#include <algorithm>

namespace nonans::analyze {
namespace {

std::vector<std::vector<uint32_t>> dominance_frontiers(const Cfg& cfg) {
  std::vector<std::vector<uint32_t>> frontier(cfg.blocks.size());
  for (uint32_t b : cfg.order) {
    const Block& block = cfg.blocks[b];
    if (block.predecessors.size() < 2 && b != 0) continue;
    for (uint32_t p : block.predecessors) {
      if (cfg.blocks[p].order == kNone) continue;
      for (uint32_t runner = p; runner != kNone && runner != block.dominator;
           runner = cfg.blocks[runner].dominator)
        if (frontier[runner].empty() || frontier[runner].back() != b) frontier[runner].push_back(b);
    }
  }
  return frontier;
}

class Builder {
 public:
  Builder(Program& program, const Cfg& cfg) : program_(program), cfg_(cfg) {}

  Ssa run() {
    ssa_.phis_of.resize(cfg_.blocks.size());
    place_phis();
    rename();
    return std::move(ssa_);
  }

 private:
  void place_phis() {
    const size_t registers = program_.registers.size();
    std::vector<std::vector<uint32_t>> defined_in(registers);
    std::vector<bool> crosses(registers);
    std::vector<uint32_t> written_in(registers, kNone);
    for (uint32_t b : cfg_.order) {
      const Block& block = cfg_.blocks[b];
      for (uint32_t n = block.first; n < block.last; ++n) {
        const Node& node = program_.nodes[n];
        for (const RegisterUse& u : node.uses)
          if (written_in[u.reg] != b) crosses[u.reg] = true;
        for (const RegisterDef& d : node.defs) {
          // A guarded write reads what was there.
          if (node.guarded && written_in[d.reg] != b) crosses[d.reg] = true;
          written_in[d.reg] = b;
          if (defined_in[d.reg].empty() || defined_in[d.reg].back() != b)
            defined_in[d.reg].push_back(b);
        }
      }
    }
    const auto frontier = dominance_frontiers(cfg_);
    std::vector<uint32_t> has_phi(cfg_.blocks.size(), kNone), queued(cfg_.blocks.size(), kNone);
    for (uint32_t reg = 0; reg < registers; ++reg) {
      if (!crosses[reg] || defined_in[reg].empty()) continue;
      std::vector<uint32_t> work = defined_in[reg];
      for (uint32_t b : work) queued[b] = reg;
      while (!work.empty()) {
        const uint32_t b = work.back();
        work.pop_back();
        for (uint32_t f : frontier[b]) {
          if (has_phi[f] == reg || f == cfg_.exit()) continue;
          has_phi[f] = reg;
          ssa_.phis_of[f].push_back(static_cast<uint32_t>(ssa_.phis.size()));
          ssa_.phis.push_back(
              {reg, kNone, f, std::vector<uint32_t>(cfg_.blocks[f].predecessors.size(), kNone)});
          if (queued[f] != reg) {
            queued[f] = reg;
            work.push_back(f);
          }
        }
      }
    }
  }

  uint32_t fresh(uint32_t reg, uint32_t block) {
    ssa_.reg_of.push_back(reg);
    ssa_.block_of.push_back(block);
    return ssa_.value_count++;
  }

  void rename() {
    std::vector<std::vector<uint32_t>> children(cfg_.blocks.size());
    for (uint32_t b : cfg_.order)
      if (cfg_.blocks[b].dominator != kNone) children[cfg_.blocks[b].dominator].push_back(b);

    std::vector<uint32_t> current(program_.registers.size(), kNone);
    struct Step {
      uint32_t block;
      size_t child;
      std::vector<std::pair<uint32_t, uint32_t>> undo;  // register, value before
    };
    std::vector<Step> stack;
    const auto enter = [&](uint32_t b) {
      stack.push_back({b, 0, {}});
      auto& undo = stack.back().undo;
      const auto set = [&](uint32_t reg, uint32_t value) {
        undo.emplace_back(reg, current[reg]);
        current[reg] = value;
      };
      for (uint32_t p : ssa_.phis_of[b]) {
        ssa_.phis[p].value = fresh(ssa_.phis[p].reg, b);
        set(ssa_.phis[p].reg, ssa_.phis[p].value);
      }
      for (uint32_t n = cfg_.blocks[b].first; n < cfg_.blocks[b].last; ++n) {
        Node& node = program_.nodes[n];
        for (RegisterUse& u : node.uses) u.value = current[u.reg];
        for (RegisterDef& d : node.defs) {
          if (node.guarded) d.previous = current[d.reg];
          d.value = fresh(d.reg, b);
        }
        for (const RegisterDef& d : node.defs) set(d.reg, d.value);
      }
      for (const Edge& e : cfg_.blocks[b].successors) {
        const auto& preds = cfg_.blocks[e.to].predecessors;
        const auto slot =
            static_cast<size_t>(std::find(preds.begin(), preds.end(), b) - preds.begin());
        for (uint32_t p : ssa_.phis_of[e.to]) ssa_.phis[p].inputs[slot] = current[ssa_.phis[p].reg];
      }
    };
    enter(0);
    while (!stack.empty()) {
      Step& step = stack.back();
      if (step.child < children[step.block].size()) {
        enter(children[step.block][step.child++]);
        continue;
      }
      for (auto it = step.undo.rbegin(); it != step.undo.rend(); ++it)
        current[it->first] = it->second;
      stack.pop_back();
    }
  }

  Program& program_;
  const Cfg& cfg_;
  Ssa ssa_;
};

}  // namespace

Ssa build_ssa(Program& program, const Cfg& cfg) {
  return Builder(program, cfg).run();
}

uint32_t used_value(const Node& node, uint32_t reg) {
  if (reg == kNone) return kNone;
  for (const RegisterUse& u : node.uses)
    if (u.reg == reg) return u.value;
  return kNone;
}

}  // namespace nonans::analyze
