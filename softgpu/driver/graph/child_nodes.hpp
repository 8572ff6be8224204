// SPDX-License-Identifier: MIT
// Nodes with graphs in them: child graphs and conditional bodies.
#pragma once

#include "driver/graph/work.hpp"

namespace softgpu::driver {

// Clones the graph into the node, or moves it there. INVALID_VALUE for what may not be a child.
CUresult child_work(const Graph& parent, CUgraph handle, CUgraphChildGraphNodeOwnership ownership,
                    ChildWork& out);
// Makes the body graphs and answers them in `params`.
CUresult conditional_work(Graph& parent, CUDA_CONDITIONAL_NODE_PARAMS& params,
                          ConditionalWork& out);

}  // namespace softgpu::driver
