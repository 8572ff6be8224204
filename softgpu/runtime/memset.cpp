// SPDX-License-Identifier: MIT
// Filling memory with a byte.
#include "runtime/call.hpp"

using namespace softgpu::runtime;

namespace {

unsigned char byte(int value) {
  return static_cast<unsigned char>(value);
}

cudaError_t fill_on(Streams streams, void* to, int value, size_t size) {
  return with_context(streams, [&](const Driver& driver) {
    return size == 0 ? CUDA_SUCCESS : driver.cuMemsetD8(address(to), byte(value), size);
  });
}

cudaError_t fill_async_on(Streams streams, void* to, int value, size_t size, cudaStream_t stream) {
  return with_context(streams, [&](const Driver& driver) {
    return size == 0 ? CUDA_SUCCESS
                     : driver.cuMemsetD8Async(address(to), byte(value), size, stream);
  });
}

// Rows of a box lie at one pitch throughout when its layers are whole; else each layer is a
// rectangle of its own.
template <typename Rectangle>
cudaError_t fill_box(const cudaPitchedPtr& to, const cudaExtent& extent, Rectangle&& rectangle) {
  if (extent.width == 0 || extent.height == 0 || extent.depth == 0) return cudaSuccess;
  if (extent.width > to.pitch) return cudaErrorInvalidPitchValue;
  if (extent.depth > 1 && extent.height > to.ysize) return cudaErrorInvalidValue;
  if (extent.depth == 1 || extent.height == to.ysize)
    return to_error(rectangle(address(to.ptr), extent.height * extent.depth));
  for (size_t layer = 0; layer < extent.depth; ++layer)
    if (const CUresult r = rectangle(address(to.ptr) + layer * to.ysize * to.pitch, extent.height);
        r != CUDA_SUCCESS)
      return to_error(r);
  return cudaSuccess;
}

cudaError_t fill_box_on(Streams streams, cudaPitchedPtr to, int value, cudaExtent extent) {
  return with_context(streams, [&](const Driver& driver) {
    return fill_box(to, extent, [&](CUdeviceptr start, size_t rows) {
      return driver.cuMemsetD2D8(start, to.pitch, byte(value), extent.width, rows);
    });
  });
}

cudaError_t fill_box_async_on(Streams streams, cudaPitchedPtr to, int value, cudaExtent extent,
                              cudaStream_t stream) {
  return with_context(streams, [&](const Driver& driver) {
    return fill_box(to, extent, [&](CUdeviceptr start, size_t rows) {
      return driver.cuMemsetD2D8Async(start, to.pitch, byte(value), extent.width, rows, stream);
    });
  });
}

cudaError_t fill_rectangle_on(Streams streams, void* to, size_t pitch, int value, size_t width,
                              size_t height) {
  return fill_box_on(streams, {to, pitch, width, height}, value, {width, height, 1});
}

cudaError_t fill_rectangle_async_on(Streams streams, void* to, size_t pitch, int value,
                                    size_t width, size_t height, cudaStream_t stream) {
  return fill_box_async_on(streams, {to, pitch, width, height}, value, {width, height, 1}, stream);
}

}  // namespace

SOFTGPU_TWINS(cudaMemset, ptds, fill_on, (void* to, int value, size_t size), to, value, size)
SOFTGPU_TWINS(cudaMemsetAsync, ptsz, fill_async_on,
              (void* to, int value, size_t size, cudaStream_t stream), to, value, size, stream)
SOFTGPU_TWINS(cudaMemset2D, ptds, fill_rectangle_on,
              (void* to, size_t pitch, int value, size_t width, size_t height), to, pitch, value,
              width, height)
SOFTGPU_TWINS(cudaMemset2DAsync, ptsz, fill_rectangle_async_on,
              (void* to, size_t pitch, int value, size_t width, size_t height, cudaStream_t stream),
              to, pitch, value, width, height, stream)
SOFTGPU_TWINS(cudaMemset3D, ptds, fill_box_on, (cudaPitchedPtr to, int value, cudaExtent extent),
              to, value, extent)
SOFTGPU_TWINS(cudaMemset3DAsync, ptsz, fill_box_async_on,
              (cudaPitchedPtr to, int value, cudaExtent extent, cudaStream_t stream), to, value,
              extent, stream)
