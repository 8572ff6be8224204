// SPDX-License-Identifier: MIT
// Memory of allocation nodes: a range with a fixed address that is backed while its graph runs.
//
//   if (params->type == CU_GRAPH_NODE_TYPE_MEM_ALLOC)                     // after cuGraphAddNode
//     remember_graph_allocation(runtime, graph, params->alloc.poolProps, params->alloc.accessDescs,
//                               params->alloc.accessDescCount, params->alloc.dptr, …bytesize);
//   …
//   return release_owned(handle_key(graph), …);                           // cuGraphDestroy
#pragma once

#include <cuda.h>

#include <cstddef>
#include <cstdint>

#include "interpose/runtime/runtime.hpp"

namespace nonans::interpose::hooks {

void remember_graph_allocation(Runtime& runtime, CUgraph graph, const CUmemPoolProps& properties,
                               const CUmemAccessDesc* access, size_t access_count, uint64_t base,
                               uint64_t size);

}  // namespace nonans::interpose::hooks
