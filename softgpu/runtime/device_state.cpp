// SPDX-License-Identifier: MIT
#include "runtime/device_state.hpp"

#include <map>
#include <mutex>

#include "runtime/errors.hpp"
#include "runtime/kernels.hpp"

namespace softgpu::runtime {
namespace {

thread_local int t_device = 0;

// Primary contexts by device. The driver gives a primary context the same handle each time it is
// made, so one that was reset can still be current in some thread: `held` says whether it is alive.
struct Primary {
  CUcontext context = nullptr;
  bool held = false;
};
struct Primaries {
  std::mutex mutex;
  std::map<CUdevice, Primary> by_device;
};
Primaries& primaries() {
  static auto* const instance = new Primaries;
  return *instance;
}

// Is it a primary context that cudaDeviceReset has taken down? Which device was it of?
bool was_reset(CUcontext context, CUdevice& device) {
  Primaries& p = primaries();
  const std::lock_guard lock(p.mutex);
  for (const auto& [of, primary] : p.by_device)
    if (primary.context == context) {
      device = of;
      return !primary.held;
    }
  return false;
}

cudaError_t make_current(const Driver& driver, CUdevice device) {
  CUcontext context = nullptr;
  if (const cudaError_t e = primary_context(driver, device, context); e != cudaSuccess) return e;
  return to_error(driver.cuCtxSetCurrent(context));
}

// A context that was taken down does not stay current: who makes contexts asks the current one
// first.
cudaError_t leave(const Driver& driver, CUdevice device) {
  t_device = device;
  return to_error(driver.cuCtxSetCurrent(nullptr));
}

}  // namespace

cudaError_t primary_context(const Driver& driver, CUdevice device, CUcontext& context) {
  Primaries& p = primaries();
  const std::lock_guard lock(p.mutex);
  Primary& primary = p.by_device[device];
  if (!primary.held) {
    if (const CUresult r = driver.cuDevicePrimaryCtxRetain(&primary.context, device);
        r != CUDA_SUCCESS)
      return to_error(r);
    primary.held = true;
  }
  context = primary.context;
  return cudaSuccess;
}

cudaError_t ensure_context(const Driver& driver) {
  CUcontext current = nullptr;
  if (const CUresult r = driver.cuCtxGetCurrent(&current); r != CUDA_SUCCESS) return to_error(r);
  if (!current) return make_current(driver, t_device);
  CUdevice device = 0;
  if (!was_reset(current, device)) return cudaSuccess;
  if (const cudaError_t e = leave(driver, device); e != cudaSuccess) return e;
  return make_current(driver, device);
}

cudaError_t current_device(const Driver& driver, CUdevice& device) {
  CUcontext current = nullptr;
  if (const CUresult r = driver.cuCtxGetCurrent(&current); r != CUDA_SUCCESS) return to_error(r);
  device = t_device;
  if (!current || was_reset(current, device)) return cudaSuccess;
  return to_error(driver.cuCtxGetDevice(&device));
}

cudaError_t check_device(const Driver& driver, int device) {
  int count = 0;
  if (const CUresult r = driver.cuDeviceGetCount(&count); r != CUDA_SUCCESS) return to_error(r);
  if (count == 0) return cudaErrorNoDevice;
  return device >= 0 && device < count ? cudaSuccess : cudaErrorInvalidDevice;
}

cudaError_t select_device(const Driver& driver, int device) {
  if (const cudaError_t e = check_device(driver, device); e != cudaSuccess) return e;
  t_device = device;
  return make_current(driver, device);
}

cudaError_t reset_device(const Driver& driver, CUdevice device) {
  forget_functions();
  Primaries& p = primaries();
  CUcontext primary = nullptr, current = nullptr;
  {
    const std::lock_guard lock(p.mutex);
    p.by_device[device].held = false;
    primary = p.by_device[device].context;
    if (const CUresult r = driver.cuDevicePrimaryCtxReset(device); r != CUDA_SUCCESS)
      return to_error(r);
  }
  if (const CUresult r = driver.cuCtxGetCurrent(&current); r != CUDA_SUCCESS) return to_error(r);
  return current && current == primary ? leave(driver, device) : cudaSuccess;
}

}  // namespace softgpu::runtime
