// SPDX-License-Identifier: MIT
// bra, brx, call, ret, exit, trap, brkpt, nanosleep (ISA 9.7.12, 9.7.19). What they do is in the
// scheduler.
#include "emitter.hpp"
#include "fault.hpp"
#include "memory.hpp"
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

// Arguments and results are .param variables of the caller's local frame. Registers and constants
// (of the old calling style) go through a place in that frame that the emitter makes.
struct Passing {
  Emitter& e;
  const std::vector<ptx::Variable>* formal;  // of the callee, when it is known
  struct Result {
    u32 offset;
    const ptx::Operand* to;
    Type type;
  };
  std::vector<Result> results;  // to be loaded after the call

  Type type_of(const ptx::Operand& operand, size_t i) const {
    if (operand.kind == Kind::reg) return e.type_of_register(operand.reg);
    return formal != nullptr && i < formal->size() ? (*formal)[i].type : Type::none;
  }
  bool slots(const ptx::Operand& list, bool is_result, std::vector<CallSlot>& out) {
    for (size_t i = 0; i < list.elements.size(); ++i) {
      const ptx::Operand& element = list.elements[i];
      if (element.kind == Kind::variable && element.variable_is_local) {
        const Place& place = e.placement().of(element, e.function());
        const u64 size = e.source().variables[element.variable].size;
        out.push_back({static_cast<u32>(place.value), static_cast<u32>(size)});
        continue;
      }
      const Type type = type_of(element, i);
      if (type == Type::none || type == Type::pred) return e.refuse("this cannot be passed");
      const u32 bytes = ptx::bits_of(type) / 8;
      const u32 offset = e.local_space(bytes);
      out.push_back({offset, bytes});
      if (is_result) {
        results.push_back({offset, &element, type});
      } else {
        const u32 source = e.source_of(element, type);
        if (source == kNoOperand || !store_local(e, offset, source, type)) return false;
      }
    }
    return true;
  }
  bool load_results() {
    for (const Result& r : results) {
      const u32 d = e.destination_of(*r.to, r.type);
      if (d == kNoOperand || !load_local(e, d, r.offset, r.type)) return false;
    }
    return true;
  }
};

bool emit_call(Emitter& e, const Form&, Op& op) {
  const auto& operands = e.instruction().operands;
  CallSite site;
  size_t next = 0;
  const ptx::Operand* results = nullptr;
  const ptx::Operand* args = nullptr;
  if (next < operands.size() && operands[next].kind == Kind::list) results = &operands[next++];
  if (next >= operands.size()) return e.refuse("a function is expected");
  const ptx::Operand& callee = operands[next++];
  if (next < operands.size() && operands[next].kind == Kind::list) args = &operands[next++];
  const bool direct = callee.kind == Kind::function;
  Passing passing{e, direct ? &e.module().functions[callee.function].params : nullptr, {}};
  if (results != nullptr && !passing.slots(*results, true, site.results)) return false;
  if (args != nullptr && !passing.slots(*args, false, site.args)) return false;
  if (direct) {
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
                      std::to_string(function.params.size()) + " arguments and gives " +
                      std::to_string(function.returns.size()) + " results; the call has " +
                      std::to_string(site.args.size()) + " and " +
                      std::to_string(site.results.size()));
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
  return passing.load_results();
}

// A function whose results are registers leaves them in its local frame.
bool emit_return(Emitter& e, const Form&, Op& op) {
  const ptx::Function& function = e.source();
  for (size_t i = 0; i < function.returns.size(); ++i) {
    const std::optional<u32> slot = e.register_named(function.returns[i]);
    const u32 offset = static_cast<u32>(e.placement().functions[e.function()].returns[i].value);
    if (slot && !store_local(e, offset, *slot, function.returns[i].type)) return false;
  }
  op.flow = Flow::ret;
  e.append(op);
  return true;
}

bool emit_exit(Emitter& e, const Form&, Op& op) {
  op.flow = Flow::exit;
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
    {"ret {.uni}", "", nullptr, emit_return},
    {"exit", "", nullptr, emit_exit},
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
