// SPDX-License-Identifier: MIT
#include "analyze/conditions.hpp"

#include <algorithm>

namespace nonans::analyze {
namespace {

constexpr size_t kMaxLiterals = 24;
constexpr unsigned kMaxDepth = 12;

Compare inverse(Compare op) {
  switch (op) {
    case Compare::lt:
      return Compare::ge;
    case Compare::le:
      return Compare::gt;
    case Compare::gt:
      return Compare::le;
    case Compare::ge:
      return Compare::lt;
    case Compare::eq:
      return Compare::ne;
    case Compare::ne:
      return Compare::eq;
  }
  return op;
}

Path path_of(const Program& program, const Cfg& cfg, uint32_t b, const std::vector<Path>& known) {
  const Block& block = cfg.blocks[b];
  if (block.dominator == kNone) return {};
  Path path = known[block.dominator];
  if (cfg.postdominates(b, block.dominator)) return path;

  uint32_t from = kNone;
  bool single = true;
  for (uint32_t p : block.predecessors) {
    if (cfg.blocks[p].order == kNone || cfg.dominates(b, p)) continue;
    single = single && from == kNone;
    from = p;
  }
  path.complete = false;
  if (!single || from == kNone) return path;
  const Node& branch = program.nodes[cfg.blocks[from].last - 1];
  path = known[from];
  for (const Edge& e : cfg.blocks[from].successors) {
    if (e.to != b) continue;
    if (e.when == Edge::When::always) return path;
    if (e.when == Edge::When::unknown || path.literals.size() >= kMaxLiterals) break;
    path.literals.push_back({used_value(branch, branch.branch_reg),
                             (e.when == Edge::When::taken) != branch.branch_negated, from});
    return path;
  }
  path.complete = false;
  return path;
}

bool expand(const ValueAnalysis& values, uint32_t predicate, bool value,
            std::vector<Condition>& conditions, unsigned depth) {
  const Truth& t = values.truth(predicate);
  if (depth > kMaxDepth) return false;
  switch (t.kind) {
    case Truth::Kind::compare: {
      const bool all_hold = value != t.inverted;
      if (!all_hold && t.count != 1) return false;
      for (uint32_t n = t.compare; n < t.compare + t.count; ++n) {
        const Comparison& c = values.comparisons[n];
        Condition condition{c.left, c.right, all_hold ? c.op : inverse(c.op), {}};
        for (uint32_t r : c.needs) condition.no_wrap.push_back(values.requirements[r]);
        conditions.push_back(std::move(condition));
      }
      return true;
    }
    case Truth::Kind::negation:
      return expand(values, t.left, !value, conditions, depth + 1);
    case Truth::Kind::conjunction:
    case Truth::Kind::disjunction: {
      if ((t.kind == Truth::Kind::conjunction) != value) return false;
      const bool left = expand(values, t.left, value, conditions, depth + 1);
      return expand(values, t.right, value, conditions, depth + 1) && left;
    }
    case Truth::Kind::constant:
      return t.constant == value;
    default:
      return false;
  }
}

}  // namespace

std::vector<Path> find_paths(const Program& program, const Cfg& cfg) {
  std::vector<Path> paths(cfg.blocks.size());
  for (uint32_t b : cfg.order) paths[b] = path_of(program, cfg, b, paths);
  return paths;
}

bool expand(const ValueAnalysis& values, uint32_t predicate, bool value,
            std::vector<Condition>& conditions) {
  return predicate != kNone && expand(values, predicate, value, conditions, 0);
}

}  // namespace nonans::analyze
