// SPDX-License-Identifier: MIT
// Copies by kind, shared by memcpy, symbols and graphs.
#pragma once

#include "runtime/driver.hpp"

namespace softgpu::runtime {

inline bool known(cudaMemcpyKind kind) {
  return kind >= cudaMemcpyHostToHost && kind <= cudaMemcpyDefault;
}

// cudaErrorInvalidMemcpyDirection for an unknown kind. No bytes are always a success.
cudaError_t copy(const Driver& driver, void* to, const void* from, size_t size,
                 cudaMemcpyKind kind);
cudaError_t copy_async(const Driver& driver, void* to, const void* from, size_t size,
                       cudaMemcpyKind kind, cudaStream_t stream);

// A box of bytes in the driver's words, and back. cudaErrorInvalidPitchValue: a row is longer than
// its pitch. cudaErrorInvalidResourceHandle: arrays, which this device does not have.
cudaError_t describe(const cudaMemcpy3DParms& box, CUDA_MEMCPY3D_v2& out);
cudaMemcpy3DParms describe(const CUDA_MEMCPY3D_v2& box);

}  // namespace softgpu::runtime
