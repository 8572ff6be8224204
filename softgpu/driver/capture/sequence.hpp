// SPDX-License-Identifier: MIT
// Beginning and ending captures; for capture_api.cpp. All under the graph lock.
#pragma once

#include "driver/capture/capture.hpp"

namespace softgpu::driver {

CUresult begin_capture(const StreamPtr& stream, CUstreamCaptureMode mode, const GraphPtr& existing,
                       std::vector<Tip> tips);
CUresult end_capture(const StreamPtr& stream, CUgraph* out);

// The legacy stream while a blocking stream of its context captures.
bool legacy_is_unusable(const Stream& stream);

// The calling thread's mode.
CUstreamCaptureMode exchange_thread_mode(CUstreamCaptureMode mode);

}  // namespace softgpu::driver
