// SPDX-License-Identifier: MIT
// What a client asks about capture. This device has no stream capture: beginning one is
// CUDA_ERROR_NOT_SUPPORTED (unsupported.cpp), so no stream is ever capturing and these answers are
// exact.
#include "driver/entry.hpp"

namespace softgpu::driver {
namespace {

template <DefaultStream V>
CUresult not_capturing(CUstream handle, CUstreamCaptureStatus* status) {
  return with_stream(handle, V, [&](Context&, const StreamPtr&) -> CUresult {
    if (!status) return CUDA_ERROR_INVALID_VALUE;
    *status = CU_STREAM_CAPTURE_STATUS_NONE;
    return CUDA_SUCCESS;
  });
}
constexpr auto kLegacy = DefaultStream::legacy;
constexpr auto kPerThread = DefaultStream::per_thread;

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuStreamIsCapturing(CUstream s, CUstreamCaptureStatus* status) {
  return not_capturing<kLegacy>(s, status);
}
CUresult cuStreamIsCapturing_ptsz(CUstream s, CUstreamCaptureStatus* status) {
  return not_capturing<kPerThread>(s, status);
}
CUresult cuStreamGetCaptureInfo(CUstream s, CUstreamCaptureStatus* status, cuuint64_t*) {
  return not_capturing<kLegacy>(s, status);
}
CUresult cuStreamGetCaptureInfo_ptsz(CUstream s, CUstreamCaptureStatus* status, cuuint64_t*) {
  return not_capturing<kPerThread>(s, status);
}
CUresult cuStreamGetCaptureInfo_v2(CUstream s, CUstreamCaptureStatus* status, cuuint64_t*, CUgraph*,
                                   const CUgraphNode**, size_t*) {
  return not_capturing<kLegacy>(s, status);
}
CUresult cuStreamGetCaptureInfo_v2_ptsz(CUstream s, CUstreamCaptureStatus* status, cuuint64_t*,
                                        CUgraph*, const CUgraphNode**, size_t*) {
  return not_capturing<kPerThread>(s, status);
}
CUresult cuStreamGetCaptureInfo_v3(CUstream s, CUstreamCaptureStatus* status, cuuint64_t*, CUgraph*,
                                   const CUgraphNode**, const CUgraphEdgeData**, size_t*) {
  return not_capturing<kLegacy>(s, status);
}
CUresult cuStreamGetCaptureInfo_v3_ptsz(CUstream s, CUstreamCaptureStatus* status, cuuint64_t*,
                                        CUgraph*, const CUgraphNode**, const CUgraphEdgeData**,
                                        size_t*) {
  return not_capturing<kPerThread>(s, status);
}

CUresult cuThreadExchangeStreamCaptureMode(CUstreamCaptureMode* mode) {
  return entry([&]() -> CUresult {
    static thread_local CUstreamCaptureMode current = CU_STREAM_CAPTURE_MODE_GLOBAL;
    if (!mode || *mode > CU_STREAM_CAPTURE_MODE_RELAXED) return CUDA_ERROR_INVALID_VALUE;
    std::swap(*mode, current);
    return CUDA_SUCCESS;
  });
}
