// SPDX-License-Identifier: MIT
#include "analyze/values.hpp"

#include <algorithm>

#include "analyze/transfer.hpp"

namespace nonans::analyze {
namespace {

using Kind = Alternative::Kind;

constexpr unsigned kMaxPasses = 24;  // over all nodes; nested loops need one each
constexpr uint8_t kMaxChanges = 12;  // of one value, then it is unknown

bool is_root_term(const Term& t) {
  return t.degree == 1 && t.coefficient == 1 && t.factors[0].symbol == Symbol::param &&
         t.factors[0].bytes == 8;
}

Value single(Kind kind) {
  Alternative a;
  a.kind = kind;
  return {a};
}

}  // namespace

Value exact_value(Polynomial p, Needs needs) {
  Alternative a;
  a.kind = Kind::exact;
  a.poly = std::move(p);
  a.needs = std::move(needs);
  return {std::move(a)};
}

Value unknown_value(unsigned bits) {
  return single(bits >= 64 ? Kind::any : Kind::integer);
}

Needs unite(const Needs& a, const Needs& b) {
  if (a.empty()) return b;
  if (b.empty() || a == b) return a;
  Needs all;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(all));
  return all;
}

ValueAnalysis::ValueAnalysis(const Program& program, const Cfg& cfg, const Ssa& ssa,
                             Clock::time_point deadline)
    : program_(program),
      cfg_(cfg),
      ssa_(ssa),
      values_(ssa.value_count),
      truths_(ssa.value_count),
      definition_(ssa.value_count, kNone),
      changes_(ssa.value_count),
      unknown64_(unknown_value(64)),
      unknown32_(unknown_value(32)) {
  unknown_truth_.kind = Truth::Kind::unknown;
  for (uint32_t n = 0; n < program.nodes.size(); ++n)
    for (const RegisterDef& d : program.nodes[n].defs)
      if (d.value != kNone) definition_[d.value] = n;
  find_pointer_parameters();
  bool changed = true;
  for (unsigned pass = 0; changed && pass < kMaxPasses && !timed_out_; ++pass) {
    changed = false;
    for (uint32_t b : cfg_.order) {
      if (Clock::now() > deadline) {
        timed_out_ = true;
        return;
      }
      for (uint32_t p : ssa_.phis_of[b]) changed |= step_phi(ssa_.phis[p]);
      for (uint32_t n = cfg_.blocks[b].first; n < cfg_.blocks[b].last; ++n) changed |= step_node(n);
    }
  }
  // Not settled: what was found so far rests on values that may still grow, so nothing of it
  // counts.
  if (changed) timed_out_ = true;
}

const Value& ValueAnalysis::value(uint32_t v) const {
  if (v == kNone) return unknown64_;
  if (!values_[v].empty()) return values_[v];
  return ptx::bits_of(program_.registers[ssa_.reg_of[v]]) >= 64 ? unknown64_ : unknown32_;
}

const Truth& ValueAnalysis::truth(uint32_t v) const {
  return v == kNone || truths_[v].kind == Truth::Kind::unreached ? unknown_truth_ : truths_[v];
}

void ValueAnalysis::find_pointer_parameters() {
  for (const ptx::Variable& p : program_.entry->params)
    if (p.is_pointer && p.offset <= UINT16_MAX)
      pointers_.push_back(static_cast<uint16_t>(p.offset));
  // A parameter whose loaded value goes straight into cvta.to.global.
  std::vector<uint32_t> loaded_from(ssa_.value_count, kNone);
  for (const Node& node : program_.nodes) {
    if (node.opcode.effect == Effect::load && node.opcode.space == ptx::Space::param &&
        program_.frames[node.frame].caller == kNone && node.instruction->operands.size() == 2 &&
        node.defs.size() == 1 && node.defs[0].value != kNone) {
      const ptx::Operand& address = node.instruction->operands[1];
      if (address.variable_is_param && address.variable < program_.entry->params.size())
        loaded_from[node.defs[0].value] = static_cast<uint32_t>(
            static_cast<int64_t>(program_.entry->params[address.variable].offset) + address.offset);
    }
  }
  for (const Node& node : program_.nodes) {
    if (node.instruction->op != "cvta" || !node.instruction->has(".to")) continue;
    for (const RegisterUse& u : node.uses)
      if (u.value != kNone && loaded_from[u.value] <= UINT16_MAX)
        pointers_.push_back(static_cast<uint16_t>(loaded_from[u.value]));
  }
  std::sort(pointers_.begin(), pointers_.end());
}

