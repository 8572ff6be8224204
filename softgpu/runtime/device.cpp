// SPDX-License-Identifier: MIT
// Devices: how many, which one is current, its flags and limits.
#include "runtime/call.hpp"

using namespace softgpu::runtime;

namespace {

template <typename Body>
cudaError_t with_device(int device, Body&& body) {
  return with_driver([&](const Driver& driver) -> cudaError_t {
    if (const cudaError_t e = check_device(driver, device); e != cudaSuccess) return e;
    return to_error(body(driver));
  });
}

cudaError_t reset() {
  return with_driver([&](const Driver& driver) -> cudaError_t {
    CUdevice device = 0;
    if (const cudaError_t e = current_device(driver, device); e != cudaSuccess) return e;
    return reset_device(driver, device);
  });
}

cudaError_t synchronize() {
  return with_context([&](const Driver& driver) { return driver.cuCtxSynchronize(); });
}

cudaError_t get_limit(size_t* value, cudaLimit limit) {
  return with_context([&](const Driver& driver) {
    return driver.cuCtxGetLimit(value, static_cast<CUlimit>(limit));
  });
}

cudaError_t set_limit(cudaLimit limit, size_t value) {
  return with_context([&](const Driver& driver) {
    return driver.cuCtxSetLimit(static_cast<CUlimit>(limit), value);
  });
}

cudaError_t get_cache_config(cudaFuncCache* config) {
  return with_context([&](const Driver& driver) -> cudaError_t {
    if (!config) return cudaErrorInvalidValue;
    CUfunc_cache found{};
    const CUresult r = driver.cuCtxGetCacheConfig(&found);
    *config = static_cast<cudaFuncCache>(found);
    return to_error(r);
  });
}

cudaError_t set_cache_config(cudaFuncCache config) {
  return with_context([&](const Driver& driver) {
    return driver.cuCtxSetCacheConfig(static_cast<CUfunc_cache>(config));
  });
}

}  // namespace

cudaError_t cudaGetDeviceCount(int* count) {
  if (count) *count = 0;
  return with_driver([&](const Driver& driver) -> cudaError_t {
    if (!count) return cudaErrorInvalidValue;
    const CUresult r = driver.cuDeviceGetCount(count);
    return r == CUDA_SUCCESS && *count == 0 ? cudaErrorNoDevice : to_error(r);
  });
}

cudaError_t cudaGetDevice(int* device) {
  return with_driver([&](const Driver& driver) -> cudaError_t {
    return device ? current_device(driver, *device) : cudaErrorInvalidValue;
  });
}

cudaError_t cudaSetDevice(int device) {
  return with_driver([&](const Driver& driver) { return select_device(driver, device); });
}

// Makes the primary context without making it current.
cudaError_t cudaInitDevice(int device, unsigned device_flags, unsigned flags) {
  return with_device(device, [&](const Driver& driver) -> cudaError_t {
    if ((flags & ~unsigned{cudaInitDeviceFlagsAreValid}) != 0) return cudaErrorInvalidValue;
    if (flags & cudaInitDeviceFlagsAreValid)
      if (const CUresult r = driver.cuDevicePrimaryCtxSetFlags(device, device_flags);
          r != CUDA_SUCCESS)
        return to_error(r);
    CUcontext context = nullptr;
    return primary_context(driver, device, context);
  });
}

// The list is a preference of the calling thread; the first of it becomes its device.
cudaError_t cudaSetValidDevices(int* devices, int count) {
  return with_driver([&](const Driver& driver) -> cudaError_t {
    int all = 0;
    if (const CUresult r = driver.cuDeviceGetCount(&all); r != CUDA_SUCCESS) return to_error(r);
    if (count < 0 || count > all || (count > 0 && !devices)) return cudaErrorInvalidValue;
    for (int i = 0; i < count; ++i)
      if (const cudaError_t e = check_device(driver, devices[i]); e != cudaSuccess) return e;
    return count == 0 ? cudaSuccess : select_device(driver, devices[0]);
  });
}

cudaError_t cudaSetDeviceFlags(unsigned flags) {
  return with_driver([&](const Driver& driver) -> cudaError_t {
    CUdevice device = 0;
    if ((flags & ~unsigned{cudaDeviceMask}) != 0) return cudaErrorInvalidValue;
    if (const cudaError_t e = current_device(driver, device); e != cudaSuccess) return e;
    // Mapping host memory is always on, and no flag of the driver's.
    return to_error(
        driver.cuDevicePrimaryCtxSetFlags(device, flags & ~unsigned{cudaDeviceMapHost}));
  });
}

