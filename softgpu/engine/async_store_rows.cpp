// SPDX-License-Identifier: MIT
// st.async and red.async (ISA 9.7.9.12, 9.7.13.7): stores and reductions to shared memory of the
// cluster that report their bytes to an mbarrier. A cluster is one block, so the address is the
// block's own; the bytes move and are reported at once.
#include <string>

#include "atomics.hpp"
#include "emitter.hpp"
#include "mbarrier.hpp"
#include "memory.hpp"
#include "ops/isa.hpp"

namespace softgpu::engine {
namespace {

using ptx::Type;
using Kind = ptx::Operand::Kind;

// count: bytes
void report_body(Warp& w, const Op& op, u32 mask) {
  Located at;
  locate(w, op, mask, 8, true, at);
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const u32 l = static_cast<u32>(__builtin_ctz(rest));
    change_mbarrier(w, op, l, at.host[l], {.bytes = -s64{op.count}});
  }
}
bool report(Emitter& e, const Form& f, u32 bytes) {
  Op op;
  if (!set_memory_operand(e, f, e.instruction().operands[2], op)) return false;
  op.small = static_cast<u8>(MemorySpace::shared);
  op.count = static_cast<u8>(bytes);
  op.run = &report_body;
  e.append(op);
  return true;
}
bool begin(Emitter& e, const Form& f, Op& op) {
  const auto& operands = e.instruction().operands;
  if (operands.size() != 3) return e.refuse("three operands are expected");
  if (!set_memory_operand(e, f, operands[0], op)) return false;
  op.small = static_cast<u8>(MemorySpace::shared);
  return true;
}

bool emit_store(Emitter& e, const Form& f, Op& op) {
  if (!begin(e, f, op)) return false;
  const Type type = f.type(0);
  const ptx::Operand& data = e.instruction().operands[1];
  const size_t length = f.has(".v4") ? 4 : (f.has(".v2") ? 2 : 1);
  const u32 bytes = ptx::bits_of(type) / 8 * static_cast<u32>(length);
  const std::vector<ptx::Operand> one{data};
  const std::vector<ptx::Operand>& elements = data.kind == Kind::vector ? data.elements : one;
  if (elements.size() != length || bytes > 16) return e.refuse("the vector does not fit the form");
  for (size_t i = 0; i < length; ++i) {
    op.o[i] = e.source_of(elements[i], type);
    if (op.o[i] == kNoOperand) return false;
  }
  op.count = static_cast<u8>(length);
  const std::string suffix = ".b" + std::to_string(ptx::bits_of(type));
  op.run = e.body("$store", {suffix}, 2);
  e.append(op);
  return report(e, f, bytes);
}
bool emit_reduction(Emitter& e, const Form& f, Op& op) {
  if (!begin(e, f, op)) return false;
  const Type type = f.type(0);
  op.o[1] = e.source_of(e.instruction().operands[1], type);
  if (op.o[1] == kNoOperand) return false;
  op.run = atomic_body_of(f);
  e.append(op);
  return report(e, f, ptx::bits_of(type) / 8);
}

#define SOFTGPU_RED "red .async .relaxed .cluster {.shared::cluster} .mbarrier::complete_tx::bytes"

constexpr Row kRows[] = {
    {"st .async {.weak} {.shared::cluster} .mbarrier::complete_tx::bytes {.v2|.v4} "
     ".b32|.b64|.u32|.u64|.s32|.s64|.f32|.f64",
     "", nullptr, emit_store},
    {SOFTGPU_RED " .inc|.dec .u32", "", nullptr, emit_reduction},
    {SOFTGPU_RED " .min|.max .u32|.s32", "", nullptr, emit_reduction},
    {SOFTGPU_RED " .and|.or|.xor .b32", "", nullptr, emit_reduction},
    {SOFTGPU_RED " .add .u32|.s32|.u64|.s64", "", nullptr, emit_reduction},
};

}  // namespace

std::span<const Row> rows_async_store() {
  return kRows;
}

}  // namespace softgpu::engine