bool ValueAnalysis::is_pointer_parameter(uint32_t offset) const {
  return offset <= UINT16_MAX &&
         std::binary_search(pointers_.begin(), pointers_.end(), static_cast<uint16_t>(offset));
}

uint32_t ValueAnalysis::root_of(const Polynomial& p) const {
  uint32_t candidates = 0, pointers = 0, any = kNone, pointer = kNone;
  for (const Term& t : p.terms) {
    if (!is_root_term(t)) continue;
    ++candidates;
    any = t.factors[0].offset;
    if (is_pointer_parameter(any)) {
      ++pointers;
      pointer = any;
    }
  }
  if (pointers == 1) return pointer;
  if (pointers == 0 && candidates <= 1) return any;
  return kAmbiguous;
}

uint32_t ValueAnalysis::require(Polynomial p) {
  for (size_t i = 0; i < requirements.size(); ++i)
    if (requirements[i].bits == p.bits && requirements[i].is_signed == p.is_signed &&
        same_terms(requirements[i], p))
      return static_cast<uint32_t>(i);
  requirements.push_back(std::move(p));
  return static_cast<uint32_t>(requirements.size() - 1);
}

// Comparisons that belong together stand side by side.
uint32_t ValueAnalysis::intern(std::vector<Comparison> together) {
  const auto same = [](const Comparison& a, const Comparison& b) {
    return a.op == b.op && a.needs == b.needs && a.left.bits == b.left.bits &&
           a.left.is_signed == b.left.is_signed && same_terms(a.left, b.left) &&
           same_terms(a.right, b.right);
  };
  const auto found =
      std::search(comparisons.begin(), comparisons.end(), together.begin(), together.end(), same);
  const auto at = static_cast<uint32_t>(found - comparisons.begin());
  if (found == comparisons.end())
    std::move(together.begin(), together.end(), std::back_inserter(comparisons));
  return at;
}

// The number as a symbol of its own; the same number twice is the same symbol.
Value ValueAnalysis::derive(Derived number, Needs needs) {
  const auto same = [&](const DerivedNumber& d) {
    return d.number.op == number.op && d.needs == needs && same_terms(d.number.left, number.left) &&
           same_terms(d.number.right, number.right) && d.number.left.bits == number.left.bits &&
           d.number.left.is_signed == number.left.is_signed;
  };
  auto found = std::find_if(derived.begin(), derived.end(), same);
  if (found == derived.end()) {
    constexpr size_t kMaxDerived = 256;
    if (derived.size() == kMaxDerived) return single(Kind::integer);
    found = derived.insert(found, {std::move(number), needs});
  }
  return exact_value(
      symbol_polynomial(derived_symbol(static_cast<size_t>(found - derived.begin()))),
      std::move(needs));
}

Value ValueAnalysis::operand(const Node& node, const ptx::Operand& o, unsigned bits) {
  switch (o.kind) {
    case ptx::Operand::Kind::reg: {
      const uint32_t v = used_value(node, program_.reg_of(node, o));
      return v == kNone ? unknown_value(bits) : values_[v];
    }
    case ptx::Operand::Kind::integer:
      return exact_value(reduce(constant_polynomial(static_cast<int64_t>(o.bits)), bits));
    case ptx::Operand::Kind::variable: {
      Value v = single(Kind::foreign);
      if (o.variable_is_param) {
        if (program_.frames[node.frame].caller != kNone ||
            o.variable >= program_.entry->params.size())
          return v;
        v[0].variable = kParameterBlock;
        v[0].poly = constant_polynomial(
            static_cast<int64_t>(program_.entry->params[o.variable].offset) + o.offset);
      } else if (o.variable_is_local) {
        v[0].variable = o.variable | kFunctionVariable;
      } else if (!o.variable_is_return && o.variable < program_.module->variables.size()) {
        const ptx::Space space = program_.module->variables[o.variable].space;
        v[0].variable = o.variable;
        if (space == ptx::Space::global) v[0].kind = Kind::module;
      }
      return v;
    }
    default:
      return unknown_value(bits);
  }
}

