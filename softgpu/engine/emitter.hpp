// SPDX-License-Identifier: MIT
// Turns the instructions of one function into Ops: binds operands, places constants, resolves
// branches.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "code.hpp"
#include "form.hpp"
#include "placement.hpp"

namespace softgpu::engine {

// The program's constants, each once per lane and only once per program.
class ConstantPool {
 public:
  explicit ConstantPool(std::vector<std::byte>& bytes) : bytes_(bytes) {}
  u32 value32(u32 value);
  u32 value64(u64 value);

 private:
  std::vector<std::byte>& bytes_;
  std::map<u32, u32> words_;
  std::map<u64, u32> doubles_;
};

enum class SlotClass : u8 { predicate, word, wide, quad };
SlotClass class_of(ptx::Type type);

class Emitter {
 public:
  Emitter(Code& code, ConstantPool& constants, const Placement& placement, u32 function);

  // Emits the whole function. On failure error() says why; unsupported forms are recorded as
  // faults-when-reached if `fail_late`.
  bool run(bool fail_late);
  const LoadError& error() const { return error_; }

  // For rows
  // -----------------------------------------------------------------------------------------------
  const ptx::Instruction& instruction() const { return *instruction_; }
  const ptx::Function& source() const { return *source_; }
  const ptx::Module& module() const { return code_.module; }
  Code& code() { return code_; }
  u32 function() const { return function_; }
  const Placement& placement() const { return placement_; }

  // Offset of a source of `type`. `relaxed`: a wider register is fine. kNoOperand and a reason on
  // failure.
  u32 source_of(const ptx::Operand& operand, ptx::Type type, bool relaxed = false);
  // Offset of a destination; what a wider register still needs is emitted after the instruction.
  u32 destination_of(const ptx::Operand& operand, ptx::Type type, bool relaxed = false);
  u32 constant(ptx::Type type, u64 bits);
  u32 scratch(SlotClass slot);
  u32 scratch(ptx::Type type) { return scratch(class_of(type)); }
  ptx::Type type_of_register(u32 reg) const { return source_->registers[reg].type; }
  // Fills op.o[kAddress], op.imm and op.small's base bits from an address operand and tells the
  // space that the address names by itself (a variable), or generic.
  bool address_of(const ptx::Operand& operand, Op& op, ptx::Space& space);
  // Appends with the instruction's guard and origin.
  void append(Op op);
  // One of the emitter's own building blocks or another opcode.
  Handler body(std::string_view op, std::initializer_list<std::string_view> mods,
               unsigned operands);
  void copy(u32 d, u32 s, ptx::Type type);
  // aux of the last appended Op will be the program counter of AST instruction `target`.
  void branch_to(u32 target) { fixups_.push_back({static_cast<u32>(code_.ops.size()), target}); }
  void list_to(u32 list, u32 entry, u32 target) { list_fixups_.push_back({list, entry, target}); }
  bool refuse(std::string reason);
  // Room in the local frame of the function.
  u32 local_space(u32 bytes);
  // Slot of the register that a .reg parameter or result is; nullopt for others.
  std::optional<u32> register_named(const ptx::Variable& variable) const;
  u32 next_cache_slot() { return cache_slots_++; }

 private:
  struct Fixup {
    u32 op, target;
  };
  struct ListFixup {
    u32 list, entry, target;
  };
  bool emit(const ptx::Instruction& instruction);
  bool bind(const Form& form, Op& op);
  bool fail(const std::string& reason, bool unsupported);
  void emit_late_fault(const std::string& message);
  u32 register_slot(u32 reg) const { return slots_[reg]; }
  void resolve();
  bool load_parameters();

  Code& code_;
  ConstantPool& constants_;
  const Placement& placement_;
  u32 function_;
  const ptx::Function* source_;
  const ptx::Instruction* instruction_ = nullptr;
  u32 origin_ = 0;
  u32 frame_bytes_ = 0;
  u32 cache_slots_ = 0;
  std::vector<u32> slots_;
  std::vector<u32> starts_;  // AST instruction -> first Op
  std::vector<Fixup> fixups_;
  std::vector<ListFixup> list_fixups_;
  std::vector<Op> after_;  // extensions of destinations, emitted after the instruction's Op
  std::vector<std::pair<SlotClass, u32>> scratch_pool_;
  size_t scratch_used_ = 0;
  std::string reason_;
  LoadError error_;
};

}  // namespace softgpu::engine
