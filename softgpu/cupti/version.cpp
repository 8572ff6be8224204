// SPDX-License-Identifier: MIT
// Compiled once for each library: libcupti.so.12 answers as the last one of CUDA 12 did.
#include "cupti/api.hpp"

CUptiResult cuptiGetVersion(uint32_t* version) {
  if (!version) return softgpu::cupti::answer(CUPTI_ERROR_INVALID_PARAMETER);
  *version = SOFTGPU_CUPTI_VERSION;
  return softgpu::cupti::answer(CUPTI_SUCCESS);
}