Value ValueAnalysis::address_of(const Node& node, const ptx::Operand& o) {
  if (o.kind != ptx::Operand::Kind::address) return unknown64_;
  Value base;
  if (o.base_kind == ptx::Operand::Base::reg) {
    const uint32_t v = used_value(node, program_.base_of(node, o));
    base = v == kNone ? unknown64_ : values_[v];
  } else if (o.base_kind == ptx::Operand::Base::variable) {
    ptx::Operand variable = o;
    variable.kind = ptx::Operand::Kind::variable;
    return operand(node, variable, 64);
  } else {
    return unknown64_;
  }
  for (Alternative& a : base) {
    if (a.kind != Kind::exact && !(a.kind == Kind::foreign && a.variable == kParameterBlock))
      continue;
    if (auto sum = add(a.poly, constant_polynomial(o.offset), 64)) {
      a.poly = *sum;
    } else {
      a = unknown64_[0];
    }
  }
  return base;
}

bool ValueAnalysis::step_phi(const Phi& phi) {
  const Block& block = cfg_.blocks[phi.block];
  const ptx::Type type = program_.registers[phi.reg];
  const bool entered_undefined = phi.block == 0;
  if (type == ptx::Type::pred) {
    Truth result;
    bool first = true;
    for (size_t i = 0; i < phi.inputs.size(); ++i) {
      if (cfg_.blocks[block.predecessors[i]].order == kNone) continue;
      const uint32_t v = phi.inputs[i];
      const Truth t = v == kNone ? unknown_truth_ : truths_[v];
      if (t.kind == Truth::Kind::unreached) continue;
      if (first) result = t;
      if (!first && !(t == result)) result = unknown_truth_;
      first = false;
    }
    if (entered_undefined) result = unknown_truth_;
    return store_truth(phi.value, result);
  }
  const unsigned bits = ptx::bits_of(type);
  if (entered_undefined) return store(phi.value, unknown_value(bits));
  if (block.retreating_in) return store(phi.value, loop_value(phi, bits));
  Value result;
  for (size_t i = 0; i < phi.inputs.size(); ++i) {
    if (cfg_.blocks[block.predecessors[i]].order == kNone) continue;
    const uint32_t v = phi.inputs[i];
    result = join(result, v == kNone ? unknown_value(bits) : values_[v], false);
  }
  return store(phi.value, std::move(result));
}

// first + counter * step, alternative by alternative; empty if that is not what the loop does.
Value ValueAnalysis::induction(uint32_t header, const Value& first, const Value& now,
                               const Value& again, unsigned bits) {
  if (first.size() != now.size() || now.size() != again.size()) return {};
  std::optional<Polynomial> step;
  for (size_t i = 0; i < now.size(); ++i) {
    if (first[i].kind != Kind::exact || now[i].kind != Kind::exact || again[i].kind != Kind::exact)
      return {};
    auto here = subtract(again[i].poly, now[i].poly, bits);
    if (!here || mentions(*here, Symbol::loop) || (step && !same_terms(*step, *here))) return {};
    step = std::move(here);
  }
  auto at = std::find(loop_headers.begin(), loop_headers.end(), header);
  if (at == loop_headers.end()) at = loop_headers.insert(at, header);
  const auto counter =
      symbol_polynomial(loop_symbol(static_cast<size_t>(at - loop_headers.begin())));
  const auto grown = multiply(counter, *step, bits);
  if (!grown) return {};
  Value result;
  for (size_t i = 0; i < first.size(); ++i) {
    const auto value = add(first[i].poly, *grown, bits);
    if (!value) return {};
    result.push_back(exact_value(*value, unite(first[i].needs, again[i].needs))[0]);
  }
  return result;
}

// first + counter * step where that is what the loop does, else what can be said of all iterations.
Value ValueAnalysis::loop_value(const Phi& phi, unsigned bits) {
  const Block& block = cfg_.blocks[phi.block];
  const Value& now = values_[phi.value];
  Value first, again;
  bool natural = true;
  for (size_t i = 0; i < phi.inputs.size(); ++i) {
    const uint32_t p = block.predecessors[i];
    if (cfg_.blocks[p].order == kNone) continue;
    const bool back = cfg_.blocks[p].order >= block.order;
    natural = natural && (!back || cfg_.dominates(phi.block, p));
    Value& side = back ? again : first;
    side = join(side, phi.inputs[i] == kNone ? unknown_value(bits) : values_[phi.inputs[i]], false);
  }
  if (again.empty() && now.empty()) return first;
  if (natural) {
    const Value grown = induction(phi.block, first, now, again, bits);
    if (!grown.empty()) return grown;
    // What comes in is another set than last time: begin anew, a few times.
    if (first.size() != now.size() && changes_[phi.value] < kMaxChanges / 2) return first;
  }
  return join(join(now, first, true), again, true);
}

