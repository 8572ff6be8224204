// SPDX-License-Identifier: MIT
// Launching a kernel: shared by kernel<<<...>>>, cudaLaunchKernel and its kin.
#pragma once

#include "runtime/driver.hpp"

namespace softgpu::runtime {

struct Launch {
  dim3 grid, block;
  size_t shared = 0;
  cudaStream_t stream = nullptr;
  bool cooperative = false;
};

CUlaunchConfig driver_configuration(const cudaLaunchConfig_t& config);

// cudaErrorInvalidConfiguration: dimensions that no launch on this device can have; else what the
// driver says.
cudaError_t launch(const Driver& driver, CUkernel kernel, const Launch& how, void** args);

// What a launch that the driver called INVALID_VALUE is: bad dimensions are
// cudaErrorInvalidConfiguration.
cudaError_t launch_error(const Driver& driver, CUresult result, CUfunction function, dim3 grid,
                         dim3 block);

}  // namespace softgpu::runtime
