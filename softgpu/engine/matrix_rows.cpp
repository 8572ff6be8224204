// SPDX-License-Identifier: MIT
// mma and wmma.mma (ISA 9.7.14.4, 9.7.14.5): which combinations of shape and types there are, and
// how their operands bind. The arithmetic is in ops/matrix_arithmetic.cpp, the layout of fragments
// is told in matrix.hpp.
#include "matrix.hpp"

#include <cstring>

#include "emitter.hpp"
#include "fault.hpp"
#include "ops/isa.hpp"

namespace softgpu::engine {

using ptx::Type;
using Kind = ptx::Operand::Kind;

MatrixShape shape_of(std::string_view mod) {
  MatrixShape shape;
  u32* part = nullptr;
  for (const char c : mod) {
    if (c == 'm') part = &shape.m;
    if (c == 'n') part = &shape.n;
    if (c == 'k') part = &shape.k;
    if (c >= '0' && c <= '9' && part != nullptr) *part = *part * 10 + static_cast<u32>(c - '0');
  }
  return shape;
}

void require_whole_warp(const Warp& w, const Op& op, u32 mask) {
  if (mask == kAllLanes) return;
  raise(w, op, static_cast<u32>(__builtin_ctz(mask)), FaultKind::illegal_instruction,
        w.block->grid->code->origins[op.origin].instruction->spelling() +
            " needs all 32 threads of the warp, only " + std::to_string(__builtin_popcount(mask)) +
            " execute it");
}

const MatrixPlan& matrix_plan(const Warp& w, const Op& op, u32 mask) {
  require_whole_warp(w, op, mask);
  return *reinterpret_cast<const MatrixPlan*>(w.block->grid->code->lists[op.aux].data());
}

void join_warp(Emitter& e, Op& op) {
  op.flow = Flow::sync;
  op.o[kSyncMask] = e.constant(Type::u32, kAllLanes);
}

bool bind_fragment(Emitter& e, const ptx::Operand& operand, Element type, u32 registers,
                   bool is_destination, u32* slots) {
  const Type each = type == Element::f64   ? Type::f64
                    : type == Element::f32 ? Type::f32
                    : type == Element::s32 ? Type::s32
                                           : Type::b32;
  const bool is_vector = operand.kind == Kind::vector;
  const size_t given = is_vector ? operand.elements.size() : 1;
  if (given != registers) {
    return e.refuse("a fragment has " + std::to_string(given) + " registers, " +
                    std::to_string(registers) + " are expected");
  }
  for (u32 i = 0; i < registers; ++i) {
    const ptx::Operand& element = is_vector ? operand.elements[i] : operand;
    slots[i] = is_destination ? e.destination_of(element, each) : e.source_of(element, each);
    if (slots[i] == kNoOperand) return false;
  }
  return true;
}

namespace {

Element element_of(Type type) {
  switch (type) {
    case Type::f16:
      return Element::f16;
    case Type::bf16:
      return Element::bf16;
    case Type::tf32:
      return Element::tf32;
    case Type::f64:
      return Element::f64;
    case Type::f32:
      return Element::f32;
    case Type::s32:
      return Element::s32;
    case Type::s8:
      return Element::s8;
    case Type::u8:
      return Element::u8;
    case Type::s4:
      return Element::s4;
    case Type::u4:
      return Element::u4;
    case Type::b1:
      return Element::b1;
    case Type::e4m3:
      return Element::e4m3;
    case Type::e5m2:
      return Element::e5m2;
    case Type::e3m2:
      return Element::e3m2;
    case Type::e2m3:
      return Element::e2m3;
    case Type::e2m1:
      return Element::e2m1;
    default:
      return Element::none;
  }
}

Handler arithmetic_of(Emitter& e, const Form& f, const MatrixPlan& plan, bool quad_pairs) {
  if (quad_pairs) return e.body("$mma", {".f16x2"}, 0);
  switch (plan.a) {
    case Element::f64: {
      if (f.has(".rz")) return e.body("$mma", {".f64", ".rz"}, 0);
      if (f.has(".rm")) return e.body("$mma", {".f64", ".rm"}, 0);
      if (f.has(".rp")) return e.body("$mma", {".f64", ".rp"}, 0);
      return e.body("$mma", {".f64"}, 0);
    }
    case Element::b1:
      return e.body("$mma", {".b1"}, 0);
    case Element::s8:
    case Element::u8:
    case Element::s4:
    case Element::u4:
      return e.body("$mma", {".s32"}, 0);
    default:
      return e.body("$mma", {".f32"}, 0);
  }
}

struct Registers {
  u32 d, a, b, c;
};

// {byte-id, thread-id}
bool bind_selector(Emitter& e, const ptx::Operand& operand, u32& byte, u32& thread) {
  if (operand.kind != Kind::vector || operand.elements.size() != 2) {
    return e.refuse("a byte and a thread are expected to select the scales");
  }
  byte = e.source_of(operand.elements[0], Type::u16);
  thread = e.source_of(operand.elements[1], Type::u16);
  return byte != kNoOperand && thread != kNoOperand;
}
bool bind_scales(Emitter& e, MatrixPlan& plan) {
  const auto& operands = e.instruction().operands;
  return bind_fragment(e, operands[4], Element::none, 1, false, &plan.a_scales) &&
         bind_selector(e, operands[5], plan.a_byte, plan.a_thread) &&
         bind_fragment(e, operands[6], Element::none, 1, false, &plan.b_scales) &&
         bind_selector(e, operands[7], plan.b_byte, plan.b_thread);
}

// Sources before destinations: what binding emits for them must come first.
bool emit_plan(Emitter& e, const Form& f, Op& op, MatrixPlan& plan, const Registers& count,
               bool quad_pairs) {
  const auto& operands = e.instruction().operands;
  const size_t expected = plan.chunks != 0 ? 8 : 4;
  if (operands.size() != expected) return e.refuse("wrong number of operands");
  if (plan.chunks != 0 && !bind_scales(e, plan)) return false;
  if (!bind_fragment(e, operands[1], plan.a, count.a, false, plan.a_registers) ||
      !bind_fragment(e, operands[2], plan.b, count.b, false, plan.b_registers) ||
      !bind_fragment(e, operands[3], plan.c, count.c, false, plan.c_registers) ||
      !bind_fragment(e, operands[0], plan.d, count.d, true, plan.d_registers)) {
    return false;
  }
  op.run = arithmetic_of(e, f, plan, quad_pairs);
  op.aux = static_cast<u32>(e.code().lists.size());
  std::vector<u32> words(sizeof(MatrixPlan) / sizeof(u32));
  std::memcpy(words.data(), &plan, sizeof plan);
  e.code().lists.push_back(std::move(words));
  join_warp(e, op);
  e.append(op);
  return true;
}

MatrixPlan plan_of(const MatrixShape& shape, const Form& f, Type d, Type a, Type b, Type c) {
  MatrixPlan plan{};
  plan.a = element_of(a);
  plan.b = element_of(b);
  plan.c = element_of(c);
  plan.d = element_of(d);
  plan.m = shape.m;
  plan.n = shape.n;
  plan.k = a == Type::b1 ? shape.k / 32 : shape.k;
  plan.saturate = f.has(".satfinite") ? 1 : 0;
  plan.bit_and = f.has(".and") ? 1 : 0;
  return plan;
}
Registers registers_of(const MatrixPlan& plan) {
  const u32 each_a = kLanes * elements_per_register(plan.a);
  const u32 each_b = kLanes * elements_per_register(plan.b);
  return {accumulator_registers(plan.d, plan.m * plan.n), plan.m * plan.k / each_a,
          plan.n * plan.k / each_b, accumulator_registers(plan.c, plan.m * plan.n)};
}

// mods[2] is the shape in every row of mma.
bool emit_mma(Emitter& e, const Form& f, Op& op) {
  MatrixPlan plan = plan_of(shape_of(f.mods[2]), f, f.type(0), f.type(1), f.type(2), f.type(3));
  return emit_plan(e, f, op, plan, registers_of(plan), false);
}
bool emit_quad_pairs(Emitter& e, const Form& f, Op& op) {
  if (f.type(0) == Type::f16 && f.type(3) == Type::f32) return false;
  MatrixPlan plan = plan_of(shape_of(f.mods[2]), f, f.type(0), f.type(1), f.type(2), f.type(3));
  plan.a_is_column = f.mods[3] == ".col" ? 1 : 0;
  plan.b_is_row = f.mods[4] == ".row" ? 1 : 0;
  const u32 c = plan.c == Element::f16 ? 4 : 8, d = plan.d == Element::f16 ? 4 : 8;
  return emit_plan(e, f, op, plan, {d, 2, 2, c}, true);
}
bool emit_scaled(Emitter& e, const Form& f, Op& op) {
  MatrixPlan plan = plan_of(shape_of(f.mods[2]), f, f.type(0), f.type(1), f.type(2), f.type(3));
  const bool in_bytes = f.has(".kind::mxf8f6f4");
  if (!in_bytes) plan.a = plan.b = Element::e2m1_packed;
  plan.chunks = in_bytes ? 1 : (f.has(".scale_vec::4X") ? 4 : 2);
  plan.scale_is_e4m3 = f.has(".ue4m3") ? 1 : 0;
  return emit_plan(e, f, op, plan, registers_of(plan), false);
}
// mods[5] is the shape. Four types, or those of D and C alone for .f16 matrices.
bool emit_wmma(Emitter& e, const Form& f, Op& op) {
  const bool is_half = f.types.size() == 2;
  MatrixPlan plan = plan_of(shape_of(f.mods[5]), f, f.type(0), is_half ? Type::f16 : f.type(1),
                            is_half ? Type::f16 : f.type(2), f.type(is_half ? 1 : 3));
  Registers count = registers_of(plan);
  if (is_half) count.a = count.b = kFragmentRegisters;
  return emit_plan(e, f, op, plan, count, false);
}

#define SOFTGPU_MMA "mma .sync .aligned "
#define SOFTGPU_WMMA "wmma .mma .sync .aligned "
#define SOFTGPU_LAYOUTS ".row|.col .row|.col "
#define SOFTGPU_WIDE_SHAPES ".m16n16k16|.m32n8k16|.m8n32k16 "
#define SOFTGPU_NARROW ".e4m3|.e5m2|.e3m2|.e2m3|.e2m1 "

constexpr Row kRows[] = {
    {SOFTGPU_MMA ".m8n8k4 " SOFTGPU_LAYOUTS ".f16 .f16 .f16 .f16", "", nullptr, emit_quad_pairs},
    {SOFTGPU_MMA ".m8n8k4 " SOFTGPU_LAYOUTS ".f32 .f16 .f16 .f16|.f32", "", nullptr,
     emit_quad_pairs},
    {SOFTGPU_MMA ".m16n8k8|.m16n8k16 .row .col .f16 .f16 .f16 .f16", "", nullptr, emit_mma},
    {SOFTGPU_MMA ".m16n8k8|.m16n8k16 .row .col .f32 .f16 .f16 .f32", "", nullptr, emit_mma},
    {SOFTGPU_MMA ".m16n8k8|.m16n8k16 .row .col .f32 .bf16 .bf16 .f32", "", nullptr, emit_mma},
    {SOFTGPU_MMA ".m16n8k4|.m16n8k8 .row .col .f32 .tf32 .tf32 .f32", "", nullptr, emit_mma},
    {SOFTGPU_MMA
     ".m8n8k4|.m16n8k4|.m16n8k8|.m16n8k16 .row .col .f64 .f64 .f64 .f64 {.rn|.rz|.rm|.rp}",
     "", nullptr, emit_mma},
    {SOFTGPU_MMA ".m8n8k16|.m16n8k16|.m16n8k32 .row .col {.satfinite} .s32 .s8|.u8 .s8|.u8 .s32",
     "", nullptr, emit_mma},
    {SOFTGPU_MMA ".m8n8k32|.m16n8k32|.m16n8k64 .row .col {.satfinite} .s32 .s4|.u4 .s4|.u4 .s32",
     "", nullptr, emit_mma},
    {SOFTGPU_MMA ".m8n8k128|.m16n8k128|.m16n8k256 .row .col .s32 .b1 .b1 .s32 .xor|.and .popc", "",
     nullptr, emit_mma},
    {SOFTGPU_MMA ".m16n8k16|.m16n8k32 .row .col .f16 .e4m3|.e5m2 .e4m3|.e5m2 .f16", "", nullptr,
     emit_mma},
    {SOFTGPU_MMA ".m16n8k16|.m16n8k32 .row .col .f32 .e4m3|.e5m2 .e4m3|.e5m2 .f32", "", nullptr,
     emit_mma},
    {SOFTGPU_MMA ".m16n8k32 .row .col .kind::f8f6f4 .f16 " SOFTGPU_NARROW SOFTGPU_NARROW ".f16", "",
     nullptr, emit_mma},
    {SOFTGPU_MMA ".m16n8k32 .row .col .kind::f8f6f4 .f32 " SOFTGPU_NARROW SOFTGPU_NARROW ".f32", "",
     nullptr, emit_mma},
    {SOFTGPU_MMA ".m16n8k16 .row .col .kind::f8f6f4 .f16 .e4m3|.e5m2 .e4m3|.e5m2 .f16", "", nullptr,
     emit_mma},
    {SOFTGPU_MMA ".m16n8k16 .row .col .kind::f8f6f4 .f32 .e4m3|.e5m2 .e4m3|.e5m2 .f32", "", nullptr,
     emit_mma},
    {SOFTGPU_MMA ".m16n8k32 .row .col .kind::mxf8f6f4 .block_scale {.scale_vec::1X} "
                 ".f32 " SOFTGPU_NARROW SOFTGPU_NARROW ".f32 .ue8m0",
     "", nullptr, emit_scaled},
    {SOFTGPU_MMA ".m16n8k64 .row .col .kind::mxf4 .block_scale {.scale_vec::2X} "
                 ".f32 .e2m1 .e2m1 .f32 .ue8m0",
     "", nullptr, emit_scaled},
    {SOFTGPU_MMA ".m16n8k64 .row .col .kind::mxf4nvf4 .block_scale .scale_vec::2X "
                 ".f32 .e2m1 .e2m1 .f32 .ue8m0",
     "", nullptr, emit_scaled},
    {SOFTGPU_MMA ".m16n8k64 .row .col .kind::mxf4nvf4 .block_scale .scale_vec::4X "
                 ".f32 .e2m1 .e2m1 .f32 .ue4m3",
     "", nullptr, emit_scaled},

    {SOFTGPU_WMMA SOFTGPU_LAYOUTS SOFTGPU_WIDE_SHAPES ".f16|.f32 .f16|.f32", "", nullptr,
     emit_wmma},
    {SOFTGPU_WMMA SOFTGPU_LAYOUTS SOFTGPU_WIDE_SHAPES ".f32 .bf16 .bf16 .f32", "", nullptr,
     emit_wmma},
    {SOFTGPU_WMMA SOFTGPU_LAYOUTS ".m16n16k8 .f32 .tf32 .tf32 .f32", "", nullptr, emit_wmma},
    {SOFTGPU_WMMA SOFTGPU_LAYOUTS ".m8n8k4 .f64 .f64 .f64 .f64 {.rn|.rz|.rm|.rp}", "", nullptr,
     emit_wmma},
    {SOFTGPU_WMMA SOFTGPU_LAYOUTS SOFTGPU_WIDE_SHAPES ".s32 .s8 .s8 .s32 {.satfinite}", "", nullptr,
     emit_wmma},
    {SOFTGPU_WMMA SOFTGPU_LAYOUTS SOFTGPU_WIDE_SHAPES ".s32 .u8 .u8 .s32 {.satfinite}", "", nullptr,
     emit_wmma},
    {SOFTGPU_WMMA ".row .col .m8n8k32 .s32 .s4 .s4 .s32 {.satfinite}", "", nullptr, emit_wmma},
    {SOFTGPU_WMMA ".row .col .m8n8k32 .s32 .u4 .u4 .s32 {.satfinite}", "", nullptr, emit_wmma},
    {SOFTGPU_WMMA ".row .col .m8n8k128 .s32 .b1 .b1 .s32 .xor|.and .popc", "", nullptr, emit_wmma},
};

}  // namespace

std::span<const Row> rows_matrix() {
  return kRows;
}

}  // namespace softgpu::engine
