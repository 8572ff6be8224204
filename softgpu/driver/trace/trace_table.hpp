// SPDX-License-Identifier: MIT
#pragma once

#include "driver/cuda_api.hpp"
#include "driver/export_table.hpp"

namespace softgpu::driver {

const TraceTable* trace_table();

}  // namespace softgpu::driver
