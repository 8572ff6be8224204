// SPDX-License-Identifier: MIT
// Puts a scan node behind every kernel node of a graph, in place.
//
//   std::vector<KernelNode> kernels;
//   if (put_scans(runtime, bodies, graph, kernels)) …one entry per kernel node, inner graphs too…
//
// Let K be a kernel node and D any node that waits for it. Then S, our scan, waits for K, and D
// waits for S as well:
//
//        K ──────► D                K ─────────► D          K → D is kept: the application's edges
//                          becomes    ╲        ╱            and handles stay as they are, and
//                                      ► S ───►             removing ours again leaves the graph
//                                                           as it was
//
// What is added depends on the structure alone: a kernel that nobody knows gets a scan of nothing,
// switched off later in the executable graph. Two graphs of one shape are therefore of one shape
// afterwards too, which cuGraphExecUpdate asks for. A D that is started before K has ended
// (programmatic or launch-order edges) does not wait for S: there the scan must only look.
//
// A graph may be gone through any number of times, and may have been cloned, captured into or
// changed by the application in between. Scan nodes are known by the kernel they run, not by their
// handles: what is there is kept, what is missing is added, what has lost its kernel node goes.
//
// A scan node that could not be wired completely is never given anything to look at.
#pragma once

#include <cuda.h>

#include <functional>
#include <vector>

#include "interpose/graphs/driver_graph.hpp"

namespace nonans::interpose::graphs {

struct KernelNode {
  CUgraphNode node = nullptr;       // the application's
  CUgraphNode scan = nullptr;       // ours behind it; null if there is none
  CUgraphNode container = nullptr;  // the outermost node whose graphs it is in; null at the top
  CUDA_KERNEL_NODE_PARAMS params{};
  ContextState* context = nullptr;  // that `scan` runs in
  bool wired = false;               // all that waits for `node` and should wait for `scan` does
  bool detect_only = false;
  uint32_t label = 0;  // the names in force when it was captured
};

// The graphs in a conditional node. The driver tells them when the node is made, and never again.
using BodiesOf = std::function<std::vector<CUgraph>(CUgraphNode)>;

// False if the driver would not tell what is in the graph: nothing was added then, at that level.
bool put_scans(Runtime& runtime, const BodiesOf& bodies, CUgraph graph,
               std::vector<KernelNode>& out);
// Takes them out again where the driver allows it, else makes them scans of nothing.
void take_scans_out(Runtime& runtime, const BodiesOf& bodies, CUgraph graph);

}  // namespace nonans::interpose::graphs
