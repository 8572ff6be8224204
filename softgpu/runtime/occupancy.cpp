// SPDX-License-Identifier: MIT
#include "runtime/call.hpp"
#include "runtime/kernels.hpp"
#include "runtime/launch.hpp"

using namespace softgpu::runtime;

namespace {

template <typename Body>
cudaError_t with_function(const void* function, Body&& body) {
  return with_context([&](const Driver& driver) -> cudaError_t {
    CUfunction found = nullptr;
    if (const cudaError_t e = find_function(driver, function, found); e != cudaSuccess) return e;
    return to_error(body(driver, found));
  });
}

}  // namespace

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks,
                                                                   const void* function,
                                                                   int block_size, size_t shared,
                                                                   unsigned flags) {
  return with_function(function, [&](const Driver& driver, CUfunction found) {
    return driver.cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(blocks, found, block_size,
                                                                       shared, flags);
  });
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, const void* function,
                                                          int block_size, size_t shared) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(blocks, function, block_size,
                                                                shared, cudaOccupancyDefault);
}

cudaError_t cudaOccupancyAvailableDynamicSMemPerBlock(size_t* shared, const void* function,
                                                      int blocks, int block_size) {
  return with_function(function, [&](const Driver& driver, CUfunction found) {
    return driver.cuOccupancyAvailableDynamicSMemPerBlock(shared, found, blocks, block_size);
  });
}

// softgpu-refused: the driver has no cuOccupancyMaxPotentialClusterSize
cudaError_t cudaOccupancyMaxPotentialClusterSize(int* size, const void* function,
                                                 const cudaLaunchConfig_t* config) {
  return with_function(function, [&](const Driver& driver, CUfunction found) {
    if (!config) return CUDA_ERROR_INVALID_VALUE;
    const CUlaunchConfig translated = driver_configuration(*config);
    return driver.cuOccupancyMaxPotentialClusterSize(size, found, &translated);
  });
}

// softgpu-refused: the driver has no cuOccupancyMaxActiveClusters
cudaError_t cudaOccupancyMaxActiveClusters(int* clusters, const void* function,
                                           const cudaLaunchConfig_t* config) {
  return with_function(function, [&](const Driver& driver, CUfunction found) {
    if (!config) return CUDA_ERROR_INVALID_VALUE;
    const CUlaunchConfig translated = driver_configuration(*config);
    return driver.cuOccupancyMaxActiveClusters(clusters, found, &translated);
  });
}
