// SPDX-License-Identifier: MIT
#include "driver/peer_copy.hpp"

#include "driver/entry.hpp"
#include "driver/graph/work.hpp"

namespace softgpu::driver {
namespace {

// The last operation of each stream of the context.
void collect_tails(Context& context, std::vector<OperationPtr>& out) {
  const std::lock_guard lock(context.submission);
  out.insert(out.end(), context.orphans.begin(), context.orphans.end());
  if (context.legacy) out.push_back(context.legacy->tail);
  for (const auto& [thread, stream] : context.per_thread) out.push_back(stream->tail);
  for (const StreamPtr& stream : context.streams) out.push_back(stream->tail);
}

// Whatever any stream of the context is given from now on comes after the operation.
void hold_until(const std::shared_ptr<Context>& context, const OperationPtr& operation) {
  const std::lock_guard lock(context->submission);
  const auto hold = [&](const StreamPtr& stream) {
    OperationPtr wait = make_empty(context);
    const OperationPtr after[] = {stream->tail, operation};
    stream->tail = wait;
    scheduler().submit(wait, after, stream->priority, false);
  };
  if (context->legacy) hold(context->legacy);
  for (const auto& [thread, stream] : context->per_thread) hold(stream);
  for (const StreamPtr& stream : context->streams) hold(stream);
}

}  // namespace

CUresult check_peer(CUcontext handle, uint64_t pointer) {
  const auto context = contexts().find(handle);
  if (!context) return CUDA_ERROR_INVALID_CONTEXT;
  const auto found = memory().find(pointer);
  if (found && found->device_only() && found->device != context->device)
    return CUDA_ERROR_INVALID_VALUE;
  return context->sticky();
}

CUresult copy_between_devices(const StreamPtr& stream, const Side& to, const Side& from,
                              const Extent& extent) {
  if (extent.empty()) return CUDA_SUCCESS;
  std::vector<std::shared_ptr<Context>> involved;
  std::vector<OperationPtr> before;
  for (auto& context : contexts().all()) {
    if (context->device != to.ordinal && context->device != from.ordinal) continue;
    collect_tails(*context, before);
    involved.push_back(std::move(context));
  }
  const OperationPtr operation = make_copy(stream->context, to, from, extent);
  enqueue(stream, operation, Run::later, before);
  for (const auto& context : involved) hold_until(context, operation);
  return CUDA_SUCCESS;
}

}  // namespace softgpu::driver
