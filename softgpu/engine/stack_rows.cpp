// SPDX-License-Identifier: MIT
// alloca, stacksave and stackrestore (ISA 9.7.15): memory behind a thread's local frame, which the
// return from the function gives back. What stacksave returns is the number of bytes that the
// function's allocas have taken so far.
#include "emitter.hpp"
#include "fault.hpp"
#include "ops/isa.hpp"

namespace softgpu::engine {
namespace {

using ptx::Type;

// o: address, size; imm: alignment
template <class T>
void alloca_body(Warp& w, const Op& op, u32 mask) {
  Frame& frame = *w.frame;
  const u32 frame_bytes = w.block->grid->code->functions[frame.function].local_bytes;
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const u32 l = static_cast<u32>(__builtin_ctz(rest));
    const u64 top = u64{frame.local_base[l]} + frame_bytes;
    const u64 at = (top + frame.allocated[l] + op.imm - 1) / op.imm * op.imm;
    const u64 size = w.at<const T>(op.o[1])[l];
    if (at > w.block->stack_bytes || size > w.block->stack_bytes - at) {
      raise(w, op, l, FaultKind::hardware_stack_error,
            "alloca of " + std::to_string(size) + " bytes: the stack of the thread is full");
    }
    frame.allocated[l] = static_cast<u32>(at + size - top);
    w.at<T>(op.o[0])[l] = static_cast<T>(at);
  }
}
bool emit_alloca(Emitter& e, const Form& f, Op& op) {
  const auto& operands = e.instruction().operands;
  if (operands.size() < 2 || operands.size() > 3) return e.refuse("two operands are expected");
  op.imm = 8;  // documented default
  if (operands.size() == 3) {
    op.imm = operands[2].bits;
    if (operands[2].kind != ptx::Operand::Kind::integer || op.imm == 0 ||
        (op.imm & (op.imm - 1)) != 0 || op.imm > (1U << 23)) {
      return e.refuse("the alignment must be a power of two");
    }
  }
  const Type type = f.type(0);
  op.run = type == Type::u64 ? &alloca_body<u64> : &alloca_body<u32>;
  op.o[1] = e.source_of(operands[1], type);
  op.o[0] = e.destination_of(operands[0], type);
  if (op.o[0] == kNoOperand || op.o[1] == kNoOperand) return false;
  e.code().functions[e.function()].allocates = true;
  e.append(op);
  return true;
}

template <class T>
void save_body(Warp& w, const Op& op, u32 mask) {
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const int l = __builtin_ctz(rest);
    w.at<T>(op.o[0])[l] = w.frame->allocated[l];
  }
}
template <class T>
void restore_body(Warp& w, const Op& op, u32 mask) {
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const u32 l = static_cast<u32>(__builtin_ctz(rest));
    const u64 saved = w.at<const T>(op.o[0])[l];
    if (saved > w.frame->allocated[l]) {
      raise(w, op, l, FaultKind::hardware_stack_error,
            "stackrestore of something that stacksave of this call did not return");
    }
    w.frame->allocated[l] = static_cast<u32>(saved);
  }
}

constexpr Row kRows[] = {
    {"alloca .u32|.u64", "", nullptr, emit_alloca},
    {"stacksave .u32|.u64", "d0",
     [](const Form& f) -> Handler {
       return f.type(0) == Type::u64 ? &save_body<u64> : &save_body<u32>;
     }},
    {"stackrestore .u32|.u64", "s0",
     [](const Form& f) -> Handler {
       return f.type(0) == Type::u64 ? &restore_body<u64> : &restore_body<u32>;
     }},
};

}  // namespace

std::span<const Row> rows_stack() {
  return kRows;
}

}  // namespace softgpu::engine
