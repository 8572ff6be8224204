// SPDX-License-Identifier: MIT
#include "placement.hpp"

#include <algorithm>
#include <cstring>
#include <set>

#include "managed_space.hpp"

namespace softgpu::engine {
namespace {

u64 align_up(u64 value, u64 alignment) {
  return alignment <= 1 ? value : (value + alignment - 1) / alignment * alignment;
}

LoadError failure(const ptx::Module& module, const ptx::Position& at, const std::string& reason,
                  bool unsupported = false) {
  return {
      module.name + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": " + reason,
      unsupported};
}

// Which shared variables and which functions a function's body mentions.
struct Uses {
  std::set<u32> module_shared;
  std::set<u32> callees;
  bool indirect = false;
};

void visit(const ptx::Operand& operand, const ptx::Module& module, Uses& uses) {
  const bool names_variable = operand.kind == ptx::Operand::Kind::variable ||
                              (operand.kind == ptx::Operand::Kind::address &&
                               operand.base_kind == ptx::Operand::Base::variable);
  if (names_variable && !operand.variable_is_local && !operand.variable_is_param &&
      !operand.variable_is_return &&
      module.variables[operand.variable].space == ptx::Space::shared) {
    uses.module_shared.insert(operand.variable);
  }
  if (operand.kind == ptx::Operand::Kind::function) uses.callees.insert(operand.function);
  for (const ptx::Operand& element : operand.elements) visit(element, module, uses);
}

std::vector<Uses> find_uses(const ptx::Module& module) {
  std::vector<Uses> all(module.functions.size());
  for (size_t f = 0; f < all.size(); ++f) {
    for (const ptx::Instruction& instruction : module.functions[f].body) {
      for (const ptx::Operand& operand : instruction.operands) visit(operand, module, all[f]);
      if (instruction.op == "call") {
        const bool direct =
            std::any_of(instruction.operands.begin(), instruction.operands.end(),
                        [](const auto& o) { return o.kind == ptx::Operand::Kind::function; });
        if (!direct) all[f].indirect = true;
      }
    }
  }
  return all;
}

// Functions reachable from each entry; an indirect call may reach any device function.
std::set<u32> reachable(u32 from, const std::vector<Uses>& uses, const ptx::Module& module) {
  std::set<u32> seen{from};
  std::vector<u32> todo{from};
  bool all = false;
  while (!todo.empty()) {
    const Uses& u = uses[todo.back()];
    todo.pop_back();
    std::set<u32> next = u.callees;
    if (u.indirect && !all) {
      all = true;
      for (u32 f = 0; f < module.functions.size(); ++f) {
        if (!module.functions[f].is_entry) next.insert(f);
      }
    }
    for (u32 f : next) {
      const u32 real = module.functions[f].alias_of != ptx::Function::kNoAlias
                           ? module.functions[f].alias_of
                           : f;
      if (seen.insert(real).second) todo.push_back(real);
    }
  }
  return seen;
}

void place_shared(const ptx::Module& module, const std::vector<Uses>& uses, Placement& out) {
  const size_t count = module.functions.size();
  std::vector<std::set<u32>> reach(count);
  std::vector<u32> users(module.variables.size(), 0);
  std::vector<u32> function_users(count, 0);
  std::vector<std::set<u32>> used(count);
  for (u32 f = 0; f < count; ++f) {
    if (!module.functions[f].is_entry) continue;
    reach[f] = reachable(f, uses, module);
    for (u32 g : reach[f]) {
      ++function_users[g];
      used[f].insert(uses[g].module_shared.begin(), uses[g].module_shared.end());
    }
    for (u32 v : used[f]) ++users[v];
  }
  const auto is_static = [](const ptx::Variable& v) {
    return v.space == ptx::Space::shared && v.size != 0;
  };
  u64 end = 0;
  const auto assign = [&](const ptx::Variable& variable, Place& place, u64& at) {
    at = align_up(at, std::max<u64>(variable.align, 1));
    place = {ptx::Space::shared, at, false};
    at += variable.size;
  };
  for (u32 v = 0; v < module.variables.size(); ++v) {
    const ptx::Variable& variable = module.variables[v];
    if (variable.space != ptx::Space::shared) continue;
    out.module[v] = {ptx::Space::shared, 0, variable.size == 0};
    if (is_static(variable) && users[v] != 1) assign(variable, out.module[v], end);
  }
  for (u32 f = 0; f < count; ++f) {
    for (size_t v = 0; v < module.functions[f].variables.size(); ++v) {
      const ptx::Variable& variable = module.functions[f].variables[v];
      if (variable.space != ptx::Space::shared) continue;
      out.functions[f].variables[v] = {ptx::Space::shared, 0, variable.size == 0};
      if (is_static(variable) && function_users[f] != 1) {
        assign(variable, out.functions[f].variables[v], end);
      }
    }
  }
  for (u32 f = 0; f < count; ++f) {
    if (!module.functions[f].is_entry) continue;
    u64 at = end, needed = 0;
    const auto need = [&](const ptx::Variable& variable, const Place& place) {
      if (is_static(variable)) needed = std::max(needed, place.value + variable.size);
    };
    for (u32 v : used[f]) {
      if (is_static(module.variables[v]) && users[v] == 1) {
        assign(module.variables[v], out.module[v], at);
      }
      need(module.variables[v], out.module[v]);
    }
    for (u32 g : reach[f]) {
      for (size_t v = 0; v < module.functions[g].variables.size(); ++v) {
        const ptx::Variable& variable = module.functions[g].variables[v];
        if (is_static(variable) && function_users[g] == 1) {
          assign(variable, out.functions[g].variables[v], at);
        }
        need(variable, out.functions[g].variables[v]);
      }
    }
    out.static_shared[f] = static_cast<u32>(needed);
  }
}

void place_frames(const ptx::Module& module, Placement& out) {
  for (size_t f = 0; f < module.functions.size(); ++f) {
    const ptx::Function& function = module.functions[f];
    FunctionPlacement& frame = out.functions[f];
    u64 at = 0;
    const auto assign = [&](const ptx::Variable& variable) {
      at = align_up(at, std::max<u64>(variable.align, 1));
      const Place place{ptx::Space::local, at, false};
      at += variable.size;
      return place;
    };
    for (size_t i = 0; i < function.params.size(); ++i) {
      frame.params[i] = function.is_entry
                            ? Place{ptx::Space::param, function.params[i].offset, false}
                            : assign(function.params[i]);
    }
    for (size_t i = 0; i < function.returns.size(); ++i) {
      frame.returns[i] = assign(function.returns[i]);
    }
    for (size_t i = 0; i < function.variables.size(); ++i) {
      const ptx::Space space = function.variables[i].space;
      if (space == ptx::Space::local || space == ptx::Space::param) {
        frame.variables[i] = assign(function.variables[i]);
      }
    }
    frame.local_bytes = static_cast<u32>(align_up(at, 16));
  }
}

class GlobalPlacer {
 public:
  GlobalPlacer(const ptx::Module& module, AddressSpace& space, Placement& out)
      : module_(module), space_(space), out_(out) {}

