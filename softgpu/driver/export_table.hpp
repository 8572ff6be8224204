// SPDX-License-Identifier: MIT
// cuGetExportTable: how the libraries that belong to this driver (libcupti, libcudart, libnvidia-ml
// of the software device) ask for what cuda.h has no function for.
//
//   const void* table = nullptr;
//   if (cuGetExportTable(&table, &kTraceTableId) == CUDA_SUCCESS)
//     static_cast<const TraceTable*>(table)->listen(&listener);
//
// The identifiers are this project's own. NVIDIA's libraries ask for tables of NVIDIA's drivers and
// get CUDA_ERROR_NOT_FOUND. A table begins with its size; later versions add members at its end, so
// a caller checks `size` before it uses a member that is newer than the first version.
#pragma once

#include <cstddef>
#include <cstdint>

#include "driver/trace/listener.hpp"

namespace softgpu::driver {

inline constexpr CUuuid kTraceTableId = {
    {'s', 'o', 'f', 't', 'g', 'p', 'u', ' ', 't', 'r', 'a', 'c', 'e', ' ', ' ', '1'}};

struct MemoryFacts {
  uint64_t address = 0, bytes = 0;  // the allocation
  uint32_t context_id = 0;
  uint32_t kind = 0;  // CUpti_ActivityMemoryKind: 2 pinned, 3 device, 5 managed; 0 unknown
  uint64_t pool = 0;  // the CUmemoryPool it came from, or 0
  uint64_t pool_size = 0, pool_used = 0, release_threshold = 0;
};

struct TraceTable {
  size_t size;
  // INVALID_VALUE when another listener is there. nullptr: no listener any more.
  CUresult (*listen)(Listener* listener);
  // INVALID_CONTEXT, INVALID_HANDLE for what is not alive. A null context is the current one.
  CUresult (*context_id)(CUcontext context, uint32_t* id);
  CUresult (*stream_id)(CUcontext context, CUstream stream, bool per_thread, uint32_t* id);
  CUresult (*context_device)(CUcontext context, int* device);
  // The live allocation that holds the address; false if there is none.
  bool (*memory)(uint64_t address, MemoryFacts* facts);
  // Numbers of graphs, nodes and executable graphs; 0 for what is none. Never used twice.
  uint64_t (*graph_id)(CUgraph graph);
  uint64_t (*node_id)(CUgraphNode node);
  uint64_t (*exec_id)(CUgraphExec exec);
  // cuGraphNodeGetType and cuGraphGetNodes, untraced.
  CUresult (*node_type)(CUgraphNode node, CUgraphNodeType* type);
  CUresult (*nodes_of)(CUgraph graph, CUgraphNode* nodes, size_t* count);
};

}  // namespace softgpu::driver
