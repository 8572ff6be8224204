// SPDX-License-Identifier: MIT
#include "analyze/program.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace nonans::analyze {
namespace {

using Kind = ptx::Operand::Kind;

constexpr size_t kMaxNodes = 200'000;
constexpr unsigned kMaxDepth = 16;

// A variable of the .param space that carries an argument or a result, as some frame owns it.
using SlotVariable = std::pair<uint32_t, uint32_t>;  // frame, index in Function::variables

class Flattener {
 public:
  Flattener(const ptx::Module& module, const ptx::Function& entry) {
    program_.module = &module;
    program_.entry = &entry;
  }

  Program run() {
    emit(*program_.entry, kNone, {}, {}, 0);
    for (Node& node : program_.nodes) collect_registers(node);
    forget_overlapping_slots();
    return std::move(program_);
  }

 private:
  // Emits the body; returns the frame. A `ret` jumps to the node after the body (the end of the
  // thread for an entry).
  void emit(const ptx::Function& f, uint32_t caller, std::vector<uint32_t> params,
            std::vector<uint32_t> returns, unsigned depth) {
    const auto frame = static_cast<uint32_t>(program_.frames.size());
    program_.frames.push_back({&f, static_cast<uint32_t>(program_.registers.size()), caller,
                               std::move(params), std::move(returns)});
    for (const ptx::Register& r : f.registers) program_.registers.push_back(r.type);
    active_.push_back(&f);

    std::vector<uint32_t> first_node(f.body.size() + 1, kNone);
    const size_t begin = program_.nodes.size();
    for (size_t i = 0; i < f.body.size(); ++i) {
      first_node[i] = static_cast<uint32_t>(program_.nodes.size());
      if (program_.nodes.size() > kMaxNodes) {
        program_.too_big = true;
        break;
      }
      emit_instruction(f, f.body[i], frame, depth);
    }
    const auto end = static_cast<uint32_t>(program_.nodes.size());
    first_node[f.body.size()] = end;
    resolve_targets(frame, begin, end, first_node);
    active_.pop_back();
  }

  void emit_instruction(const ptx::Function& f, const ptx::Instruction& i, uint32_t frame,
                        unsigned depth) {
    Node node;
    node.instruction = &i;
    node.opcode = classify(i);
    node.frame = frame;
    node.guarded = i.guard.present;
    set_flow(f, i, node);
    const ptx::Function* callee = node.opcode.effect == Effect::call ? callee_of(i) : nullptr;
    std::vector<uint32_t> params, returns;
    if (callee == nullptr || depth >= kMaxDepth ||
        !bind_arguments(f, i, *callee, params, returns)) {
      program_.nodes.push_back(std::move(node));
      return;
    }
    // In line. A guard on the call becomes a branch around it, target patched when the body is out.
    size_t skip = SIZE_MAX;
    if (node.guarded) {
      node.flow = Flow::branch;
      node.branch_reg = program_.frames[frame].register_base + i.guard.reg;
      node.branch_negated = !i.guard.negated;
      node.opcode.effect = Effect::none;
      node.guarded = false;
      skip = program_.nodes.size();
      program_.nodes.push_back(std::move(node));
    }
    emit(*callee, frame, std::move(params), std::move(returns), depth + 1);
    if (skip != SIZE_MAX) {
      program_.nodes[skip].targets = {static_cast<uint32_t>(program_.nodes.size())};
      done_.resize(std::max(done_.size(), skip + 1));
      done_[skip] = true;
    }
  }

  void set_flow(const ptx::Function& f, const ptx::Instruction& i, Node& node) {
    const bool leaves = i.op == "exit" || i.op == "ret";
    if (i.op == "bra" || leaves || i.op == "trap") {
      node.flow = i.guard.present ? Flow::branch
                  : i.op == "bra" ? Flow::jump
                  : leaves        ? Flow::exit
                                  : Flow::stop;
    } else if (i.op == "brx") {
      node.flow = Flow::branch;
    }
    if (node.flow == Flow::branch && i.guard.present && i.op != "brx") {
      node.branch_reg = program_.frames[node.frame].register_base + i.guard.reg;
      node.branch_negated = i.guard.negated;
      node.guarded = false;
    }
    if (i.op == "brx") {
      node.guarded = false;
      for (const ptx::Operand& o : i.operands)
        for (const ptx::TargetList& list : f.target_lists)
          if (list.name == o.text) node.targets = list.targets;
      if (node.targets.empty()) program_.too_big = true;  // anything may follow: give the kernel up
    } else if (i.op == "bra" && !i.operands.empty() && i.operands[0].kind == Kind::label) {
      node.targets = {i.operands[0].target};
    }
  }