cudaError_t cudaGetDeviceFlags(unsigned* flags) {
  return with_driver([&](const Driver& driver) -> cudaError_t {
    CUdevice device = 0;
    int active = 0;
    if (!flags) return cudaErrorInvalidValue;
    if (const cudaError_t e = current_device(driver, device); e != cudaSuccess) return e;
    const CUresult r = driver.cuDevicePrimaryCtxGetState(device, flags, &active);
    *flags |= cudaDeviceMapHost;
    return to_error(r);
  });
}

cudaError_t cudaDeviceReset() {
  return reset();
}

cudaError_t cudaDeviceSynchronize() {
  return synchronize();
}

cudaError_t cudaDeviceGetLimit(size_t* value, cudaLimit limit) {
  return get_limit(value, limit);
}

cudaError_t cudaDeviceSetLimit(cudaLimit limit, size_t value) {
  return set_limit(limit, value);
}

cudaError_t cudaDeviceGetCacheConfig(cudaFuncCache* config) {
  return get_cache_config(config);
}

cudaError_t cudaDeviceSetCacheConfig(cudaFuncCache config) {
  return set_cache_config(config);
}

// The width of shared memory's banks has been fixed since compute capability 5.0.
cudaError_t cudaDeviceGetSharedMemConfig(cudaSharedMemConfig* config) {
  return with_context([&](const Driver&) -> cudaError_t {
    if (!config) return cudaErrorInvalidValue;
    *config = cudaSharedMemBankSizeFourByte;
    return cudaSuccess;
  });
}

cudaError_t cudaDeviceSetSharedMemConfig(cudaSharedMemConfig config) {
  return with_context([&](const Driver&) {
    return config >= cudaSharedMemBankSizeDefault && config <= cudaSharedMemBankSizeEightByte
               ? cudaSuccess
               : cudaErrorInvalidValue;
  });
}

cudaError_t cudaDeviceGetStreamPriorityRange(int* least, int* greatest) {
  return with_context(
      [&](const Driver& driver) { return driver.cuCtxGetStreamPriorityRange(least, greatest); });
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
  return with_device(device, [&](const Driver& driver) {
    return driver.cuDeviceGetAttribute(value, static_cast<CUdevice_attribute>(attribute), device);
  });
}

cudaError_t cudaDeviceGetPCIBusId(char* id, int length, int device) {
  return with_device(
      device, [&](const Driver& driver) { return driver.cuDeviceGetPCIBusId(id, length, device); });
}

cudaError_t cudaDeviceGetByPCIBusId(int* device, const char* id) {
  return with_driver(
      [&](const Driver& driver) { return driver.cuDeviceGetByPCIBusId(device, id); });
}

cudaError_t cudaDriverGetVersion(int* version) {
  return call([&]() -> cudaError_t {
    if (!version) return cudaErrorInvalidValue;
    *version = 0;  // documented: no driver is version 0, and no error
    const Driver* driver = nullptr;
    if (find_driver(Streams::legacy, driver) == cudaErrorInsufficientDriver) return cudaSuccess;
    return driver ? to_error(driver->cuDriverGetVersion(version)) : cudaErrorInitializationError;
  });
}

cudaError_t cudaRuntimeGetVersion(int* version) {
  if (!version) return record(cudaErrorInvalidValue);
  *version = CUDART_VERSION;
  return cudaSuccess;
}

cudaError_t cudaCtxResetPersistingL2Cache() {
  return with_context([&](const Driver& driver) { return driver.cuCtxResetPersistingL2Cache(); });
}

#if CUDART_VERSION < 13000
cudaError_t cudaThreadExit() {
  return reset();
}

cudaError_t cudaThreadSynchronize() {
  return synchronize();
}

cudaError_t cudaThreadGetLimit(size_t* value, cudaLimit limit) {
  return get_limit(value, limit);
}

cudaError_t cudaThreadSetLimit(cudaLimit limit, size_t value) {
  return set_limit(limit, value);
}

cudaError_t cudaThreadGetCacheConfig(cudaFuncCache* config) {
  return get_cache_config(config);
}

cudaError_t cudaThreadSetCacheConfig(cudaFuncCache config) {
  return set_cache_config(config);
}
#endif
