// SPDX-License-Identifier: MIT
#include "runtime/call.hpp"

using namespace softgpu::runtime;

namespace {

cudaError_t get_priority(Streams streams, cudaStream_t stream, int* priority) {
  return with_context(
      streams, [&](const Driver& driver) { return driver.cuStreamGetPriority(stream, priority); });
}

cudaError_t get_flags(Streams streams, cudaStream_t stream, unsigned* flags) {
  return with_context(streams,
                      [&](const Driver& driver) { return driver.cuStreamGetFlags(stream, flags); });
}

cudaError_t get_id(Streams streams, cudaStream_t stream, unsigned long long* id) {
  return with_context(streams,
                      [&](const Driver& driver) { return driver.cuStreamGetId(stream, id); });
}

cudaError_t get_device(Streams streams, cudaStream_t stream, int* device) {
  return with_context(
      streams, [&](const Driver& driver) { return driver.cuStreamGetDevice(stream, device); });
}

cudaError_t wait_event(Streams streams, cudaStream_t stream, cudaEvent_t event, unsigned flags) {
  return with_context(streams, [&](const Driver& driver) {
    return driver.cuStreamWaitEvent(stream, event, flags);
  });
}

// The driver hands its own code to the callback; the numbers are the runtime's too.
cudaError_t add_callback(Streams streams, cudaStream_t stream, cudaStreamCallback_t callback,
                         void* user, unsigned flags) {
  return with_context(streams, [&](const Driver& driver) {
    return driver.cuStreamAddCallback(stream, reinterpret_cast<CUstreamCallback>(callback), user,
                                      flags);
  });
}

cudaError_t synchronize(Streams streams, cudaStream_t stream) {
  return with_context(streams,
                      [&](const Driver& driver) { return driver.cuStreamSynchronize(stream); });
}

cudaError_t query(Streams streams, cudaStream_t stream) {
  return with_context(streams, [&](const Driver& driver) { return driver.cuStreamQuery(stream); });
}

cudaError_t attach(Streams streams, cudaStream_t stream, void* memory, size_t size,
                   unsigned flags) {
  return with_context(streams, [&](const Driver& driver) {
    return driver.cuStreamAttachMemAsync(stream, address(memory), size, flags);
  });
}

cudaError_t copy_attributes(Streams streams, cudaStream_t to, cudaStream_t from) {
  return with_context(
      streams, [&](const Driver& driver) { return driver.cuStreamCopyAttributes(to, from); });
}

// Attributes and their values have the same numbers and layout on both sides.
static_assert(sizeof(cudaLaunchAttributeValue) == sizeof(CUstreamAttrValue));

cudaError_t get_attribute(Streams streams, cudaStream_t stream, cudaLaunchAttributeID attribute,
                          cudaLaunchAttributeValue* value) {
  return with_context(streams, [&](const Driver& driver) {
    return driver.cuStreamGetAttribute(stream, static_cast<CUstreamAttrID>(attribute),
                                       reinterpret_cast<CUstreamAttrValue*>(value));
  });
}

cudaError_t set_attribute(Streams streams, cudaStream_t stream, cudaLaunchAttributeID attribute,
                          const cudaLaunchAttributeValue* value) {
  return with_context(streams, [&](const Driver& driver) {
    return driver.cuStreamSetAttribute(stream, static_cast<CUstreamAttrID>(attribute),
                                       reinterpret_cast<const CUstreamAttrValue*>(value));
  });
}

}  // namespace

cudaError_t cudaStreamCreateWithPriority(cudaStream_t* stream, unsigned flags, int priority) {
  return with_context([&](const Driver& driver) {
    return driver.cuStreamCreateWithPriority(stream, flags, priority);
  });
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
  return cudaStreamCreateWithPriority(stream, flags, 0);
}

cudaError_t cudaStreamCreate(cudaStream_t* stream) {
  return cudaStreamCreateWithPriority(stream, cudaStreamDefault, 0);
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  return with_context([&](const Driver& driver) { return driver.cuStreamDestroy(stream); });
}

SOFTGPU_TWINS(cudaStreamGetPriority, ptsz, get_priority, (cudaStream_t stream, int* priority),
              stream, priority)
SOFTGPU_TWINS(cudaStreamGetFlags, ptsz, get_flags, (cudaStream_t stream, unsigned* flags), stream,
              flags)
SOFTGPU_TWINS(cudaStreamGetId, ptsz, get_id, (cudaStream_t stream, unsigned long long* id), stream,
              id)
SOFTGPU_TWINS(cudaStreamGetDevice, ptsz, get_device, (cudaStream_t stream, int* device), stream,
              device)
SOFTGPU_TWINS(cudaStreamWaitEvent, ptsz, wait_event,
              (cudaStream_t stream, cudaEvent_t event, unsigned flags), stream, event, flags)
SOFTGPU_TWINS(cudaStreamAddCallback, ptsz, add_callback,
              (cudaStream_t stream, cudaStreamCallback_t callback, void* user, unsigned flags),
              stream, callback, user, flags)
SOFTGPU_TWINS(cudaStreamSynchronize, ptsz, synchronize, (cudaStream_t stream), stream)
SOFTGPU_TWINS(cudaStreamQuery, ptsz, query, (cudaStream_t stream), stream)
// softgpu-partial: as cuStreamAttachMemAsync
SOFTGPU_TWINS(cudaStreamAttachMemAsync, ptsz, attach,
              (cudaStream_t stream, void* memory, size_t size, unsigned flags), stream, memory,
              size, flags)
SOFTGPU_TWINS(cudaStreamCopyAttributes, ptsz, copy_attributes, (cudaStream_t to, cudaStream_t from),
              to, from)
SOFTGPU_TWINS(cudaStreamGetAttribute, ptsz, get_attribute,
              (cudaStream_t stream, cudaLaunchAttributeID attribute,
               cudaLaunchAttributeValue* value),
              stream, attribute, value)
// softgpu-partial: as cuStreamSetAttribute
SOFTGPU_TWINS(cudaStreamSetAttribute, ptsz, set_attribute,
              (cudaStream_t stream, cudaLaunchAttributeID attribute,
               const cudaLaunchAttributeValue* value),
              stream, attribute, value)
