// SPDX-License-Identifier: MIT
// bra, brx, call, ret, exit, trap, brkpt, nanosleep (ISA 9.7.12, 9.7.19). What they do is in the
// scheduler.
#include "emitter.hpp"
#include "fault.hpp"
#include "ops/isa.hpp"

namespace softgpu::engine {
namespace {

using ptx::Type;
using Kind = ptx::Operand::Kind;

bool emit_branch(Emitter& e, const Form&, Op& op) {
  const auto& operands = e.instruction().operands;
  if (operands.size() != 1 || operands[0].kind != Kind::label)
    return e.refuse("a label is expected");
  op.flow = Flow::branch;
  e.branch_to(operands[0].target);
  e.append(op);
  return true;
}

bool emit_branch_index(Emitter& e, const Form&, Op& op) {
  const auto& operands = e.instruction().operands;
  if (operands.size() != 2 || operands[1].kind != Kind::symbol ||
      operands[1].target >= e.source().target_lists.size()) {
    return e.refuse("an index and a list of labels are expected");
  }
  op.o[0] = e.source_of(operands[0], Type::u32);
  if (op.o[0] == kNoOperand) return false;
  const auto& targets = e.source().target_lists[operands[1].target].targets;
  op.flow = Flow::branch_index;
  op.aux = static_cast<u32>(e.code().lists.size());
  e.code().lists.emplace_back(targets.size(), 0);
  for (u32 i = 0; i < targets.size(); ++i) e.list_to(op.aux, i, targets[i]);
  e.append(op);
  return true;
}

// Arguments and results are .param variables of the caller's local frame.
bool slots_of(Emitter& e, const ptx::Operand& list, std::vector<CallSlot>& out) {
  for (const ptx::Operand& element : list.elements) {
    if (element.kind != Kind::variable || !element.variable_is_local) {
      return e.refuse("arguments and results of calls must be .param variables");
    }
    const Place& place = e.placement().of(element, e.function());
    const u64 size = e.source().variables[element.variable].size;
    out.push_back({static_cast<u32>(place.value), static_cast<u32>(size)});
  }
  return true;
}

bool emit_call(Emitter& e, const Form&, Op& op) {
  const auto& operands = e.instruction().operands;
  CallSite site;
  size_t next = 0;
  if (next < operands.size() && operands[next].kind == Kind::list) {
    if (!slots_of(e, operands[next++], site.results)) return false;
  }
  if (next >= operands.size()) return e.refuse("a function is expected");
  const ptx::Operand& callee = operands[next++];
  if (next < operands.size() && operands[next].kind == Kind::list) {
    if (!slots_of(e, operands[next++], site.args)) return false;
  }
  if (callee.kind == Kind::function) {
    u32 index = callee.function;
    const ptx::Function& named = e.module().functions[index];
    if (named.alias_of != ptx::Function::kNoAlias) index = named.alias_of;
    const FunctionCode& code = e.code().functions[index];
    const ptx::Function& function = e.module().functions[index];
    if (function.is_declaration && code.builtin == Builtin::none) {
      return e.refuse("unresolved function '" + std::string(function.name) + "'");
    }
    if (site.args.size() != function.params.size() ||
        site.results.size() > function.returns.size()) {
      return e.refuse("'" + std::string(function.name) + "' takes " +
                      std::to_string(function.params.size()) + " arguments, " +
                      std::to_string(site.args.size()) + " are given");
    }
    site.function = index;
    op.flow = Flow::call;
  } else {
    op.o[0] = e.source_of(callee, Type::u64);
    if (op.o[0] == kNoOperand) return false;
    op.flow = Flow::call_indirect;
  }
  op.aux = static_cast<u32>(e.code().call_sites.size());
  e.code().call_sites.push_back(std::move(site));
  e.append(op);
  return true;
}

template <Flow F>
bool emit_flow(Emitter& e, const Form&, Op& op) {
  op.flow = F;
  e.append(op);
  return true;
}

void trap_body(Warp& w, const Op& op, u32 mask) {
  raise(w, op, static_cast<u32>(__builtin_ctz(mask)), FaultKind::trap,
        std::string(w.block->grid->code->origins[op.origin].instruction->op) + " executed");
}
void nothing(Warp&, const Op&, u32) {}

constexpr Row kRows[] = {
    {"bra {.uni}", "", nullptr, emit_branch},
    {"brx .idx {.uni}", "", nullptr, emit_branch_index},
    {"call {.uni}", "", nullptr, emit_call},
    {"ret {.uni}", "", nullptr, emit_flow<Flow::ret>},
    {"exit", "", nullptr, emit_flow<Flow::exit>},
    {"trap", "", nullptr,
     [](Emitter& e, const Form&, Op& op) {
       op.run = &trap_body;
       e.append(op);
       return true;
     }},
    {"brkpt", "", nullptr,
     [](Emitter& e, const Form&, Op& op) {
       op.run = &trap_body;
       e.append(op);
       return true;
     }},
    {"nanosleep .u32", "s0", [](const Form&) -> Handler { return &nothing; },
     [](Emitter&, const Form&, Op& op) {
       op.flow = Flow::yield;
       return true;
     }},
};

}  // namespace

std::span<const Row> rows_control() {
  return kRows;
}

}  // namespace softgpu::engine
