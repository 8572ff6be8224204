// SPDX-License-Identifier: MIT
// cuFunc* and cuKernel*: what a function is and what may be set on it.
#include <algorithm>

#include "driver/device_limits.hpp"
#include "driver/entry.hpp"
#include "driver/lazy_loading.hpp"
#include "driver/module.hpp"

namespace softgpu::driver {

CUresult get_attribute(const Function& f, CUfunction_attribute attribute, int& value) {
  const engine::Kernel& k = *f.kernel;
  const DeviceSettings& device = device_settings();
  switch (attribute) {
    case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
      value = static_cast<int>(k.max_threads);
      break;
    case CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES:
      value = static_cast<int>(k.static_shared);
      break;
    case CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES:
      value = static_cast<int>(k.constant_bytes);
      break;
    case CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES:
      value = static_cast<int>(k.local_bytes);
      break;
    case CU_FUNC_ATTRIBUTE_NUM_REGS:
      value = static_cast<int>(k.registers);
      break;
    case CU_FUNC_ATTRIBUTE_PTX_VERSION:
      value = f.module->ptx_version;
      break;
    case CU_FUNC_ATTRIBUTE_BINARY_VERSION:
      value = device.cc_major * 10 + device.cc_minor;
      break;
    case CU_FUNC_ATTRIBUTE_CACHE_MODE_CA:
      value = 0;
      break;
    case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES:
      value = static_cast<int>(f.max_dynamic_shared);
      break;
    case CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT:
      value = f.carveout;
      break;
    case CU_FUNC_ATTRIBUTE_CLUSTER_SIZE_MUST_BE_SET:
    case CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_WIDTH:
    case CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_HEIGHT:
    case CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_DEPTH:
      value = 0;
      break;
    case CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED:
      value = f.non_portable_cluster;
      break;
    case CU_FUNC_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE:
      value = f.cluster_policy;
      break;
    default:
      return CUDA_ERROR_INVALID_VALUE;
  }
  return CUDA_SUCCESS;
}

CUresult set_attribute(Function& f, CUfunction_attribute attribute, int value) {
  switch (attribute) {
    case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES: {
      const uint64_t optin = device_limits().shared_per_block_optin;
      if (value < 0 || static_cast<uint64_t>(value) + f.kernel->static_shared > optin)
        return CUDA_ERROR_INVALID_VALUE;
      f.max_dynamic_shared = static_cast<uint32_t>(value);
      return CUDA_SUCCESS;
    }
    case CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT:
      if (value < -1 || value > 100) return CUDA_ERROR_INVALID_VALUE;
      f.carveout = value;
      return CUDA_SUCCESS;
    case CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED:
      f.non_portable_cluster = value != 0;
      return CUDA_SUCCESS;
    case CU_FUNC_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE:
      if (value < 0 || value > CU_CLUSTER_SCHEDULING_POLICY_LOAD_BALANCING)
        return CUDA_ERROR_INVALID_VALUE;
      f.cluster_policy = value;
      return CUDA_SUCCESS;
    default:
      return CUDA_ERROR_INVALID_VALUE;
  }
}

namespace {

template <typename Body>
CUresult with_function(CUfunction handle, Body&& body) {
  return with_context([&](Context& context) -> CUresult {
    FunctionPtr function;
    if (const CUresult r = resolve_function(handle, context.shared_from_this(), function);
        r != CUDA_SUCCESS)
      return r;
    return body(*function);
  });
}

// Queries of kernels name a device, not a context: the current context if it is that device's, or
// else the device's primary one answers.
template <typename Body>
CUresult with_kernel(CUkernel handle, CUdevice device, Body&& body) {
  return entry([&]() -> CUresult {
    const KernelPtr kernel = kernels().find(handle);
    if (!kernel) return CUDA_ERROR_INVALID_HANDLE;
    std::shared_ptr<Context> context;
    if (current_context(context) != CUDA_SUCCESS || context->device != device)
      context = active_primary_context(device);
    if (!context) return CUDA_ERROR_INVALID_CONTEXT;
    FunctionPtr function;
    if (const CUresult r =
            resolve_function(reinterpret_cast<CUfunction>(handle), context, function);
        r != CUDA_SUCCESS)
      return r;
    return body(*kernel, *function);
  });
}

CUresult parameter(const Function& f, size_t index, size_t* offset, size_t* size) {
  if (!offset || index >= f.kernel->params.size()) return CUDA_ERROR_INVALID_VALUE;
  *offset = f.kernel->params[index].offset;
  if (size) *size = f.kernel->params[index].size;
  return CUDA_SUCCESS;
}

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

// softgpu-partial: CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_* are 0 for every kernel
CUresult cuFuncGetAttribute(int* value, CUfunction_attribute attribute, CUfunction handle) {
  return with_function(handle, [&](Function& f) -> CUresult {
    return value ? get_attribute(f, attribute, *value) : CUDA_ERROR_INVALID_VALUE;
  });
}

CUresult cuFuncSetAttribute(CUfunction handle, CUfunction_attribute attribute, int value) {
  return with_function(handle, [&](Function& f) { return set_attribute(f, attribute, value); });
}

CUresult cuFuncSetCacheConfig(CUfunction handle, CUfunc_cache config) {
  return with_function(handle, [&](Function&) -> CUresult {
    return config > CU_FUNC_CACHE_PREFER_EQUAL ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
  });
}

CUresult cuFuncSetSharedMemConfig(CUfunction handle, CUsharedconfig config) {
  return with_function(handle, [&](Function&) -> CUresult {
    return config > CU_SHARED_MEM_CONFIG_EIGHT_BYTE_BANK_SIZE ? CUDA_ERROR_INVALID_VALUE
                                                              : CUDA_SUCCESS;
  });
}

CUresult cuFuncGetModule(CUmodule* out, CUfunction handle) {
  return with_function(handle, [&](Function& f) -> CUresult {
    if (!out) return CUDA_ERROR_INVALID_VALUE;
    *out = f.module->handle;
    return CUDA_SUCCESS;
  });
}

CUresult cuFuncGetName(const char** name, CUfunction handle) {
  return with_function(handle, [&](Function& f) -> CUresult {
    if (!name) return CUDA_ERROR_INVALID_VALUE;
    *name = f.kernel->name.c_str();
    return CUDA_SUCCESS;
  });
}

CUresult cuFuncGetParamInfo(CUfunction handle, size_t index, size_t* offset, size_t* size) {
  return with_function(handle, [&](Function& f) { return parameter(f, index, offset, size); });
}

CUresult cuFuncIsLoaded(CUfunctionLoadingState* state, CUfunction handle) {
  return with_context([&](Context&) -> CUresult {
    if (!state) return CUDA_ERROR_INVALID_VALUE;
    const FunctionPtr f = functions().find(handle);
    if (!f) return CUDA_ERROR_INVALID_HANDLE;
    *state = f->loaded || !lazy_loading() ? CU_FUNCTION_LOADING_STATE_LOADED
                                          : CU_FUNCTION_LOADING_STATE_UNLOADED;
    return CUDA_SUCCESS;
  });
}

CUresult cuFuncLoad(CUfunction handle) {
  return with_function(handle, [](Function&) { return CUDA_SUCCESS; });
}

CUresult cuKernelGetFunction(CUfunction* out, CUkernel handle) {
  return with_context([&](Context& context) -> CUresult {
    if (!out) return CUDA_ERROR_INVALID_VALUE;
    const KernelPtr kernel = kernels().find(handle);
    if (!kernel) return CUDA_ERROR_INVALID_HANDLE;
    FunctionPtr function;
    if (const CUresult r = resolve_function(reinterpret_cast<CUfunction>(handle),
                                            context.shared_from_this(), function);
        r != CUDA_SUCCESS)
      return r;
    *out = function->handle;
    return CUDA_SUCCESS;
  });
}

CUresult cuKernelGetLibrary(CUlibrary* out, CUkernel handle) {
  return entry([&]() -> CUresult {
    if (!out) return CUDA_ERROR_INVALID_VALUE;
    const KernelPtr kernel = kernels().find(handle);
    if (!kernel) return CUDA_ERROR_INVALID_HANDLE;
    *out = kernel->library_handle;
    return CUDA_SUCCESS;
  });
}

CUresult cuKernelGetName(const char** name, CUkernel handle) {
  return entry([&]() -> CUresult {
    if (!name) return CUDA_ERROR_INVALID_VALUE;
    const KernelPtr kernel = kernels().find(handle);
    if (!kernel) return CUDA_ERROR_INVALID_HANDLE;
    *name = kernel->name.c_str();
    return CUDA_SUCCESS;
  });
}

// softgpu-partial: CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_* are 0 for every kernel
CUresult cuKernelGetAttribute(int* value, CUfunction_attribute attribute, CUkernel handle,
                              CUdevice device) {
  if (!is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
  return with_kernel(handle, device, [&](Kernel&, Function& f) -> CUresult {
    return value ? get_attribute(f, attribute, *value) : CUDA_ERROR_INVALID_VALUE;
  });
}

// Holds for every context: those that have the kernel loaded, and those that load it later.
CUresult cuKernelSetAttribute(CUfunction_attribute attribute, int value, CUkernel handle,
                              CUdevice device) {
  if (!is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
  return with_kernel(handle, device, [&](Kernel& kernel, Function& f) -> CUresult {
    if (const CUresult r = set_attribute(f, attribute, value); r != CUDA_SUCCESS) return r;
    const std::lock_guard lock(kernel.mutex);
    kernel.attributes[attribute] = value;
    return CUDA_SUCCESS;
  });
}

CUresult cuKernelSetCacheConfig(CUkernel handle, CUfunc_cache config, CUdevice device) {
  return entry([&]() -> CUresult {
    if (!is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    if (!kernels().find(handle)) return CUDA_ERROR_INVALID_HANDLE;
    return config > CU_FUNC_CACHE_PREFER_EQUAL ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
  });
}

CUresult cuKernelGetParamInfo(CUkernel handle, size_t index, size_t* offset, size_t* size) {
  // Parameters are the same on every device: any context will do.
  std::shared_ptr<Context> context;
  const CUdevice device = current_context(context) == CUDA_SUCCESS ? context->device : 0;
  return with_kernel(handle, device,
                     [&](Kernel&, Function& f) { return parameter(f, index, offset, size); });
}
