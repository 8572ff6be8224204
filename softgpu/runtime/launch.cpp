// SPDX-License-Identifier: MIT
#include "runtime/launch.hpp"

#include <limits>

#include "runtime/call.hpp"
#include "runtime/kernels.hpp"

namespace softgpu::runtime {
namespace {

bool fits(const Driver& driver, CUdevice device, CUdevice_attribute limit, unsigned value) {
  int most = 0;
  return driver.cuDeviceGetAttribute(&most, limit, device) == CUDA_SUCCESS && value != 0 &&
         value <= static_cast<unsigned>(most);
}

bool dimensions_fit(const Driver& driver, CUfunction function, dim3 grid, dim3 block) {
  CUdevice device = 0;
  if (driver.cuCtxGetDevice(&device) != CUDA_SUCCESS) return true;
  int threads = std::numeric_limits<int>::max();
  driver.cuFuncGetAttribute(&threads, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, function);
  const unsigned long long all = 1ull * block.x * block.y * block.z;
  return fits(driver, device, CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X, grid.x) &&
         fits(driver, device, CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y, grid.y) &&
         fits(driver, device, CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z, grid.z) &&
         fits(driver, device, CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X, block.x) &&
         fits(driver, device, CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y, block.y) &&
         fits(driver, device, CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z, block.z) &&
         all <= static_cast<unsigned long long>(threads);
}

CUresult launch_function(const Driver& driver, CUfunction function, const Launch& how,
                         void** args) {
  const auto shared = static_cast<unsigned>(how.shared);
  if (how.cooperative)
    return driver.cuLaunchCooperativeKernel(function, how.grid.x, how.grid.y, how.grid.z,
                                            how.block.x, how.block.y, how.block.z, shared,
                                            how.stream, args);
  return driver.cuLaunchKernel(function, how.grid.x, how.grid.y, how.grid.z, how.block.x,
                               how.block.y, how.block.z, shared, how.stream, args, nullptr);
}

cudaError_t launch_host_address(Streams streams, const void* function, const Launch& how,
                                void** args) {
  return with_context(streams, [&](const Driver& driver) -> cudaError_t {
    CUkernel kernel = nullptr;
    if (const cudaError_t e = find_kernel(driver, function, kernel); e != cudaSuccess) return e;
    return launch(driver, kernel, how, args);
  });
}

cudaError_t launch_kernel(Streams streams, const void* function, dim3 grid, dim3 block, void** args,
                          size_t shared, cudaStream_t stream) {
  return launch_host_address(streams, function, {grid, block, shared, stream, false}, args);
}

cudaError_t launch_cooperative(Streams streams, const void* function, dim3 grid, dim3 block,
                               void** args, size_t shared, cudaStream_t stream) {
  return launch_host_address(streams, function, {grid, block, shared, stream, true}, args);
}

cudaError_t launch_extended(Streams streams, const cudaLaunchConfig_t* config, const void* function,
                            void** args) {
  return with_context(streams, [&](const Driver& driver) -> cudaError_t {
    if (!config) return cudaErrorInvalidValue;
    CUfunction found = nullptr;
    if (const cudaError_t e = find_function(driver, function, found); e != cudaSuccess) return e;
    const CUlaunchConfig translated = driver_configuration(*config);
    return launch_error(driver, driver.cuLaunchKernelEx(&translated, found, args, nullptr), found,
                        config->gridDim, config->blockDim);
  });
}

cudaError_t launch_host_function(Streams streams, cudaStream_t stream, cudaHostFn_t function,
                                 void* user) {
  return with_context(streams, [&](const Driver& driver) {
    return driver.cuLaunchHostFunc(stream, function, user);
  });
}

}  // namespace

// The attributes of a launch have the same numbers and layout on both sides.
CUlaunchConfig driver_configuration(const cudaLaunchConfig_t& config) {
  static_assert(sizeof(cudaLaunchAttribute) == sizeof(CUlaunchAttribute));
  CUlaunchConfig out{};
  out.gridDimX = config.gridDim.x;
  out.gridDimY = config.gridDim.y;
  out.gridDimZ = config.gridDim.z;
  out.blockDimX = config.blockDim.x;
  out.blockDimY = config.blockDim.y;
  out.blockDimZ = config.blockDim.z;
  out.sharedMemBytes = static_cast<unsigned>(config.dynamicSmemBytes);
  out.hStream = config.stream;
  out.attrs = reinterpret_cast<CUlaunchAttribute*>(config.attrs);
  out.numAttrs = config.numAttrs;
  return out;
}

cudaError_t launch_error(const Driver& driver, CUresult result, CUfunction function, dim3 grid,
                         dim3 block) {
  if (result == CUDA_ERROR_INVALID_VALUE && !dimensions_fit(driver, function, grid, block))
    return cudaErrorInvalidConfiguration;
  return to_error(result);
}

cudaError_t launch(const Driver& driver, CUkernel kernel, const Launch& how, void** args) {
  if (how.shared > std::numeric_limits<unsigned>::max()) return cudaErrorInvalidValue;
  CUfunction function = nullptr;
  if (const cudaError_t e = find_function(driver, kernel, function); e != cudaSuccess) return e;
  return launch_error(driver, launch_function(driver, function, how, args), function, how.grid,
                      how.block);
}

}  // namespace softgpu::runtime

using namespace softgpu::runtime;

SOFTGPU_TWINS(cudaLaunchKernel, ptsz, launch_kernel,
              (const void* function, dim3 grid, dim3 block, void** args, size_t shared,
               cudaStream_t stream),
              function, grid, block, args, shared, stream)

SOFTGPU_TWINS(cudaLaunchCooperativeKernel, ptsz, launch_cooperative,
              (const void* function, dim3 grid, dim3 block, void** args, size_t shared,
               cudaStream_t stream),
              function, grid, block, args, shared, stream)

// softgpu-partial: as cuLaunchKernelEx
SOFTGPU_TWINS(cudaLaunchKernelExC, ptsz, launch_extended,
              (const cudaLaunchConfig_t* config, const void* function, void** args), config,
              function, args)

SOFTGPU_TWINS(cudaLaunchHostFunc, ptsz, launch_host_function,
              (cudaStream_t stream, cudaHostFn_t function, void* user), stream, function, user)
