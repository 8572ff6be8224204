// SPDX-License-Identifier: MIT
// Why did cuGraphExecUpdate refuse? The answer that the driver would have given without our nodes.
//
//   if (auto why = probe_update(runtime, bodies, exec, source, from)) *resultInfo = *why;
//
// A graph with a scan behind each kernel node differs from another in more places than the
// application's two graphs do: a memset in place of a kernel is a node of another type to the
// application, and one node too few to the driver. So copies of both graphs are made, our nodes are
// taken out of them, one is made executable, and the driver is asked again. Costs as much as an
// instantiation; only for updates that were refused, after which programs instantiate anyway.
//
// Nothing if the copies cannot be made (cuGraphClone refuses memory and conditional nodes), or if
// the driver has nothing against the update of the copies.
#pragma once

#include <cuda.h>

#include <optional>

#include "interpose/graphs/scan_nodes.hpp"

namespace nonans::interpose::graphs {

std::optional<CUgraphExecUpdateResultInfo> probe_update(Runtime& runtime, const BodiesOf& bodies,
                                                        CUgraphExec exec, CUgraph source,
                                                        CUgraph from);

}  // namespace nonans::interpose::graphs
