// SPDX-License-Identifier: MIT
// Under which predicates a block runs at least once.
//
// Block B with immediate dominator D: where B post-dominates D, B runs whenever D does. Otherwise,
// where one edge P -> B is the only way in (apart from edges back from what B dominates), B runs
// when P does and the branch goes that way. Anything else (two ways in that are not all ways) is
// not told: `complete` is false, the literals that are there still must all hold.
//
// A literal whose predicate is no comparison of exact values cannot be evaluated, but two stores
// that differ in nothing but its sign are one store that always happens (merge.hpp); so literals
// keep the block of their branch.
#pragma once

#include <vector>

#include "analyze/cfg.hpp"
#include "analyze/values.hpp"

namespace nonans::analyze {

struct Literal {
  uint32_t predicate = kNone;  // SSA value
  bool value = true;
  uint32_t block = kNone;  // where it is asked
  bool operator==(const Literal&) const = default;
};

struct Path {
  std::vector<Literal> literals;  // outermost first
  bool complete = true;
};

std::vector<Path> find_paths(const Program& program, const Cfg& cfg);

// Adds what `predicate == value` says as a conjunction of comparisons. False if that is not all it
// says.
bool expand(const ValueAnalysis& values, uint32_t predicate, bool value,
            std::vector<Condition>& conditions);

}  // namespace nonans::analyze
