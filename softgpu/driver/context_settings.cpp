// SPDX-License-Identifier: MIT
// What a context remembers for the program: flags, limits, cache preferences, stream priorities.
#include "driver/entry.hpp"

using namespace softgpu::driver;

CUresult cuCtxGetFlags(unsigned int* flags) {
  return with_context([&](Context& context) -> CUresult {
    if (!flags) return CUDA_ERROR_INVALID_VALUE;
    *flags = context.flags;
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxSetFlags(unsigned int flags) {
  return with_context([&](Context& context) -> CUresult {
    if ((flags & ~static_cast<unsigned>(CU_CTX_FLAGS_MASK)) != 0) return CUDA_ERROR_INVALID_VALUE;
    context.flags = flags;
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxSetLimit(CUlimit limit, size_t value) {
  return with_context([&](Context& context) -> CUresult {
    const std::lock_guard lock(context.settings);
    const auto it = context.limits.find(limit);
    if (it == context.limits.end()) return CUDA_ERROR_UNSUPPORTED_LIMIT;
    // The device has no persisting L2, and its stack grows as it must: 512 KiB a thread is the
    // hardware's own bound.
    if (limit == CU_LIMIT_STACK_SIZE && value > size_t{512} << 10) return CUDA_ERROR_INVALID_VALUE;
    if (limit == CU_LIMIT_PERSISTING_L2_CACHE_SIZE) value = 0;
    it->second = value;
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxGetLimit(size_t* value, CUlimit limit) {
  return with_context([&](Context& context) -> CUresult {
    if (!value) return CUDA_ERROR_INVALID_VALUE;
    const std::lock_guard lock(context.settings);
    const auto it = context.limits.find(limit);
    if (it == context.limits.end()) return CUDA_ERROR_UNSUPPORTED_LIMIT;
    *value = it->second;
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxGetCacheConfig(CUfunc_cache* config) {
  return with_context([&](Context& context) -> CUresult {
    if (!config) return CUDA_ERROR_INVALID_VALUE;
    const std::lock_guard lock(context.settings);
    *config = context.cache_config;
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxSetCacheConfig(CUfunc_cache config) {
  return with_context([&](Context& context) -> CUresult {
    if (config > CU_FUNC_CACHE_PREFER_EQUAL) return CUDA_ERROR_INVALID_VALUE;
    const std::lock_guard lock(context.settings);
    context.cache_config = config;
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxGetSharedMemConfig(CUsharedconfig* config) {
  return with_context([&](Context& context) -> CUresult {
    if (!config) return CUDA_ERROR_INVALID_VALUE;
    // Banks are four bytes wide and cannot be changed since compute capability 5.0.
    const std::lock_guard lock(context.settings);
    *config = CU_SHARED_MEM_CONFIG_FOUR_BYTE_BANK_SIZE;
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxSetSharedMemConfig(CUsharedconfig config) {
  return with_context([&](Context&) -> CUresult {
    return config > CU_SHARED_MEM_CONFIG_EIGHT_BYTE_BANK_SIZE ? CUDA_ERROR_INVALID_VALUE
                                                              : CUDA_SUCCESS;
  });
}

CUresult cuCtxGetStreamPriorityRange(int* least, int* greatest) {
  return with_context([&](Context&) -> CUresult {
    if (least) *least = kLeastPriority;
    if (greatest) *greatest = kGreatestPriority;
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxResetPersistingL2Cache() {
  return with_context([](Context&) { return CUDA_SUCCESS; });
}

CUresult cuCtxGetExecAffinity(CUexecAffinityParam* affinity, CUexecAffinityType type) {
  return with_context([&](Context&) -> CUresult {
    if (!affinity || type != CU_EXEC_AFFINITY_TYPE_SM_COUNT) return CUDA_ERROR_INVALID_VALUE;
    affinity->type = type;
    affinity->param.smCount.val = static_cast<unsigned>(device_settings().multiprocessors);
    return CUDA_SUCCESS;
  });
}

// softgpu-partial: checks the context; nothing is profiled
CUresult cuProfilerStart() {
  return with_context([](Context&) { return CUDA_SUCCESS; });
}
// softgpu-partial: checks the context; nothing is profiled
CUresult cuProfilerStop() {
  return with_context([](Context&) { return CUDA_SUCCESS; });
}
// softgpu-refused: deprecated, and there is no profiler to initialise
CUresult cuProfilerInitialize(const char*, const char*, CUoutput_mode) {
  return CUDA_ERROR_NOT_SUPPORTED;
}
