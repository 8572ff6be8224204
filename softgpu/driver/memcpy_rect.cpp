// SPDX-License-Identifier: MIT
// Two- and three-dimensional copies between linear memory. CUDA arrays are not part of this device.
#include "driver/capture/capture.hpp"
#include "driver/copy.hpp"
#include "driver/entry.hpp"
#include "driver/peer_copy.hpp"

namespace softgpu::driver {
namespace {

// One side as the API describes it: an offset (x bytes, y rows, z slices) into pitched memory of
// `height` rows a slice.
struct Described {
  CUmemorytype type;
  const void* host;
  CUdeviceptr device;
  uint64_t pitch, height, x, y, z;
};

CUresult to_side(const Described& d, const Extent& extent, Side& side) {
  uint64_t base = 0;
  Accepts accepts = Accepts::any;
  switch (d.type) {
    case CU_MEMORYTYPE_HOST:
      base = reinterpret_cast<uint64_t>(d.host);
      accepts = Accepts::host_pointer;
      break;
    case CU_MEMORYTYPE_DEVICE:
      base = d.device;
      accepts = Accepts::device_pointer;
      break;
    case CU_MEMORYTYPE_UNIFIED:
      base = d.device;
      break;
    case CU_MEMORYTYPE_ARRAY:
      say_once("array copy", "copies to and from CUDA arrays are not supported");
      return CUDA_ERROR_NOT_SUPPORTED;
    default:
      return CUDA_ERROR_INVALID_VALUE;
  }
  // A pitch or height of 0 means "as wide (high) as the copy".
  side.pitch = d.pitch != 0 ? d.pitch : d.x + extent.width;
  if (side.pitch < d.x + extent.width) return CUDA_ERROR_INVALID_VALUE;
  const uint64_t rows = d.height != 0 ? d.height : d.y + extent.height;
  if (extent.depth > 1 && rows < d.y + extent.height) return CUDA_ERROR_INVALID_VALUE;
  if (__builtin_mul_overflow(side.pitch, rows, &side.slice_pitch)) return CUDA_ERROR_INVALID_VALUE;
  side.base = base + d.z * side.slice_pitch + d.y * side.pitch + d.x;
  return locate(side, extent, accepts);
}

// CUDA_MEMCPY3D and CUDA_MEMCPY3D_PEER name their fields alike.
template <typename Copy>
Described destination_of(const Copy& c) {
  return {c.dstMemoryType, c.dstHost,     c.dstDevice, c.dstPitch,
          c.dstHeight,     c.dstXInBytes, c.dstY,      c.dstZ};
}
template <typename Copy>
Described source_of(const Copy& c) {
  return {c.srcMemoryType, c.srcHost,     c.srcDevice, c.srcPitch,
          c.srcHeight,     c.srcXInBytes, c.srcY,      c.srcZ};
}

template <DefaultStream V>
CUresult rect(const Described& to, const Described& from, const Extent& extent, CUstream handle,
              HostWaits waits) {
  return with_stream(handle, V, [&](Context&, const StreamPtr& stream) -> CUresult {
    if (waits == HostWaits::sync)
      if (const CUresult r = refuse_while_capturing(stream); r != CUDA_SUCCESS) return r;
    Side to_side_, from_side_;
    if (const CUresult r = to_side(to, extent, to_side_); r != CUDA_SUCCESS) return r;
    if (const CUresult r = to_side(from, extent, from_side_); r != CUDA_SUCCESS) return r;
    if (to_side_.device && from_side_.device) {
      if (waits == HostWaits::sync && to_side_.ordinal != from_side_.ordinal)
        return copy_between_devices(stream, to_side_, from_side_, extent);
      waits = HostWaits::async;
    }
    return copy(stream, to_side_, from_side_, extent, waits);
  });
}

template <DefaultStream V>
CUresult copy_2d(const CUDA_MEMCPY2D* c, CUstream s, HostWaits waits) {
  if (!c) return CUDA_ERROR_INVALID_VALUE;
  return rect<V>(
      {c->dstMemoryType, c->dstHost, c->dstDevice, c->dstPitch, 0, c->dstXInBytes, c->dstY, 0},
      {c->srcMemoryType, c->srcHost, c->srcDevice, c->srcPitch, 0, c->srcXInBytes, c->srcY, 0},
      {c->WidthInBytes, c->Height, 1}, s, waits);
}

template <DefaultStream V, typename Copy>
CUresult copy_3d(const Copy* c, CUstream s, HostWaits waits) {
  if (!c || c->srcLOD != 0 || c->dstLOD != 0) return CUDA_ERROR_INVALID_VALUE;
  return rect<V>(destination_of(*c), source_of(*c), {c->WidthInBytes, c->Height, c->Depth}, s,
                 waits);
}

// A context names whose memory a side in device memory is; of host memory it says nothing.
template <DefaultStream V>
CUresult copy_peer(const CUDA_MEMCPY3D_PEER* c, CUstream s, HostWaits waits) {
  if (!c) return CUDA_ERROR_INVALID_VALUE;
  return entry([&]() -> CUresult {
    if (c->dstMemoryType == CU_MEMORYTYPE_DEVICE)
      if (const CUresult r = check_peer(c->dstContext, c->dstDevice); r != CUDA_SUCCESS) return r;
    if (c->srcMemoryType == CU_MEMORYTYPE_DEVICE)
      if (const CUresult r = check_peer(c->srcContext, c->srcDevice); r != CUDA_SUCCESS) return r;
    return copy_3d<V>(c, s, waits);
  });
}

constexpr auto kLegacy = DefaultStream::legacy;
constexpr auto kPerThread = DefaultStream::per_thread;
constexpr auto kSync = HostWaits::sync;
constexpr auto kAsync = HostWaits::async;

}  // namespace

CUresult sides_of(const CUDA_MEMCPY3D& c, Side& to, Side& from, Extent& extent) {
  if (c.srcLOD != 0 || c.dstLOD != 0) return CUDA_ERROR_INVALID_VALUE;
  extent = {c.WidthInBytes, c.Height, c.Depth};
  if (const CUresult r = to_side(destination_of(c), extent, to); r != CUDA_SUCCESS) return r;
  return to_side(source_of(c), extent, from);
}

}  // namespace softgpu::driver

