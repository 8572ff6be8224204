// SPDX-License-Identifier: MIT
#pragma once

#include "driver/graph/work.hpp"

namespace softgpu::driver {

// Takes an address in the context (the current one if empty) and puts it into `params`.
// INVALID_VALUE in a graph that may not have such nodes.
CUresult alloc_work(CUDA_MEM_ALLOC_NODE_PARAMS* params, const Graph& graph, ContextPtr context,
                    AllocWork& out);
// INVALID_VALUE for what no allocation node gave, and for what another free node frees.
CUresult free_work(CUdeviceptr address, Graph& graph, FreeWork& out);

}  // namespace softgpu::driver
