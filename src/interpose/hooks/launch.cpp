// SPDX-License-Identifier: MIT
// Kernel launches. The real launch first, and its answer is ours; then, if it was accepted, the
// scan behind it.
#include <algorithm>
#include <optional>

#include "api/generated/hooks.hpp"
#include "api/generated/real.hpp"
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

// One launch on each of several devices (CUDA 9 to 12). Each has a scan of its own, for which its
// context must be current.
CUresult cuLaunchCooperativeKernelMultiDevice(const HookCall& call,
                                              PFN_cuLaunchCooperativeKernelMultiDevice_v9000 real,
                                              CUDA_LAUNCH_PARAMS* launchParamsList,
                                              unsigned int numDevices, unsigned int flags) {
  constexpr unsigned kMost = 16;  // devices in one machine; those beyond are not looked at
  std::optional<LaunchWatch> watches[kMost];
  CUcontext contexts[kMost] = {};
  const auto context_of = real::cuStreamGetCtx_v1(call.stream);
  const auto push = real::cuCtxPushCurrent_v2();
  const auto pop = real::cuCtxPopCurrent_v2();
  const auto count_devices = real::cuDeviceGetCount();
  int devices = 0;
  // More entries than devices are refused without being looked at, so we do not look either.
  const bool able = launchParamsList && context_of && push && pop && count_devices &&
                    count_devices(&devices) == CUDA_SUCCESS &&
                    numDevices <= static_cast<unsigned>(devices);
  const unsigned count = able ? std::min(numDevices, kMost) : 0;
  for (unsigned i = 0; i < count; ++i) {
    const CUDA_LAUNCH_PARAMS& launch = launchParamsList[i];
    if (context_of(launch.hStream, &contexts[i]) != CUDA_SUCCESS) continue;
    watches[i].emplace(call, launch.function, launch.hStream, contexts[i]);
  }
  const CUresult result = real(launchParamsList, numDevices, flags);
  if (result != CUDA_SUCCESS) return result;
  for (unsigned i = 0; i < count; ++i) {
    if (!watches[i] || push(contexts[i]) != CUDA_SUCCESS) continue;
    const CUDA_LAUNCH_PARAMS& launch = launchParamsList[i];
    watches[i]->launched({{launch.gridDimX, launch.gridDimY, launch.gridDimZ},
                          {launch.blockDimX, launch.blockDimY, launch.blockDimZ}},
                         launch.kernelParams, nullptr);
    CUcontext popped = nullptr;
    pop(&popped);
  }
  return result;
}

}  // namespace nonans::interpose::hooks
