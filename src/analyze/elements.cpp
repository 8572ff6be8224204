// SPDX-License-Identifier: MIT
#include "analyze/elements.hpp"

#include <algorithm>
#include <string_view>

#include "analyze/element_ops.hpp"

namespace nonans::analyze {

using Kind = ptx::Operand::Kind;

Elements::Tags Elements::tag_of(ptx::Type type) {
  switch (type) {
    case ptx::Type::f16:
    case ptx::Type::f16x2:
      return kF16;
    case ptx::Type::bf16:
    case ptx::Type::bf16x2:
      return kBf16;
    case ptx::Type::f32:
    case ptx::Type::tf32:
    case ptx::Type::f32x2:
      return kF32;
    case ptx::Type::f64:
      return kF64;
    case ptx::Type::e4m3:
    case ptx::Type::e4m3x2:
    case ptx::Type::e4m3x4:
      return kE4m3;
    case ptx::Type::e5m2:
    case ptx::Type::e5m2x2:
    case ptx::Type::e5m2x4:
      return kE5m2;
    // Formats that are never judged: bits, not numbers.
    case ptx::Type::none:
    case ptx::Type::b1:
    case ptx::Type::e2m1:
    case ptx::Type::e2m3:
    case ptx::Type::e3m2:
    case ptx::Type::ue8m0:
    case ptx::Type::e2m1x2:
    case ptx::Type::e2m3x2:
    case ptx::Type::e3m2x2:
    case ptx::Type::ue8m0x2:
    case ptx::Type::e2m1x4:
    case ptx::Type::e2m3x4:
    case ptx::Type::e3m2x4:
      return kBits;
    default:
      return kInteger;
  }
}

unsigned Elements::lane_bytes(Tags tag) {
  return tag & kF64 ? 8 : tag & kF32 ? 4 : tag & (kF16 | kBf16) ? 2 : 1;
}

// What can be said of `bytes` of a register of `whole` bytes: lanes that fit stay what they are.
Elements::Tags Elements::part(Tags tags, unsigned bytes, unsigned whole) {
  Tags result = tags & static_cast<Tags>(~kFloats);
  for (Tags t : {kF16, kBf16, kF32, kF64, kE4m3, kE5m2})
    if (tags & t) result |= lane_bytes(t) <= bytes ? t : static_cast<Tags>(kBits);
  if (bytes < whole && (tags & (kInteger | kNumber | kFloatLiteral))) {
    result &= static_cast<Tags>(~(kInteger | kNumber | kFloatLiteral));
    result |= kBits;
  }
  return result;
}

unsigned Elements::bytes_of(const Node& node, const ptx::Operand& operand,
                            unsigned otherwise) const {
  const uint32_t reg = program_.reg_of(node, operand);
  return reg == kNone ? otherwise : ptx::bits_of(program_.registers[reg]) / 8;
}

ElementType Elements::resolve(Tags tags, unsigned element_bytes) {
  const Tags floats = tags & kFloats;
  const Tags against = tags & static_cast<Tags>(kInteger | kNumber | kRaw | kBits);
  if (floats && !against && (floats & (floats - 1)) == 0 && lane_bytes(floats) <= element_bytes) {
    switch (floats) {
      case kF16:
        return ElementType::f16;
      case kBf16:
        return ElementType::bf16;
      case kF32:
        return ElementType::f32;
      case kF64:
        return ElementType::f64;
      case kE4m3:
        return ElementType::e4m3;
      default:
        return ElementType::e5m2;
    }
  }
  const bool integer =
      (tags & kInteger) && !(tags & static_cast<Tags>(~(kInteger | kNumber | kZero)));
  return integer ? ElementType::integer : ElementType::unknown;
}

Elements::Elements(const Program& program, const Cfg& cfg, const Ssa& ssa, ValueAnalysis& values,
                   Clock::time_point deadline)
    : program_(program), cfg_(cfg), ssa_(ssa), values_(values), uses_(ssa.value_count) {
  find_uses(deadline);
  // Variables in shared and local memory feed back into the registers, so again until nothing is
  // new.
  do {
    cells_changed_ = false;
    facts_ = propagate<Tags>(program, cfg, ssa, deadline,
                             [this](const Node& node, size_t def, const std::vector<Tags>& facts) {
                               return definition(node, def, facts);
                             });
    for (uint32_t b : cfg_.order)
      for (uint32_t n = cfg_.blocks[b].first; n < cfg_.blocks[b].last; ++n)
        store_to_cells(program_.nodes[n], facts_);
  } while (cells_changed_ && Clock::now() < deadline);
}

Elements::Tags Elements::operand_tags(const Node& node, const ptx::Operand& o,
                                      const std::vector<Tags>& facts) const {
  switch (o.kind) {
    case Kind::reg: {
      const uint32_t v = used_value(node, program_.reg_of(node, o));
      return v == kNone ? Tags{0} : facts[v];
    }
    case Kind::integer:
      return o.bits == 0 ? kZero : kNumber;
    case Kind::f32_bits:
    case Kind::f64_bits:
      return o.bits == 0 ? kZero : kFloatLiteral;
    case Kind::vector: {
      Tags all = 0;
      for (const ptx::Operand& e : o.elements) all |= operand_tags(node, e, facts);
      return all;
    }
    case Kind::special:
    case Kind::variable:
      return kInteger;
    default:
      return kBits;
  }
}

Elements::Tags Elements::arithmetic(const Node& node, const std::vector<Tags>& facts) const {
  const Opcode& o = node.opcode;
  if (o.type == ptx::Type::none) return kBits;
  if (is_float(o.type) || is_float(o.first_type)) return mixed(o) ? Tags{kBits} : tag_of(o.type);
  const auto& operands = node.instruction->operands;
  const bool sums = is_one_of(node.instruction->op, kSums);
  for (size_t n = o.destinations; n < operands.size(); ++n) {
    const Tags tags = operand_tags(node, operands[n], facts);
    if (tags & (kFloats | kBits | kFloatLiteral)) return kBits;
    // A sum with something from memory: that may have been the bits of a float.
    if ((tags & kRaw) && (sums || n == 3)) return kBits;
  }
  return kInteger;
}

// Masking and small shifts of integers give integers. An `or` may set the exponent of a float, a
// long shift left moves an exponent into place.
Elements::Tags Elements::bit_operation(const Node& node, const std::vector<Tags>& facts) const {
  const auto& operands = node.instruction->operands;
  const std::string_view op = node.instruction->op;
  Tags all = 0;
  for (size_t n = 1; n < operands.size(); ++n) all |= operand_tags(node, operands[n], facts);
  if (all & static_cast<Tags>(~(kInteger | kNumber | kZero))) return kBits;
  if (op == "and" || op == "shr") return kInteger;
  const bool small_shift = op == "shl" && operands.size() == 3 &&
                           operands[2].kind == Kind::integer && operands[2].bits < 16;
  return small_shift ? kInteger : kBits;
}

// prmt with a constant selector that takes 16-bit halves whole, as packing code does.
Elements::Tags Elements::permute(const Node& node, const std::vector<Tags>& facts) const {
  const auto& o = node.instruction->operands;
  if (o.size() != 4 || o[3].kind != Kind::integer || type_suffixes(*node.instruction) != 1 ||
      node.instruction->mods.size() != 1)
    return kBits;
  Tags all = 0;
  for (unsigned half = 0; half < 2; ++half) {
    const auto low = static_cast<unsigned>(o[3].bits >> (8 * half)) & 15u;
    const auto high = static_cast<unsigned>(o[3].bits >> (8 * half + 4)) & 15u;
    if (low % 2 != 0 || high != low + 1 || low >= 8) return kBits;
    all |= part(operand_tags(node, o[low < 4 ? 1 : 2], facts), 2, 4);
  }
  return all;
}

Elements::Tags Elements::definition(const Node& node, size_t def, const std::vector<Tags>& facts) {
  const ptx::Instruction& i = *node.instruction;
  const Opcode& o = node.opcode;
  if (!o.known || o.effect == Effect::call || i.operands.empty()) return kBits;
  if (program_.registers[node.defs[def].reg] == ptx::Type::pred) return 0;
  if (node.slot_move) {
    if (o.effect == Effect::store) return operand_tags(node, i.operands[1], facts);
    const uint32_t v = node.uses.back().value;
    return v == kNone ? Tags{kBits} : facts[v];
  }
  if (o.effect == Effect::load) return loaded_tags(node, def);
  if (o.effect == Effect::matrix_load) return tag_of(o.type);
  if (o.effect == Effect::atomic)
    return i.has(".add") && is_float(o.type) ? tag_of(o.type) : Tags{kRaw};
  if (o.effect != Effect::none) return kBits;
  if (i.op == "mov" && i.operands.size() == 2) {
    const Tags all = operand_tags(node, i.operands[1], facts);
    if (i.operands[0].kind != Kind::vector) return all;
    return part(all, ptx::bits_of(program_.registers[node.defs[def].reg]) / 8,
                ptx::bits_of(o.type) / 8);
  }
  if (i.op == "selp" && i.operands.size() == 4)
    return operand_tags(node, i.operands[1], facts) | operand_tags(node, i.operands[2], facts);
  if (i.op == "shfl") {
    const ptx::Operand* source = shuffled(i);
    return source ? operand_tags(node, *source, facts) : Tags{kBits};
  }
  if (is_matrix_product(i)) return tag_of(nth_type(i, 0));
  if (i.op == "cvt" && i.operands.size() >= 2) {
    if (type_suffixes(i) != 2) return kBits;
    if (is_float(o.first_type) || is_float(o.type)) return tag_of(o.first_type);
    const Tags source = operand_tags(node, i.operands[1], facts);
    const unsigned to = ptx::bits_of(o.first_type), from = ptx::bits_of(o.type);
    if (to > from && is_signed_integer(o.type) && (source & kFloats)) return kBits;
    const Tags numbers = source & static_cast<Tags>(kInteger | kNumber);
    return numbers | part(source & static_cast<Tags>(~numbers), std::min(to, from) / 8, from / 8);
  }
  if (i.op == "prmt") return permute(node, facts);
  if (is_one_of(i.op, kArithmetic) || is_one_of(i.op, kSums)) return arithmetic(node, facts);
  if (is_one_of(i.op, kBitOperations)) return bit_operation(node, facts);
  if (i.op == "tex" || i.op == "tld4" || i.op == "suld" || i.op == "ldmatrix") return kRaw;
  return kBits;
}

// The shared or local variable an address points into; kNone: some. `elsewhere`: it can only be
// global memory.
uint32_t Elements::cell_of(const Node& node, const ptx::Operand& address, bool& elsewhere) {
  elsewhere = node.opcode.space == ptx::Space::global || node.opcode.space == ptx::Space::constant;
  if (elsewhere) return kNone;
  const Value v = values_.address_of(node, address);
  uint32_t cell = kNone;
  if (node.opcode.space == ptx::Space::generic)
    elsewhere = !v.empty() && std::none_of(v.begin(), v.end(), [](const Alternative& a) {
      return a.kind == Alternative::Kind::foreign || a.kind == Alternative::Kind::any ||
             a.kind == Alternative::Kind::integer;
    });
  if (v.size() == 1 && v[0].kind == Alternative::Kind::foreign) cell = v[0].variable;
  return cell;
}

Elements::Tags Elements::loaded_tags(const Node& node, size_t def) {
  const Opcode& o = node.opcode;
  const ptx::Operand& address = node.instruction->operands.back();
  if (o.space == ptx::Space::param) {
    const bool entry = program_.frames[node.frame].caller == kNone;
    const bool declared =
        entry && address.variable_is_param && address.variable < program_.entry->params.size() &&
        program_.entry->params[address.variable].type == o.type && is_float(o.type);
    return declared ? tag_of(o.type) : Tags{kRaw};
  }
  const uint32_t v = node.defs[def].value;
  const Tags floats = v == kNone ? Tags{0} : uses_[v] & kFloats;
  if (floats && resolve(floats, ptx::bits_of(o.type) / 8) != ElementType::unknown) return floats;
  bool elsewhere = false;
  const uint32_t cell = cell_of(node, address, elsewhere);
  if (elsewhere) return kRaw;
  Tags all = 0;
  for (const auto& [variable, tags] : cells_)
    if (cell == kNone || variable == cell || variable == kNone) all |= tags;
  if (o.space == ptx::Space::generic) all |= kRaw;
  const unsigned bytes = ptx::bits_of(o.type) / 8;
  return part(all, bytes, bytes);
}

void Elements::store_to_cells(const Node& node, const std::vector<Tags>& facts) {
  const Opcode& o = node.opcode;
  const ptx::Instruction& i = *node.instruction;
  const bool writes = o.effect == Effect::store || o.effect == Effect::atomic ||
                      o.effect == Effect::reduction || o.effect == Effect::async_copy ||
                      o.effect == Effect::matrix_store || i.op == "stmatrix" || !o.known;
  if (!writes || node.slot_move || o.space == ptx::Space::param || i.operands.empty()) return;
  const size_t at = o.effect == Effect::atomic ? 1 : 0;
  bool elsewhere = false;
  uint32_t cell = kNone;
  Tags tags = kRaw;
  if (o.effect == Effect::store && i.operands.size() == 2) {
    cell = cell_of(node, i.operands[0], elsewhere);
    const unsigned bytes = ptx::bits_of(o.type) / 8;
    tags =
        part(operand_tags(node, i.operands[1], facts), bytes, bytes_of(node, i.operands[1], bytes));
  } else if (o.effect == Effect::atomic || o.effect == Effect::reduction) {
    if (at < i.operands.size()) cell = cell_of(node, i.operands[at], elsewhere);
    tags = i.has(".add") ? tag_of(o.type) : Tags{kBits};
  } else if (i.op == "stmatrix" && i.operands.size() == 2) {
    tags = part(operand_tags(node, i.operands[1], facts), 2, 4);
  } else if (o.effect == Effect::async_copy || o.effect == Effect::matrix_store) {
    tags = o.effect == Effect::matrix_store ? tag_of(o.type) : Tags{kRaw};
    elsewhere = o.effect == Effect::matrix_store && o.space == ptx::Space::global;
  }
  if (elsewhere) return;
  Tags& slot = cells_[cell];
  if ((slot | tags) == slot) return;
  slot |= tags;
  cells_changed_ = true;
}

bool Elements::stores_neutral(const Node& node) const {
  if (node.opcode.effect != Effect::store || node.instruction->operands.size() != 2) return false;
  const Tags tags = operand_tags(node, node.instruction->operands[1], facts_);
  return tags != 0 && (tags & static_cast<Tags>(~(kZero | kFloatLiteral))) == 0;
}

ElementType Elements::stored(const Node& node) const {
  const Opcode& o = node.opcode;
  const ptx::Instruction& i = *node.instruction;
  const unsigned bytes = ptx::bits_of(o.type) / 8;
  if (o.effect == Effect::matrix_store) return resolve(tag_of(o.type), bytes);
  if (o.effect == Effect::atomic || o.effect == Effect::reduction) {
    if (i.has(".add")) return resolve(tag_of(o.type), bytes);
    if (!i.has(".exch") || i.operands.size() < 3) return ElementType::unknown;
    return resolve(operand_tags(node, i.operands[2], facts_), bytes);
  }
  if (i.operands.size() != 2) return ElementType::unknown;
  const Tags tags = operand_tags(node, i.operands[1], facts_);
  return resolve(part(tags, bytes, bytes_of(node, i.operands[1], bytes)), bytes);
}

}  // namespace nonans::analyze
