// SPDX-License-Identifier: MIT
#include "runtime/fake_entries.hpp"

#include <cstdio>
#include <cstring>

#include "interpose/real_functions.hpp"

namespace fake {
namespace {

using nonans::api::Fn;
namespace real = nonans::interpose::real;

Driver* driver = nullptr;
constexpr CUdeviceptr kMemory = 0x700000000000;

// Notes the call; the answer that the test wants.
CUresult noted(const char* name) {
  driver->calls.push_back(name);
  const auto found = driver->failures.find(name);
  return found == driver->failures.end() ? CUDA_SUCCESS : found->second;
}

CUresult ctx_get_current(CUcontext* context) {
  *context = driver->current;
  return CUDA_SUCCESS;
}
CUresult ctx_get_device(CUdevice* device) {
  *device = 0;
  return driver->current ? CUDA_SUCCESS : CUDA_ERROR_INVALID_CONTEXT;
}
CUresult device_get(CUdevice* device, int ordinal) {
  *device = ordinal;
  return CUDA_SUCCESS;
}
CUresult device_get_attribute(int* value, CUdevice_attribute which, CUdevice) {
  *value = which == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR ? 9
           : which == CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT   ? 4
                                                                 : 0;
  return CUDA_SUCCESS;
}
CUresult device_get_name(char* name, int size, CUdevice) {
  std::snprintf(name, static_cast<size_t>(size), "fake device");
  return CUDA_SUCCESS;
}
CUresult pointer_get_attributes(unsigned count, CUpointer_attribute* names, void** values,
                                CUdeviceptr) {
  for (unsigned i = 0; i < count; ++i) {
    if (names[i] == CU_POINTER_ATTRIBUTE_MEMORY_TYPE)
      *static_cast<unsigned*>(values[i]) = driver->pointer_type;
    else if (names[i] == CU_POINTER_ATTRIBUTE_IS_MANAGED)
      *static_cast<unsigned*>(values[i]) = driver->pointer_managed;
    else if (names[i] == CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL)
      *static_cast<int*>(values[i]) = driver->pointer_ordinal;
    else if (names[i] == CU_POINTER_ATTRIBUTE_CONTEXT)
      *static_cast<CUcontext*>(values[i]) = driver->pointer_context;
    else
      return CUDA_ERROR_INVALID_VALUE;
  }
  return noted("cuPointerGetAttributes");
}
CUresult pointer_get_attribute(void* value, CUpointer_attribute which, CUdeviceptr) {
  if (which != CU_POINTER_ATTRIBUTE_MEMPOOL_HANDLE) return CUDA_ERROR_INVALID_VALUE;
  *static_cast<CUmemoryPool*>(value) = driver->pointer_pool;
  return noted("cuPointerGetAttribute");
}
CUresult mem_get_address_range(CUdeviceptr* base, size_t* size, CUdeviceptr) {
  *base = driver->range_base;
  *size = driver->range_size;
  return noted("cuMemGetAddressRange");
}
CUresult stream_get_capture_info(CUstream, CUstreamCaptureStatus* status, cuuint64_t*,
                                 CUgraph* graph, const CUgraphNode**, size_t*) {
  *status = driver->capture;
  if (graph) *graph = driver->captured_graph;
  return noted("cuStreamGetCaptureInfo");
}
// Device d's only pool.
CUresult device_get_pool(CUmemoryPool* pool, CUdevice device) {
  *pool = device_pool(device);
  return CUDA_SUCCESS;
}
CUresult driver_get_version(int* version) {
  *version = 13000;
  return CUDA_SUCCESS;
}
CUresult module_load_data(CUmodule* module, const void*, unsigned, CUjit_option*, void**) {
  const CUresult result = noted("cuModuleLoadDataEx");
  if (result != CUDA_SUCCESS) return result;
  *module = reinterpret_cast<CUmodule>(0x5ca0);
  ++driver->modules_held;
  return result;
}
CUresult module_unload(CUmodule) {
  --driver->modules_held;
  return noted("cuModuleUnload");
}
CUresult module_get_function(CUfunction* function, CUmodule, const char*) {
  *function = reinterpret_cast<CUfunction>(0x5cb0);
  return noted("cuModuleGetFunction");
}
CUresult func_load(CUfunction) {
  return noted("cuFuncLoad");
}
CUresult func_get_attribute(int* value, CUfunction_attribute, CUfunction) {
  *value = 32;
  return CUDA_SUCCESS;
}
CUresult func_get_module(CUmodule* module, CUfunction) {
  *module = driver->function_module;
  return noted("cuFuncGetModule");
}
CUresult func_is_loaded(CUfunctionLoadingState* state, CUfunction) {
  *state = driver->function_state;
  return noted("cuFuncIsLoaded");
}
CUresult func_get_name(const char** name, CUfunction) {
  *name = driver->function_name;
  return noted("cuFuncGetName");
}
CUresult kernel_get_name(const char** name, CUkernel) {
  *name = driver->function_name;
  return noted("cuKernelGetName");
}
CUresult module_get_function_count(unsigned* count, CUmodule) {
  *count = 1;
  return noted("cuModuleGetFunctionCount");
}
CUresult library_get_kernel_count(unsigned* count, CUlibrary) {
  *count = 1;
  return noted("cuLibraryGetKernelCount");
}
CUresult mem_alloc(CUdeviceptr* pointer, size_t) {
  const CUresult result = noted("cuMemAlloc");
  if (result != CUDA_SUCCESS) return result;
  *pointer = kMemory;
  ++driver->memory_held;
  return result;
}
CUresult mem_free(CUdeviceptr) {
  --driver->memory_held;
  return noted("cuMemFree");
}
CUresult stream_create(CUstream* stream, unsigned) {
  *stream = reinterpret_cast<CUstream>(0x57e0);
  return noted("cuStreamCreate");
}
CUresult stream_destroy(CUstream) {
  return noted("cuStreamDestroy");
}
CUresult stream_synchronize(CUstream) {
  return noted("cuStreamSynchronize");
}
CUresult memset_async(CUdeviceptr, unsigned char, size_t, CUstream) {
  return noted("cuMemsetD8Async");
}
CUresult host_register(void*, size_t, unsigned) {
  const CUresult result = noted("cuMemHostRegister");
  if (result == CUDA_SUCCESS) ++driver->registered;
  return result;
}
CUresult host_unregister(void*) {
  --driver->registered;
  return noted("cuMemHostUnregister");
}
CUresult host_get_device_pointer(CUdeviceptr* device, void* host, unsigned) {
  *device = reinterpret_cast<CUdeviceptr>(host);
  return noted("cuMemHostGetDevicePointer");
}
CUresult exchange_capture_mode(CUstreamCaptureMode* mode) {
  *mode = CU_STREAM_CAPTURE_MODE_GLOBAL;
  return noted("cuThreadExchangeStreamCaptureMode");
}
CUresult stream_is_capturing(CUstream, CUstreamCaptureStatus* status) {
  *status = driver->capture;
  return noted("cuStreamIsCapturing");
}
CUresult stream_query(CUstream) {
  return driver->stream_busy ? CUDA_ERROR_NOT_READY : CUDA_SUCCESS;
}
CUresult event_create(CUevent* event, unsigned) {
  *event = reinterpret_cast<CUevent>(0xe0);
  return noted("cuEventCreate");
}
CUresult event_record(CUevent, CUstream) {
  return noted("cuEventRecord");
}
CUresult event_query(CUevent) {
  return driver->stream_busy ? CUDA_ERROR_NOT_READY : CUDA_SUCCESS;
}
CUresult event_destroy(CUevent) {
  return noted("cuEventDestroy");
}
CUresult stream_get_ctx(CUstream stream, CUcontext* context) {
  const auto found = driver->stream_contexts.find(stream);
  *context = found == driver->stream_contexts.end() ? driver->current : found->second;
  return noted("cuStreamGetCtx");
}
CUresult device_get_count(int* count) {
  *count = driver->devices;
  return CUDA_SUCCESS;
}
CUresult ctx_push(CUcontext context) {
  driver->pushed.push_back(driver->current);
  driver->current = context;
  return noted("cuCtxPushCurrent");
}
CUresult ctx_pop(CUcontext* context) {
  *context = driver->current;
  driver->current = driver->pushed.back();
  driver->pushed.pop_back();
  return noted("cuCtxPopCurrent");
}
CUresult ctx_synchronize() {
  return noted("cuCtxSynchronize");
}

template <bool PerThread>
CUresult launch_kernel(CUfunction f, unsigned gx, unsigned, unsigned, unsigned bx, unsigned,
                       unsigned, unsigned, CUstream stream, void** params, void**) {
  ScanLaunch launch{
      *static_cast<nn_scan_params*>(params[0]), f, stream, gx, bx, PerThread, {}, driver->current};
  driver->launches.push_back(launch);
  return noted("cuLaunchKernel");
}
CUresult launch_kernel_ex(const CUlaunchConfig* config, CUfunction f, void** params, void**) {
  ScanLaunch launch{*static_cast<nn_scan_params*>(params[0]),
                    f,
                    config->hStream,
                    config->gridDimX,
                    config->blockDimX,
                    false,
                    {config->attrs, config->attrs + config->numAttrs},
                    driver->current};
  driver->launches.push_back(launch);
  return noted("cuLaunchKernelEx");
}

template <typename Function>
void put(Fn fn, Function* function) {
  real::table[static_cast<size_t>(fn)].store(reinterpret_cast<void*>(function));
}

}  // namespace

Driver::Driver() {
  driver = this;
  put(Fn::cuCtxGetCurrent, &ctx_get_current);
  put(Fn::cuCtxGetDevice_v1, &ctx_get_device);
  put(Fn::cuDeviceGet, &device_get);
  put(Fn::cuDeviceGetAttribute, &device_get_attribute);
  put(Fn::cuDeviceGetName, &device_get_name);
  put(Fn::cuPointerGetAttributes, &pointer_get_attributes);
  put(Fn::cuPointerGetAttribute, &pointer_get_attribute);
  put(Fn::cuMemGetAddressRange_v2, &mem_get_address_range);
  put(Fn::cuStreamGetCaptureInfo_v2, &stream_get_capture_info);
  put(Fn::cuDeviceGetMemPool, &device_get_pool);
  put(Fn::cuDeviceGetDefaultMemPool, &device_get_pool);
  put(Fn::cuDriverGetVersion, &driver_get_version);
  put(Fn::cuModuleLoadDataEx, &module_load_data);
  put(Fn::cuModuleUnload, &module_unload);
  put(Fn::cuModuleGetFunction, &module_get_function);
  put(Fn::cuFuncGetModule, &func_get_module);
  put(Fn::cuFuncIsLoaded, &func_is_loaded);
  put(Fn::cuFuncGetName, &func_get_name);
  put(Fn::cuKernelGetName, &kernel_get_name);
  put(Fn::cuModuleGetFunctionCount, &module_get_function_count);
  put(Fn::cuLibraryGetKernelCount, &library_get_kernel_count);
  put(Fn::cuFuncLoad, &func_load);
  put(Fn::cuFuncGetAttribute, &func_get_attribute);
  put(Fn::cuMemAlloc_v2, &mem_alloc);
  put(Fn::cuMemFree_v2, &mem_free);
  put(Fn::cuStreamCreate, &stream_create);
  put(Fn::cuStreamDestroy_v2, &stream_destroy);
  put(Fn::cuStreamSynchronize, &stream_synchronize);
  put(Fn::cuMemsetD8Async, &memset_async);
  put(Fn::cuMemHostRegister_v2, &host_register);
  put(Fn::cuMemHostUnregister, &host_unregister);
  put(Fn::cuMemHostGetDevicePointer_v2, &host_get_device_pointer);
  put(Fn::cuThreadExchangeStreamCaptureMode, &exchange_capture_mode);
  put(Fn::cuStreamIsCapturing, &stream_is_capturing);
  put(Fn::cuStreamIsCapturing_ptsz, &stream_is_capturing);
  put(Fn::cuStreamQuery, &stream_query);
  put(Fn::cuEventCreate, &event_create);
  put(Fn::cuEventRecord, &event_record);
  put(Fn::cuEventQuery, &event_query);
  put(Fn::cuEventDestroy_v2, &event_destroy);
  put(Fn::cuStreamGetCtx_v1, &stream_get_ctx);
  put(Fn::cuDeviceGetCount, &device_get_count);
  put(Fn::cuCtxPushCurrent_v2, &ctx_push);
  put(Fn::cuCtxPopCurrent_v2, &ctx_pop);
  put(Fn::cuCtxSynchronize_v1, &ctx_synchronize);
  put(Fn::cuLaunchKernel, &launch_kernel<false>);
  put(Fn::cuLaunchKernel_ptsz, &launch_kernel<true>);
  put(Fn::cuLaunchKernelEx, &launch_kernel_ex);
  put(Fn::cuLaunchKernelEx_ptsz, &launch_kernel_ex);
}

Driver::~Driver() {
  for (auto& entry : real::table) entry.store(nullptr);
}

}  // namespace fake
