// SPDX-License-Identifier: MIT
// The calling thread in relaxed capture mode, for as long as the object lives.
//
//   { const RelaxedCapture relaxed;  …load, allocate, synchronise… }
//
// Loading and allocating are "unsafe" calls: in a thread whose mode is global they would break a
// capture that is under way anywhere in the process. The mode is the program's to set, so it must
// be put back whatever happens: a driver that refuses is asked again, and one that did what was
// asked but reports an error (of an earlier launch, as every call may) is taken at its deed.
#pragma once

#include <cuda.h>

#include "api/generated/real.hpp"

namespace nonans::interpose {

class RelaxedCapture {
 public:
  RelaxedCapture() noexcept {
    // What the call puts there is the mode of before; where it did nothing, ours still stands
    // there.
    if (const auto exchange = real::cuThreadExchangeStreamCaptureMode()) exchange(&before_);
  }
  ~RelaxedCapture() {
    const auto exchange = real::cuThreadExchangeStreamCaptureMode();
    if (!exchange || before_ == CU_STREAM_CAPTURE_MODE_RELAXED) return;
    for (int i = 0; i < kAttempts; ++i) {
      CUstreamCaptureMode mode = before_;
      if (exchange(&mode) == CUDA_SUCCESS) return;
    }
  }
  RelaxedCapture(const RelaxedCapture&) = delete;
  RelaxedCapture& operator=(const RelaxedCapture&) = delete;

 private:
  static constexpr int kAttempts = 3;
  CUstreamCaptureMode before_ = CU_STREAM_CAPTURE_MODE_RELAXED;
};

}  // namespace nonans::interpose
