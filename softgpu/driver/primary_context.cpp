// SPDX-License-Identifier: MIT
// The primary context of each device: counted by retain and release, taken down at zero or by
// reset, and made again under the same handle. A thread that still has the handle current gets
// CONTEXT_IS_DESTROYED in between.
#include <mutex>

#include "driver/entry.hpp"
#include "driver/trace/resources.hpp"

namespace softgpu::driver {
namespace {

struct Primary {
  std::mutex mutex;
  CUcontext handle = nullptr;
  std::shared_ptr<Context> context;
  unsigned references = 0;
  unsigned flags = 0;
};

Primary& primary(CUdevice device) {
  static Primary* const all = new Primary[kMostDevices];
  return all[device];
}

// Under the mutex.
void take_down(Primary& p) {
  if (!p.context) return;
  destroy_context(p.context);
  p.context.reset();
  p.references = 0;
}

// Tells tools if the context goes with the reference that is given up, or with all of them. Without
// the mutex: a tool may ask for the state of the primary context.
void tell_if_going(Primary& p, bool all) {
  std::shared_ptr<Context> going;
  {
    const std::lock_guard lock(p.mutex);
    if (all || p.references == 1) going = p.context;
  }
  if (going) tell_going(*going);
}

CUresult release(CUdevice device) {
  return entry([&]() -> CUresult {
    if (!is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    Primary& p = primary(device);
    tell_if_going(p, false);
    const std::lock_guard lock(p.mutex);
    if (p.references == 0) return CUDA_ERROR_INVALID_CONTEXT;
    if (--p.references == 0) take_down(p);
    return CUDA_SUCCESS;
  });
}

CUresult reset(CUdevice device) {
  return entry([&]() -> CUresult {
    if (!is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    Primary& p = primary(device);
    tell_if_going(p, true);
    const std::lock_guard lock(p.mutex);
    take_down(p);
    return CUDA_SUCCESS;
  });
}

CUresult set_flags(CUdevice device, unsigned flags) {
  return entry([&]() -> CUresult {
    if (!is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    if ((flags & ~static_cast<unsigned>(CU_CTX_FLAGS_MASK)) != 0) return CUDA_ERROR_INVALID_VALUE;
    Primary& p = primary(device);
    const std::lock_guard lock(p.mutex);
    p.flags = flags;
    if (p.context) p.context->flags = flags;
    return CUDA_SUCCESS;
  });
}

}  // namespace

std::shared_ptr<Context> active_primary_context(int device) {
  Primary& p = primary(device);
  const std::lock_guard lock(p.mutex);
  return p.context;
}

}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuDevicePrimaryCtxRetain(CUcontext* out, CUdevice device) {
  return entry([&]() -> CUresult {
    if (!out) return CUDA_ERROR_INVALID_VALUE;
    if (!is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    Primary& p = primary(device);
    const std::lock_guard lock(p.mutex);
    if (!p.context) {
      auto context = create_context(device, p.flags, true);
      if (p.handle) {
        context->handle = p.handle;
        contexts().restore(p.handle, context);
      } else {
        context->handle = p.handle = contexts().insert(context);
      }
      tell_created(context);
      p.context = std::move(context);
    }
    ++p.references;
    *out = p.handle;
    return CUDA_SUCCESS;
  });
}

CUresult cuDevicePrimaryCtxRelease(CUdevice device) {
  return release(device);
}
CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
  return release(device);
}
CUresult cuDevicePrimaryCtxReset(CUdevice device) {
  return reset(device);
}
CUresult cuDevicePrimaryCtxReset_v2(CUdevice device) {
  return reset(device);
}
CUresult cuDevicePrimaryCtxSetFlags(CUdevice device, unsigned int flags) {
  return set_flags(device, flags);
}
CUresult cuDevicePrimaryCtxSetFlags_v2(CUdevice device, unsigned int flags) {
  return set_flags(device, flags);
}

CUresult cuDevicePrimaryCtxGetState(CUdevice device, unsigned int* flags, int* active) {
  return entry([&]() -> CUresult {
    if (!is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    if (!flags || !active) return CUDA_ERROR_INVALID_VALUE;
    Primary& p = primary(device);
    const std::lock_guard lock(p.mutex);
    *flags = p.flags;
    *active = p.context ? 1 : 0;
    return CUDA_SUCCESS;
  });
}
