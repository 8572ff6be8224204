// SPDX-License-Identifier: MIT
// Driver functions by name, and the profiler's switch.
#include "runtime/call.hpp"

using namespace softgpu::runtime;

namespace {

// Without a flag the variant for the caller's default stream is meant. The driver knows the other
// two by their numbers.
cudaError_t find(Streams streams, const char* name, void** out, unsigned version,
                 unsigned long long flags, cudaDriverEntryPointQueryResult* status) {
  return call([&]() -> cudaError_t {
    if (!name || !out || flags > cudaEnablePerThreadDefaultStream) return cudaErrorInvalidValue;
    if (flags == cudaEnableDefault && streams == Streams::per_thread)
      flags = cudaEnablePerThreadDefaultStream;
    PFN_cuGetProcAddress_v12000 resolve = nullptr;
    if (const cudaError_t e = find_resolver(resolve); e != cudaSuccess) return e;
    CUdriverProcAddressQueryResult found{};
    const CUresult r = resolve(name, out, static_cast<int>(version), flags, &found);
    if (status) *status = static_cast<cudaDriverEntryPointQueryResult>(found);
    return to_error(r);
  });
}

cudaError_t find_current(Streams streams, const char* name, void** out, unsigned long long flags,
                         cudaDriverEntryPointQueryResult* status) {
  return find(streams, name, out, CUDART_VERSION, flags, status);
}

}  // namespace

SOFTGPU_TWINS(cudaGetDriverEntryPoint, ptsz, find_current,
              (const char* name, void** out, unsigned long long flags,
               cudaDriverEntryPointQueryResult* status),
              name, out, flags, status)
SOFTGPU_TWINS(cudaGetDriverEntryPointByVersion, ptsz, find,
              (const char* name, void** out, unsigned version, unsigned long long flags,
               cudaDriverEntryPointQueryResult* status),
              name, out, version, flags, status)

// softgpu-partial: as cuProfilerStart
SOFTGPU_EXPORT cudaError_t cudaProfilerStart() {
  return with_context([&](const Driver& driver) { return driver.cuProfilerStart(); });
}

// softgpu-partial: as cuProfilerStop
SOFTGPU_EXPORT cudaError_t cudaProfilerStop() {
  return with_context([&](const Driver& driver) { return driver.cuProfilerStop(); });
}

// Plain data: five numbers in the order in which they are given. There are no arrays here to use it
// with.
cudaChannelFormatDesc cudaCreateChannelDesc(int x, int y, int z, int w,
                                            cudaChannelFormatKind kind) {
  return {x, y, z, w, kind};
}