using namespace softgpu::driver;

// softgpu-partial: no copies to or from CUDA arrays
CUresult cuMemcpy2D_v2(const CUDA_MEMCPY2D* c) {
  return copy_2d<kLegacy>(c, nullptr, kSync);
}
CUresult cuMemcpy2D_v2_ptds(const CUDA_MEMCPY2D* c) {
  return copy_2d<kPerThread>(c, nullptr, kSync);
}
// softgpu-partial: no copies to or from CUDA arrays
CUresult cuMemcpy2DUnaligned_v2(const CUDA_MEMCPY2D* c) {
  return copy_2d<kLegacy>(c, nullptr, kSync);
}
CUresult cuMemcpy2DUnaligned_v2_ptds(const CUDA_MEMCPY2D* c) {
  return copy_2d<kPerThread>(c, nullptr, kSync);
}
// softgpu-partial: no copies to or from CUDA arrays
CUresult cuMemcpy2DAsync_v2(const CUDA_MEMCPY2D* c, CUstream s) {
  return copy_2d<kLegacy>(c, s, kAsync);
}
CUresult cuMemcpy2DAsync_v2_ptsz(const CUDA_MEMCPY2D* c, CUstream s) {
  return copy_2d<kPerThread>(c, s, kAsync);
}
// softgpu-partial: no copies to or from CUDA arrays
CUresult cuMemcpy3D_v2(const CUDA_MEMCPY3D* c) {
  return copy_3d<kLegacy>(c, nullptr, kSync);
}
CUresult cuMemcpy3D_v2_ptds(const CUDA_MEMCPY3D* c) {
  return copy_3d<kPerThread>(c, nullptr, kSync);
}
// softgpu-partial: no copies to or from CUDA arrays
CUresult cuMemcpy3DAsync_v2(const CUDA_MEMCPY3D* c, CUstream s) {
  return copy_3d<kLegacy>(c, s, kAsync);
}
CUresult cuMemcpy3DAsync_v2_ptsz(const CUDA_MEMCPY3D* c, CUstream s) {
  return copy_3d<kPerThread>(c, s, kAsync);
}
// softgpu-partial: no copies to or from CUDA arrays
CUresult cuMemcpy3DPeer(const CUDA_MEMCPY3D_PEER* c) {
  return copy_peer<kLegacy>(c, nullptr, kSync);
}
CUresult cuMemcpy3DPeer_ptds(const CUDA_MEMCPY3D_PEER* c) {
  return copy_peer<kPerThread>(c, nullptr, kSync);
}
// softgpu-partial: no copies to or from CUDA arrays
CUresult cuMemcpy3DPeerAsync(const CUDA_MEMCPY3D_PEER* c, CUstream s) {
  return copy_peer<kLegacy>(c, s, kAsync);
}
CUresult cuMemcpy3DPeerAsync_ptsz(const CUDA_MEMCPY3D_PEER* c, CUstream s) {
  return copy_peer<kPerThread>(c, s, kAsync);
}
