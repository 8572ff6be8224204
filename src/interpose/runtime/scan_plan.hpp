// SPDX-License-Identifier: MIT
// From a kernel and the arguments of one execution to the scan that follows it: shared by launches,
// and by kernel nodes of graphs, whose arguments are known when the graph is instantiated.
//
//   nn_scan_params scan = {};
//   const resolve::Plan plan = plan_for(runtime, *kernel, context, geometry, block.bytes(),
//   decision,
//                                       scan);
//   if (plan.outputs != 0) …slot, step and identity are the caller's to fill, then launch it or put
//   it into a node…
//
// No lock, no allocation, no driver call.
#pragma once

#include <cuda.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "interpose/runtime/runtime.hpp"

namespace nonans::interpose {

struct LaunchGeometry {
  uint32_t grid[3];
  uint32_t block[3];
  const CUlaunchConfig* config =
      nullptr;  // cuLaunchKernelEx: the attributes that the scan must share
};

// `arguments`: in device layout. `in_graph`: the scan is a node. Fills regions, mode, policies,
// ring, and who the kernel and context are. Where the profile may not be that of the code which
// runs, nothing is proven.
resolve::Plan plan_for(Runtime& runtime, const Kernel& kernel, const ContextState& context,
                       const LaunchGeometry& geometry, std::span<const std::byte> arguments,
                       resolve::Decision decision, nn_scan_params& scan,
                       bool in_graph = false) noexcept;

}  // namespace nonans::interpose
