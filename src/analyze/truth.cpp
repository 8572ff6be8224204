// SPDX-License-Identifier: MIT
// What predicate registers say: setp on exact values, and how predicates are put together.
#include <string_view>

#include "analyze/transfer.hpp"

namespace nonans::analyze {
namespace {

using Kind = Alternative::Kind;

bool is_number(const Alternative& a) {
  return a.kind == Kind::exact && is_constant(a.poly);
}

std::optional<Compare> compare_of(const ptx::Instruction& i) {
  for (std::string_view m : i.mods) {
    if (m == ".lt" || m == ".lo") return Compare::lt;
    if (m == ".le" || m == ".ls") return Compare::le;
    if (m == ".gt" || m == ".hi") return Compare::gt;
    if (m == ".ge" || m == ".hs") return Compare::ge;
    if (m == ".eq") return Compare::eq;
    if (m == ".ne") return Compare::ne;
  }
  return std::nullopt;
}

}  // namespace

Truth Transfer::truth(bool second) {
  Truth t;
  t.kind = Truth::Kind::unknown;
  const ptx::Instruction& i = *node_.instruction;
  const std::string_view op = i.op;
  const auto predicate = [&](size_t n) {
    return n < i.operands.size() && i.operands[n].kind == ptx::Operand::Kind::reg &&
                   !i.operands[n].negated
               ? used_value(node_, a_.program_.reg_of(node_, i.operands[n]))
               : kNone;
  };
  if (!node_.opcode.known || second || i.pipe) return t;
  if (op == "mov" && i.operands.size() == 2) {
    if (i.operands[1].kind == ptx::Operand::Kind::integer) {
      t.kind = Truth::Kind::constant;
      t.constant = i.operands[1].bits != 0;
      return t;
    }
    const uint32_t v = predicate(1);
    return v == kNone ? t : a_.truths_[v];
  }
  if (op == "not" && i.operands.size() == 2 && predicate(1) != kNone) {
    t.kind = Truth::Kind::negation;
    t.left = predicate(1);
    return t;
  }
  if ((op == "and" || op == "or") && i.operands.size() == 3 && predicate(1) != kNone &&
      predicate(2) != kNone) {
    t.kind = op == "and" ? Truth::Kind::conjunction : Truth::Kind::disjunction;
    t.left = predicate(1);
    t.right = predicate(2);
    return t;
  }
  // setp.OP.type p, a, b; the forms that fold in another predicate have four operands and stay
  // unknown.
  if (op != "setp" || i.operands.size() != 3 || is_float(node_.opcode.type)) return t;
  const auto compare = compare_of(i);
  if (!compare || ptx::bits_of(node_.opcode.type) < 16) return t;
  std::vector<Comparison> all;
  const Value right = operand(2, ptx::bits_of(node_.opcode.type));
  if (right.empty() || operand(1, ptx::bits_of(node_.opcode.type)).empty()) {
    t.kind = Truth::Kind::unreached;
    return t;
  }
  const bool different = *compare == Compare::ne;
  if (!compare_parts(node_, i.operands[1], right, different ? Compare::eq : *compare, all, 0))
    return t;
  t.kind = Truth::Kind::compare;
  t.count = static_cast<uint32_t>(all.size());
  t.inverted = different;
  t.compare = a_.intern(std::move(all));
  return t;
}

// left OP right as comparisons that must all hold. `(a | b) == 0`, as compilers write `a == 0 && b
// == 0`, is two.
bool Transfer::compare_parts(const Node& node, const ptx::Operand& left, const Value& right,
                             Compare op, std::vector<Comparison>& out, unsigned depth) {
  const ptx::Type type = node_.opcode.type;
  const unsigned bits = ptx::bits_of(type);
  const bool is_unsigned =
      type == ptx::Type::u16 || type == ptx::Type::u32 || type == ptx::Type::u64;
  const Value value = a_.operand(node, left, bits);
  if (right.size() != 1 || right[0].kind != Kind::exact) return false;
  if (value.size() == 1 && value[0].kind == Kind::exact) {
    const auto side = [&](const Alt& a) {
      Polynomial p = reduce(a.poly, bits);
      if (bits == 32) p = with_param_sign(p, !is_unsigned);
      if (is_constant(p) && is_unsigned && bits < 64 && p.constant < 0)
        p.constant += static_cast<int64_t>(1ull << bits);
      p.bits = static_cast<uint8_t>(bits);
      p.is_signed = !is_unsigned;
      return p;
    };
    out.push_back({op, side(value[0]), side(right[0]), unite(value[0].needs, right[0].needs)});
    return true;
  }
  constexpr unsigned kMaxParts = 4;
  if (op != Compare::eq || !is_number(right[0]) || right[0].poly.constant != 0 ||
      depth >= kMaxParts)
    return false;
  const uint32_t v = used_value(node, a_.program_.reg_of(node, left));
  if (v == kNone || a_.definition_[v] == kNone) return false;
  const Node& maker = a_.program_.nodes[a_.definition_[v]];
  if (maker.instruction->op != "or" || maker.guarded || maker.instruction->operands.size() != 3 ||
      ptx::bits_of(maker.opcode.type) != bits)
    return false;
  return compare_parts(maker, maker.instruction->operands[1], right, op, out, depth + 1) &&
         compare_parts(maker, maker.instruction->operands[2], right, op, out, depth + 1);
}

}  // namespace nonans::analyze
