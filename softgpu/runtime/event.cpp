// SPDX-License-Identifier: MIT
#include "runtime/call.hpp"

using namespace softgpu::runtime;

namespace {

cudaError_t record_on(Streams streams, cudaEvent_t event, cudaStream_t stream) {
  return with_context(streams,
                      [&](const Driver& driver) { return driver.cuEventRecord(event, stream); });
}

cudaError_t record_with_flags_on(Streams streams, cudaEvent_t event, cudaStream_t stream,
                                 unsigned flags) {
  return with_context(streams, [&](const Driver& driver) {
    return driver.cuEventRecordWithFlags(event, stream, flags);
  });
}

cudaError_t elapsed(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
  return with_context(
      [&](const Driver& driver) { return driver.cuEventElapsedTime(milliseconds, start, end); });
}

}  // namespace

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags) {
  return with_context([&](const Driver& driver) { return driver.cuEventCreate(event, flags); });
}

cudaError_t cudaEventCreate(cudaEvent_t* event) {
  return cudaEventCreateWithFlags(event, cudaEventDefault);
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  return with_context([&](const Driver& driver) { return driver.cuEventDestroy(event); });
}

cudaError_t cudaEventQuery(cudaEvent_t event) {
  return with_context([&](const Driver& driver) { return driver.cuEventQuery(event); });
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  return with_context([&](const Driver& driver) { return driver.cuEventSynchronize(event); });
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
  return elapsed(milliseconds, start, end);
}

#if CUDART_VERSION < 13000
cudaError_t cudaEventElapsedTime_v2(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
  return elapsed(milliseconds, start, end);
}
#endif

SOFTGPU_TWINS(cudaEventRecord, ptsz, record_on, (cudaEvent_t event, cudaStream_t stream), event,
              stream)
SOFTGPU_TWINS(cudaEventRecordWithFlags, ptsz, record_with_flags_on,
              (cudaEvent_t event, cudaStream_t stream, unsigned flags), event, stream, flags)