  std::optional<LoadError> run() {
    for (u32 v = 0; v < module_.variables.size(); ++v) {
      if (auto error = allocate(module_.variables[v], out_.module[v], true)) return error;
    }
    for (size_t f = 0; f < module_.functions.size(); ++f) {
      const auto& variables = module_.functions[f].variables;
      for (size_t v = 0; v < variables.size(); ++v) {
        if (auto error = allocate(variables[v], out_.functions[f].variables[v], false))
          return error;
      }
    }
    for (u32 v = 0; v < module_.variables.size(); ++v) {
      if (auto error = initialize(module_.variables[v], out_.module[v])) return error;
    }
    for (size_t f = 0; f < module_.functions.size(); ++f) {
      const auto& variables = module_.functions[f].variables;
      for (size_t v = 0; v < variables.size(); ++v) {
        if (auto error = initialize(variables[v], out_.functions[f].variables[v])) return error;
      }
    }
    return std::nullopt;
  }

 private:
  static bool is_global(const ptx::Variable& v) {
    return v.space == ptx::Space::global || v.space == ptx::Space::constant;
  }
  std::optional<LoadError> allocate(const ptx::Variable& variable, Place& place, bool named) {
    if (variable.space == ptx::Space::local && named) {
      return failure(module_, variable.at, "unsupported .local variable at module scope", true);
    }
    if (!is_global(variable)) return std::nullopt;
    if (variable.linkage == ptx::Linkage::extern_) {
      return failure(module_, variable.at,
                     "unresolved symbol '" + std::string(variable.name) + "'");
    }
    const u64 size = std::max<u64>(variable.size, 1);
    const u64 address = variable.managed ? allocate_managed(size) : space_.allocate(size);
    if (address == 0) {
      return failure(module_, variable.at,
                     "no device memory for '" + std::string(variable.name) + "'");
    }
    out_.owned.push_back(address);
    place = {ptx::Space::global, address, false};
    if (variable.space == ptx::Space::constant) {
      out_.constant_bytes += static_cast<u32>(variable.size);
    }
    if (named) out_.symbols.push_back({std::string(variable.name), address, variable.size});
    return std::nullopt;
  }
  u64 allocate_managed(u64 size) {
    auto* const managed = dynamic_cast<ManagedSpace*>(&space_);
    return managed ? managed->allocate_managed(size) : space_.allocate(size);
  }
  std::optional<u64> address_of(std::string_view name) const {
    for (u32 v = 0; v < module_.variables.size(); ++v) {
      if (module_.variables[v].name != name) continue;
      const Place& place = out_.module[v];
      return place.space == ptx::Space::shared ? kSharedWindow + place.value : place.value;
    }
    for (u32 f = 0; f < module_.functions.size(); ++f) {
      if (module_.functions[f].name == name) return function_handle(f);
    }
    return std::nullopt;
  }
  std::optional<LoadError> initialize(const ptx::Variable& variable, const Place& place) {
    if (!is_global(variable) || (variable.init.empty() && variable.relocs.empty())) {
      return std::nullopt;
    }
    const Range* range = space_.find(place.value);
    if (range == nullptr) {
      return failure(module_, variable.at,
                     "no host memory behind '" + std::string(variable.name) + "'");
    }
    std::byte* host = range->host + (place.value - range->address);
    std::copy(variable.init.begin(), variable.init.end(), host);
    for (const ptx::InitReloc& reloc : variable.relocs) {
      const std::optional<u64> target = address_of(reloc.symbol);
      if (!target) {
        return failure(module_, variable.at,
                       "unresolved symbol '" + std::string(reloc.symbol) + "'");
      }
      u64 value = *target + static_cast<u64>(reloc.addend);
      value >>= 8 * reloc.byte_index;
      std::memcpy(host + reloc.offset, &value, std::min<u32>(reloc.width, 8));
    }
    return std::nullopt;
  }

