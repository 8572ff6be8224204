// SPDX-License-Identifier: MIT
// Managed memory: advice, prefetching, and what is known of ranges; copies in batches.
//
// CUDA 12 has two spellings each: by device number, with cudaCpuDeviceId (-1) for the host, and by
// location.
#include "runtime/call.hpp"

using namespace softgpu::runtime;

namespace {

static_assert(sizeof(cudaMemcpyAttributes) == sizeof(CUmemcpyAttributes));
static_assert(sizeof(cudaMemcpy3DBatchOp) == sizeof(CUDA_MEMCPY3D_BATCH_OP));

CUmemLocation location_of(const cudaMemLocation& location) {
  return {static_cast<CUmemLocationType>(location.type), location.id};
}

cudaError_t advise(const void* memory, size_t size, cudaMemoryAdvise advice,
                   const CUmemLocation& location) {
  return with_context([&](const Driver& driver) {
    return driver.cuMemAdvise(address(memory), size, static_cast<CUmem_advise>(advice), location);
  });
}

cudaError_t prefetch(Streams streams, const void* memory, size_t size,
                     const CUmemLocation& location, unsigned flags, cudaStream_t stream) {
  return with_context(streams, [&](const Driver& driver) {
    return driver.cuMemPrefetchAsync(address(memory), size, location, flags, stream);
  });
}

cudaError_t prefetch_to(Streams streams, const void* memory, size_t size, cudaMemLocation location,
                        unsigned flags, cudaStream_t stream) {
  return prefetch(streams, memory, size, location_of(location), flags, stream);
}

cudaError_t copy_boxes(Streams streams, size_t count, cudaMemcpy3DBatchOp* operations,
                       [[maybe_unused]] size_t* failed, unsigned long long flags,
                       cudaStream_t stream) {
  return with_context(streams, [&](const Driver& driver) {
    auto* const list = reinterpret_cast<CUDA_MEMCPY3D_BATCH_OP*>(operations);
#if CUDART_VERSION >= 13000
    return driver.cuMemcpy3DBatchAsync(count, list, flags, stream);
#else
    return driver.cuMemcpy3DBatchAsync(count, list, failed, flags, stream);
#endif
  });
}

cudaError_t copy_batch(Streams streams, void* const* to, const void* const* from,
                       const size_t* sizes, size_t count, cudaMemcpyAttributes* attributes,
                       size_t* indices, size_t attribute_count, [[maybe_unused]] size_t* failed,
                       cudaStream_t stream) {
  return with_context(streams, [&](const Driver& driver) {
    // The driver does not write through them; its prototype only does not say so.
    auto* const targets = reinterpret_cast<CUdeviceptr*>(const_cast<void**>(to));
    auto* const sources = reinterpret_cast<CUdeviceptr*>(const_cast<void**>(from));
    auto* const lengths = const_cast<size_t*>(sizes);
    auto* const how = reinterpret_cast<CUmemcpyAttributes*>(attributes);
#if CUDART_VERSION >= 13000
    return driver.cuMemcpyBatchAsync(targets, sources, lengths, count, how, indices,
                                     attribute_count, stream);
#else
    return driver.cuMemcpyBatchAsync(targets, sources, lengths, count, how, indices,
                                     attribute_count, failed, stream);
#endif
  });
}

}  // namespace

// softgpu-partial(cudaMemcpyBatchAsync): as cuMemcpyBatchAsync
// softgpu-refused(cudaMemcpy3DBatchAsync): the driver has no cuMemcpy3DBatchAsync
// softgpu-refused(cudaMemPrefetchBatchAsync): the driver has no cuMemPrefetchBatchAsync
// softgpu-refused(cudaMemRangeGetAttribute): the driver has no cuMemRangeGetAttribute
// softgpu-refused(cudaMemRangeGetAttributes): the driver has no cuMemRangeGetAttributes

#if CUDART_VERSION >= 13000

// softgpu-partial: as cuMemAdvise
cudaError_t cudaMemAdvise(const void* memory, size_t size, cudaMemoryAdvise advice,
                          cudaMemLocation location) {
  return advise(memory, size, advice, location_of(location));
}

// softgpu-partial: as cuMemPrefetchAsync
SOFTGPU_TWINS(cudaMemPrefetchAsync, ptsz, prefetch_to,
              (const void* memory, size_t size, cudaMemLocation location, unsigned flags,
               cudaStream_t stream),
              memory, size, location, flags, stream)