  // Body indices become node indices once all nodes of the function are out. Nodes of callees are
  // done already.
  void resolve_targets(uint32_t frame, size_t begin, uint32_t end,
                       const std::vector<uint32_t>& first_node) {
    done_.resize(std::max(done_.size(), program_.nodes.size()));
    const bool entry = program_.frames[frame].caller == kNone;
    for (size_t n = begin; n < end; ++n) {
      Node& node = program_.nodes[n];
      if (node.frame != frame || done_[n]) continue;
      done_[n] = true;
      const std::string_view op = node.instruction->op;
      if (op == "ret" && !entry) {
        node.targets = {end};
        if (node.flow == Flow::exit) node.flow = Flow::jump;
      } else if (op == "ret" || op == "exit") {
        node.targets = {kExitNode};
      } else if (op == "trap") {
        node.targets.clear();
      } else {
        for (uint32_t& t : node.targets)
          t = t < first_node.size() && first_node[t] != kNone ? first_node[t] : end;
      }
    }
  }

  const ptx::Function* callee_of(const ptx::Instruction& i) const {
    for (const ptx::Operand& o : i.operands) {
      if (o.kind != Kind::function || o.function >= program_.module->functions.size()) continue;
      const ptx::Function* f = &program_.module->functions[o.function];
      if (f->alias_of < program_.module->functions.size())
        f = &program_.module->functions[f->alias_of];
      if (f->is_declaration || f->body.empty()) f = program_.module->find_function(f->name);
      if (f == nullptr || f->is_declaration || f->is_entry) return nullptr;
      const bool recursive = std::find(active_.begin(), active_.end(), f) != active_.end();
      return recursive ? nullptr : f;
    }
    return nullptr;
  }

  // `call (retval0), f, (param0, param1)`: every argument must be a variable of this function.
  static bool bind_arguments(const ptx::Function& f, const ptx::Instruction& i,
                             const ptx::Function& callee, std::vector<uint32_t>& params,
                             std::vector<uint32_t>& returns) {
    bool after_name = false;
    for (const ptx::Operand& o : i.operands) {
      if (o.kind == Kind::function) after_name = true;
      const bool single = o.kind == Kind::variable;
      if (o.kind != Kind::list && !single) continue;
      const auto take = [&](const ptx::Operand& e) {
        if (e.kind != Kind::variable || !e.variable_is_local || e.variable >= f.variables.size() ||
            e.offset != 0)
          return false;
        (after_name ? params : returns).push_back(e.variable);
        return true;
      };
      if (single && !take(o)) return false;
      for (const ptx::Operand& e : o.elements)
        if (!take(e)) return false;
    }
    return params.size() == callee.params.size() && returns.size() == callee.returns.size();
  }

  // Follows parameters and results of callees up to the variable of the frame that owns it.
  bool slot_variable(uint32_t frame, const ptx::Operand& address, SlotVariable& out) const {
    if (address.kind != Kind::address || address.base_kind != ptx::Operand::Base::variable)
      return false;
    const Frame& f = program_.frames[frame];
    if (address.variable_is_param || address.variable_is_return) {
      const auto& bound = address.variable_is_param ? f.param_variable : f.return_variable;
      if (f.caller == kNone || address.variable >= bound.size()) return false;
      out = {f.caller, bound[address.variable]};
      return true;
    }
    if (!address.variable_is_local || address.variable >= f.function->variables.size() ||
        f.function->variables[address.variable].space != ptx::Space::param)
      return false;
    out = {frame, address.variable};
    return true;
  }

  uint32_t slot(const SlotVariable& variable, int64_t offset, ptx::Type type) {
    const unsigned bytes = ptx::bits_of(type) / 8;
    const auto [it, fresh] = slots_.try_emplace({variable.first, variable.second, offset, bytes},
                                                static_cast<uint32_t>(program_.registers.size()));
    if (fresh) program_.registers.push_back(type);
    return it->second;
  }

