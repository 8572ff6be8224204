// SPDX-License-Identifier: MIT
// Several devices, several processes: peer access and memory shared by handle.
#include "runtime/call.hpp"

using namespace softgpu::runtime;

namespace {

// The handles of both sides are the same bytes.
static_assert(sizeof(cudaIpcMemHandle_t) == sizeof(CUipcMemHandle));
static_assert(sizeof(cudaIpcEventHandle_t) == sizeof(CUipcEventHandle));

template <typename Body>
cudaError_t with_peer(int peer, Body&& body) {
  return with_context([&](const Driver& driver) -> cudaError_t {
    CUcontext context = nullptr;
    if (const cudaError_t e = check_device(driver, peer); e != cudaSuccess) return e;
    if (const cudaError_t e = primary_context(driver, peer, context); e != cudaSuccess) return e;
    return to_error(body(driver, context));
  });
}

template <typename Body>
cudaError_t with_devices(int a, int b, Body&& body) {
  return with_driver([&](const Driver& driver) -> cudaError_t {
    if (const cudaError_t e = check_device(driver, a); e != cudaSuccess) return e;
    if (const cudaError_t e = check_device(driver, b); e != cudaSuccess) return e;
    return to_error(body(driver));
  });
}

}  // namespace

cudaError_t cudaDeviceCanAccessPeer(int* can, int device, int peer) {
  return with_devices(device, peer, [&](const Driver& driver) {
    return driver.cuDeviceCanAccessPeer(can, device, peer);
  });
}

cudaError_t cudaDeviceGetP2PAttribute(int* value, cudaDeviceP2PAttr attribute, int from, int to) {
  return with_devices(from, to, [&](const Driver& driver) {
    return driver.cuDeviceGetP2PAttribute(value, static_cast<CUdevice_P2PAttribute>(attribute),
                                          from, to);
  });
}

cudaError_t cudaDeviceEnablePeerAccess(int peer, unsigned flags) {
  return with_peer(peer, [&](const Driver& driver, CUcontext context) {
    return driver.cuCtxEnablePeerAccess(context, flags);
  });
}

cudaError_t cudaDeviceDisablePeerAccess(int peer) {
  return with_peer(peer, [&](const Driver& driver, CUcontext context) {
    return driver.cuCtxDisablePeerAccess(context);
  });
}

cudaError_t cudaIpcGetMemHandle(cudaIpcMemHandle_t* handle, void* memory) {
  return with_context([&](const Driver& driver) {
    return driver.cuIpcGetMemHandle(reinterpret_cast<CUipcMemHandle*>(handle), address(memory));
  });
}

cudaError_t cudaIpcOpenMemHandle(void** out, cudaIpcMemHandle_t handle, unsigned flags) {
  return with_context([&](const Driver& driver) {
    return driver.cuIpcOpenMemHandle(reinterpret_cast<CUdeviceptr*>(out),
                                     reinterpret_cast<const CUipcMemHandle&>(handle), flags);
  });
}

cudaError_t cudaIpcCloseMemHandle(void* memory) {
  return with_context(
      [&](const Driver& driver) { return driver.cuIpcCloseMemHandle(address(memory)); });
}

cudaError_t cudaIpcGetEventHandle(cudaIpcEventHandle_t* handle, cudaEvent_t event) {
  return with_context([&](const Driver& driver) {
    return driver.cuIpcGetEventHandle(reinterpret_cast<CUipcEventHandle*>(handle), event);
  });
}

cudaError_t cudaIpcOpenEventHandle(cudaEvent_t* event, cudaIpcEventHandle_t handle) {
  return with_context([&](const Driver& driver) {
    return driver.cuIpcOpenEventHandle(event, reinterpret_cast<const CUipcEventHandle&>(handle));
  });
}

#if CUDART_VERSION >= 13000
cudaError_t cudaDeviceGetHostAtomicCapabilities(unsigned* capabilities,
                                                const cudaAtomicOperation* operations,
                                                unsigned count, int device) {
  return with_devices(device, device, [&](const Driver& driver) {
    return driver.cuDeviceGetHostAtomicCapabilities(
        capabilities, reinterpret_cast<const CUatomicOperation*>(operations), count, device);
  });
}

cudaError_t cudaDeviceGetP2PAtomicCapabilities(unsigned* capabilities,
                                               const cudaAtomicOperation* operations,
                                               unsigned count, int from, int to) {
  return with_devices(from, to, [&](const Driver& driver) {
    return driver.cuDeviceGetP2PAtomicCapabilities(
        capabilities, reinterpret_cast<const CUatomicOperation*>(operations), count, from, to);
  });
}
#endif