SOFTGPU_TWINS(cudaMemcpyBatchAsync, ptsz, copy_batch,
              (void* const* to, const void* const* from, const size_t* sizes, size_t count,
               cudaMemcpyAttributes* attributes, size_t* indices, size_t attribute_count,
               cudaStream_t stream),
              to, from, sizes, count, attributes, indices, attribute_count, nullptr, stream)
SOFTGPU_TWINS(cudaMemcpy3DBatchAsync, ptsz, copy_boxes,
              (size_t count, cudaMemcpy3DBatchOp* operations, unsigned long long flags,
               cudaStream_t stream),
              count, operations, nullptr, flags, stream)

namespace {

cudaError_t prefetch_batch(Streams streams, void** ranges, size_t* sizes, size_t count,
                           cudaMemLocation* locations, size_t* indices, size_t location_count,
                           unsigned long long flags, cudaStream_t stream) {
  return with_context(streams, [&](const Driver& driver) {
    return driver.cuMemPrefetchBatchAsync(reinterpret_cast<CUdeviceptr*>(ranges), sizes, count,
                                          reinterpret_cast<CUmemLocation*>(locations), indices,
                                          location_count, flags, stream);
  });
}

}  // namespace

SOFTGPU_TWINS(cudaMemPrefetchBatchAsync, ptsz, prefetch_batch,
              (void** ranges, size_t* sizes, size_t count, cudaMemLocation* locations,
               size_t* indices, size_t location_count, unsigned long long flags,
               cudaStream_t stream),
              ranges, sizes, count, locations, indices, location_count, flags, stream)

#else

namespace {

CUmemLocation location_of(int device) {
  if (device == cudaCpuDeviceId) return {CU_MEM_LOCATION_TYPE_HOST, 0};
  return {CU_MEM_LOCATION_TYPE_DEVICE, device};
}

cudaError_t prefetch_to_device(Streams streams, const void* memory, size_t size, int device,
                               cudaStream_t stream) {
  return prefetch(streams, memory, size, location_of(device), 0, stream);
}

}  // namespace

cudaError_t cudaMemAdvise(const void* memory, size_t size, cudaMemoryAdvise advice, int device) {
  return advise(memory, size, advice, location_of(device));
}

cudaError_t cudaMemAdvise_v2(const void* memory, size_t size, cudaMemoryAdvise advice,
                             cudaMemLocation location) {
  return advise(memory, size, advice, location_of(location));
}

SOFTGPU_TWINS(cudaMemPrefetchAsync, ptsz, prefetch_to_device,
              (const void* memory, size_t size, int device, cudaStream_t stream), memory, size,
              device, stream)
SOFTGPU_TWINS(cudaMemPrefetchAsync_v2, ptsz, prefetch_to,
              (const void* memory, size_t size, cudaMemLocation location, unsigned flags,
               cudaStream_t stream),
              memory, size, location, flags, stream)
SOFTGPU_TWINS(cudaMemcpyBatchAsync, ptsz, copy_batch,
              (void** to, void** from, size_t* sizes, size_t count,
               cudaMemcpyAttributes* attributes, size_t* indices, size_t attribute_count,
               size_t* failed, cudaStream_t stream),
              to, from, sizes, count, attributes, indices, attribute_count, failed, stream)
SOFTGPU_TWINS(cudaMemcpy3DBatchAsync, ptsz, copy_boxes,
              (size_t count, cudaMemcpy3DBatchOp* operations, size_t* failed,
               unsigned long long flags, cudaStream_t stream),
              count, operations, failed, flags, stream)

#endif

cudaError_t cudaMemRangeGetAttribute(void* data, size_t data_size, cudaMemRangeAttribute attribute,
                                     const void* memory, size_t size) {
  return with_context([&](const Driver& driver) {
    return driver.cuMemRangeGetAttribute(
        data, data_size, static_cast<CUmem_range_attribute>(attribute), address(memory), size);
  });
}

cudaError_t cudaMemRangeGetAttributes(void** data, size_t* data_sizes,
                                      cudaMemRangeAttribute* attributes, size_t count,
                                      const void* memory, size_t size) {
  return with_context([&](const Driver& driver) {
    return driver.cuMemRangeGetAttributes(data, data_sizes,
                                          reinterpret_cast<CUmem_range_attribute*>(attributes),
                                          count, address(memory), size);
  });
}
