// SPDX-License-Identifier: MIT
#include <algorithm>
#include <map>

#include "builtins.hpp"
#include "emitter.hpp"
#include "engine.hpp"
#include "placement.hpp"

namespace softgpu::engine {
namespace {

// Stack of a thread whose depth of calls is not bounded: as large as CUDA's default limit allows a
// driver to grow it.
constexpr u64 kUnboundedStack = 32 * 1024;

Builtin builtin_named(std::string_view name) {
  if (name == "vprintf") return Builtin::vprintf;
  if (name == "__assertfail") return Builtin::assertfail;
  if (name == "malloc") return Builtin::malloc;
  if (name == "free") return Builtin::free;
  if (name == "cudaGraphSetConditional") return Builtin::set_conditional;
  return Builtin::none;
}

Builtin builtin_of(const ptx::Function& function) {
  return function.is_declaration ? builtin_named(function.name) : Builtin::none;
}

// The most local bytes that a call of `function` needs; nullopt when it depends on the data
// (recursion, pointers).
class StackDepth {
 public:
  StackDepth(const Code& code, const Placement& placement) : code_(code), placement_(placement) {}
  std::optional<u64> of(u32 function) {
    if (placement_.calls_indirect[function]) return std::nullopt;
    if (const auto known = known_.find(function); known != known_.end()) return known->second;
    known_[function] = std::nullopt;  // seen again while open: recursion
    u64 deepest = 0;
    for (u32 callee : placement_.callees[function]) {
      const std::optional<u64> below = of(callee);
      if (!below) return std::nullopt;
      deepest = std::max(deepest, *below);
    }
    return known_[function] = code_.functions[function].local_bytes + deepest;
  }

 private:
  const Code& code_;
  const Placement& placement_;
  std::map<u32, std::optional<u64>> known_;
};

std::vector<CallSlot> slots(const std::vector<Place>& places,
                            const std::vector<ptx::Variable>& variables) {
  std::vector<CallSlot> out;
  for (size_t i = 0; i < places.size(); ++i) {
    out.push_back({static_cast<u32>(places[i].value), static_cast<u32>(variables[i].size)});
  }
  return out;
}

u32 register_estimate(const ptx::Function& function) {
  u64 words = 0;
  for (const ptx::Register& r : function.registers) {
    const SlotClass slot = class_of(r.type);
    words += slot == SlotClass::wide ? 2 : (slot == SlotClass::quad ? 4 : 1);
  }
  // Virtual registers are reused by any allocator; a quarter of them, within what hardware has and
  // the kernel allows (.maxnreg: an allocator would spill the rest).
  const u32 most = function.maxnreg == 0 ? 255 : std::clamp(function.maxnreg, 16U, 255U);
  return static_cast<u32>(std::clamp<u64>(words / 4, 16, most));
}

u32 thread_limit(const ptx::Function& function) {
  const auto product = [](const uint32_t(&d)[3]) {
    return std::max(d[0], 1U) * std::max(d[1], 1U) * std::max(d[2], 1U);
  };
  if (function.reqntid[0] != 0) return std::min(product(function.reqntid), 1024U);
  if (function.maxntid[0] != 0) return std::min(product(function.maxntid), 1024U);
  return 1024;
}

}  // namespace

bool is_builtin(std::string_view name) {
  return builtin_named(name) != Builtin::none;
}

Kernel::Kernel() = default;
Kernel::~Kernel() = default;

struct Program::Impl {
  Code code;
  Placement placement;
  AddressSpace* space = nullptr;
  std::vector<std::unique_ptr<Kernel>> kernels;
  ~Impl() {
    for (u64 address : placement.owned) space->release(address);
    for (u64 address : code.heap->live) space->release(address);
  }
};

Program::Program(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Program::~Program() = default;

std::unique_ptr<Program> Program::load(ptx::Module module, AddressSpace& space, LoadError& error,
                                       bool fail_late) {
  auto impl = std::make_unique<Impl>();
  impl->space = &space;
  impl->code.module = std::move(module);
  const ptx::Module& source = impl->code.module;
  if (std::optional<LoadError> failed = place(source, space, impl->placement)) {
    error = *failed;
    return nullptr;
  }
  Code& code = impl->code;
  code.functions.resize(source.functions.size());
  for (size_t f = 0; f < source.functions.size(); ++f) {
    FunctionCode& out = code.functions[f];
    out.name = source.functions[f].name;
    out.is_entry = source.functions[f].is_entry;
    out.builtin = builtin_of(source.functions[f]);
    out.local_bytes = impl->placement.functions[f].local_bytes;
    if (!out.is_entry) {
      out.params = slots(impl->placement.functions[f].params, source.functions[f].params);
      out.results = slots(impl->placement.functions[f].returns, source.functions[f].returns);
    }
  }
  ConstantPool constants(code.constants);
  for (u32 f = 0; f < source.functions.size(); ++f) {
    if (source.functions[f].is_declaration) continue;
    Emitter emitter(code, constants, impl->placement, f);
    if (!emitter.run(fail_late)) {
      error = emitter.error();
      return nullptr;
    }
  }
  const bool allocates = std::any_of(code.functions.begin(), code.functions.end(),
                                     [](const FunctionCode& f) { return f.allocates; });
  StackDepth depth(code, impl->placement);
  for (u32 f = 0; f < source.functions.size(); ++f) {
    const ptx::Function& function = source.functions[f];
    if (!function.is_entry || function.is_declaration) continue;
    auto kernel = std::make_unique<Kernel>();
    kernel->name = function.name;
    kernel->params = function.params;
    kernel->param_bytes = function.param_bytes;
    kernel->static_shared = impl->placement.static_shared[f];
    kernel->local_bytes = code.functions[f].local_bytes;
    kernel->max_threads = thread_limit(function);
    kernel->registers = register_estimate(function);
    kernel->constant_bytes = impl->placement.constant_bytes;
    // With alloca anywhere there is no bound to compute: there is room as for recursion.
    const std::optional<u64> bound = allocates ? std::nullopt : depth.of(f);
    const u64 stack = bound.value_or(code.functions[f].local_bytes + kUnboundedStack);
    kernel->impl = std::make_unique<KernelImpl>(
        KernelImpl{&code, f, static_cast<u32>((stack + 15) / 16 * 16)});
    impl->kernels.push_back(std::move(kernel));
  }
  return std::make_unique<Program>(std::move(impl));
}

const Kernel* Program::find_kernel(std::string_view name) const {
  for (const auto& kernel : impl_->kernels) {
    if (kernel->name == name) return kernel.get();
  }
  return nullptr;
}

const Variable* Program::find_variable(std::string_view name) const {
  for (const Variable& variable : impl_->placement.symbols) {
    if (variable.name == name) return &variable;
  }
  return nullptr;
}

std::span<const std::unique_ptr<Kernel>> Program::kernels() const {
  return impl_->kernels;
}

}  // namespace softgpu::engine
