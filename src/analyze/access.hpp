// SPDX-License-Identifier: MIT
// Every load and store of global memory in a kernel, with its root, offset, type and the literals
// it runs under.
#pragma once

#include <string>
#include <vector>

#include "analyze/conditions.hpp"
#include "analyze/elements.hpp"
#include "analyze/hazards.hpp"
#include "analyze/intent.hpp"
#include "analyze/values.hpp"

namespace nonans::analyze {

struct FoundAccess {
  Access access;  // conditions not filled yet
  std::vector<Literal> literals;
  bool literals_complete = false;
  uint32_t block = kNone;  // where it stands; kNone: in several places
  bool neutral = false;    // stores zeros or float literals only: of no type, against none
};

struct FoundAccesses {
  std::vector<FoundAccess> writes, reads;
  std::vector<TensorAccess> tensor_stores, tensor_loads;
  bool complete_writes = true, complete_reads = true;
  bool publishes = false;
  std::vector<std::string> unknown;
};

struct KernelFacts {
  const Program& program;
  const Cfg& cfg;
  ValueAnalysis& values;
  const std::vector<Path>& paths;
  const Elements& elements;
  const Hazards& hazards;
  const std::vector<Intent>& intent;
};

FoundAccesses find_accesses(const KernelFacts& facts);

}  // namespace nonans::analyze
