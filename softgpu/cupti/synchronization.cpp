// SPDX-License-Identifier: MIT
// Waiting: callbacks of the synchronize domain, and synchronization records.

#include <atomic>

#include "cupti/buffers.hpp"
#include "cupti/driver.hpp"
#include "cupti/kinds.hpp"
#include "cupti/listener.hpp"
#include "cupti/subscriber.hpp"

namespace softgpu::cupti {
namespace {

std::atomic<bool> g_failed_too{false};

struct Wait {
  CUpti_ActivitySynchronizationType type = CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_UNKNOWN;
  bool has_stream = false, per_thread = false;
  CUstream stream = nullptr;
  CUevent event = nullptr;
};

template <typename Parameters>
const Parameters& of(const driver::ApiCall& call) {
  return *static_cast<const Parameters*>(call.parameters);
}

Wait read(const driver::ApiCall& call) {
  const CUpti_CallbackId id = call.callback_id;
  switch (id) {
    case CUPTI_DRIVER_TRACE_CBID_cuCtxSynchronize:
    case CUPTI_DRIVER_TRACE_CBID_cuCtxSynchronize_v2:
      return {CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_CONTEXT_SYNCHRONIZE};
    case CUPTI_DRIVER_TRACE_CBID_cuStreamSynchronize:
    case CUPTI_DRIVER_TRACE_CBID_cuStreamSynchronize_ptsz:
      return {CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_STREAM_SYNCHRONIZE, true,
              id == CUPTI_DRIVER_TRACE_CBID_cuStreamSynchronize_ptsz,
              of<cuStreamSynchronize_params>(call).hStream};
    case CUPTI_DRIVER_TRACE_CBID_cuStreamWaitEvent:
    case CUPTI_DRIVER_TRACE_CBID_cuStreamWaitEvent_ptsz: {
      const auto& p = of<cuStreamWaitEvent_params>(call);
      return {CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_STREAM_WAIT_EVENT, true,
              id == CUPTI_DRIVER_TRACE_CBID_cuStreamWaitEvent_ptsz, p.hStream, p.hEvent};
    }
    case CUPTI_DRIVER_TRACE_CBID_cuEventSynchronize:
      return {CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_EVENT_SYNCHRONIZE, false, false, nullptr,
              of<cuEventSynchronize_params>(call).hEvent};
    default:
      return {};
  }
}

void call_subscriber(const driver::ApiCall& call, const Wait& wait) {
  const CUpti_CallbackIdSync id =
      wait.type == CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_STREAM_SYNCHRONIZE
          ? CUPTI_CBID_SYNCHRONIZE_STREAM_SYNCHRONIZED
      : wait.type == CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_CONTEXT_SYNCHRONIZE
          ? CUPTI_CBID_SYNCHRONIZE_CONTEXT_SYNCHRONIZED
          : CUPTI_CBID_SYNCHRONIZE_INVALID;
  if (id == CUPTI_CBID_SYNCHRONIZE_INVALID || !wanted(CUPTI_CB_DOMAIN_SYNCHRONIZE, id)) return;
  CUpti_SynchronizeData data{};
  data.context = call.context;
  if (call.callback_id == CUPTI_DRIVER_TRACE_CBID_cuCtxSynchronize_v2)
    if (const CUcontext named = of<cuCtxSynchronize_v2_params>(call).ctx) data.context = named;
  data.stream = wait.stream;
  deliver(CUPTI_CB_DOMAIN_SYNCHRONIZE, id, &data);
}

void record(const driver::ApiCall& call, const Wait& wait) {
  if (!kind_enabled(CUPTI_ACTIVITY_KIND_SYNCHRONIZATION, call.context_id)) return;
  CUpti_ActivitySynchronization2 r{};
  r.kind = CUPTI_ACTIVITY_KIND_SYNCHRONIZATION;
  r.type = wait.type;
  r.start = call.notes[kStart];
  r.end = now();
  r.correlationId = call.correlation;
  r.contextId = call.context_id;
  r.streamId = CUPTI_SYNCHRONIZATION_INVALID_VALUE;
  if (wait.has_stream) {
    uint32_t id = 0;
    if (trace_table()->stream_id(nullptr, wait.stream, wait.per_thread, &id) == CUDA_SUCCESS)
      r.streamId = id;
  }
  r.cudaEventId = CUPTI_SYNCHRONIZATION_INVALID_VALUE;
  // The number in the handle, which is used once.
  if (wait.event)
    r.cudaEventId = static_cast<uint32_t>(reinterpret_cast<uint64_t>(wait.event) >> 4);
  r.cudaEventSyncId = CUPTI_SYNCHRONIZATION_INVALID_VALUE;
  r.returnValue = static_cast<uint32_t>(*call.result);
  append(r);
}

}  // namespace

void synchronization_after(const driver::ApiCall& call) {
  const Wait wait = read(call);
  if (wait.type == CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_UNKNOWN) return;
  const bool done = *call.result == CUDA_SUCCESS;
  if (done || g_failed_too) record(call, wait);
  if (done) call_subscriber(call, wait);
}

}  // namespace softgpu::cupti

CUptiResult cuptiActivityEnableAllSyncRecords(uint8_t enable) {
  softgpu::cupti::g_failed_too = enable != 0;
  return softgpu::cupti::answer(CUPTI_SUCCESS);
}