// Which element of the destination vector the register is; SIZE_MAX if it stands there twice.
size_t ValueAnalysis::element_of(const Node& node, uint32_t reg) const {
  const auto& operands = node.instruction->operands;
  if (operands.empty() || operands[0].kind != ptx::Operand::Kind::vector) return 0;
  size_t found = SIZE_MAX;
  for (size_t i = 0; i < operands[0].elements.size(); ++i) {
    if (program_.reg_of(node, operands[0].elements[i]) != reg) continue;
    if (found != SIZE_MAX) return SIZE_MAX;
    found = i;
  }
  return found;
}

bool ValueAnalysis::step_node(uint32_t index) {
  const Node& node = program_.nodes[index];
  bool changed = false;
  for (size_t d = 0; d < node.defs.size(); ++d) {
    const RegisterDef& def = node.defs[d];
    const ptx::Type type = program_.registers[def.reg];
    Transfer transfer(*this, node);
    if (type == ptx::Type::pred) {
      Truth t = transfer.truth(d == 1);
      if (node.guarded && !(t == truth(def.previous))) t = unknown_truth_;
      changed |= store_truth(def.value, t);
      continue;
    }
    const unsigned bits = ptx::bits_of(type);
    Value v = transfer.result(bits, element_of(node, def.reg));
    if (node.guarded)
      v = join(v, def.previous == kNone ? unknown_value(bits) : values_[def.previous], false);
    changed |= store(def.value, std::move(v));
  }
  return changed;
}

// What holds in the end is a solution of all equations at once, however it was found; a value that
// does not settle is unknown for good.
bool ValueAnalysis::store(uint32_t v, Value value) {
  if (value.empty() || value == values_[v] || changes_[v] > kMaxChanges) return false;
  values_[v] = ++changes_[v] > kMaxChanges ? unknown64_ : std::move(value);
  return true;
}

bool ValueAnalysis::store_truth(uint32_t v, Truth truth) {
  if (truth.kind == Truth::Kind::unreached || truth == truths_[v] || changes_[v] > kMaxChanges)
    return false;
  truths_[v] = ++changes_[v] > kMaxChanges ? unknown_truth_ : truth;
  return true;
}

Alternative ValueAnalysis::widened(const Alternative& a) const {
  Alternative w = a;
  if (a.kind == Kind::foreign) {
    w.poly = {};
    if (a.variable == kParameterBlock) w.variable = kNone;
  }
  if (a.kind != Kind::exact) return w;
  w.poly = {};
  w.needs.clear();
  const uint32_t root = root_of(a.poly);
  w.kind = root == kNone ? Kind::integer : root == kAmbiguous ? Kind::any : Kind::rooted;
  if (w.kind == Kind::rooted) w.root = static_cast<uint16_t>(root);
  return w;
}

Value ValueAnalysis::join(const Value& a, const Value& b, bool widen) const {
  if (a.empty()) return b;
  if (b.empty() || a == b) return a;
  Value all = a;
  const auto put = [](Value& into, Alternative x) {
    if (std::find(into.begin(), into.end(), x) == into.end()) into.push_back(std::move(x));
  };
  for (const Alternative& x : b) put(all, x);
  if (all.size() > a.size() && (widen || all.size() > kMaxAlternatives)) {
    Value wide;
    for (const Alternative& x : all) put(wide, widened(x));
    all = std::move(wide);
  }
  for (const Alternative& x : all)
    if (x.kind == Kind::any) return unknown64_;
  // An exact value that an inexact alternative covers says nothing any more.
  const auto covered = [&](const Alternative& x) {
    if (x.kind != Kind::exact) return false;
    const Alternative w = widened(x);
    return std::find(all.begin(), all.end(), w) != all.end();
  };
  Value kept;
  for (const Alternative& x : all)
    if (!covered(x)) kept.push_back(x);
  all = std::move(kept);
  if (all.size() > kMaxAlternatives) return unknown64_;
  std::stable_sort(all.begin(), all.end(), [](const Alternative& x, const Alternative& y) {
    return std::pair(x.kind, x.root) < std::pair(y.kind, y.root);
  });
  return all;
}

}  // namespace nonans::analyze
