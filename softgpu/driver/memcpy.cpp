// SPDX-License-Identifier: MIT
// One-dimensional copies. A synchronous copy between host and device waits; device to device it is
// only ordered in the default stream, as documented ("API synchronization behavior").
#include "driver/capture/capture.hpp"
#include "driver/copy.hpp"
#include "driver/entry.hpp"
#include "driver/peer_copy.hpp"

namespace softgpu::driver {
namespace {

uint64_t address_of(const void* pointer) {
  return reinterpret_cast<uint64_t>(pointer);
}

template <DefaultStream V>
CUresult linear(uint64_t to_address, Accepts to_accepts, uint64_t from_address,
                Accepts from_accepts, size_t size, CUstream handle, HostWaits waits) {
  return with_stream(handle, V, [&](Context&, const StreamPtr& stream) -> CUresult {
    if (waits == HostWaits::sync)
      if (const CUresult r = refuse_while_capturing(stream); r != CUDA_SUCCESS) return r;
    const Extent extent{size, 1, 1};
    Side to{.base = to_address}, from{.base = from_address};
    if (const CUresult r = locate(to, extent, to_accepts); r != CUDA_SUCCESS) return r;
    if (const CUresult r = locate(from, extent, from_accepts); r != CUDA_SUCCESS) return r;
    if (to.device && from.device) {
      if (waits == HostWaits::sync && to.ordinal != from.ordinal)
        return copy_between_devices(stream, to, from, extent);
      waits = HostWaits::async;
    }
    return copy(stream, to, from, extent, waits);
  });
}

constexpr auto kLegacy = DefaultStream::legacy;
constexpr auto kPerThread = DefaultStream::per_thread;
constexpr auto kSync = HostWaits::sync;
constexpr auto kAsync = HostWaits::async;
constexpr auto kDevice = Accepts::device_pointer;
constexpr auto kHost = Accepts::host_pointer;
constexpr auto kAny = Accepts::any;

template <DefaultStream V>
CUresult peer(CUdeviceptr to, CUcontext to_context, CUdeviceptr from, CUcontext from_context,
              size_t size, CUstream s, HostWaits waits) {
  if (const CUresult state = driver_state(); state != CUDA_SUCCESS) return state;
  if (const CUresult r = check_peer(to_context, to); r != CUDA_SUCCESS) return r;
  if (const CUresult r = check_peer(from_context, from); r != CUDA_SUCCESS) return r;
  return linear<V>(to, kDevice, from, kDevice, size, s, waits);
}

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void* from, size_t n) {
  return linear<kLegacy>(to, kDevice, address_of(from), kHost, n, nullptr, kSync);
}
CUresult cuMemcpyHtoD_v2_ptds(CUdeviceptr to, const void* from, size_t n) {
  return linear<kPerThread>(to, kDevice, address_of(from), kHost, n, nullptr, kSync);
}
CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, size_t n, CUstream s) {
  return linear<kLegacy>(to, kDevice, address_of(from), kHost, n, s, kAsync);
}
CUresult cuMemcpyHtoDAsync_v2_ptsz(CUdeviceptr to, const void* from, size_t n, CUstream s) {
  return linear<kPerThread>(to, kDevice, address_of(from), kHost, n, s, kAsync);
}

CUresult cuMemcpyDtoH_v2(void* to, CUdeviceptr from, size_t n) {
  return linear<kLegacy>(address_of(to), kHost, from, kDevice, n, nullptr, kSync);
}
CUresult cuMemcpyDtoH_v2_ptds(void* to, CUdeviceptr from, size_t n) {
  return linear<kPerThread>(address_of(to), kHost, from, kDevice, n, nullptr, kSync);
}
CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, size_t n, CUstream s) {
  return linear<kLegacy>(address_of(to), kHost, from, kDevice, n, s, kAsync);
}
CUresult cuMemcpyDtoHAsync_v2_ptsz(void* to, CUdeviceptr from, size_t n, CUstream s) {
  return linear<kPerThread>(address_of(to), kHost, from, kDevice, n, s, kAsync);
}

CUresult cuMemcpyDtoD_v2(CUdeviceptr to, CUdeviceptr from, size_t n) {
  return linear<kLegacy>(to, kDevice, from, kDevice, n, nullptr, kSync);
}
CUresult cuMemcpyDtoD_v2_ptds(CUdeviceptr to, CUdeviceptr from, size_t n) {
  return linear<kPerThread>(to, kDevice, from, kDevice, n, nullptr, kSync);
}
CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t n, CUstream s) {
  return linear<kLegacy>(to, kDevice, from, kDevice, n, s, kAsync);
}
CUresult cuMemcpyDtoDAsync_v2_ptsz(CUdeviceptr to, CUdeviceptr from, size_t n, CUstream s) {
  return linear<kPerThread>(to, kDevice, from, kDevice, n, s, kAsync);
}

CUresult cuMemcpy(CUdeviceptr to, CUdeviceptr from, size_t n) {
  return linear<kLegacy>(to, kAny, from, kAny, n, nullptr, kSync);
}
CUresult cuMemcpy_ptds(CUdeviceptr to, CUdeviceptr from, size_t n) {
  return linear<kPerThread>(to, kAny, from, kAny, n, nullptr, kSync);
}
CUresult cuMemcpyAsync(CUdeviceptr to, CUdeviceptr from, size_t n, CUstream s) {
  return linear<kLegacy>(to, kAny, from, kAny, n, s, kAsync);
}
CUresult cuMemcpyAsync_ptsz(CUdeviceptr to, CUdeviceptr from, size_t n, CUstream s) {
  return linear<kPerThread>(to, kAny, from, kAny, n, s, kAsync);
}

CUresult cuMemcpyPeer(CUdeviceptr to, CUcontext to_context, CUdeviceptr from,
                      CUcontext from_context, size_t n) {
  return peer<kLegacy>(to, to_context, from, from_context, n, nullptr, kSync);
}
CUresult cuMemcpyPeer_ptds(CUdeviceptr to, CUcontext to_context, CUdeviceptr from,
                           CUcontext from_context, size_t n) {
  return peer<kPerThread>(to, to_context, from, from_context, n, nullptr, kSync);
}
CUresult cuMemcpyPeerAsync(CUdeviceptr to, CUcontext to_context, CUdeviceptr from,
                           CUcontext from_context, size_t n, CUstream s) {
  return peer<kLegacy>(to, to_context, from, from_context, n, s, kAsync);
}
CUresult cuMemcpyPeerAsync_ptsz(CUdeviceptr to, CUcontext to_context, CUdeviceptr from,
                                CUcontext from_context, size_t n, CUstream s) {
  return peer<kPerThread>(to, to_context, from, from_context, n, s, kAsync);
}
