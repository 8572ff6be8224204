// SPDX-License-Identifier: MIT
// Identifiers of the client's own regions, per thread and kind, and the records that tie them to
// driver calls: one before each API record, for each kind that has an identifier on its stack.
#include <array>

#include "cupti/buffers.hpp"
#include "cupti/kinds.hpp"
#include "cupti/listener.hpp"

namespace softgpu::cupti {
namespace {

// Plain data: driver calls come from destructors of threads too. Deeper than anyone nests.
struct Stack {
  std::array<uint64_t, 256> ids;
  size_t depth;
};
thread_local std::array<Stack, CUPTI_EXTERNAL_CORRELATION_KIND_SIZE> t_stacks;

bool known(CUpti_ExternalCorrelationKind kind) {
  return kind > CUPTI_EXTERNAL_CORRELATION_KIND_INVALID &&
         kind < CUPTI_EXTERNAL_CORRELATION_KIND_SIZE;
}

}  // namespace

void external_correlation_of(const driver::ApiCall& call) {
  if (!kind_enabled(CUPTI_ACTIVITY_KIND_EXTERNAL_CORRELATION, call.context_id)) return;
  for (size_t kind = 0; kind < t_stacks.size(); ++kind) {
    const Stack& stack = t_stacks[kind];
    if (stack.depth == 0) continue;
    CUpti_ActivityExternalCorrelation r{};
    r.kind = CUPTI_ACTIVITY_KIND_EXTERNAL_CORRELATION;
    r.externalKind = static_cast<CUpti_ExternalCorrelationKind>(kind);
    r.externalId = stack.ids[stack.depth - 1];
    r.correlationId = call.correlation;
    append(r);
  }
}

}  // namespace softgpu::cupti

using namespace softgpu::cupti;

CUptiResult cuptiActivityPushExternalCorrelationId(CUpti_ExternalCorrelationKind kind,
                                                   uint64_t id) {
  if (!known(kind)) return answer(CUPTI_ERROR_INVALID_PARAMETER);
  Stack& stack = t_stacks[kind];
  if (stack.depth == stack.ids.size()) return answer(CUPTI_ERROR_OUT_OF_MEMORY);
  stack.ids[stack.depth++] = id;
  return answer(CUPTI_SUCCESS);
}

CUptiResult cuptiActivityPopExternalCorrelationId(CUpti_ExternalCorrelationKind kind,
                                                  uint64_t* last) {
  if (!known(kind)) return answer(CUPTI_ERROR_INVALID_PARAMETER);
  Stack& stack = t_stacks[kind];
  if (stack.depth == 0) return answer(CUPTI_ERROR_QUEUE_EMPTY);
  --stack.depth;
  if (last) *last = stack.ids[stack.depth];
  return answer(CUPTI_SUCCESS);
}