  const ptx::Module& module_;
  AddressSpace& space_;
  Placement& out_;
};

}  // namespace

const Place& Placement::of(const ptx::Operand& operand, u32 function) const {
  if (operand.variable_is_local) return functions[function].variables[operand.variable];
  if (operand.variable_is_param) return functions[function].params[operand.variable];
  if (operand.variable_is_return) return functions[function].returns[operand.variable];
  return module[operand.variable];
}

std::optional<LoadError> place(const ptx::Module& module, AddressSpace& space, Placement& out) {
  const size_t count = module.functions.size();
  out.module.resize(module.variables.size());
  out.functions.resize(count);
  out.static_shared.resize(count);
  out.callees.resize(count);
  out.calls_indirect.resize(count);
  for (size_t f = 0; f < count; ++f) {
    out.functions[f].params.resize(module.functions[f].params.size());
    out.functions[f].returns.resize(module.functions[f].returns.size());
    out.functions[f].variables.resize(module.functions[f].variables.size());
  }
  const std::vector<Uses> uses = find_uses(module);
  for (size_t f = 0; f < count; ++f) {
    out.callees[f].assign(uses[f].callees.begin(), uses[f].callees.end());
    out.calls_indirect[f] = uses[f].indirect;
  }
  place_frames(module, out);
  place_shared(module, uses, out);
  std::optional<LoadError> error = GlobalPlacer(module, space, out).run();
  if (error) {
    for (u64 address : out.owned) space.release(address);
    out.owned.clear();
  }
  return error;
}

}  // namespace softgpu::engine
