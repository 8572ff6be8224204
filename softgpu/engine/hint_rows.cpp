// SPDX-License-Identifier: MIT
// Instructions without an effect here: prefetches, cache priorities and policies, performance
// events, dependent launches (a dependent grid starts when the one before it is done), register
// quotas.
#include "emitter.hpp"
#include "ops/isa.hpp"

namespace softgpu::engine {
namespace {

using ptx::Type;

void nothing(Warp&, const Op&, u32) {}
template <unsigned Operands>
bool emit_nothing(Emitter& e, const Form&, Op& op) {
  if (e.instruction().operands.size() != Operands) return e.refuse("wrong number of operands");
  op.run = &nothing;
  e.append(op);
  return true;
}
// [a], 128: no other size exists.
bool emit_nothing_for_128(Emitter& e, const Form& f, Op& op) {
  const auto& operands = e.instruction().operands;
  if (operands.size() != 2 || operands[1].kind != ptx::Operand::Kind::integer ||
      operands[1].bits != 128) {
    return e.refuse("an address and the size 128 are expected");
  }
  return emit_nothing<2>(e, f, op);
}
// A policy is a value that only cache hints read.
bool emit_policy(Emitter& e, const Form&, Op&) {
  const auto& operands = e.instruction().operands;
  if (operands.empty()) return e.refuse("a destination is expected");
  const u32 d = e.destination_of(operands[0], Type::b64);
  if (d == kNoOperand) return false;
  e.copy(d, e.constant(Type::b64, 0), Type::b64);
  return true;
}
// A cluster is one block, so a block's shared memory maps to itself.
bool emit_mapa(Emitter& e, const Form& f, Op&) {
  const auto& operands = e.instruction().operands;
  if (operands.size() != 3) return e.refuse("three operands are expected");
  const Type type = f.type(0);
  const u32 source = e.source_of(operands[1], type), d = e.destination_of(operands[0], type);
  if (source == kNoOperand || d == kNoOperand) return false;
  e.copy(d, source, type);
  return true;
}
bool emit_rank(Emitter& e, const Form&, Op&) {
  const auto& operands = e.instruction().operands;
  if (operands.size() != 2) return e.refuse("two operands are expected");
  const u32 d = e.destination_of(operands[0], Type::u32);
  if (d == kNoOperand) return false;
  e.copy(d, e.constant(Type::u32, 0), Type::u32);
  return true;
}

constexpr Row kRows[] = {
    {"prefetch {.global|.local} .L1|.L2", "", nullptr, emit_nothing<1>},
    {"prefetch {.global} .L2::evict_last|.L2::evict_normal", "", nullptr, emit_nothing<1>},
    {"prefetch {.const|.param} .tensormap", "", nullptr, emit_nothing<1>},
    {"prefetchu .L1", "", nullptr, emit_nothing<1>},
    {"applypriority {.global} .L2::evict_normal", "", nullptr, emit_nothing_for_128},
    {"discard {.global} .L2", "", nullptr, emit_nothing_for_128},
    {"createpolicy .fractional .L2::evict_last|.L2::evict_normal|.L2::evict_first|"
     ".L2::evict_unchanged {.L2::evict_first|.L2::evict_unchanged} .b64",
     "", nullptr, emit_policy},
    {"createpolicy .range {.global} .L2::evict_last|.L2::evict_normal|.L2::evict_first|"
     ".L2::evict_unchanged {.L2::evict_first|.L2::evict_unchanged} .b64",
     "", nullptr, emit_policy},
    {"createpolicy .cvt .L2 .b64", "", nullptr, emit_policy},
    {"griddepcontrol .launch_dependents|.wait", "", nullptr, emit_nothing<0>},
    {"pmevent {.mask}", "", nullptr, emit_nothing<1>},
    {"setmaxnreg .inc|.dec .sync .aligned .u32", "", nullptr, emit_nothing<1>},
    {"mapa {.shared::cluster} .u32|.u64", "", nullptr, emit_mapa},
    {"getctarank {.shared::cluster} .u32|.u64", "", nullptr, emit_rank},
};

}  // namespace

std::span<const Row> rows_hints() {
  return kRows;
}

}  // namespace softgpu::engine
