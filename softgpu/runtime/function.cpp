// SPDX-License-Identifier: MIT
// Kernels as objects: their attributes, names, parameters and handles.
#include <cstring>

#include "runtime/call.hpp"
#include "runtime/kernels.hpp"

using namespace softgpu::runtime;

namespace {

// The function of a kernel in the current context.
template <typename Body>
cudaError_t with_function(const void* function, Body&& body) {
  return with_context([&](const Driver& driver) -> cudaError_t {
    CUfunction found = nullptr;
    if (const cudaError_t e = find_function(driver, function, found); e != cudaSuccess) return e;
    return to_error(body(driver, found));
  });
}

CUresult attributes_of(const Driver& driver, CUfunction function, cudaFuncAttributes& out) {
  CUresult result = CUDA_SUCCESS;
  const auto attribute = [&](CUfunction_attribute which) {
    int value = 0;
    if (result == CUDA_SUCCESS) result = driver.cuFuncGetAttribute(&value, which, function);
    return value;
  };
  const auto bytes = [&](CUfunction_attribute which) {
    return static_cast<size_t>(attribute(which));
  };
  out = {};
  out.sharedSizeBytes = bytes(CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES);
  out.constSizeBytes = bytes(CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES);
  out.localSizeBytes = bytes(CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES);
  out.maxThreadsPerBlock = attribute(CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK);
  out.numRegs = attribute(CU_FUNC_ATTRIBUTE_NUM_REGS);
  out.ptxVersion = attribute(CU_FUNC_ATTRIBUTE_PTX_VERSION);
  out.binaryVersion = attribute(CU_FUNC_ATTRIBUTE_BINARY_VERSION);
  out.cacheModeCA = attribute(CU_FUNC_ATTRIBUTE_CACHE_MODE_CA);
  out.maxDynamicSharedSizeBytes = attribute(CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES);
  out.preferredShmemCarveout = attribute(CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT);
  out.clusterDimMustBeSet = attribute(CU_FUNC_ATTRIBUTE_CLUSTER_SIZE_MUST_BE_SET);
  out.requiredClusterWidth = attribute(CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_WIDTH);
  out.requiredClusterHeight = attribute(CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_HEIGHT);
  out.requiredClusterDepth = attribute(CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_DEPTH);
  out.clusterSchedulingPolicyPreference =
      attribute(CU_FUNC_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE);
  out.nonPortableClusterSizeAllowed =
      attribute(CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED);
  return result;
}

}  // namespace

// softgpu-partial: as cuFuncGetAttribute
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, const void* function) {
  return with_function(function, [&](const Driver& driver, CUfunction found) {
    return attributes ? attributes_of(driver, found, *attributes) : CUDA_ERROR_INVALID_VALUE;
  });
}

cudaError_t cudaFuncSetAttribute(const void* function, cudaFuncAttribute attribute, int value) {
  return with_function(function, [&](const Driver& driver, CUfunction found) {
    return driver.cuFuncSetAttribute(found, static_cast<CUfunction_attribute>(attribute), value);
  });
}

cudaError_t cudaFuncSetCacheConfig(const void* function, cudaFuncCache config) {
  return with_function(function, [&](const Driver& driver, CUfunction found) {
    return driver.cuFuncSetCacheConfig(found, static_cast<CUfunc_cache>(config));
  });
}

cudaError_t cudaFuncSetSharedMemConfig(const void* function, cudaSharedMemConfig config) {
  return with_function(function, [&](const Driver&, CUfunction) {
    return config >= cudaSharedMemBankSizeDefault && config <= cudaSharedMemBankSizeEightByte
               ? CUDA_SUCCESS
               : CUDA_ERROR_INVALID_VALUE;
  });
}

cudaError_t cudaFuncGetName(const char** name, const void* function) {
  return with_function(function, [&](const Driver& driver, CUfunction found) {
    return driver.cuFuncGetName(name, found);
  });
}

cudaError_t cudaFuncGetParamInfo(const void* function, size_t index, size_t* offset, size_t* size) {
  return with_function(function, [&](const Driver& driver, CUfunction found) {
    return driver.cuFuncGetParamInfo(found, index, offset, size);
  });
}

cudaError_t cudaGetFuncBySymbol(cudaFunction_t* out, const void* function) {
  return with_function(function, [&](const Driver&, CUfunction found) {
    if (!out) return CUDA_ERROR_INVALID_VALUE;
    *out = found;
    return CUDA_SUCCESS;
  });
}

cudaError_t cudaGetKernel(cudaKernel_t* out, const void* function) {
  return with_driver([&](const Driver& driver) -> cudaError_t {
    return out ? find_kernel(driver, function, *out) : cudaErrorInvalidValue;
  });
}

cudaError_t cudaKernelSetAttributeForDevice(cudaKernel_t kernel, cudaFuncAttribute attribute,
                                            int value, int device) {
  return with_context([&](const Driver& driver) {
    return driver.cuKernelSetAttribute(static_cast<CUfunction_attribute>(attribute), value, kernel,
                                       device);
  });
}
