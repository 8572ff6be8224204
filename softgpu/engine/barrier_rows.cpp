// SPDX-License-Identifier: MIT
// bar and barrier (ISA 9.7.13.1); fences and membar, whose whole effect on x86 is one full fence.
#include <atomic>

#include "barrier.hpp"
#include "emitter.hpp"
#include "ops/isa.hpp"
#include "watch.hpp"

namespace softgpu::engine {
namespace {

using ptx::Type;

// o: d, barrier, count, predicate
bool emit_barrier(Emitter& e, const Form& f, Op& op) {
  const auto& operands = e.instruction().operands;
  const bool reduces = f.has(".red");
  const size_t first = reduces ? 1 : 0, last = operands.size() - (reduces ? 1 : 0);
  if (operands.size() < first + 1 + (reduces ? 1 : 0) || last - first > 2 ||
      (f.has(".arrive") && last - first != 2)) {
    return e.refuse("wrong number of operands");
  }
  op.o[1] = e.source_of(operands[first], Type::u32);
  if (op.o[1] == kNoOperand) return false;
  if (last - first == 2) {
    op.o[2] = e.source_of(operands[first + 1], Type::u32);
    if (op.o[2] == kNoOperand) return false;
  }
  BarrierForm form = f.has(".arrive") ? BarrierForm::arrive : BarrierForm::sync;
  if (reduces) {
    form = f.has(".popc") ? BarrierForm::red_popc
                          : (f.has(".and") ? BarrierForm::red_and : BarrierForm::red_or);
    op.o[3] = e.source_of(operands[last], Type::pred);
    op.o[0] = e.destination_of(operands[0], f.has(".popc") ? Type::u32 : Type::pred);
    if (op.o[0] == kNoOperand || op.o[3] == kNoOperand) return false;
  }
  op.small = static_cast<u8>(form);
  op.flow = Flow::barrier;
  e.append(op);
  return true;
}

bool emit_cluster(Emitter& e, const Form& f, Op& op) {
  if (!e.instruction().operands.empty()) return e.refuse("no operand is expected");
  op.o[1] = e.constant(Type::u32, kClusterBarrier);
  op.small =
      static_cast<u8>(f.has(".arrive") ? BarrierForm::cluster_arrive : BarrierForm::cluster_wait);
  op.flow = Flow::barrier;
  e.append(op);
  return true;
}

void fence_body(Warp& w, const Op& op, u32 mask) {
  tell_fence(w, op, mask);
  std::atomic_thread_fence(std::memory_order_seq_cst);
}
bool emit_fence(Emitter& e, const Form& f, Op& op) {
  // One that acquires a tensor map names it and its size.
  const size_t operands = f.has(".tensormap::generic") && f.has(".acquire") ? 2 : 0;
  if (e.instruction().operands.size() != operands) return e.refuse("wrong number of operands");
  op.run = &fence_body;
  e.append(op);
  return true;
}

constexpr Row kRows[] = {
    {"bar {.cta} .sync|.arrive", "", nullptr, emit_barrier},
    {"bar {.cta} .red .popc .u32", "", nullptr, emit_barrier},
    {"bar {.cta} .red .and|.or .pred", "", nullptr, emit_barrier},
    {"barrier {.cta} .sync|.arrive {.aligned}", "", nullptr, emit_barrier},
    {"barrier {.cta} .red .popc {.aligned} .u32", "", nullptr, emit_barrier},
    {"barrier {.cta} .red .and|.or {.aligned} .pred", "", nullptr, emit_barrier},
    {"barrier .cluster .arrive {.release|.relaxed} {.aligned}", "", nullptr, emit_cluster},
    {"barrier .cluster .wait {.acquire} {.aligned}", "", nullptr, emit_cluster},
    {"membar .cta|.gl|.sys", "", nullptr, emit_fence},
    {"membar .proxy .alias", "", nullptr, emit_fence},
    {"fence {.sc|.acq_rel|.acquire|.release} .cta|.cluster|.gpu|.sys", "", nullptr, emit_fence},
    {"fence .proxy .alias", "", nullptr, emit_fence},
    {"fence .proxy .async {.global|.shared::cta|.shared::cluster}", "", nullptr, emit_fence},
    {"fence .proxy .tensormap::generic .acquire|.release .cta|.cluster|.gpu|.sys", "", nullptr,
     emit_fence},
    {"fence .mbarrier_init .release .cluster", "", nullptr, emit_fence},
    {"fence .acquire .sync_restrict::shared::cluster .cluster", "", nullptr, emit_fence},
    {"fence .release .sync_restrict::shared::cta .cluster", "", nullptr, emit_fence},
    {"fence .proxy .async::generic .acquire .sync_restrict::shared::cluster .cluster", "", nullptr,
     emit_fence},
    {"fence .proxy .async::generic .release .sync_restrict::shared::cta .cluster", "", nullptr,
     emit_fence},
};

}  // namespace

std::span<const Row> rows_barrier() {
  return kRows;
}

}  // namespace softgpu::engine
