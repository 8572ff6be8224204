// SPDX-License-Identifier: MIT
// Which operations that can make a non-finite value stand on the def-use chain of each value.
//
// Integer division is no hazard: compilers build it from cvt.rn.f32.u32 -> rcp -> cvt to integer,
// so a reciprocal of a converted integer counts only once its result is used as a float that is not
// converted back.
#pragma once

#include <cstdint>
#include <vector>

#include "analyze/forward.hpp"

namespace nonans::analyze {

struct Hazards {
  std::vector<uint32_t> of_value;  // Hazard bits per SSA value
  uint32_t of_kernel = 0;
  uint32_t of_operand(const Program& program, const Node& node, const ptx::Operand& operand) const;
};

Hazards find_hazards(const Program& program, const Cfg& cfg, const Ssa& ssa,
                     Clock::time_point deadline);

}  // namespace nonans::analyze
