// SPDX-License-Identifier: MIT
// A graph as the driver tells it: nodes, edges, kernel parameters. Our own calls, through the
// driver's own entries, in whichever ABI it has.
//
//   std::vector<CUgraphNode> nodes;
//   if (!nodes_of(graph, nodes)) …leave the graph alone…
//
// Kernel parameters were widened in CUDA 12.0 (`kern`, `ctx`), edges got data in 12.3. On older
// drivers the first ABIs are called: the new fields are null, every edge is a full one.
#pragma once

#include <cuda.h>

#include <optional>
#include <vector>

#include "interpose/runtime/runtime.hpp"

namespace nonans::interpose::graphs {

struct Edge {
  CUgraphNode from = nullptr, to = nullptr;
  bool full = true;  // `to` starts when `from` has ended; else a port or type says otherwise
};

bool nodes_of(CUgraph graph, std::vector<CUgraphNode>& out);
// In the order in which the driver gives them.
bool edges_of(CUgraph graph, std::vector<Edge>& out);
// Those that wait for `node`, and those that it waits for.
bool dependents_of(CUgraphNode node, std::vector<CUgraphNode>& out);
bool dependencies_of(CUgraphNode node, std::vector<CUgraphNode>& out);
std::optional<CUgraphNodeType> type_of(CUgraphNode node) noexcept;
CUgraph child_of(CUgraphNode node) noexcept;  // of a child graph node, not a copy; null if refused
// What the pointers in `out` point to belongs to the node.
bool kernel_params(CUgraphNode node, CUDA_KERNEL_NODE_PARAMS& out) noexcept;
// A kernel node that runs one of our scans, wherever it was copied to.
bool is_scan(Runtime& runtime, CUgraphNode node) noexcept;
bool is_scan(Runtime& runtime, const CUDA_KERNEL_NODE_PARAMS& params) noexcept;

CUresult add_kernel_node(CUgraphNode& out, CUgraph graph, CUgraphNode after,
                         const CUDA_KERNEL_NODE_PARAMS& params) noexcept;
CUresult set_params(CUgraphNode node, const CUDA_KERNEL_NODE_PARAMS& params) noexcept;
CUresult set_exec_params(CUgraphExec exec, CUgraphNode node,
                         const CUDA_KERNEL_NODE_PARAMS& params) noexcept;
CUresult set_enabled(CUgraphExec exec, CUgraphNode node, bool enabled) noexcept;
CUresult destroy_node(CUgraphNode node) noexcept;
// Full edges from[i] → to[i]; all or none.
CUresult add_edges(CUgraph graph, const std::vector<CUgraphNode>& from,
                   const std::vector<CUgraphNode>& to) noexcept;
CUresult remove_edges(CUgraph graph, const std::vector<CUgraphNode>& from,
                      const std::vector<CUgraphNode>& to) noexcept;
// What decides when the node's work runs and who sees its stores (scan_launch.hpp).
void copy_scheduling(CUgraphNode to, CUgraphNode from) noexcept;
// The device itself may change such a node (CU_LAUNCH_ATTRIBUTE_DEVICE_UPDATABLE_KERNEL_NODE).
bool is_device_updatable(CUgraphNode node) noexcept;

// The node parameters of a scan. `scan` and `holder` must live as long as they are used.
CUDA_KERNEL_NODE_PARAMS scan_node(const ContextState& context, nn_scan_params& scan,
                                  uint32_t blocks, void* (&holder)[1]) noexcept;
// A scan of nothing: what a scan node does until it is told more, and in every graph that is not
// executable. It shares its counters with all its like, which is safe as it counts nothing.
nn_scan_params idle_scan(const ContextState& context) noexcept;

}  // namespace nonans::interpose::graphs
