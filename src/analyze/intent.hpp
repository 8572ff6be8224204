// SPDX-License-Identifier: MIT
// Non-finite on purpose: which constants and float parameters can reach a store without having been
// computed with.
//
// Moves, selects, shuffles, phis, packing and narrowing carry a constant on; max and min carry what
// they can return: a running maximum that starts at -Inf returns -Inf only if everything it saw was
// -Inf, so the -Inf in it counts only where both sides can be one; +Inf passes through max as it
// is. Arithmetic ends it.
#pragma once

#include <cstdint>
#include <vector>

#include "analyze/forward.hpp"

namespace nonans::analyze {

struct Intent {
  // Bit 3*k + c: read as type k (0 f16, 1 bf16, 2 f32, 3 f64, 4 e4m3, 5 e5m2), some lane is of
  // class c (0 NaN, 1 +Inf, 2 -Inf).
  uint32_t classes = 0;
  struct Param {
    uint16_t offset = 0;
    uint8_t bytes = 0;
    bool narrowed = false;  // it is an f32 or wider that went through a conversion
    bool operator==(const Param&) const = default;
  };
  std::vector<Param> params;  // sorted, at most kMaxParams; then `many`
  bool many = false;

  Intent& operator|=(const Intent& o);
  bool operator==(const Intent&) const = default;
};

std::vector<Intent> find_intent(const Program& program, const Cfg& cfg, const Ssa& ssa,
                                Clock::time_point deadline);

// Of an operand as the node uses it; immediates included.
Intent intent_of(const Program& program, const Node& node, const ptx::Operand& operand,
                 const std::vector<Intent>& facts);

// Fills immediate_*, float_params and float_param_type of a store of `access.type`.
void apply_intent(const Intent& intent, Access& access);

}  // namespace nonans::analyze
