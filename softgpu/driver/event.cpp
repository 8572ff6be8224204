// SPDX-License-Identifier: MIT
#include "driver/event.hpp"

#include <chrono>

#include "driver/capture/capture.hpp"
#include "driver/entry.hpp"
#include "driver/ipc/shared_event.hpp"
#include "driver/pool.hpp"

namespace softgpu::driver {

RecordOperation::RecordOperation(std::shared_ptr<Context> context,
                                 std::shared_ptr<SharedEvent> shared)
    : StreamOperation(std::move(context)), shared_(std::move(shared)) {
  if (shared_) number_ = shared_->begin_record();
}

void RecordOperation::skipped(Context&) {
  if (shared_) shared_->end_record(number_);
}

void RecordOperation::run(Context&) {
  if (shared_) shared_->end_record(number_);
  if (device_settings().modelled_clock) {
    at_.store(ready_at(), std::memory_order_release);
    return;
  }
  at_.store(std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1),
            std::memory_order_release);
}

EventTable& events() {
  static EventTable* const table = new EventTable;
  return *table;
}

void destroy_events_of(const Context& context) {
  for (const EventPtr& event : events().all())
    if (event->context.get() == &context) events().remove(event->handle);
}

namespace {

CUresult destroy(CUevent handle) {
  return with_context([&](Context&) -> CUresult {
    return events().remove(handle) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
  });
}

template <DefaultStream V>
CUresult record(CUevent handle, CUstream stream_handle, unsigned flags) {
  return with_stream(stream_handle, V, [&](Context& context, const StreamPtr& stream) -> CUresult {
    if ((flags & ~static_cast<unsigned>(CU_EVENT_RECORD_EXTERNAL)) != 0)
      return CUDA_ERROR_INVALID_VALUE;
    const EventPtr event = events().find(handle);
    if (!event || event->context.get() != &context) return CUDA_ERROR_INVALID_HANDLE;
    bool in_capture = false;
    const CUresult r = record_event(stream, event, flags == CU_EVENT_RECORD_EXTERNAL, in_capture);
    if (r != CUDA_SUCCESS || in_capture) return r;
    const std::lock_guard lock(event->mutex);
    auto operation = std::make_shared<RecordOperation>(context.shared_from_this(), event->shared);
    enqueue(stream, operation, Run::here_if_ready);
    event->record = std::move(operation);
    return CUDA_SUCCESS;
  });
}

CUresult elapsed(float* milliseconds, CUevent start_handle, CUevent end_handle) {
  return with_context([&](Context&) -> CUresult {
    if (!milliseconds) return CUDA_ERROR_INVALID_VALUE;
    const EventPtr start = events().find(start_handle), end = events().find(end_handle);
    if (!start || !end || start->context != end->context) return CUDA_ERROR_INVALID_HANDLE;
    if (((start->flags | end->flags) & CU_EVENT_DISABLE_TIMING) != 0)
      return CUDA_ERROR_INVALID_HANDLE;
    for (const EventPtr& event : {start, end})
      if (const CUresult r = refuse_captured(*event); r != CUDA_SUCCESS) return r;
    const auto from = start->recorded(), to = end->recorded();
    if (!from || !to) return CUDA_ERROR_INVALID_HANDLE;
    if (!from->done() || !to->done()) return CUDA_ERROR_NOT_READY;
    *milliseconds =
        static_cast<float>(static_cast<double>(to->nanoseconds() - from->nanoseconds()) * 1e-6);
    return CUDA_SUCCESS;
  });
}

constexpr auto kLegacy = DefaultStream::legacy;
constexpr auto kPerThread = DefaultStream::per_thread;

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuEventCreate(CUevent* out, unsigned int flags) {
  return with_context([&](Context& context) -> CUresult {
    constexpr unsigned kKnown =
        CU_EVENT_BLOCKING_SYNC | CU_EVENT_DISABLE_TIMING | CU_EVENT_INTERPROCESS;
    if (!out || (flags & ~kKnown) != 0) return CUDA_ERROR_INVALID_VALUE;
    // An event of several processes cannot carry a time.
    if ((flags & CU_EVENT_INTERPROCESS) != 0 && (flags & CU_EVENT_DISABLE_TIMING) == 0)
      return CUDA_ERROR_INVALID_VALUE;
    auto event = std::make_shared<Event>();
    event->context = context.shared_from_this();
    event->flags = flags;
    if ((flags & CU_EVENT_INTERPROCESS) != 0) {
      event->shared = SharedEvent::make();
      if (!event->shared) return CUDA_ERROR_OUT_OF_MEMORY;
    }
    event->handle = events().insert(event);
    *out = event->handle;
    return CUDA_SUCCESS;
  });
}

CUresult cuEventDestroy(CUevent event) {
  return destroy(event);
}
CUresult cuEventDestroy_v2(CUevent event) {
  return destroy(event);
}
CUresult cuEventRecord(CUevent event, CUstream s) {
  return record<kLegacy>(event, s, 0);
}
CUresult cuEventRecord_ptsz(CUevent event, CUstream s) {
  return record<kPerThread>(event, s, 0);
}
CUresult cuEventRecordWithFlags(CUevent event, CUstream s, unsigned int flags) {
  return record<kLegacy>(event, s, flags);
}
CUresult cuEventRecordWithFlags_ptsz(CUevent event, CUstream s, unsigned int flags) {
  return record<kPerThread>(event, s, flags);
}

CUresult cuEventQuery(CUevent handle) {
  return with_context([&](Context&) -> CUresult {
    const EventPtr event = events().find(handle);
    if (!event) return CUDA_ERROR_INVALID_HANDLE;
    if (const CUresult r = event->context->sticky(); r != CUDA_SUCCESS) return r;
    if (const CUresult r = refuse_captured(*event); r != CUDA_SUCCESS) return r;
    if (const CUresult r = potentially_unsafe_call(); r != CUDA_SUCCESS) return r;
    if (event->shared)
      return event->shared->reached(event->shared->latest()) ? CUDA_SUCCESS : CUDA_ERROR_NOT_READY;
    const auto record = event->recorded();
    if (record && !record->done()) return CUDA_ERROR_NOT_READY;
    if (record) Scheduler::saw(*record);
    return CUDA_SUCCESS;
  });
}

CUresult cuEventSynchronize(CUevent handle) {
  return with_context([&](Context&) -> CUresult {
    const EventPtr event = events().find(handle);
    if (!event) return CUDA_ERROR_INVALID_HANDLE;
    if (const CUresult r = refuse_captured(*event); r != CUDA_SUCCESS) return r;
    if (const CUresult r = potentially_unsafe_call(); r != CUDA_SUCCESS) return r;
    if (event->shared)
      event->shared->wait(*event->context, event->shared->latest());
    else if (const auto record = event->recorded())
      scheduler().wait(*record);
    trim_pools();
    return event->context->sticky();
  });
}

CUresult cuEventElapsedTime(float* ms, CUevent start, CUevent end) {
  return elapsed(ms, start, end);
}
CUresult cuEventElapsedTime_v2(float* ms, CUevent start, CUevent end) {
  return elapsed(ms, start, end);
}
