// SPDX-License-Identifier: MIT
#pragma once

#include "driver/graph/work.hpp"

namespace softgpu::driver {

// Takes an address and puts it into `params`. INVALID_VALUE in a graph that may not have such
// nodes.
CUresult alloc_work(CUDA_MEM_ALLOC_NODE_PARAMS* params, const Graph& graph, AllocWork& out);
// INVALID_VALUE for what no allocation node gave, and for what another free node frees.
CUresult free_work(CUdeviceptr address, Graph& graph, FreeWork& out);

}  // namespace softgpu::driver
