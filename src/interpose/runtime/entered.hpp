// SPDX-License-Identifier: MIT
// A context made current for the length of a scope; the program does not notice.
//
//   const Entered entered(context);
//   if (entered) …calls that need it…
//
// Not entered if the driver refuses, say because the context is gone. Calls the driver: for hooks
// that may take their time, with no lock held.
#pragma once

#include <cuda.h>

#include "api/generated/real.hpp"

namespace nonans::interpose {

class Entered {
 public:
  explicit Entered(CUcontext context) noexcept {
    const auto push = real::cuCtxPushCurrent_v2();
    good_ = push && real::cuCtxPopCurrent_v2() && push(context) == CUDA_SUCCESS;
  }
  ~Entered() {
    CUcontext popped = nullptr;
    if (good_) real::cuCtxPopCurrent_v2()(&popped);
  }
  Entered(const Entered&) = delete;
  Entered& operator=(const Entered&) = delete;
  explicit operator bool() const { return good_; }

 private:
  bool good_ = false;
};

}  // namespace nonans::interpose
