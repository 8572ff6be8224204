// SPDX-License-Identifier: MIT
// Kernel launches: checking, copying the parameters, the operation.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "driver/module.hpp"
#include "driver/stream.hpp"
#include "engine/graph_conditions.hpp"

namespace softgpu::driver {

struct LaunchRequest {
  engine::Dim3 grid, block;
  uint32_t dynamic_shared = 0;
  void** kernel_params = nullptr;
  void** extra = nullptr;
  bool cooperative = false;
  std::span<const CUlaunchAttribute> attributes = {};  // the caller's, during the call
  int multiprocessors = 0;                             // that it may use; 0: all of the device
};

// Takes the parameters out of kernelParams or `extra` into the kernel's own layout.
//   both given, one missing, or a buffer that is too small: INVALID_VALUE
CUresult gather_parameters(const engine::Kernel& kernel, void** kernel_params, void** extra,
                           std::vector<std::byte>& out);

// INVALID_VALUE for shapes that no kernel may have or that this one does not allow (.maxntid, its
// shared memory), COOPERATIVE_LAUNCH_TOO_LARGE for more blocks than fit at once.
CUresult check_shape(const Function& function, const LaunchRequest& request);

// One execution of a kernel whose shape has been checked, with its parameters in the kernel's
// layout. In a graph, with what the graph's kernels may set.
OperationPtr make_launch(const std::shared_ptr<Context>& context, const FunctionPtr& function,
                         const LaunchRequest& request, std::vector<std::byte> params,
                         std::shared_ptr<engine::GraphConditions> conditions = nullptr);

CUresult launch(const StreamPtr& stream, const FunctionPtr& function, const LaunchRequest& request);

// Blocks of this size that fit one multiprocessor.
int blocks_per_multiprocessor(const Function& function, uint32_t threads, uint64_t dynamic_shared);

}  // namespace softgpu::driver
