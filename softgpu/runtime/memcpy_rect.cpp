// SPDX-License-Identifier: MIT
// Copies of rectangles and boxes of linear memory. A row has a pitch: the bytes from one row to the
// next.
//
// Positions and widths of a cudaMemcpy3DParms are bytes when no array takes part, and none can:
// this device has no arrays.
#include <initializer_list>

#include "runtime/call.hpp"
#include "runtime/copy.hpp"

namespace softgpu::runtime {
namespace {

struct Ends {
  CUmemorytype from, to;
};
Ends ends_of(cudaMemcpyKind kind) {
  switch (kind) {
    case cudaMemcpyHostToHost:
      return {CU_MEMORYTYPE_HOST, CU_MEMORYTYPE_HOST};
    case cudaMemcpyHostToDevice:
      return {CU_MEMORYTYPE_HOST, CU_MEMORYTYPE_DEVICE};
    case cudaMemcpyDeviceToHost:
      return {CU_MEMORYTYPE_DEVICE, CU_MEMORYTYPE_HOST};
    case cudaMemcpyDeviceToDevice:
      return {CU_MEMORYTYPE_DEVICE, CU_MEMORYTYPE_DEVICE};
    default:
      return {CU_MEMORYTYPE_UNIFIED, CU_MEMORYTYPE_UNIFIED};
  }
}

cudaMemcpyKind kind_of(CUmemorytype from, CUmemorytype to) {
  if (from == CU_MEMORYTYPE_UNIFIED || to == CU_MEMORYTYPE_UNIFIED) return cudaMemcpyDefault;
  if (from == CU_MEMORYTYPE_HOST)
    return to == CU_MEMORYTYPE_HOST ? cudaMemcpyHostToHost : cudaMemcpyHostToDevice;
  return to == CU_MEMORYTYPE_HOST ? cudaMemcpyDeviceToHost : cudaMemcpyDeviceToDevice;
}

cudaError_t describe_rectangle(void* to, size_t to_pitch, const void* from, size_t from_pitch,
                               size_t width, size_t height, cudaMemcpyKind kind,
                               CUDA_MEMCPY2D_v2& out) {
  if (!known(kind)) return cudaErrorInvalidMemcpyDirection;
  if (width > to_pitch || width > from_pitch) return cudaErrorInvalidPitchValue;
  const Ends ends = ends_of(kind);
  out = {};
  out.srcMemoryType = ends.from;
  out.srcHost = from;
  out.srcDevice = address(from);
  out.srcPitch = from_pitch;
  out.dstMemoryType = ends.to;
  out.dstHost = to;
  out.dstDevice = address(to);
  out.dstPitch = to_pitch;
  out.WidthInBytes = width;
  out.Height = height;
  return cudaSuccess;
}

cudaError_t rectangle_on(Streams streams, void* to, size_t to_pitch, const void* from,
                         size_t from_pitch, size_t width, size_t height, cudaMemcpyKind kind) {
  return with_context(streams, [&](const Driver& driver) -> cudaError_t {
    CUDA_MEMCPY2D_v2 copy;
    if (const cudaError_t e =
            describe_rectangle(to, to_pitch, from, from_pitch, width, height, kind, copy);
        e != cudaSuccess)
      return e;
    if (width == 0 || height == 0) return cudaSuccess;
    return to_error(driver.cuMemcpy2DUnaligned(&copy));
  });
}

cudaError_t rectangle_async_on(Streams streams, void* to, size_t to_pitch, const void* from,
                               size_t from_pitch, size_t width, size_t height, cudaMemcpyKind kind,
                               cudaStream_t stream) {
  return with_context(streams, [&](const Driver& driver) -> cudaError_t {
    CUDA_MEMCPY2D_v2 copy;
    if (const cudaError_t e =
            describe_rectangle(to, to_pitch, from, from_pitch, width, height, kind, copy);
        e != cudaSuccess)
      return e;
    if (width == 0 || height == 0) return cudaSuccess;
    return to_error(driver.cuMemcpy2DAsync(&copy, stream));
  });
}

bool empty(const cudaExtent& extent) {
  return extent.width == 0 || extent.height == 0 || extent.depth == 0;
}

cudaError_t box_on(Streams streams, const cudaMemcpy3DParms* box) {
  return with_context(streams, [&](const Driver& driver) -> cudaError_t {
    if (!box) return cudaErrorInvalidValue;
    CUDA_MEMCPY3D_v2 copy;
    if (const cudaError_t e = describe(*box, copy); e != cudaSuccess) return e;
    return empty(box->extent) ? cudaSuccess : to_error(driver.cuMemcpy3D(&copy));
  });
}

cudaError_t box_async_on(Streams streams, const cudaMemcpy3DParms* box, cudaStream_t stream) {
  return with_context(streams, [&](const Driver& driver) -> cudaError_t {
    if (!box) return cudaErrorInvalidValue;
    CUDA_MEMCPY3D_v2 copy;
    if (const cudaError_t e = describe(*box, copy); e != cudaSuccess) return e;
    return empty(box->extent) ? cudaSuccess : to_error(driver.cuMemcpy3DAsync(&copy, stream));
  });
}

// The same between two devices: the addresses say where the memory is, the contexts who copies.
cudaError_t describe_peer(const Driver& driver, const cudaMemcpy3DPeerParms& box,
                          CUDA_MEMCPY3D_PEER& out) {
  cudaMemcpy3DParms plain{};
  plain.srcArray = box.srcArray;
  plain.srcPos = box.srcPos;
  plain.srcPtr = box.srcPtr;
  plain.dstArray = box.dstArray;
  plain.dstPos = box.dstPos;
  plain.dstPtr = box.dstPtr;
  plain.extent = box.extent;
  plain.kind = cudaMemcpyDefault;
  CUDA_MEMCPY3D_v2 copy;
  if (const cudaError_t e = describe(plain, copy); e != cudaSuccess) return e;
  out = {};
  for (const int device : {box.srcDevice, box.dstDevice})
    if (const cudaError_t e = check_device(driver, device); e != cudaSuccess) return e;
  if (const cudaError_t e = primary_context(driver, box.srcDevice, out.srcContext);
      e != cudaSuccess)
    return e;
  if (const cudaError_t e = primary_context(driver, box.dstDevice, out.dstContext);
      e != cudaSuccess)
    return e;
  out.srcXInBytes = copy.srcXInBytes;
  out.srcY = copy.srcY;
  out.srcZ = copy.srcZ;
  out.srcMemoryType = copy.srcMemoryType;
  out.srcDevice = copy.srcDevice;
  out.srcPitch = copy.srcPitch;
  out.srcHeight = copy.srcHeight;
  out.dstXInBytes = copy.dstXInBytes;
  out.dstY = copy.dstY;
  out.dstZ = copy.dstZ;
  out.dstMemoryType = copy.dstMemoryType;
  out.dstDevice = copy.dstDevice;
  out.dstPitch = copy.dstPitch;
  out.dstHeight = copy.dstHeight;
  out.WidthInBytes = copy.WidthInBytes;
  out.Height = copy.Height;
  out.Depth = copy.Depth;
  return cudaSuccess;
}

cudaError_t peer_box_on(Streams streams, const cudaMemcpy3DPeerParms* box) {
  return with_context(streams, [&](const Driver& driver) -> cudaError_t {
    if (!box) return cudaErrorInvalidValue;
    CUDA_MEMCPY3D_PEER copy;
    if (const cudaError_t e = describe_peer(driver, *box, copy); e != cudaSuccess) return e;
    return empty(box->extent) ? cudaSuccess : to_error(driver.cuMemcpy3DPeer(&copy));
  });
}

cudaError_t peer_box_async_on(Streams streams, const cudaMemcpy3DPeerParms* box,
                              cudaStream_t stream) {
  return with_context(streams, [&](const Driver& driver) -> cudaError_t {
    if (!box) return cudaErrorInvalidValue;
    CUDA_MEMCPY3D_PEER copy;
    if (const cudaError_t e = describe_peer(driver, *box, copy); e != cudaSuccess) return e;
    return empty(box->extent) ? cudaSuccess : to_error(driver.cuMemcpy3DPeerAsync(&copy, stream));
  });
}

}  // namespace

cudaError_t describe(const cudaMemcpy3DParms& box, CUDA_MEMCPY3D_v2& out) {
  if (!known(box.kind)) return cudaErrorInvalidMemcpyDirection;
  if (box.srcArray || box.dstArray) return cudaErrorInvalidResourceHandle;
  if (box.srcPos.x + box.extent.width > box.srcPtr.pitch ||
      box.dstPos.x + box.extent.width > box.dstPtr.pitch)
    return cudaErrorInvalidPitchValue;
  const Ends ends = ends_of(box.kind);
  out = {};
  out.srcXInBytes = box.srcPos.x;
  out.srcY = box.srcPos.y;
  out.srcZ = box.srcPos.z;
  out.srcMemoryType = ends.from;
  out.srcHost = box.srcPtr.ptr;
  out.srcDevice = address(box.srcPtr.ptr);
  out.srcPitch = box.srcPtr.pitch;
  out.srcHeight = box.srcPtr.ysize;
  out.dstXInBytes = box.dstPos.x;
  out.dstY = box.dstPos.y;
  out.dstZ = box.dstPos.z;
  out.dstMemoryType = ends.to;
  out.dstHost = box.dstPtr.ptr;
  out.dstDevice = address(box.dstPtr.ptr);
  out.dstPitch = box.dstPtr.pitch;
  out.dstHeight = box.dstPtr.ysize;
  out.WidthInBytes = box.extent.width;
  out.Height = box.extent.height;
  out.Depth = box.extent.depth;
  return cudaSuccess;
}

cudaMemcpy3DParms describe(const CUDA_MEMCPY3D_v2& box) {
  const auto end = [](CUmemorytype type, const void* host, CUdeviceptr device) {
    return type == CU_MEMORYTYPE_HOST ? const_cast<void*>(host) : reinterpret_cast<void*>(device);
  };
  cudaMemcpy3DParms out{};
  out.srcPos = {box.srcXInBytes, box.srcY, box.srcZ};
  out.srcPtr = {end(box.srcMemoryType, box.srcHost, box.srcDevice), box.srcPitch, box.WidthInBytes,
                box.srcHeight};
  out.dstPos = {box.dstXInBytes, box.dstY, box.dstZ};
  out.dstPtr = {end(box.dstMemoryType, box.dstHost, box.dstDevice), box.dstPitch, box.WidthInBytes,
                box.dstHeight};
  out.extent = {box.WidthInBytes, box.Height, box.Depth};
  out.kind = kind_of(box.srcMemoryType, box.dstMemoryType);
  return out;
}

}  // namespace softgpu::runtime

