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

// A range of a variable. cudaErrorInvalidSymbol: no variable; cudaErrorInvalidValue: the range is
// not inside.
cudaError_t part_of(const Driver& driver, const void* symbol, size_t size, size_t offset,
                    void*& out);
// Kinds that a copy to a variable, and from one, can have.
bool to_device(cudaMemcpyKind kind);
bool from_device(cudaMemcpyKind kind);

// A box of bytes in the driver's words, and back. cudaErrorInvalidPitchValue: a row is longer than
// its pitch. cudaErrorInvalidResourceHandle: arrays, which this device does not have.
cudaError_t describe(const cudaMemcpy3DParms& box, CUDA_MEMCPY3D_v2& out);
cudaMemcpy3DParms describe(const CUDA_MEMCPY3D_v2& box);

}  // namespace softgpu::runtime
