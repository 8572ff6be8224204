// SPDX-License-Identifier: MIT
#pragma once

#include "driver/cuda_api.hpp"
#include "driver/export_table.hpp"

namespace softgpu::driver {

const TraceTable* trace_table();

// The serial number in a handle (handles.hpp).
template <typename Handle>
uint64_t number_in(Handle handle) {
  return (reinterpret_cast<uint64_t>(handle) & 0xff'ffff'ffff) >> 4;
}

}  // namespace softgpu::driver