using namespace softgpu::runtime;

SOFTGPU_TWINS(cudaMemcpy2D, ptds, rectangle_on,
              (void* to, size_t to_pitch, const void* from, size_t from_pitch, size_t width,
               size_t height, cudaMemcpyKind kind),
              to, to_pitch, from, from_pitch, width, height, kind)

SOFTGPU_TWINS(cudaMemcpy2DAsync, ptsz, rectangle_async_on,
              (void* to, size_t to_pitch, const void* from, size_t from_pitch, size_t width,
               size_t height, cudaMemcpyKind kind, cudaStream_t stream),
              to, to_pitch, from, from_pitch, width, height, kind, stream)

// softgpu-partial: as cuMemcpy3D
SOFTGPU_TWINS(cudaMemcpy3D, ptds, box_on, (const cudaMemcpy3DParms* box), box)
// softgpu-partial: as cuMemcpy3DAsync
SOFTGPU_TWINS(cudaMemcpy3DAsync, ptsz, box_async_on,
              (const cudaMemcpy3DParms* box, cudaStream_t stream), box, stream)
// softgpu-partial: as cuMemcpy3DPeer
SOFTGPU_TWINS(cudaMemcpy3DPeer, ptds, peer_box_on, (const cudaMemcpy3DPeerParms* box), box)
// softgpu-partial: as cuMemcpy3DPeerAsync
SOFTGPU_TWINS(cudaMemcpy3DPeerAsync, ptsz, peer_box_async_on,
              (const cudaMemcpy3DPeerParms* box, cudaStream_t stream), box, stream)
