// SPDX-License-Identifier: MIT
// How many blocks fit. The numbers are those of the device's compute capability, with the engine's
// register estimate: what a program plans with them is right for this device, but not a prediction
// for hardware.
#include <algorithm>

#include "driver/device_limits.hpp"
#include "driver/entry.hpp"
#include "driver/launch.hpp"

namespace softgpu::driver {
namespace {

CUresult active_blocks(int* out, CUfunction handle, int block_size, size_t dynamic_shared) {
  return with_context([&](Context& context) -> CUresult {
    if (!out || block_size <= 0) return CUDA_ERROR_INVALID_VALUE;
    FunctionPtr function;
    if (const CUresult r = resolve_function(handle, context.shared_from_this(), function);
        r != CUDA_SUCCESS)
      return r;
    *out = blocks_per_multiprocessor(*function, static_cast<uint32_t>(block_size), dynamic_shared);
    return CUDA_SUCCESS;
  });
}

// The block size with the most resident threads; the largest among equals.
CUresult potential_block_size(int* grid, int* block, CUfunction handle,
                              CUoccupancyB2DSize shared_of, size_t dynamic_shared, int limit) {
  return with_context([&](Context& context) -> CUresult {
    if (!grid || !block || limit < 0) return CUDA_ERROR_INVALID_VALUE;
    FunctionPtr function;
    if (const CUresult r = resolve_function(handle, context.shared_from_this(), function);
        r != CUDA_SUCCESS)
      return r;
    const DeviceLimits& l = device_limits();
    int largest = static_cast<int>(std::min(l.threads_per_block, function->kernel->max_threads));
    if (limit > 0) largest = std::min(largest, limit);
    int best_threads = 0;
    *grid = *block = 0;
    const int warp = static_cast<int>(l.warp);
    for (int size = largest; size > 0; size = (size - 1) / warp * warp) {
      const size_t shared = shared_of ? shared_of(size) : dynamic_shared;
      const int blocks = blocks_per_multiprocessor(*function, static_cast<uint32_t>(size), shared);
      if (blocks * size <= best_threads) continue;
      best_threads = blocks * size;
      *block = size;
      *grid = blocks * device_settings().multiprocessors;
    }
    return CUDA_SUCCESS;
  });
}

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int* out, CUfunction f, int block_size,
                                                     size_t shared) {
  return active_blocks(out, f, block_size, shared);
}
CUresult cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* out, CUfunction f,
                                                              int block_size, size_t shared,
                                                              unsigned int flags) {
  if (flags > CU_OCCUPANCY_DISABLE_CACHING_OVERRIDE) return CUDA_ERROR_INVALID_VALUE;
  return active_blocks(out, f, block_size, shared);
}
CUresult cuOccupancyMaxPotentialBlockSize(int* grid, int* block, CUfunction f,
                                          CUoccupancyB2DSize shared_of, size_t shared, int limit) {
  return potential_block_size(grid, block, f, shared_of, shared, limit);
}
CUresult cuOccupancyMaxPotentialBlockSizeWithFlags(int* grid, int* block, CUfunction f,
                                                   CUoccupancyB2DSize shared_of, size_t shared,
                                                   int limit, unsigned int flags) {
  if (flags > CU_OCCUPANCY_DISABLE_CACHING_OVERRIDE) return CUDA_ERROR_INVALID_VALUE;
  return potential_block_size(grid, block, f, shared_of, shared, limit);
}

CUresult cuOccupancyAvailableDynamicSMemPerBlock(size_t* out, CUfunction handle, int blocks,
                                                 int block_size) {
  return with_context([&](Context& context) -> CUresult {
    if (!out || blocks <= 0 || block_size <= 0) return CUDA_ERROR_INVALID_VALUE;
    FunctionPtr function;
    if (const CUresult r = resolve_function(handle, context.shared_from_this(), function);
        r != CUDA_SUCCESS)
      return r;
    const DeviceLimits& l = device_limits();
    const uint64_t share = l.shared_per_multiprocessor / static_cast<unsigned>(blocks);
    const uint64_t taken = l.shared_reserved_per_block + uint64_t{function->kernel->static_shared};
    *out = std::min<uint64_t>(share > taken ? share - taken : 0,
                              l.shared_per_block_optin - function->kernel->static_shared);
    return CUDA_SUCCESS;
  });
}
