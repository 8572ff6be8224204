// SPDX-License-Identifier: MIT
// Any text: parsed or refused with a reason, and every index in what was parsed is one.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "image/ptx/ast.hpp"

namespace {

using namespace nonans::image::ptx;
using Kind = Operand::Kind;
using Base = Operand::Base;

void need(bool good) {
  if (!good) std::abort();
}

const std::vector<Variable>& table_of(const Module& module, const Function& f, const Operand& o) {
  if (o.variable_is_local) return f.variables;
  if (o.variable_is_param) return f.params;
  return o.variable_is_return ? f.returns : module.variables;
}

void check(const Module& module, const Function& f, const Operand& o) {
  const bool address = o.kind == Kind::address;
  if (o.kind == Kind::reg || (address && o.base_kind == Base::reg)) {
    need(o.reg < f.registers.size());
  }
  if (o.kind == Kind::variable || (address && o.base_kind == Base::variable)) {
    need(o.variable < table_of(module, f, o).size());
  }
  if (o.kind == Kind::function) need(o.function < module.functions.size());
  if (o.kind == Kind::label) need(o.target <= f.body.size());
  if (o.kind == Kind::symbol) {
    need(o.target < std::max(f.target_lists.size(), f.prototypes.size()));
  }
  for (const Operand& element : o.elements) {
    need(element.kind != Kind::symbol && element.kind != Kind::none);
    check(module, f, element);
  }
}

void check(const Variable& variable) {
  need(variable.init.size() <= variable.size || variable.space == Space::tex);
  for (const InitReloc& reloc : variable.relocs) {
    need(reloc.offset + reloc.width <= variable.init.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Result result = parse({reinterpret_cast<const char*>(data), size}, "fuzz.ptx");
  if (!result) {
    need(!result.error().reason.empty() && result.error().at.line > 0);
    return 0;
  }
  const Module& module = *result;
  for (const Variable& variable : module.variables) check(variable);
  for (const Function& f : module.functions) {
    need(f.alias_of == Function::kNoAlias || f.alias_of < module.functions.size());
    for (const Variable& variable : f.variables) check(variable);
    for (const Instruction& i : f.body) {
      need(!i.guard.present || i.guard.reg < f.registers.size());
      for (const Operand& o : i.operands) check(module, f, o);
    }
    for (const TargetList& list : f.target_lists) {
      for (uint32_t target : list.targets) need(target <= f.body.size());
    }
  }
  return 0;
}
