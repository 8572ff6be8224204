// SPDX-License-Identifier: MIT
#include <cstring>

#include "driver/cuda_api.hpp"
#include "driver/device_table.hpp"
#include "driver/trace/trace_table.hpp"

namespace {

struct Entry {
  CUuuid id;
  const void* table;
};

}  // namespace

// softgpu-partial: has none of the private tables that NVIDIA's libraries ask for
CUresult cuGetExportTable(const void** table, const CUuuid* id) {
  using namespace softgpu::driver;
  if (!table || !id) return CUDA_ERROR_INVALID_VALUE;
  const Entry entries[] = {{kTraceTableId, trace_table()}, {kDeviceTableId, device_table()}};
  *table = nullptr;
  for (const Entry& e : entries)
    if (std::memcmp(&e.id, id, sizeof e.id) == 0) *table = e.table;
  return *table ? CUDA_SUCCESS : CUDA_ERROR_NOT_FOUND;
}
