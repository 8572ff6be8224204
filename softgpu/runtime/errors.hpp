// SPDX-License-Identifier: MIT
// Error codes: of the driver as the runtime's, and the calling thread's last error.
#pragma once

#include "runtime/runtime_api.hpp"

namespace softgpu::runtime {

// The two enumerations share their numbers; a driver code that the runtime does not name is
// cudaErrorUnknown.
cudaError_t to_error(CUresult result);
inline cudaError_t to_error(cudaError_t error) {
  return error;
}

// Keeps an error for cudaGetLastError of this thread, and passes it on. Success changes nothing.
cudaError_t record(cudaError_t error);

}  // namespace softgpu::runtime
