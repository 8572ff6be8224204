// SPDX-License-Identifier: MIT
#include "driver/cuda_api.hpp"

#include "driver/device_table.hpp"
#include "driver/entry.hpp"
#include "driver/memory.hpp"
#include "engine/pool.hpp"

namespace softgpu::driver {
namespace {

bool use_of(int number, DeviceUse* use) {
  const CUresult result = entry([&]() -> CUresult {
    for (CUdevice device = 0; is_device(device); ++device) {
      if (device_number(device) != number) continue;
      *use = {memory().used(device), 0};
      for (const auto& context : contexts().all()) use->contexts += context->device == device;
      return CUDA_SUCCESS;
    }
    return CUDA_ERROR_INVALID_DEVICE;
  });
  return result == CUDA_SUCCESS;
}

}  // namespace

const DeviceTable* device_table() {
  static constexpr DeviceTable table = {sizeof table, use_of, engine::worker_count};
  return &table;
}

}  // namespace softgpu::driver
