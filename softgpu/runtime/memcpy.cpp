// SPDX-License-Identifier: MIT
// Copies of ranges of bytes.
//
// The kind says where the two ends are and which driver function does the copy; cudaMemcpyDefault
// leaves it to the addresses. The synchronous ones are synchronous as the driver's are: a copy from
// pageable memory may return before it has reached the device, one between device addresses does
// return before.
#include <initializer_list>

#include "runtime/call.hpp"
#include "runtime/copy.hpp"

namespace softgpu::runtime {

cudaError_t copy(const Driver& driver, void* to, const void* from, size_t size,
                 cudaMemcpyKind kind) {
  if (!known(kind)) return cudaErrorInvalidMemcpyDirection;
  if (size == 0) return cudaSuccess;
  switch (kind) {
    case cudaMemcpyHostToDevice:
      return to_error(driver.cuMemcpyHtoD(address(to), from, size));
    case cudaMemcpyDeviceToHost:
      return to_error(driver.cuMemcpyDtoH(to, address(from), size));
    case cudaMemcpyDeviceToDevice:
      return to_error(driver.cuMemcpyDtoD(address(to), address(from), size));
    default:
      return to_error(driver.cuMemcpy(address(to), address(from), size));
  }
}

cudaError_t copy_async(const Driver& driver, void* to, const void* from, size_t size,
                       cudaMemcpyKind kind, cudaStream_t stream) {
  if (!known(kind)) return cudaErrorInvalidMemcpyDirection;
  if (size == 0) return cudaSuccess;
  switch (kind) {
    case cudaMemcpyHostToDevice:
      return to_error(driver.cuMemcpyHtoDAsync(address(to), from, size, stream));
    case cudaMemcpyDeviceToHost:
      return to_error(driver.cuMemcpyDtoHAsync(to, address(from), size, stream));
    case cudaMemcpyDeviceToDevice:
      return to_error(driver.cuMemcpyDtoDAsync(address(to), address(from), size, stream));
    default:
      return to_error(driver.cuMemcpyAsync(address(to), address(from), size, stream));
  }
}

}  // namespace softgpu::runtime

using namespace softgpu::runtime;

namespace {

cudaError_t memcpy_on(Streams streams, void* to, const void* from, size_t size,
                      cudaMemcpyKind kind) {
  return with_context(streams,
                      [&](const Driver& driver) { return copy(driver, to, from, size, kind); });
}

cudaError_t memcpy_async_on(Streams streams, void* to, const void* from, size_t size,
                            cudaMemcpyKind kind, cudaStream_t stream) {
  return with_context(streams, [&](const Driver& driver) {
    return copy_async(driver, to, from, size, kind, stream);
  });
}

// The primary contexts of two devices.
template <typename Body>
cudaError_t between(int to_device, int from_device, Body&& body) {
  return with_context([&](const Driver& driver) -> cudaError_t {
    CUcontext to = nullptr, from = nullptr;
    for (const int device : {to_device, from_device})
      if (const cudaError_t e = check_device(driver, device); e != cudaSuccess) return e;
    if (const cudaError_t e = primary_context(driver, to_device, to); e != cudaSuccess) return e;
    if (const cudaError_t e = primary_context(driver, from_device, from); e != cudaSuccess)
      return e;
    return to_error(body(driver, to, from));
  });
}

}  // namespace

SOFTGPU_TWINS(cudaMemcpy, ptds, memcpy_on,
              (void* to, const void* from, size_t size, cudaMemcpyKind kind), to, from, size, kind)

SOFTGPU_TWINS(cudaMemcpyAsync, ptsz, memcpy_async_on,
              (void* to, const void* from, size_t size, cudaMemcpyKind kind, cudaStream_t stream),
              to, from, size, kind, stream)

cudaError_t cudaMemcpyPeer(void* to, int to_device, const void* from, int from_device,
                           size_t size) {
  return between(to_device, from_device, [&](const Driver& driver, CUcontext t, CUcontext f) {
    return size == 0 ? CUDA_SUCCESS : driver.cuMemcpyPeer(address(to), t, address(from), f, size);
  });
}

cudaError_t cudaMemcpyPeerAsync(void* to, int to_device, const void* from, int from_device,
                                size_t size, cudaStream_t stream) {
  return between(to_device, from_device, [&](const Driver& driver, CUcontext t, CUcontext f) {
    return size == 0 ? CUDA_SUCCESS
                     : driver.cuMemcpyPeerAsync(address(to), t, address(from), f, size, stream);
  });
}
