// SPDX-License-Identifier: MIT
#include "interpose/runtime/scan_plan.hpp"

#include "interpose/runtime/scan_launch.hpp"

namespace nonans::interpose {
namespace {

// Of one kernel in one step; after that the device counts and writes no more records (DESIGN:
// "count only").
constexpr uint32_t kMaxDirtyLaunches = 1024;

}  // namespace

resolve::Plan plan_for(Runtime& runtime, const Kernel& kernel, const ContextState& context,
                       const LaunchGeometry& geometry, std::span<const std::byte> arguments,
                       resolve::Decision decision, nn_scan_params& scan, bool in_graph) noexcept {
  if (kernel.left_alone) return {};
  const analyze::LaunchShape shape{
      .grid = {geometry.grid[0], geometry.grid[1], geometry.grid[2]},
      .block = {geometry.block[0], geometry.block[1], geometry.block[2]},
      .params = arguments,
  };
  resolve::Plan plan = resolve::plan_scan(kernel.profile, shape, runtime.buffers, runtime.mode(),
                                          runtime.policy(), decision,
                                          {.context = context.memory_owner(),
                                           .device = context.device(),
                                           .multiprocessors = context.multiprocessors(),
                                           .in_graph = in_graph,
                                           .tensor_maps = &runtime.tensor_maps},
                                          scan);
  if (!kernel.same_code) {
    unprove(scan);
    plan.provable_bytes = 0;
  }
  scan.ring_device = context.ring_device();
  scan.ring_host = context.ring_mapped();
  scan.kernel_id = kernel.id;
  scan.context_id = context.id();
  scan.max_dirty_launches = kMaxDirtyLaunches;
  return plan;
}

}  // namespace nonans::interpose
