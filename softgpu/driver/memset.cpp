// SPDX-License-Identifier: MIT
#include "driver/capture/capture.hpp"
#include "driver/copy.hpp"
#include "driver/entry.hpp"

namespace softgpu::driver {
namespace {

template <DefaultStream V, typename T>
CUresult set(CUdeviceptr address, size_t pitch, T value, size_t width, size_t height,
             CUstream handle, HostWaits waits) {
  return with_stream(handle, V, [&](Context&, const StreamPtr& stream) -> CUresult {
    if (waits == HostWaits::sync)
      if (const CUresult r = refuse_while_capturing(stream); r != CUDA_SUCCESS) return r;
    if (address % sizeof(T) != 0 || pitch % sizeof(T) != 0) return CUDA_ERROR_INVALID_VALUE;
    if (width > SIZE_MAX / sizeof(T)) return CUDA_ERROR_INVALID_VALUE;
    const Extent extent{width * sizeof(T), height, 1};
    if (height > 1 && pitch < extent.width) return CUDA_ERROR_INVALID_VALUE;
    Side to{.base = address, .pitch = pitch};
    if (const CUresult r = locate(to, extent, Accepts::device_pointer); r != CUDA_SUCCESS) return r;
    return fill(stream, to, extent, value, sizeof(T), waits);
  });
}

constexpr auto kLegacy = DefaultStream::legacy;
constexpr auto kPerThread = DefaultStream::per_thread;
constexpr auto kSync = HostWaits::sync;
constexpr auto kAsync = HostWaits::async;

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuMemsetD8_v2(CUdeviceptr p, unsigned char v, size_t n) {
  return set<kLegacy>(p, 0, v, n, 1, nullptr, kSync);
}
CUresult cuMemsetD16_v2(CUdeviceptr p, unsigned short v, size_t n) {
  return set<kLegacy>(p, 0, v, n, 1, nullptr, kSync);
}
CUresult cuMemsetD32_v2(CUdeviceptr p, unsigned int v, size_t n) {
  return set<kLegacy>(p, 0, v, n, 1, nullptr, kSync);
}
CUresult cuMemsetD8_v2_ptds(CUdeviceptr p, unsigned char v, size_t n) {
  return set<kPerThread>(p, 0, v, n, 1, nullptr, kSync);
}
CUresult cuMemsetD16_v2_ptds(CUdeviceptr p, unsigned short v, size_t n) {
  return set<kPerThread>(p, 0, v, n, 1, nullptr, kSync);
}
CUresult cuMemsetD32_v2_ptds(CUdeviceptr p, unsigned int v, size_t n) {
  return set<kPerThread>(p, 0, v, n, 1, nullptr, kSync);
}

CUresult cuMemsetD2D8_v2(CUdeviceptr p, size_t pitch, unsigned char v, size_t w, size_t h) {
  return set<kLegacy>(p, pitch, v, w, h, nullptr, kSync);
}
CUresult cuMemsetD2D16_v2(CUdeviceptr p, size_t pitch, unsigned short v, size_t w, size_t h) {
  return set<kLegacy>(p, pitch, v, w, h, nullptr, kSync);
}
CUresult cuMemsetD2D32_v2(CUdeviceptr p, size_t pitch, unsigned int v, size_t w, size_t h) {
  return set<kLegacy>(p, pitch, v, w, h, nullptr, kSync);
}
CUresult cuMemsetD2D8_v2_ptds(CUdeviceptr p, size_t pitch, unsigned char v, size_t w, size_t h) {
  return set<kPerThread>(p, pitch, v, w, h, nullptr, kSync);
}
CUresult cuMemsetD2D16_v2_ptds(CUdeviceptr p, size_t pitch, unsigned short v, size_t w, size_t h) {
  return set<kPerThread>(p, pitch, v, w, h, nullptr, kSync);
}
CUresult cuMemsetD2D32_v2_ptds(CUdeviceptr p, size_t pitch, unsigned int v, size_t w, size_t h) {
  return set<kPerThread>(p, pitch, v, w, h, nullptr, kSync);
}

CUresult cuMemsetD8Async(CUdeviceptr p, unsigned char v, size_t n, CUstream s) {
  return set<kLegacy>(p, 0, v, n, 1, s, kAsync);
}
CUresult cuMemsetD16Async(CUdeviceptr p, unsigned short v, size_t n, CUstream s) {
  return set<kLegacy>(p, 0, v, n, 1, s, kAsync);
}
CUresult cuMemsetD32Async(CUdeviceptr p, unsigned int v, size_t n, CUstream s) {
  return set<kLegacy>(p, 0, v, n, 1, s, kAsync);
}
CUresult cuMemsetD8Async_ptsz(CUdeviceptr p, unsigned char v, size_t n, CUstream s) {
  return set<kPerThread>(p, 0, v, n, 1, s, kAsync);
}
CUresult cuMemsetD16Async_ptsz(CUdeviceptr p, unsigned short v, size_t n, CUstream s) {
  return set<kPerThread>(p, 0, v, n, 1, s, kAsync);
}
CUresult cuMemsetD32Async_ptsz(CUdeviceptr p, unsigned int v, size_t n, CUstream s) {
  return set<kPerThread>(p, 0, v, n, 1, s, kAsync);
}

CUresult cuMemsetD2D8Async(CUdeviceptr p, size_t pitch, unsigned char v, size_t w, size_t h,
                           CUstream s) {
  return set<kLegacy>(p, pitch, v, w, h, s, kAsync);
}
CUresult cuMemsetD2D16Async(CUdeviceptr p, size_t pitch, unsigned short v, size_t w, size_t h,
                            CUstream s) {
  return set<kLegacy>(p, pitch, v, w, h, s, kAsync);
}
CUresult cuMemsetD2D32Async(CUdeviceptr p, size_t pitch, unsigned int v, size_t w, size_t h,
                            CUstream s) {
  return set<kLegacy>(p, pitch, v, w, h, s, kAsync);
}
CUresult cuMemsetD2D8Async_ptsz(CUdeviceptr p, size_t pitch, unsigned char v, size_t w, size_t h,
                                CUstream s) {
  return set<kPerThread>(p, pitch, v, w, h, s, kAsync);
}
CUresult cuMemsetD2D16Async_ptsz(CUdeviceptr p, size_t pitch, unsigned short v, size_t w, size_t h,
                                 CUstream s) {
  return set<kPerThread>(p, pitch, v, w, h, s, kAsync);
}
CUresult cuMemsetD2D32Async_ptsz(CUdeviceptr p, size_t pitch, unsigned int v, size_t w, size_t h,
                                 CUstream s) {
  return set<kPerThread>(p, pitch, v, w, h, s, kAsync);
}
