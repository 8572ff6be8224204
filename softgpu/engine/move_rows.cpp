// SPDX-License-Identifier: MIT
// mov in all its shapes (ISA 9.7.9.5) and set (9.7.6.1).
#include "emitter.hpp"
#include "ops/isa.hpp"
#include "special.hpp"

namespace softgpu::engine {
namespace {

using ptx::Type;
using Kind = ptx::Operand::Kind;

struct Piece {
  Type type;
  std::string_view suffix;
};
// The n-th part of a value of `bits`.
std::optional<Piece> piece_of(unsigned bits, size_t n) {
  if (n == 0 || bits % n != 0) return std::nullopt;
  switch (bits / n) {
    case 8:
      return Piece{Type::b8, ".b8"};
    case 16:
      return Piece{Type::b16, ".b16"};
    case 32:
      return Piece{Type::b32, ".b32"};
    case 64:
      return Piece{Type::b64, ".b64"};
    default:
      return std::nullopt;
  }
}
std::string_view whole_suffix(unsigned bits) {
  return bits == 128 ? ".b128" : (bits == 64 ? ".b64" : (bits == 32 ? ".b32" : ".b16"));
}

bool unpack(Emitter& e, Type type, const ptx::Operand& to, const ptx::Operand& from) {
  const unsigned bits = ptx::bits_of(type);
  const auto piece = piece_of(bits, to.elements.size());
  const u32 source = e.source_of(from, type);
  if (!piece || source == kNoOperand) return e.refuse("the vector does not fit the type");
  const unsigned width = ptx::bits_of(piece->type);
  for (size_t i = 0; i < to.elements.size(); ++i) {
    if (to.elements[i].kind == Kind::sink) continue;
    Op op;
    op.run = e.body("$extract", {piece->suffix, whole_suffix(bits)}, 2);
    // 8-bit pieces may go to 16-bit registers and wider: there are no 8-bit ones.
    op.o[0] = e.destination_of(to.elements[i], piece->type, width == 8);
    op.o[1] = source;
    op.imm = i * width;
    if (op.o[0] == kNoOperand || op.run == nullptr) return false;
    e.append(op);
  }
  return true;
}

bool pack(Emitter& e, Type type, const ptx::Operand& to, const ptx::Operand& from) {
  const unsigned bits = ptx::bits_of(type);
  const auto piece = piece_of(bits, from.elements.size());
  if (!piece) return e.refuse("the vector does not fit the type");
  const unsigned width = ptx::bits_of(piece->type);
  // Bind everything first: what binding emits must not come between the pieces.
  std::vector<u32> sources;
  for (const ptx::Operand& element : from.elements) {
    sources.push_back(e.source_of(element, piece->type, width == 8));
    if (sources.back() == kNoOperand) return false;
  }
  const u32 destination = e.destination_of(to, type);
  if (destination == kNoOperand) return false;
  for (size_t i = 0; i < sources.size(); ++i) {
    Op op;
    op.run = e.body("$insert", {whole_suffix(bits), piece->suffix}, 2);
    op.o[0] = destination;
    op.o[1] = sources[i];
    op.imm = i * width;
    if (op.run == nullptr) return false;
    e.append(op);
  }
  return true;
}

bool emit_mov(Emitter& e, const Form& f, Op& op) {
  const auto& operands = e.instruction().operands;
  if (operands.size() != 2) return e.refuse("two operands are expected");
  const ptx::Operand& to = operands[0];
  const ptx::Operand& from = operands[1];
  const Type type = f.type(0);
  if ((to.kind == Kind::vector || from.kind == Kind::vector) &&
      std::string_view(ptx::name_of(type)).front() != 'b') {
    return e.refuse("vectors are packed and unpacked by the untyped forms, .b16 to .b128");
  }
  if (to.kind == Kind::vector) return unpack(e, type, to, from);
  if (from.kind == Kind::vector) return pack(e, type, to, from);
  if (from.kind == Kind::special) {
    const auto special = find_special(from.text, from.component);
    // %tid and its like were 16 bits wide once, %gridid 32: those moves stay legal.
    if (special && ((!special->wide && ptx::bits_of(type) > 32) ||
                    (special->wide && ptx::bits_of(type) < 64 && from.text != "%gridid"))) {
      return e.refuse("'" + std::string(from.text) + "' does not have the type's width");
    }
    if (special && ptx::bits_of(type) == (special->wide ? 64U : 32U)) {
      op.run = special->body;
      op.imm = special->argument;
      op.o[0] = e.destination_of(to, type);
      if (op.o[0] == kNoOperand) return false;
      e.append(op);
      return true;
    }
  }
  const u32 source = e.source_of(from, type);
  const u32 destination = e.destination_of(to, type);
  if (source == kNoOperand || destination == kNoOperand) return false;
  e.copy(destination, source, type);
  return true;
}

// True in the destination type: all ones for integers, 1.0 for floats.
u64 true_of(Type type) {
  switch (type) {
    case Type::f32:
      return 0x3f800000U;
    case Type::f16:
      return 0x3c00U;
    case Type::bf16:
      return 0x3f80U;
    case Type::f16x2:
      return 0x3c003c00U;
    case Type::bf16x2:
      return 0x3f803f80U;
    default:
      return 0xffffffffU;
  }
}

// d = mask ? yes : no, by a predicate
void select(Emitter& e, u32 d, u32 yes, u32 no, u32 predicate) {
  Op op;
  op.run = e.body("selp", {".b32"}, 4);
  op.o[0] = d;
  op.o[1] = yes;
  op.o[2] = no;
  op.o[3] = predicate;
  e.append(op);
}

bool emit_set(Emitter& e, const Form& f, Op&) {
  const auto& operands = e.instruction().operands;
  const bool combined = f.has(".and") || f.has(".or") || f.has(".xor");
  if (operands.size() != (combined ? 4U : 3U)) return e.refuse("wrong number of operands");
  const Type to = f.type(0), from = f.type(1);
  const bool pair = from == Type::f16x2 || from == Type::bf16x2;
  // The comparison is the setp of the same modifiers.
  std::vector<std::string_view> mods;
  for (std::string_view mod : f.mods) {
    if (!mod.empty() && !ptx::type_from_suffix(mod)) mods.push_back(mod);
  }
  const std::string suffix = "." + std::string(ptx::name_of(from));
  mods.push_back(suffix);
  const auto setp = Table::get().match("setp", mods, combined ? 4U : 3U);
  if (!setp) return false;
  Op op;
  op.run = setp->row->select(*setp);
  op.o[0] = e.scratch(SlotClass::predicate);
  op.o[1] = pair ? e.scratch(SlotClass::predicate) : kNoOperand;
  op.o[2] = e.source_of(operands[1], from);
  op.o[3] = e.source_of(operands[2], from);
  if (combined) {
    op.o[4] = e.source_of(operands[3], Type::pred);
    if (op.o[4] == kNoOperand) return false;
  }
  op.small = static_cast<u8>(f.which({".and", ".or", ".xor"}) + 1);
  const u32 d = e.destination_of(operands[0], to);
  if (op.run == nullptr || d == kNoOperand || op.o[2] == kNoOperand || op.o[3] == kNoOperand) {
    return false;
  }
  e.append(op);
  const u64 yes = true_of(to);
  if (!pair) {
    select(e, d, e.constant(to, yes), e.constant(Type::b32, 0), op.o[0]);
    return true;
  }
  const u32 low = e.scratch(SlotClass::word);
  select(e, low, e.constant(Type::b32, yes & 0xffffU), e.constant(Type::b32, 0), op.o[0]);
  const u32 high = e.scratch(SlotClass::word);
  select(e, high, e.constant(Type::b32, yes & 0xffff0000U), e.constant(Type::b32, 0), op.o[1]);
  Op merge;
  merge.run = e.body("or", {".b32"}, 3);
  merge.o[0] = d;
  merge.o[1] = low;
  merge.o[2] = high;
  e.append(merge);
  return true;
}

#define SOFTGPU_BOOL " {.and|.or|.xor}"
#define SOFTGPU_FLOAT_CMP \
  " .eq|.ne|.lt|.le|.gt|.ge|.equ|.neu|.ltu|.leu|.gtu|.geu|.num|.nan" SOFTGPU_BOOL
#define SOFTGPU_SET_TO " .u32|.s32|.f32|.f16|.bf16"

constexpr Row kRows[] = {
    {"mov .b16|.b32|.b64|.b128|.u16|.u32|.u64|.s16|.s32|.s64|.f32|.f64", "", nullptr, emit_mov},
    {"set .eq|.ne" SOFTGPU_BOOL SOFTGPU_SET_TO " .b16|.b32|.b64", "", nullptr, emit_set},
    {"set .eq|.ne|.lt|.le|.gt|.ge|.lo|.ls|.hi|.hs" SOFTGPU_BOOL SOFTGPU_SET_TO " .u16|.u32|.u64",
     "", nullptr, emit_set},
    {"set .eq|.ne|.lt|.le|.gt|.ge" SOFTGPU_BOOL SOFTGPU_SET_TO " .s16|.s32|.s64", "", nullptr,
     emit_set},
    {"set" SOFTGPU_FLOAT_CMP " {.ftz} .u32|.s32|.f32|.f16 .f32", "", nullptr, emit_set},
    {"set" SOFTGPU_FLOAT_CMP " .bf16 .f32|.f16", "", nullptr, emit_set},
    {"set" SOFTGPU_FLOAT_CMP SOFTGPU_SET_TO " .f64", "", nullptr, emit_set},
    {"set" SOFTGPU_FLOAT_CMP " {.ftz} .u16|.s16|.u32|.s32|.f16 .f16", "", nullptr, emit_set},
    {"set" SOFTGPU_FLOAT_CMP " .u16|.s16|.u32|.s32|.bf16 .bf16", "", nullptr, emit_set},
    {"set" SOFTGPU_FLOAT_CMP " {.ftz} .u32|.s32|.f16x2 .f16x2", "", nullptr, emit_set},
    {"set" SOFTGPU_FLOAT_CMP " .u32|.s32|.bf16x2 .bf16x2", "", nullptr, emit_set},
};

}  // namespace

std::span<const Row> rows_moves() {
  return kRows;
}

}  // namespace softgpu::engine
