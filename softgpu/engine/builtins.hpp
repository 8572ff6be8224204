// SPDX-License-Identifier: MIT
// The functions that a PTX text may declare and call without anybody defining them: vprintf,
// __assertfail, malloc, free (CUDA C++ Programming Guide, "Formatted Output" and "Dynamic Global
// Memory Allocation"), cudaGraphSetConditional (graph_conditions.hpp).
#pragma once

#include <string_view>

namespace softgpu::engine {

bool is_builtin(std::string_view name);

}  // namespace softgpu::engine
