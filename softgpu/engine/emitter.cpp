// SPDX-License-Identifier: MIT
#include "emitter.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "fault.hpp"
#include "layout.hpp"
#include "memory.hpp"
#include "slots.hpp"
#include "special.hpp"

namespace softgpu::engine {

using Kind = ptx::Operand::Kind;
using ptx::Type;

u32 ConstantPool::value32(u32 value) {
  const auto [at, fresh] = words_.try_emplace(value, static_cast<u32>(bytes_.size()));
  if (fresh) {
    const std::vector<u32> lanes(kLanes, value);
    const auto* from = reinterpret_cast<const std::byte*>(lanes.data());
    bytes_.insert(bytes_.end(), from, from + kLanes * sizeof(u32));
  }
  return at->second | kConstantBit;
}

u32 ConstantPool::value64(u64 value) {
  const auto [at, fresh] = doubles_.try_emplace(value, static_cast<u32>(bytes_.size()));
  if (fresh) {
    const std::vector<u64> lanes(kLanes, value);
    const auto* from = reinterpret_cast<const std::byte*>(lanes.data());
    bytes_.insert(bytes_.end(), from, from + kLanes * sizeof(u64));
  }
  return at->second | kConstantBit;
}

SlotClass class_of(Type type) {
  if (type == Type::pred) return SlotClass::predicate;
  const unsigned bits = ptx::bits_of(type);
  return bits <= 32 ? SlotClass::word : (bits <= 64 ? SlotClass::wide : SlotClass::quad);
}

Emitter::Emitter(Code& code, ConstantPool& constants, const Placement& placement, u32 function)
    : code_(code),
      constants_(constants),
      placement_(placement),
      function_(function),
      source_(&code.module.functions[function]) {}

u32 Emitter::scratch(SlotClass slot) {
  for (size_t i = scratch_used_; i < scratch_pool_.size(); ++i) {
    if (scratch_pool_[i].first != slot) continue;
    std::swap(scratch_pool_[i], scratch_pool_[scratch_used_]);
    return scratch_pool_[scratch_used_++].second;
  }
  scratch_pool_.insert(scratch_pool_.begin() + static_cast<std::ptrdiff_t>(scratch_used_),
                       {slot, frame_bytes_});
  frame_bytes_ += slot == SlotClass::predicate ? 128U : 64U << static_cast<unsigned>(slot);
  return scratch_pool_[scratch_used_++].second;
}

u32 Emitter::constant(Type type, u64 bits) {
  const unsigned width = ptx::bits_of(type);
  if (width == 64) return constants_.value64(bits);
  const u64 mask = width >= 32 ? 0xffffffffULL : (1ULL << width) - 1;
  return constants_.value32(static_cast<u32>(bits & mask));
}

u32 Emitter::local_space(u32 bytes) {
  u32& end = code_.functions[function_].local_bytes;
  const u32 at = (end + bytes - 1) / bytes * bytes;
  end = (at + bytes + 15) / 16 * 16;
  return at;
}

std::optional<u32> Emitter::register_named(const ptx::Variable& variable) const {
  if (variable.space != ptx::Space::reg) return std::nullopt;
  for (size_t r = 0; r < slots_.size(); ++r) {
    if (source_->registers[r].name == variable.name) return slots_[r];
  }
  return std::nullopt;
}

bool Emitter::load_parameters() {
  if (source_->is_entry) return true;
  for (size_t i = 0; i < source_->params.size(); ++i) {
    const std::optional<u32> slot = register_named(source_->params[i]);
    const u32 offset = static_cast<u32>(placement_.functions[function_].params[i].value);
    if (slot && !load_local(*this, *slot, offset, source_->params[i].type)) return false;
  }
  return true;
}

bool Emitter::refuse(std::string reason) {
  if (reason_.empty()) reason_ = std::move(reason);
  return false;
}

void Emitter::append(Op op) {
  const ptx::Guard& guard = instruction_->guard;
  if (guard.present) {
    op.guard = register_slot(guard.reg);
    op.guard_flip = guard.negated ? kAllLanes : 0;
  }
  op.origin = origin_;
  code_.ops.push_back(op);
}

Handler Emitter::body(std::string_view op, std::initializer_list<std::string_view> mods,
                      unsigned operands) {
  const auto form = Table::get().match(op, {mods.begin(), mods.size()}, operands);
  return form && form->row->select != nullptr ? form->row->select(*form) : nullptr;
}

void Emitter::copy(u32 d, u32 s, Type type) {
  Op op;
  if (class_of(type) == SlotClass::predicate) {
    op.run = body("mov", {".pred"}, 2);
  } else {
    op.run = body("$copy",
                  {class_of(type) == SlotClass::quad   ? ".b128"
                   : class_of(type) == SlotClass::wide ? ".b64"
                                                       : ".b32"},
                  2);
  }
  op.o[0] = d;
  op.o[1] = s;
  append(op);
}

u32 Emitter::source_of(const ptx::Operand& operand, Type type, bool relaxed) {
  const unsigned width = type == Type::pred ? 1 : ptx::bits_of(type);
  switch (operand.kind) {
    case Kind::reg: {
      const Type have = type_of_register(operand.reg);
      const SlotClass slot = class_of(have), wanted = class_of(type);
      const unsigned have_bits = have == Type::pred ? 1 : ptx::bits_of(have);
      if ((slot == SlotClass::predicate) != (wanted == SlotClass::predicate) ||
          (!relaxed && have_bits != width) || have_bits < width) {
        refuse("register '" + std::string(source_->registers[operand.reg].name) + "' is ." +
               std::string(ptx::name_of(have)) + ", ." + std::string(ptx::name_of(type)) +
               " expected");
        return kNoOperand;
      }
      u32 at = register_slot(operand.reg);
      if (wanted == SlotClass::predicate && operand.negated) {
        Op op;
        op.run = body("not", {".pred"}, 2);
        op.o[0] = scratch(SlotClass::predicate);
        op.o[1] = at;
        append(op);
        return op.o[0];
      }
      if (slot != wanted || (width < 32 && have_bits > width)) {
        // Bodies expect narrow values zero-extended in a slot of their class.
        Op op;
        op.run =
            body("$extract",
                 {width == 8 ? ".b8" : (width == 16 ? ".b16" : (width == 32 ? ".b32" : ".b64")),
                  slot == SlotClass::quad ? ".b128" : (slot == SlotClass::wide ? ".b64" : ".b32")},
                 2);
        op.o[0] = scratch(wanted);
        op.o[1] = at;
        append(op);
        at = op.o[0];
      }
      return at;
    }
    case Kind::integer:
      if (type == Type::pred) return operand.bits != 0 ? kTruePredicate : kFalsePredicate;
      if (is_float_type(type))
        return refuse("a floating-point constant is expected") ? 0 : kNoOperand;
      return constant(type, operand.bits);
    case Kind::f32_bits:
      if (width == 64) {
        const double wide = std::bit_cast<float>(static_cast<u32>(operand.bits));
        return constant(type, std::bit_cast<u64>(wide));
      }
      return constant(type, operand.bits);
    case Kind::f64_bits:
      if (width == 32) {
        const float narrow = static_cast<float>(std::bit_cast<double>(operand.bits));
        return constant(type, std::bit_cast<u32>(narrow));
      }
      return constant(type, operand.bits);
    case Kind::special: {
      // No launch of this device states a cluster's size.
      if (type == Type::pred && operand.text == "%is_explicit_cluster") return kFalsePredicate;
      const auto special =
          type == Type::pred ? std::nullopt : find_special(operand.text, operand.component);
      if (!special) {
        refuse("unknown special register '" + std::string(operand.text) + "'");
        return kNoOperand;
      }
      const SlotClass slot = special->wide ? SlotClass::wide : SlotClass::word;
      Op op;
      op.run = special->body;
      op.imm = special->argument;
      op.o[0] = scratch(slot);
      append(op);
      if (slot == class_of(type) && width >= 32) return op.o[0];
      Op convert;
      convert.run = slot == SlotClass::word && width == 64 ? body("cvt", {".u64", ".u32"}, 2)
                    : width == 16                          ? body("cvt", {".u16", ".u32"}, 2)
                                                           : body("cvt", {".u32", ".u64"}, 2);
      convert.o[0] = scratch(type);
      convert.o[1] = op.o[0];
      append(convert);
      return convert.o[0];
    }
    case Kind::variable: {
      const Place& place = placement_.of(operand, function_);
      const u64 offset = place.value + static_cast<u64>(operand.offset);
      if (place.dynamic_shared || place.space == ptx::Space::local) {
        Op op;
        op.run =
            place.dynamic_shared ? dynamic_shared_address() : body("$local_address", {".b64"}, 1);
        op.imm = offset;
        op.o[0] = scratch(SlotClass::wide);
        append(op);
        if (width == 64) return op.o[0];
        Op convert;
        convert.run = body("cvt", {".u32", ".u64"}, 2);
        convert.o[0] = scratch(SlotClass::word);
        convert.o[1] = op.o[0];
        append(convert);
        return convert.o[0];
      }
      return constant(type, offset);
    }
    case Kind::function:
      return constant(type, function_handle(operand.function));
    default:
      refuse("operand '" + std::string(operand.text) + "' is not a value");
      return kNoOperand;
  }
}

u32 Emitter::destination_of(const ptx::Operand& operand, Type type, bool relaxed) {
  if (operand.kind == Kind::sink) return scratch(type);
  if (operand.kind != Kind::reg) {
    refuse("operand '" + std::string(operand.text) + "' is not a register");
    return kNoOperand;
  }
  const Type have = type_of_register(operand.reg);
  const unsigned width = type == Type::pred ? 1 : ptx::bits_of(type);
  const unsigned have_bits = have == Type::pred ? 1 : ptx::bits_of(have);
  if ((have == Type::pred) != (type == Type::pred) || (!relaxed && have_bits != width) ||
      have_bits < width) {
    refuse("register '" + std::string(source_->registers[operand.reg].name) + "' is ." +
           std::string(ptx::name_of(have)) + ", ." + std::string(ptx::name_of(type)) + " expected");
    return kNoOperand;
  }
  const u32 at = register_slot(operand.reg);
  const bool extend_sign = is_signed_type(type) && have_bits > width;
  if (class_of(have) == class_of(type) && !extend_sign) return at;
  Op extension;
  const std::string_view from = width == 8    ? (extend_sign ? ".s8" : ".u8")
                                : width == 16 ? (extend_sign ? ".s16" : ".u16")
                                : width == 32 ? (extend_sign ? ".s32" : ".u32")
                                              : ".u64";
  if (class_of(have) == SlotClass::quad) {
    refuse("a .b128 register is too wide");
    return kNoOperand;
  }
  const std::string_view to = have_bits == 64 ? ".u64" : (have_bits == 32 ? ".u32" : ".u16");
  extension.run = body("cvt", {to, from}, 2);
  extension.o[0] = at;
  extension.o[1] = scratch(type);
  after_.push_back(extension);
  return extension.o[1];
}

bool Emitter::address_of(const ptx::Operand& operand, Op& op, ptx::Space& space) {
  space = ptx::Space::generic;
  op.o[kAddress] = kNoOperand;
  op.imm = static_cast<u64>(operand.offset);
  switch (operand.base_kind) {
    case ptx::Operand::Base::reg: {
      const Type have = type_of_register(operand.reg);
      if (class_of(have) != SlotClass::word && class_of(have) != SlotClass::wide) {
        return refuse("an address register has 32 or 64 bits");
      }
      op.o[kAddress] = register_slot(operand.reg);
      op.address_is_wide = class_of(have) == SlotClass::wide;
      return true;
    }
    case ptx::Operand::Base::immediate:
      op.imm = operand.bits + static_cast<u64>(operand.offset);
      return true;
    case ptx::Operand::Base::variable: {
      const Place& place = placement_.of(operand, function_);
      space = place.space;
      op.imm = place.value + static_cast<u64>(operand.offset);
      if (place.dynamic_shared || place.space == ptx::Space::local) {
        ptx::Operand value = operand;
        value.kind = Kind::variable;
        op.o[kAddress] = source_of(value, Type::b64);
        op.address_is_wide = true;
        op.imm = 0;
      }
      return true;
    }
    default:
      return refuse("operand '" + std::string(operand.text) + "' is not an address");
  }
}

bool Emitter::bind(const Form& form, Op& op) {
  std::string_view spec = form.row->operands;
  size_t next = 0;
  unsigned slot = 0;
  const auto& operands = instruction_->operands;
  // Source pre-operations are appended while binding; destinations' extensions follow the main Op,
  // so they wait where no append finds them.
  std::vector<Op> extensions;
  while (!spec.empty()) {
    const size_t end = std::min(spec.find(' '), spec.size());
    std::string_view token = spec.substr(0, end);
    spec.remove_prefix(std::min(end + 1, spec.size()));
    bool relaxed = false, optional = false;
    while (token.back() == '~' || token.back() == '?') {
      (token.back() == '~' ? relaxed : optional) = true;
      token.remove_suffix(1);
    }
    if (token == "q") {  // the second half of p|q
      if (instruction_->pipe) op.o[slot] = destination_of(operands[next++], Type::pred);
      ++slot;
      continue;
    }
    if (next >= operands.size()) {
      if (!optional) return refuse("too few operands");
      ++slot;
      continue;
    }
    const ptx::Operand& operand = operands[next++];
    if (token == "i") {
      if (operand.kind != Kind::integer) return refuse("an immediate is expected");
      op.imm = operand.bits;
      continue;
    }
    Type type = Type::none;
    if (token[1] == '.') {
      type = ptx::type_from_suffix(token.substr(1)).value_or(Type::none);
    } else if (token[1] == 'w') {
      switch (form.type(static_cast<unsigned>(token[2] - '0'))) {
        case Type::u16:
          type = Type::u32;
          break;
        case Type::s16:
          type = Type::s32;
          break;
        case Type::u32:
          type = Type::u64;
          break;
        case Type::s32:
          type = Type::s64;
          break;
        default:
          break;
      }
    } else {
      type = form.type(static_cast<unsigned>(token[1] - '0'));
    }
    op.o[slot] = token[0] == 'd' ? destination_of(operand, type, relaxed)
                                 : source_of(operand, type, relaxed);
    if (op.o[slot] == kNoOperand) return false;
    if (!after_.empty()) {
      extensions.insert(extensions.end(), after_.begin(), after_.end());
      after_.clear();
    }
    ++slot;
  }
  after_ = std::move(extensions);
  return next == operands.size() ? true : refuse("too many operands");
}

bool Emitter::emit(const ptx::Instruction& instruction) {
  instruction_ = &instruction;
  scratch_used_ = 0;
  after_.clear();
  reason_.clear();
  origin_ = static_cast<u32>(code_.origins.size());
  code_.origins.push_back({&instruction, function_});
  const size_t ops_before = code_.ops.size();
  const auto form = Table::get().match(instruction.op, instruction.mods,
                                       static_cast<unsigned>(instruction.operands.size()));
  if (form) {
    Op op;
    op.rounding = form->rounding();
    const Row& row = *form->row;
    bool good = true;
    if (row.select != nullptr) {
      op.run = row.select(*form);
      good = op.run != nullptr && bind(*form, op) &&
             (row.emit == nullptr || row.emit(*this, *form, op));
      if (good) append(op);
    } else {
      good = row.emit(*this, *form, op);
    }
    if (good) {
      // Not earlier: sources append Ops of their own before the instruction's result is there.
      for (const Op& extension : after_) append(extension);
      return true;
    }
    after_.clear();
    code_.ops.resize(ops_before);
    if (!reason_.empty()) return fail(instruction.spelling() + ": " + reason_, false);
  }
  const bool known = Table::get().knows(instruction.op);
  return fail(std::string(known ? "unsupported form of '" : "unsupported instruction '") +
                  std::string(instruction.op) + "': '" + instruction.spelling() + "'",
              true);
}

bool Emitter::fail(const std::string& reason, bool unsupported) {
  const ptx::Position& at = instruction_->at;
  error_.message = code_.module.name + ":" + std::to_string(at.line) + ":" +
                   std::to_string(at.column) + ": " + reason;
  error_.unsupported = unsupported;
  return false;
}

void Emitter::emit_late_fault(const std::string& message) {
  Op op;
  op.run = &raise_unsupported;
  op.aux = static_cast<u32>(code_.unsupported.size());
  code_.unsupported.push_back(message);
  append(op);
}

bool Emitter::run(bool fail_late) {
  FunctionCode& out = code_.functions[function_];
  const Layout layout = lay_out(*source_);
  Slots slots = place_registers(*source_, layout);
  slots_ = std::move(slots.of);
  frame_bytes_ = slots.frame_bytes;
  const u32 count = static_cast<u32>(source_->body.size());
  starts_.assign(count + 1, 0);
  out.entry = static_cast<u32>(code_.ops.size());
  static const ptx::Instruction kReturn = [] {
    ptx::Instruction i;
    i.op = "ret";
    return i;
  }();
  static const ptx::Instruction kJump = [] {
    ptx::Instruction i;
    i.op = "bra";
    return i;
  }();
  instruction_ = source_->body.empty() ? &kReturn : &source_->body.front();
  origin_ = static_cast<u32>(code_.origins.size());
  code_.origins.push_back({instruction_, function_});
  const ptx::Instruction* first = std::exchange(instruction_, &kReturn);  // without a guard
  if (!load_parameters()) {
    instruction_ = first;
    return fail("a parameter of this type cannot be in a register", true);
  }
  for (size_t n = 0; n < layout.order.size(); ++n) {
    const u32 b = layout.order[n];
    const BasicBlock& block = layout.blocks[b];
    if (block.begin == count) {
      starts_[count] = static_cast<u32>(code_.ops.size());
      if (!emit(kReturn)) return false;
      continue;
    }
    for (u32 i = block.begin; i < block.end; ++i) {
      starts_[i] = static_cast<u32>(code_.ops.size());
      if (emit(source_->body[i])) continue;
      if (!fail_late || !error_.unsupported) return false;
      emit_late_fault(error_.message);
    }
    const bool next_is_adjacent = n + 1 < layout.order.size() && layout.order[n + 1] == b + 1;
    if (block.falls_through && !next_is_adjacent) {
      instruction_ = &kJump;  // without a guard
      Op jump;
      jump.flow = Flow::branch;
      branch_to(layout.blocks[b + 1].begin);
      append(jump);
    }
  }
  resolve();
  out.frame_bytes = frame_bytes_;
  return true;
}

void Emitter::resolve() {
  for (const Fixup& fixup : fixups_) code_.ops[fixup.op].aux = starts_[fixup.target];
  for (const ListFixup& fixup : list_fixups_) {
    code_.lists[fixup.list][fixup.entry] = starts_[fixup.target];
  }
}

}  // namespace softgpu::engine
