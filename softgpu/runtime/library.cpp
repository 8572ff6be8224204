// SPDX-License-Identifier: MIT
// Device code loaded by the program itself. Options have the same numbers and meanings on both
// sides.
#include <vector>

#include "runtime/call.hpp"
#include "runtime/kernels.hpp"

using namespace softgpu::runtime;

namespace {

template <typename Load>
cudaError_t load(cudaLibrary_t* library, Load&& how) {
  return with_context([&](const Driver& driver) -> cudaError_t {
    return library ? to_error(how(driver)) : cudaErrorInvalidValue;
  });
}

}  // namespace

// softgpu-partial: as cuLibraryLoadData
cudaError_t cudaLibraryLoadData(cudaLibrary_t* library, const void* code, cudaJitOption* jit,
                                void** jit_values, unsigned jit_count, cudaLibraryOption* options,
                                void** values, unsigned count) {
  return load(library, [&](const Driver& driver) {
    return driver.cuLibraryLoadData(library, code, reinterpret_cast<CUjit_option*>(jit), jit_values,
                                    jit_count, reinterpret_cast<CUlibraryOption*>(options), values,
                                    count);
  });
}

// softgpu-partial: as cuLibraryLoadFromFile
cudaError_t cudaLibraryLoadFromFile(cudaLibrary_t* library, const char* path, cudaJitOption* jit,
                                    void** jit_values, unsigned jit_count,
                                    cudaLibraryOption* options, void** values, unsigned count) {
  return load(library, [&](const Driver& driver) {
    return driver.cuLibraryLoadFromFile(library, path, reinterpret_cast<CUjit_option*>(jit),
                                        jit_values, jit_count,
                                        reinterpret_cast<CUlibraryOption*>(options), values, count);
  });
}

cudaError_t cudaLibraryUnload(cudaLibrary_t library) {
  return with_context([&](const Driver& driver) {
    forget_functions();
    return driver.cuLibraryUnload(library);
  });
}

cudaError_t cudaLibraryGetKernel(cudaKernel_t* kernel, cudaLibrary_t library, const char* name) {
  return with_context([&](const Driver& driver) {
    const CUresult r = driver.cuLibraryGetKernel(kernel, library, name);
    if (r == CUDA_SUCCESS) remember_kernel(*kernel);
    return r;
  });
}

cudaError_t cudaLibraryGetKernelCount(unsigned* count, cudaLibrary_t library) {
  return with_context(
      [&](const Driver& driver) { return driver.cuLibraryGetKernelCount(count, library); });
}

cudaError_t cudaLibraryEnumerateKernels(cudaKernel_t* kernels, unsigned count,
                                        cudaLibrary_t library) {
  return with_context([&](const Driver& driver) {
    unsigned all = 0;
    CUresult r = driver.cuLibraryGetKernelCount(&all, library);
    if (r == CUDA_SUCCESS) r = driver.cuLibraryEnumerateKernels(kernels, count, library);
    for (unsigned i = 0; r == CUDA_SUCCESS && i < count && i < all; ++i)
      remember_kernel(kernels[i]);
    return r;
  });
}

cudaError_t cudaLibraryGetGlobal(void** out, size_t* size, cudaLibrary_t library,
                                 const char* name) {
  return with_context([&](const Driver& driver) {
    return driver.cuLibraryGetGlobal(reinterpret_cast<CUdeviceptr*>(out), size, library, name);
  });
}

// softgpu-partial: as cuLibraryGetManaged
cudaError_t cudaLibraryGetManaged(void** out, size_t* size, cudaLibrary_t library,
                                  const char* name) {
  return with_context([&](const Driver& driver) {
    return driver.cuLibraryGetManaged(reinterpret_cast<CUdeviceptr*>(out), size, library, name);
  });
}

// softgpu-refused: the driver has no cuLibraryGetUnifiedFunction
cudaError_t cudaLibraryGetUnifiedFunction(void** out, cudaLibrary_t library, const char* name) {
  return with_context(
      [&](const Driver& driver) { return driver.cuLibraryGetUnifiedFunction(out, library, name); });
}
