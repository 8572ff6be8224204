// SPDX-License-Identifier: MIT
// Kernel launches. The real launch first, and its answer is ours; then, if it was accepted, the
// scan behind it.
#include "api/generated/hooks.hpp"
#include "interpose/runtime/launch_watch.hpp"

namespace nonans::interpose::hooks {

CUresult cuLaunchKernel(const HookCall& call, PFN_cuLaunchKernel_v4000 real, CUfunction f,
                        unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ,
                        unsigned int blockDimX, unsigned int blockDimY, unsigned int blockDimZ,
                        unsigned int sharedMemBytes, CUstream hStream, void** kernelParams,
                        void** extra) {
  LaunchWatch watch(call, f, hStream);
  const CUresult result = real(f, gridDimX, gridDimY, gridDimZ, blockDimX, blockDimY, blockDimZ,
                               sharedMemBytes, hStream, kernelParams, extra);
  if (result == CUDA_SUCCESS)
    watch.launched({{gridDimX, gridDimY, gridDimZ}, {blockDimX, blockDimY, blockDimZ}},
                   kernelParams, extra);
  return result;
}

CUresult cuLaunchKernelEx(const HookCall& call, PFN_cuLaunchKernelEx_v11060 real,
                          const CUlaunchConfig* config, CUfunction f, void** kernelParams,
                          void** extra) {
  LaunchWatch watch(call, f, config ? config->hStream : nullptr);
  const CUresult result = real(config, f, kernelParams, extra);
  if (result == CUDA_SUCCESS)
    watch.launched({{config->gridDimX, config->gridDimY, config->gridDimZ},
                    {config->blockDimX, config->blockDimY, config->blockDimZ},
                    config},
                   kernelParams, extra);
  return result;
}

CUresult cuLaunchCooperativeKernel(const HookCall& call, PFN_cuLaunchCooperativeKernel_v9000 real,
                                   CUfunction f, unsigned int gridDimX, unsigned int gridDimY,
                                   unsigned int gridDimZ, unsigned int blockDimX,
                                   unsigned int blockDimY, unsigned int blockDimZ,
                                   unsigned int sharedMemBytes, CUstream hStream,
                                   void** kernelParams) {
  LaunchWatch watch(call, f, hStream);
  const CUresult result = real(f, gridDimX, gridDimY, gridDimZ, blockDimX, blockDimY, blockDimZ,
                               sharedMemBytes, hStream, kernelParams);
  if (result == CUDA_SUCCESS)
    watch.launched({{gridDimX, gridDimY, gridDimZ}, {blockDimX, blockDimY, blockDimZ}},
                   kernelParams, nullptr);
  return result;
}

}  // namespace nonans::interpose::hooks
