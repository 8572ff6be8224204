// SPDX-License-Identifier: MIT
// NVIDIA's prototypes of the runtime API, and the types of the driver's.
//
// The library is compiled twice, against the headers of CUDA 12 and of CUDA 13; where the two
// disagree, CUDART_VERSION tells which one a line is for. __CUDA_API_VERSION_INTERNAL makes
// cuda_runtime_api.h declare each symbol by its own spelling (cudaMemcpy and cudaMemcpy_ptds,
// cudaGraphAddNode and cudaGraphAddNode_v2) instead of hiding them behind macros, so that the
// compiler checks each definition against its own prototype. A definition is exported because its
// declaration here has default visibility.
#pragma once

#ifndef __CUDA_API_VERSION_INTERNAL
#define __CUDA_API_VERSION_INTERNAL
#endif
#pragma GCC visibility push(default)
#include <cuda.h>
#include <cudaProfilerTypedefs.h>
#include <cudaTypedefs.h>
#include <cuda_runtime_api.h>
#pragma GCC visibility pop

// For exported functions that no public header declares.
#define SOFTGPU_EXPORT extern "C" __attribute__((visibility("default")))
