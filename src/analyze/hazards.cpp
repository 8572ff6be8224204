// SPDX-License-Identifier: MIT
#include "analyze/hazards.hpp"

#include <string_view>

namespace nonans::analyze {
namespace {

// The hazards of the instruction itself. `in_loop`: a sum in a loop is an accumulation.
uint32_t own_hazards(const Node& node, bool in_loop) {
  const ptx::Instruction& i = *node.instruction;
  const Opcode& o = node.opcode;
  const std::string_view op = i.op;
  if (op == "mma" || (op == "wmma" && i.has(".mma")) || (op == "wgmma" && i.has(".mma_async")))
    return is_float(o.first_type) ? kAccumulate | kFloatMul | kFloatAdd : 0;
  if (op == "cvt") {
    const bool narrower =
        ptx::bits_of(o.first_type) < ptx::bits_of(o.type) ||
        (o.type == ptx::Type::f32 && is_float(o.first_type) && o.first_type != ptx::Type::f32);
    return is_float(o.first_type) && is_float(o.type) && narrower ? uint32_t{kNarrowing} : 0u;
  }
  if (!is_float(o.type)) return 0;
  if (op == "div" || op == "rcp") return kDivision;
  if (op == "rsqrt") return kRsqrt;
  if (op == "sqrt") return kSqrt;
  if (op == "ex2") return kExp;
  if (op == "lg2") return kLog;
  if (op == "sin" || op == "cos" || op == "tanh") return kTrig;
  if (op == "mul") return kFloatMul;
  if (op == "add" || op == "sub") return kFloatAdd | (in_loop ? uint32_t{kAccumulate} : 0u);
  if (op == "fma" || op == "mad")
    return kFloatAdd | kFloatMul | (in_loop ? uint32_t{kAccumulate} : 0u);
  return 0;
}

// Values that are an integer converted to float, or the reciprocal of one: the first half of an
// integer division.
std::vector<bool> integer_quotients(const Program& program, const Cfg& cfg, const Ssa& ssa) {
  std::vector<bool> from_integer(ssa.value_count);
  for (uint32_t b : cfg.order)
    for (uint32_t n = cfg.blocks[b].first; n < cfg.blocks[b].last; ++n) {
      const Node& node = program.nodes[n];
      if (node.defs.size() != 1 || node.defs[0].value == kNone) continue;
      const std::string_view op = node.instruction->op;
      if (op == "cvt")
        from_integer[node.defs[0].value] =
            is_float(node.opcode.first_type) && !is_float(node.opcode.type);
      else if (op == "rcp" || op == "mov")
        for (const RegisterUse& u : node.uses)
          if (u.value != kNone && from_integer[u.value]) from_integer[node.defs[0].value] = true;
    }
  return from_integer;
}

}  // namespace

uint32_t Hazards::of_operand(const Program& program, const Node& node,
                             const ptx::Operand& operand) const {
  const uint32_t v = used_value(node, program.reg_of(node, operand));
  uint32_t all = v == kNone ? 0 : of_value[v];
  for (const ptx::Operand& e : operand.elements) all |= of_operand(program, node, e);
  return all;
}

Hazards find_hazards(const Program& program, const Cfg& cfg, const Ssa& ssa,
                     Clock::time_point deadline) {
  const std::vector<bool> quotient = integer_quotients(program, cfg, ssa);
  const auto own = [&](const Node& node, uint32_t block) -> uint32_t {
    if (node.instruction->op == "rcp")
      for (const RegisterUse& u : node.uses)
        if (u.value != kNone && quotient[u.value]) return 0;
    return own_hazards(node, cfg.blocks[block].loop_depth > 0);
  };
  Hazards result;
  result.of_value = propagate<uint32_t>(
      program, cfg, ssa, deadline,
      [&](const Node& node, size_t def, const std::vector<uint32_t>& facts) -> uint32_t {
        const uint32_t v = node.defs[def].value;
        if (v == kNone) return 0;
        // What is loaded starts afresh; addresses have no part in it.
        if (node.opcode.effect == Effect::load && !node.slot_move) return 0;
        uint32_t all = own(node, ssa.block_of[v]);
        for (const RegisterUse& u : node.uses)
          if (u.value != kNone) all |= facts[u.value];
        if (node.instruction->op == "ex2" && (all & kLog)) all |= kPow;
        // An integer made from a float carries nothing on.
        if (node.instruction->op == "cvt" && !is_float(node.opcode.first_type)) return 0;
        return all;
      });
  for (uint32_t b : cfg.order)
    for (uint32_t n = cfg.blocks[b].first; n < cfg.blocks[b].last; ++n)
      result.of_kernel |= own(program.nodes[n], b);
  for (uint32_t h : result.of_value) result.of_kernel |= h & kPow;
  return result;
}

}  // namespace nonans::analyze