  void use(Node& node, uint32_t reg) {
    if (reg == kNone) return;
    for (const RegisterUse& u : node.uses)
      if (u.reg == reg) return;
    node.uses.push_back({reg, kNone});
  }
  void use_all(Node& node, const ptx::Operand& operand) {
    use(node, program_.reg_of(node, operand));
    use(node, program_.base_of(node, operand));
    for (const ptx::Operand& e : operand.elements) use_all(node, e);
  }
  void define(Node& node, uint32_t reg) {
    if (reg == kNone) return;
    for (const RegisterDef& d : node.defs)
      if (d.reg == reg) return;
    node.defs.push_back({reg, kNone, kNone});
  }
  void define_all(Node& node, const ptx::Operand& operand) {
    define(node, program_.reg_of(node, operand));
    for (const ptx::Operand& e : operand.elements) define_all(node, e);
  }

  void collect_registers(Node& node) {
    const ptx::Instruction& i = *node.instruction;
    const Opcode& o = node.opcode;
    if (i.guard.present) use(node, program_.frames[node.frame].register_base + i.guard.reg);
    if ((o.effect == Effect::load || o.effect == Effect::store) && o.space == ptx::Space::param &&
        i.operands.size() == 2 && slot_access(node, i))
      return;
    for (size_t n = 0; n < i.operands.size(); ++n) {
      const ptx::Operand& operand = i.operands[n];
      if (operand.kind == Kind::variable && operand.variable_is_local && o.effect != Effect::call)
        address_taken_.insert({node.frame, operand.variable});
      if (n < o.destinations) {
        define_all(node, operand);
        use(node, program_.base_of(node, operand));
      } else {
        use_all(node, operand);
      }
      if (!o.known) define_all(node, operand);
    }
    // An accumulator that is read and written by one operand.
    if (i.op == "wgmma" && o.destinations) use_all(node, i.operands[0]);
  }

  bool slot_access(Node& node, const ptx::Instruction& i) {
    const bool load = node.opcode.effect == Effect::load;
    const ptx::Operand& address = i.operands[load ? 1 : 0];
    const ptx::Operand& data = i.operands[load ? 0 : 1];
    SlotVariable variable;
    if (!slot_variable(node.frame, address, variable)) return false;
    const bool vector = data.kind == Kind::vector;
    const size_t count = vector ? data.elements.size() : 1;
    for (size_t e = 0; e < count; ++e) {
      const ptx::Operand& element = vector ? data.elements[e] : data;
      const int64_t offset =
          address.offset + static_cast<int64_t>(e * (ptx::bits_of(node.opcode.type) / 8));
      const uint32_t s = slot(variable, offset, node.opcode.type);
      if (load) {
        define(node, program_.reg_of(node, element));
        use(node, s);
      } else {
        use(node, program_.reg_of(node, element));
        define(node, s);
      }
    }
    // A plain move only where nothing is cut off or extended on the way.
    const unsigned bits = ptx::bits_of(node.opcode.type);
    node.slot_move =
        count == 1 && (data.kind == Kind::reg ? width_of(node, data) == bits : bits >= 32);
    return true;
  }

  unsigned width_of(const Node& node, const ptx::Operand& operand) const {
    return ptx::bits_of(program_.registers[program_.reg_of(node, operand)]);
  }

  // Slots that share bytes, or whose variable's address is taken, hold what nobody can say: reads
  // of them find nothing.
  void forget_overlapping_slots() {
    std::vector<bool> forget(program_.registers.size());
    const std::tuple<uint32_t, uint32_t, int64_t, unsigned>* last = nullptr;
    uint32_t last_reg = kNone;
    for (const auto& [key, reg] : slots_) {
      const auto& [frame, variable, offset, bytes] = key;
      if (address_taken_.contains({frame, variable})) forget[reg] = true;
      if (last && std::get<0>(*last) == frame && std::get<1>(*last) == variable &&
          std::get<2>(*last) + std::get<3>(*last) > offset)
        forget[reg] = forget[last_reg] = true;
      last = &key;
      last_reg = reg;
    }
    for (Node& node : program_.nodes)
      std::erase_if(node.defs, [&](const RegisterDef& d) { return forget[d.reg]; });
  }

  Program program_;
  std::vector<const ptx::Function*> active_;
  std::vector<bool> done_;
  std::map<std::tuple<uint32_t, uint32_t, int64_t, unsigned>, uint32_t> slots_;
  std::set<SlotVariable> address_taken_;
};

}  // namespace

bool is_harmless_call(std::string_view name) {
  return name == "vprintf" || name == "__assertfail" || name == "free" || name == "malloc";
}

Program flatten(const ptx::Module& module, const ptx::Function& entry) {
  return Flattener(module, entry).run();
}

}  // namespace nonans::analyze
