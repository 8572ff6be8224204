// SPDX-License-Identifier: MIT
// Static single assignment over a Program: every write of a register is a value of its own, and
// where paths meet a phi says which values may come. Fills RegisterUse::value, RegisterDef::value
// and RegisterDef::previous of the nodes.
//
// kNone stands for "never written on this path".
#pragma once

#include <cstdint>
#include <vector>

#include "analyze/cfg.hpp"
#include "analyze/program.hpp"

namespace nonans::analyze {

struct Phi {
  uint32_t reg = kNone;
  uint32_t value = kNone;
  uint32_t block = kNone;
  std::vector<uint32_t> inputs;  // one per predecessor of the block, in its order
};

struct Ssa {
  uint32_t value_count = 0;
  std::vector<uint32_t> reg_of;    // per value
  std::vector<uint32_t> block_of;  // per value: where it is defined
  std::vector<Phi> phis;
  std::vector<std::vector<uint32_t>> phis_of;  // per block: indices into phis
};

Ssa build_ssa(Program& program, const Cfg& cfg);

// The SSA value of a register as `node` uses it; kNone where it has none.
uint32_t used_value(const Node& node, uint32_t reg);

}  // namespace nonans::analyze
