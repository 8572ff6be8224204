// SPDX-License-Identifier: MIT
// NVIDIA's prototypes of every entry this library exports, by its versioned spelling.
//
// __CUDA_API_VERSION_INTERNAL makes cuda.h declare cuMemcpyHtoD (32-bit ABI of CUDA 2),
// cuMemcpyHtoD_v2 and cuMemcpyHtoD_v2_ptds side by side instead of hiding them behind macros, so
// that the compiler checks each definition against its own prototype.
//
// What a source of this library writes as `CUresult cuInit(unsigned)` is compiled as
// softgpu_cuInit, which nothing outside sees. The exported cuInit is generated
// (trace/entry_points.cpp): it reports the call to a tool if one listens, and calls
// softgpu_cuInit. So every function is traced without doing anything for it, and a function
// called from within the library is not a call of the program and is not reported.
#pragma once

#ifndef __CUDA_API_VERSION_INTERNAL
#define __CUDA_API_VERSION_INTERNAL
#endif
#pragma GCC visibility push(default)
#include <cuda.h>
#include <cudaProfiler.h>
#pragma GCC visibility pop

#pragma GCC visibility push(hidden)
extern "C" {
#define SOFTGPU_FUNCTION(name) extern decltype(name) softgpu_##name;
#include "driver/generated/functions.inc"
#undef SOFTGPU_FUNCTION
}
#pragma GCC visibility pop

// Defined before this header by the sources that mean the exported functions by these names.
#ifndef SOFTGPU_EXPORTED_NAMES
#include "driver/generated/internal_names.inc"
#endif
