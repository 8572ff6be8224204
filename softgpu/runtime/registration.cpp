// SPDX-License-Identifier: MIT
// What code that nvcc generated calls: registration before main(), and the two halves of
// kernel<<<...>>>(...).
//
// The statement pushes a configuration and calls the kernel's host function, which pops it and
// launches. NVIDIA declares these functions in crt/host_runtime.h and in the text that nvcc emits.
#include <atomic>
#include <vector>

#include "runtime/call.hpp"
#include "runtime/kernels.hpp"
#include "runtime/launch.hpp"

using namespace softgpu::runtime;

namespace {

struct Configuration {
  dim3 grid, block;
  size_t shared;
  cudaStream_t stream;
};
thread_local std::vector<Configuration> t_configurations;

Binary* binary_of(void** handle) {
  return reinterpret_cast<Binary*>(handle);
}

// Registration runs before main(), where no error can be returned and none is seen later: what
// cannot be kept is found missing when it is used.
template <typename Body>
void at_start(Body&& body) noexcept {
  try {
    body();
  } catch (...) {
    record(cudaErrorMemoryAllocation);
  }
}

}  // namespace

SOFTGPU_EXPORT void** __cudaRegisterFatBinary(void* fatbin) {
  void** handle = nullptr;
  at_start([&] { handle = reinterpret_cast<void**>(add_binary(fatbin)); });
  return handle;
}

// All of a fatbin has been registered. Nothing is loaded before it is used, so there is nothing to
// do.
SOFTGPU_EXPORT void __cudaRegisterFatBinaryEnd(void**) {}

// Runs from atexit() or at dlclose(). After the driver has shut down there is nothing left to
// unload.
SOFTGPU_EXPORT void __cudaUnregisterFatBinary(void** handle) {
  at_start([&] {
    if (handle) remove_binary(binary_of(handle), initialised_driver());
  });
}

SOFTGPU_EXPORT void __cudaRegisterFunction(void** handle, const char* host, char*, const char* name,
                                           int, uint3*, uint3*, dim3*, dim3*, int*) {
  at_start([&] {
    if (handle) add_function(binary_of(handle), host, name);
  });
}

SOFTGPU_EXPORT void __cudaRegisterVar(void** handle, char* host, char*, const char* name, int,
                                      size_t size, int, int) {
  at_start([&] {
    if (handle) add_variable(binary_of(handle), host, name, size);
  });
}

SOFTGPU_EXPORT void __cudaRegisterManagedVar(void** handle, void** slot, char*, const char* name,
                                             int, size_t size, int, int) {
  at_start([&] {
    if (handle) add_managed(binary_of(handle), slot, name, size);
  });
}

// Host code is about to touch a managed variable of this fatbin. Not zero: done, do not ask again.
SOFTGPU_EXPORT char __cudaInitModule(void** handle) {
  const cudaError_t e = with_context([&](const Driver& driver) {
    return handle ? load_managed(driver, binary_of(handle)) : cudaErrorInvalidResourceHandle;
  });
  return e == cudaSuccess ? 1 : 0;
}

SOFTGPU_EXPORT unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, size_t shared,
                                                    CUstream_st* stream) {
  return static_cast<unsigned>(call([&] {
    t_configurations.push_back({grid, block, shared, stream});
    return cudaSuccess;
  }));
}

SOFTGPU_EXPORT cudaError_t __cudaPopCallConfiguration(dim3* grid, dim3* block, size_t* shared,
                                                      void* stream) {
  return call([&] {
    if (t_configurations.empty()) return cudaErrorMissingConfiguration;
    const Configuration& top = t_configurations.back();
    *grid = top.grid;
    *block = top.block;
    *shared = top.shared;
    *static_cast<cudaStream_t*>(stream) = top.stream;
    t_configurations.pop_back();
    return cudaSuccess;
  });
}

namespace {

// nvcc's launch code asks for a kernel's handle once and ignores what went wrong; the null handle
// that it launches then is answered with what had gone wrong.
std::atomic<cudaError_t> g_why_no_kernel{cudaErrorInvalidDeviceFunction};

cudaError_t launch_handle(Streams streams, cudaKernel_t kernel, dim3 grid, dim3 block, void** args,
                          size_t shared, cudaStream_t stream) {
  return with_context(streams, [&](const Driver& driver) -> cudaError_t {
    if (!kernel) return g_why_no_kernel.load();
    return launch(driver, kernel, {grid, block, shared, stream, false}, args);
  });
}

}  // namespace

SOFTGPU_EXPORT cudaError_t __cudaGetKernel(cudaKernel_t* kernel, const void* function) {
  const cudaError_t e = with_driver([&](const Driver& driver) -> cudaError_t {
    if (!kernel) return cudaErrorInvalidValue;
    const cudaError_t found = find_kernel(driver, function, *kernel);
    if (found != cudaSuccess) *kernel = nullptr;
    return found;
  });
  if (e != cudaSuccess) g_why_no_kernel.store(e);
  return e;
}

SOFTGPU_EXPORT cudaError_t __cudaLaunchKernel(cudaKernel_t kernel, dim3 grid, dim3 block,
                                              void** args, size_t shared, cudaStream_t stream) {
  return launch_handle(Streams::legacy, kernel, grid, block, args, shared, stream);
}

SOFTGPU_EXPORT cudaError_t __cudaLaunchKernel_ptsz(cudaKernel_t kernel, dim3 grid, dim3 block,
                                                   void** args, size_t shared,
                                                   cudaStream_t stream) {
  return launch_handle(Streams::per_thread, kernel, grid, block, args, shared, stream);
}
