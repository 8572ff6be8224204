// SPDX-License-Identifier: MIT
// The forms of atom and red (ISA 9.7.13), scalar and vector.
#include "atomics.hpp"
#include "emitter.hpp"
#include "memory.hpp"
#include "ops/isa.hpp"

namespace softgpu::engine {
namespace {

using ptx::Type;
using Kind = ptx::Operand::Kind;

constexpr u8 kAtomicWeight = 16;

bool emit(Emitter& e, const Form& f, Op& op) {
  const auto& operands = e.instruction().operands;
  const bool returns = e.instruction().op == "atom";
  const size_t sources = f.has(".cas") ? 2 : 1;
  const size_t first = returns ? 1 : 0;
  if (operands.size() != first + 1 + sources + (f.has(".L2::cache_hint") ? 1 : 0)) {
    return e.refuse("wrong number of operands");
  }
  op.run = atomic_body_of(f);
  if (op.run == nullptr || !set_memory_operand(e, f, operands[first], op)) return false;
  for (size_t i = 0; i < sources; ++i) {
    op.o[1 + i] = e.source_of(operands[first + 1 + i], f.type(0));
    if (op.o[1 + i] == kNoOperand) return false;
  }
  if (returns && operands[0].kind != Kind::sink) {
    op.o[0] = e.destination_of(operands[0], f.type(0));
    if (op.o[0] == kNoOperand) return false;
  }
  op.weight = kAtomicWeight;
  e.append(op);
  return true;
}

// A vector is atomic element by element, but located and aligned as a whole. count: its bytes.
void check_vector(Warp& w, const Op& op, u32 mask) {
  Located at;
  addresses_of(w, op, at.address);
  check_at(w, op, mask, {static_cast<MemorySpace>(op.small), op.count, op.count, true}, at);
}
bool emit_vector(Emitter& e, const Form& f, Op& op) {
  const auto& operands = e.instruction().operands;
  const bool returns = e.instruction().op == "atom";
  const size_t first = returns ? 1 : 0;
  if (operands.size() != first + 2 + (f.has(".L2::cache_hint") ? 1 : 0)) {
    return e.refuse("wrong number of operands");
  }
  const size_t length = f.has(".v8") ? 8 : (f.has(".v4") ? 4 : 2);
  const auto fits = [&](const ptx::Operand& o) {
    return o.kind == Kind::vector && o.elements.size() == length;
  };
  if (!fits(operands[first + 1]) ||
      (returns && operands[0].kind != Kind::sink && !fits(operands[0]))) {
    return e.refuse("the vector does not fit the form");
  }
  if (!set_memory_operand(e, f, operands[first], op)) return false;
  const Type type = f.type(0);
  const u32 bytes = ptx::bits_of(type) / 8;
  // An element of the result may be a source of a later one: take all sources first.
  std::vector<u32> sources;
  for (const ptx::Operand& element : operands[first + 1].elements) {
    const u32 source = e.source_of(element, type);
    if (source == kNoOperand) return false;
    sources.push_back(returns ? e.scratch(type) : source);
    if (returns) e.copy(sources.back(), source, type);
  }
  Op check = op;
  check.run = &check_vector;
  check.count = static_cast<u8>(bytes * length);
  e.append(check);
  for (size_t i = 0; i < length; ++i) {
    Op element = op;
    element.run = atomic_body_of(f);
    element.imm += bytes * i;
    element.o[1] = sources[i];
    if (returns && operands[0].kind != Kind::sink) {
      element.o[0] = e.destination_of(operands[0].elements[i], type);
      if (element.o[0] == kNoOperand) return false;
    }
    element.weight = kAtomicWeight;
    e.append(element);
  }
  return true;
}

#define SOFTGPU_SCOPES " {.cta|.cluster|.gpu|.sys}"
#define SOFTGPU_SPACES " {.global|.shared|.shared::cta|.shared::cluster}"
#define SOFTGPU_ATOM "atom {.relaxed|.acquire|.release|.acq_rel}" SOFTGPU_SCOPES
#define SOFTGPU_RED "red {.relaxed|.release}" SOFTGPU_SCOPES
#define SOFTGPU_HINT " {.L2::cache_hint}"
// What atom and red have in common.
#define SOFTGPU_ROWS(start)                                                                        \
  {start SOFTGPU_SPACES " .add" SOFTGPU_HINT " .u32|.s32|.u64|.f32|.f64", "", nullptr, emit},      \
      {start SOFTGPU_SPACES " .add .noftz" SOFTGPU_HINT " .f16|.f16x2|.bf16|.bf16x2", "", nullptr, \
       emit},                                                                                      \
      {start SOFTGPU_SPACES " .min|.max" SOFTGPU_HINT " .u32|.s32|.u64|.s64", "", nullptr, emit},  \
      {start SOFTGPU_SPACES " .and|.or|.xor" SOFTGPU_HINT " .b32|.b64", "", nullptr, emit},        \
      {start SOFTGPU_SPACES " .inc|.dec" SOFTGPU_HINT " .u32", "", nullptr, emit},                 \
      {start " {.global} .add" SOFTGPU_HINT " .v2|.v4 .f32", "", nullptr, emit_vector},            \
      {start " {.global} .add|.min|.max .noftz" SOFTGPU_HINT " .v2|.v4|.v8 .f16|.bf16", "",        \
       nullptr, emit_vector},                                                                      \
  {                                                                                                \
    start " {.global} .add|.min|.max .noftz" SOFTGPU_HINT " .v2|.v4 .f16x2|.bf16x2", "", nullptr,  \
        emit_vector                                                                                \
  }

constexpr Row kRows[] = {
    SOFTGPU_ROWS(SOFTGPU_ATOM),
    {SOFTGPU_ATOM SOFTGPU_SPACES " .exch" SOFTGPU_HINT " .b32|.b64|.b128", "", nullptr, emit},
    {SOFTGPU_ATOM SOFTGPU_SPACES " .cas .b16|.b32|.b64|.b128", "", nullptr, emit},
    SOFTGPU_ROWS(SOFTGPU_RED),
};

}  // namespace

std::span<const Row> rows_atomics() {
  return kRows;
}

}  // namespace softgpu::engine
