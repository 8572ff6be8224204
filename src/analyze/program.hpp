// SPDX-License-Identifier: MIT
// A kernel with the device functions it calls put in line: one flat list of nodes over one set of
// registers.
//
// Putting calls in line makes everything after it interprocedural for free: a pointer handed to a
// function that stores through it keeps its root. What travels through the `.param` space of a call
// becomes a register too: each (variable, offset, width) of it is one slot. Calls that cannot be
// put in line (indirect, recursive, no body, too big) stay as one node with Effect::call; whoever
// reads the program treats them as able to write anything, apart from the few that are known not to
// (vprintf, __assertfail, free).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analyze/opcode.hpp"
#include "image/ptx/ast.hpp"

namespace nonans::analyze {

inline constexpr uint32_t kNone = UINT32_MAX;

// A register as one node uses or writes it. After ssa.cpp, `value` is its SSA value.
struct RegisterUse {
  uint32_t reg = kNone;
  uint32_t value = kNone;
};
// `previous`: for a guarded write, the value the register keeps where the guard is off; else kNone.
struct RegisterDef {
  uint32_t reg = kNone;
  uint32_t value = kNone;
  uint32_t previous = kNone;
};

enum class Flow : uint8_t { next, jump, branch, exit, stop };

struct Node {
  const ptx::Instruction* instruction = nullptr;
  Opcode opcode;
  uint32_t frame = 0;
  Flow flow = Flow::next;
  std::vector<uint32_t> targets;  // node indices; kExitNode for the end of the thread
  // branch: taken when the register is true (false if negated). kNone: on data nobody looks at
  // (brx).
  uint32_t branch_reg = kNone;
  bool branch_negated = false;
  bool guarded = false;    // the effect itself is under a guard
  bool slot_move = false;  // st.param / ld.param between a call and its function: a move
  std::vector<RegisterUse> uses;
  std::vector<RegisterDef> defs;
};
inline constexpr uint32_t kExitNode = UINT32_MAX - 1;

// One activation of a function.
struct Frame {
  const ptx::Function* function = nullptr;
  uint32_t register_base = 0;
  uint32_t caller = kNone;               // frame
  std::vector<uint32_t> param_variable;  // per parameter: the caller's variable that carries it
  std::vector<uint32_t>
      return_variable;  // per return value: the caller's variable that receives it
};

struct Program {
  const ptx::Module* module = nullptr;
  const ptx::Function* entry = nullptr;
  std::vector<Node> nodes;
  std::vector<Frame> frames;
  std::vector<ptx::Type> registers;  // type of each
  bool too_big = false;

  // The register an operand names, kNone if it names none.
  uint32_t reg_of(const Node& node, const ptx::Operand& operand) const {
    return operand.kind == ptx::Operand::Kind::reg ? frames[node.frame].register_base + operand.reg
                                                   : kNone;
  }
  // The base register of an address operand.
  uint32_t base_of(const Node& node, const ptx::Operand& operand) const {
    return operand.kind == ptx::Operand::Kind::address &&
                   operand.base_kind == ptx::Operand::Base::reg
               ? frames[node.frame].register_base + operand.reg
               : kNone;
  }
};

Program flatten(const ptx::Module& module, const ptx::Function& entry);

// vprintf and friends: return, and write nothing that is the program's.
bool is_harmless_call(std::string_view name);

}  // namespace nonans::analyze
