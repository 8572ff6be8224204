// SPDX-License-Identifier: MIT
// The backward half of the type inference: how each value is used.
#include <algorithm>

#include "analyze/element_ops.hpp"
#include "analyze/elements.hpp"

namespace nonans::analyze {

void Elements::find_uses(Clock::time_point deadline) {
  for (bool changed = true; changed && Clock::now() < deadline;) {
    changed = false;
    for (auto b = cfg_.order.rbegin(); b != cfg_.order.rend(); ++b) {
      for (uint32_t n = cfg_.blocks[*b].last; n-- > cfg_.blocks[*b].first;)
        changed |= use_step(program_.nodes[n]);
      for (uint32_t p : ssa_.phis_of[*b])
        for (uint32_t input : ssa_.phis[p].inputs) {
          if (input == kNone) continue;
          const Tags next = uses_[input] | uses_[ssa_.phis[p].value];
          changed |= next != uses_[input];
          uses_[input] = next;
        }
    }
  }
}

// How operand `index` of the node is used; for instructions that only move values: as what they are
// moved to is.
Elements::Tags Elements::operand_use(const Node& node, size_t index) {
  const ptx::Instruction& i = *node.instruction;
  const Opcode& o = node.opcode;
  if (!o.known) return kBits;
  Tags moved = 0;
  for (const RegisterDef& d : node.defs)
    if (d.value != kNone && program_.registers[d.reg] != ptx::Type::pred) moved |= uses_[d.value];
  // Its bits go on as bits: an integer if what comes of them is used as one, not a float even if
  // that is.
  const Tags bits = moved & kFloats ? Tags{kBits} : moved;
  if (node.slot_move) return moved;
  switch (o.effect) {
    case Effect::none:
      break;
    case Effect::store: {
      bool elsewhere = false;
      const uint32_t cell = cell_of(node, i.operands[0], elsewhere);
      Tags all = 0;
      for (const auto& [variable, tags] : cell_uses_)
        if (!elsewhere && (cell == kNone || variable == cell || variable == kNone)) all |= tags;
      return all;
    }
    case Effect::atomic:
    case Effect::reduction:
      return i.has(".add") ? tag_of(o.type) : Tags{kBits};
    default:
      return 0;
  }
  if (i.op == "mov") return moved;
  if (i.op == "selp") return index <= 2 ? moved : Tags{0};
  if (i.op == "shfl") return &i.operands[index] == shuffled(i) ? moved : Tags{kInteger};
  if (is_matrix_product(i))
    return index >= 1 && index <= 3 ? tag_of(nth_type(i, static_cast<unsigned>(index)))
                                    : Tags{kBits};
  if (i.op == "cvt") {
    if (type_suffixes(i) != 2) return kBits;
    if (is_float(o.type)) return tag_of(o.type);
    if (is_float(o.first_type)) return kInteger;
    const unsigned to = ptx::bits_of(o.first_type), from = ptx::bits_of(o.type);
    return part(moved, std::min(to, from) / 8, to / 8);
  }
  if (is_one_of(i.op, kCompares)) return tag_of(o.type);
  const bool sum = is_one_of(i.op, kSums);
  if (is_float(o.type) || is_float(o.first_type))
    return (sum || is_one_of(i.op, kArithmetic)) && !mixed(o) ? tag_of(o.type) : Tags{kBits};
  if (o.type == ptx::Type::none) return kBits;
  if (sum || (i.op == "mad" && index == 3) || is_one_of(i.op, kBitOperations)) return bits;
  return kInteger;
}

bool Elements::use_step(const Node& node) {
  const ptx::Instruction& i = *node.instruction;
  bool changed = false;
  const auto mark = [&](uint32_t reg, Tags tags) {
    const uint32_t v = used_value(node, reg);
    if (v == kNone || (uses_[v] | tags) == uses_[v]) return;
    uses_[v] |= tags;
    changed = true;
  };
  for (size_t n = 0; n < i.operands.size(); ++n) {
    const ptx::Operand& operand = i.operands[n];
    mark(program_.base_of(node, operand), kInteger);
    if (n < node.opcode.destinations) continue;
    const Tags use = operand_use(node, n);
    mark(program_.reg_of(node, operand), use);
    for (const ptx::Operand& e : operand.elements) {
      mark(program_.base_of(node, e), kInteger);
      const uint32_t reg = program_.reg_of(node, e);
      if (reg == kNone) continue;
      const bool pack = i.op == "mov";
      const unsigned bytes = ptx::bits_of(program_.registers[reg]) / 8;
      mark(reg, pack ? part(use, bytes, bytes * 2) : use);
    }
  }
  if (node.slot_move && !node.uses.empty()) mark(node.uses.back().reg, operand_use(node, 0));
  if (node.opcode.effect == Effect::load && !node.slot_move) {
    bool elsewhere = false;
    const uint32_t cell = cell_of(node, i.operands.back(), elsewhere);
    for (const RegisterDef& d : node.defs)
      if (!elsewhere && d.value != kNone) {
        Tags& slot = cell_uses_[cell];
        changed |= (slot | uses_[d.value]) != slot;
        slot |= uses_[d.value];
      }
  }
  for (const RegisterDef& d : node.defs)
    if (d.previous != kNone && (uses_[d.previous] | uses_[d.value]) != uses_[d.previous]) {
      uses_[d.previous] |= uses_[d.value];
      changed = true;
    }
  return changed;
}

ElementType Elements::loaded(const Node& node) const {
  const unsigned bytes = ptx::bits_of(node.opcode.type) / 8;
  if (node.opcode.effect == Effect::matrix_load) return resolve(tag_of(node.opcode.type), bytes);
  ElementType all = ElementType::unknown;
  bool first = true;
  for (const RegisterDef& d : node.defs) {
    const Tags use = d.value == kNone ? Tags{0} : uses_[d.value];
    if (use == 0 && node.defs.size() > 1) continue;  // a component nobody looks at
    // Libraries look at the bits of a float they also compute with (logf); the arithmetic decides.
    const ElementType type = resolve(use & kFloats ? use & kFloats : use, bytes);
    if (!first && type != all) return ElementType::unknown;
    all = type;
    first = false;
  }
  return all;
}

}  // namespace nonans::analyze
