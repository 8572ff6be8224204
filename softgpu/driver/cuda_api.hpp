// SPDX-License-Identifier: MIT
// NVIDIA's prototypes of every entry this library exports, by its versioned spelling.
//
// __CUDA_API_VERSION_INTERNAL makes cuda.h declare cuMemcpyHtoD (32-bit ABI of CUDA 2),
// cuMemcpyHtoD_v2 and cuMemcpyHtoD_v2_ptds side by side instead of hiding them behind macros, so
// that the compiler checks each definition against its own prototype. A definition is exported
// because its declaration here has default visibility.
#pragma once

#ifndef __CUDA_API_VERSION_INTERNAL
#define __CUDA_API_VERSION_INTERNAL
#endif
#pragma GCC visibility push(default)
#include <cuda.h>
#include <cudaProfiler.h>
#pragma GCC visibility pop
