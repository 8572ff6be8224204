// SPDX-License-Identifier: MIT
// Parameters of graph nodes in the driver's words and back. The runtime names kernels by their host
// addresses and has no contexts: a node belongs to the context that is current when it is made or
// set.
#pragma once

#include "runtime/driver.hpp"

namespace softgpu::runtime {

cudaError_t describe(const Driver& driver, const cudaKernelNodeParams& node,
                     CUDA_KERNEL_NODE_PARAMS_v2& out);
cudaKernelNodeParams describe(const CUDA_KERNEL_NODE_PARAMS_v2& node);

CUDA_MEMSET_NODE_PARAMS_v1 describe(const cudaMemsetParams& node);
cudaMemsetParams describe(const CUDA_MEMSET_NODE_PARAMS_v1& node);

// A copy of a range of bytes as the box that graphs copy.
cudaMemcpy3DParms range(void* to, const void* from, size_t size, cudaMemcpyKind kind);

// The two directions between a variable and memory; `kind` and the range are checked.
cudaError_t range_to_symbol(const Driver& driver, const void* symbol, const void* from, size_t size,
                            size_t offset, cudaMemcpyKind kind, cudaMemcpy3DParms& out);
cudaError_t range_from_symbol(const Driver& driver, void* to, const void* symbol, size_t size,
                              size_t offset, cudaMemcpyKind kind, cudaMemcpy3DParms& out);

CUcontext current_context(const Driver& driver);

}  // namespace softgpu::runtime
