// SPDX-License-Identifier: MIT
#include "driver/stream.hpp"

#include <algorithm>

#include "driver/driver_state.hpp"
#include "driver/green/green_context.hpp"
#include "driver/pool.hpp"
#include "driver/trace/resources.hpp"
#include "driver/trace/work.hpp"

namespace softgpu::driver {

StreamTable& streams() {
  static StreamTable* const table = new StreamTable;
  return *table;
}

uint64_t next_stream_id() {
  static std::atomic<uint64_t> next{1};
  return next.fetch_add(1);
}

StreamPtr make_stream(const std::shared_ptr<Context>& context, unsigned flags, int priority,
                      const GreenContextPtr& green) {
  auto stream = std::make_shared<Stream>();
  stream->context = context;
  stream->green = green;
  stream->flags = flags;
  stream->blocking = (flags & CU_STREAM_NON_BLOCKING) == 0;
  stream->priority = std::clamp(priority, kGreatestPriority, kLeastPriority);
  stream->id = next_stream_id();
  stream->handle = streams().insert(stream);
  tell_created(stream);
  const std::lock_guard lock(context->submission);
  context->streams.push_back(stream);
  return stream;
}

namespace {

StreamPtr per_thread_stream(Context& context) {
  const std::lock_guard lock(context.submission);
  StreamPtr& stream = context.per_thread[thread_number()];
  if (!stream) {
    stream = std::make_shared<Stream>();
    stream->context = context.shared_from_this();
    stream->handle = CU_STREAM_PER_THREAD;
    stream->id = next_stream_id();
  }
  return stream;
}

// What must be done before a new operation of `stream` starts. Under context->submission.
void collect_dependencies(const Stream& stream, std::vector<OperationPtr>& out) {
  Context& context = *stream.context;
  out.push_back(stream.tail);
  if (stream.is_legacy) {
    // A barrier: after all work of blocking streams, destroyed ones included (they keep their
    // order).
    context.drop_finished_orphans();
    out.insert(out.end(), context.orphans.begin(), context.orphans.end());
    if (!stream.green)
      for (const auto& [thread, other] : context.per_thread) out.push_back(other->tail);
    for (const StreamPtr& other : context.streams)
      if (other->blocking && other->green == stream.green) out.push_back(other->tail);
  } else if (stream.blocking) {
    const StreamPtr& legacy = stream.green ? stream.green->default_stream : context.legacy;
    if (legacy) out.push_back(legacy->tail);
  }
}

}  // namespace

CUresult resolve_stream(Context& context, CUstream handle, bool per_thread, StreamPtr& out) {
  if (!handle) handle = per_thread ? CU_STREAM_PER_THREAD : CU_STREAM_LEGACY;
  if (handle == CU_STREAM_LEGACY || handle == CU_STREAM_PER_THREAD) {
    if (const GreenContextPtr green = current_green_context()) {
      if (handle == CU_STREAM_PER_THREAD) return CUDA_ERROR_INVALID_HANDLE;
      out = green->default_stream;
    } else {
      out = handle == CU_STREAM_LEGACY ? context.legacy : per_thread_stream(context);
    }
  } else {
    out = streams().find(handle);
    if (out && out->green && out->green->destroyed) return CUDA_ERROR_CONTEXT_IS_DESTROYED;
  }
  return out ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
}

void StreamOperation::execute() {
  if (context_->sticky() == CUDA_SUCCESS)
    run(*context_);
  else
    skipped(*context_);
}

void enqueue(const StreamPtr& stream, const OperationPtr& operation, Run run,
             std::span<const OperationPtr> extra) {
  // Lock order: submission before the scheduler. An operation that runs here must not hold
  // `submission`, so it is submitted after the tail is set; nothing can overtake it, since its
  // successors depend on it.
  remember_submission(operation.get(), *stream);
  std::vector<OperationPtr> after(extra.begin(), extra.end());
  std::unique_lock lock(stream->context->submission);
  collect_dependencies(*stream, after);
  if (stream->is_legacy) operation->not_before(stream->context->orphans_ended);
  stream->tail = operation;
  if (run == Run::later) {
    scheduler().submit(operation, after, stream->priority, false);
    return;
  }
  lock.unlock();
  scheduler().submit(operation, after, stream->priority, true);
}

void enqueue_group(const StreamPtr& stream, std::span<const GroupMember> members,
                   std::span<const OperationPtr> extra) {
  for (const GroupMember& m : members) remember_submission(m.operation.get(), *stream);
  std::vector<OperationPtr> first(extra.begin(), extra.end());
  const std::lock_guard lock(stream->context->submission);
  collect_dependencies(*stream, first);
  stream->tail = members.back().operation;
  for (const GroupMember& m : members) {
    const bool is_first = &m == members.data();
    scheduler().submit(m.operation, is_first ? first : m.after,
                       m.priority.value_or(stream->priority), false);
  }
}

CUresult synchronize(const StreamPtr& stream) {
  std::vector<OperationPtr> last;
  {
    const std::lock_guard lock(stream->context->submission);
    if (stream->is_legacy)
      collect_dependencies(*stream, last);
    else
      last.push_back(stream->tail);
  }
  for (const OperationPtr& op : last)
    if (op) scheduler().wait(*op);
  trim_pools();
  return stream->context->sticky();
}

CUresult run_to_end(const StreamPtr& stream, const OperationPtr& operation) {
  enqueue(stream, operation, Run::here_if_ready);
  scheduler().wait(*operation);
  return stream->context->sticky();
}

}  // namespace softgpu::driver
