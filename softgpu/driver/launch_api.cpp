// SPDX-License-Identifier: MIT
// cuLaunchKernel and its kin.
#include "driver/entry.hpp"
#include "driver/launch.hpp"

namespace softgpu::driver {
namespace {

template <DefaultStream V>
CUresult launch_on(CUstream handle, CUfunction function_handle, const LaunchRequest& request) {
  return with_stream(handle, V, [&](Context& context, const StreamPtr& stream) -> CUresult {
    FunctionPtr function;
    const CUresult r = resolve_function(function_handle, context.shared_from_this(), function);
    return r == CUDA_SUCCESS ? launch(stream, function, request) : r;
  });
}

// Of the launch attributes, those that change what a kernel computes are obeyed or refused; the
// rest are hints.
CUresult read_attributes(const CUlaunchConfig& config, LaunchRequest& request) {
  if (config.numAttrs > 0 && !config.attrs) return CUDA_ERROR_INVALID_VALUE;
  for (unsigned i = 0; i < config.numAttrs; ++i) {
    const CUlaunchAttribute& a = config.attrs[i];
    switch (a.id) {
      case CU_LAUNCH_ATTRIBUTE_COOPERATIVE:
        request.cooperative = a.value.cooperative != 0;
        break;
      case CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION:
        if (a.value.clusterDim.x == 0 || a.value.clusterDim.y == 0 || a.value.clusterDim.z == 0)
          return CUDA_ERROR_INVALID_VALUE;
        if (a.value.clusterDim.x * a.value.clusterDim.y * a.value.clusterDim.z == 1) break;
        say_once("cluster", "launching blocks in clusters is not supported");
        return CUDA_ERROR_NOT_SUPPORTED;
      case CU_LAUNCH_ATTRIBUTE_IGNORE:
      case CU_LAUNCH_ATTRIBUTE_ACCESS_POLICY_WINDOW:
      case CU_LAUNCH_ATTRIBUTE_SYNCHRONIZATION_POLICY:
      case CU_LAUNCH_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE:
      case CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION:
      case CU_LAUNCH_ATTRIBUTE_PRIORITY:
      case CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN_MAP:
      case CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN:
      case CU_LAUNCH_ATTRIBUTE_PREFERRED_CLUSTER_DIMENSION:
      case CU_LAUNCH_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT:
      case CU_LAUNCH_ATTRIBUTE_NVLINK_UTIL_CENTRIC_SCHEDULING:
        break;
      case CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_EVENT:
      case CU_LAUNCH_ATTRIBUTE_LAUNCH_COMPLETION_EVENT:
      case CU_LAUNCH_ATTRIBUTE_DEVICE_UPDATABLE_KERNEL_NODE:
        say_once("attribute " + std::to_string(a.id),
                 "launch attribute " + std::to_string(a.id) + " is not supported");
        return CUDA_ERROR_NOT_SUPPORTED;
      default:
        return CUDA_ERROR_INVALID_VALUE;
    }
  }
  return CUDA_SUCCESS;
}

template <DefaultStream V>
CUresult launch_ex(const CUlaunchConfig* config, CUfunction function, void** params, void** extra) {
  return entry([&]() -> CUresult {
    if (!config) return CUDA_ERROR_INVALID_VALUE;
    LaunchRequest request{{config->gridDimX, config->gridDimY, config->gridDimZ},
                          {config->blockDimX, config->blockDimY, config->blockDimZ},
                          config->sharedMemBytes,
                          params,
                          extra,
                          false,
                          {config->attrs, config->attrs ? config->numAttrs : 0}};
    if (const CUresult r = read_attributes(*config, request); r != CUDA_SUCCESS) return r;
    return launch_on<V>(config->hStream, function, request);
  });
}

constexpr auto kLegacy = DefaultStream::legacy;
constexpr auto kPerThread = DefaultStream::per_thread;

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuLaunchKernel(CUfunction f, unsigned int gx, unsigned int gy, unsigned int gz,
                        unsigned int bx, unsigned int by, unsigned int bz, unsigned int shared,
                        CUstream s, void** params, void** extra) {
  return launch_on<kLegacy>(s, f, {{gx, gy, gz}, {bx, by, bz}, shared, params, extra});
}
CUresult cuLaunchKernel_ptsz(CUfunction f, unsigned int gx, unsigned int gy, unsigned int gz,
                             unsigned int bx, unsigned int by, unsigned int bz, unsigned int shared,
                             CUstream s, void** params, void** extra) {
  return launch_on<kPerThread>(s, f, {{gx, gy, gz}, {bx, by, bz}, shared, params, extra});
}
CUresult cuLaunchCooperativeKernel(CUfunction f, unsigned int gx, unsigned int gy, unsigned int gz,
                                   unsigned int bx, unsigned int by, unsigned int bz,
                                   unsigned int shared, CUstream s, void** params) {
  return launch_on<kLegacy>(s, f, {{gx, gy, gz}, {bx, by, bz}, shared, params, nullptr, true});
}
CUresult cuLaunchCooperativeKernel_ptsz(CUfunction f, unsigned int gx, unsigned int gy,
                                        unsigned int gz, unsigned int bx, unsigned int by,
                                        unsigned int bz, unsigned int shared, CUstream s,
                                        void** params) {
  return launch_on<kPerThread>(s, f, {{gx, gy, gz}, {bx, by, bz}, shared, params, nullptr, true});
}
// softgpu-partial: refuses clusters of more than one block, programmatic and completion events,
// and device-updatable nodes
CUresult cuLaunchKernelEx(const CUlaunchConfig* config, CUfunction f, void** params, void** extra) {
  return launch_ex<kLegacy>(config, f, params, extra);
}
CUresult cuLaunchKernelEx_ptsz(const CUlaunchConfig* config, CUfunction f, void** params,
                               void** extra) {
  return launch_ex<kPerThread>(config, f, params, extra);
}
