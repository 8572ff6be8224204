// SPDX-License-Identifier: MIT
#include "runtime/call.hpp"

using namespace softgpu::runtime;

// Memory that no one told the driver about is not an error: it is host memory, unregistered, and no
// device's.
cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* out, const void* pointer) {
  return with_context([&](const Driver& driver) -> cudaError_t {
    if (!out) return cudaErrorInvalidValue;
    CUmemorytype type{};
    unsigned managed = 0;
    int device = 0;
    CUdeviceptr on_device = 0;
    void* on_host = nullptr;
    CUpointer_attribute which[] = {
        CU_POINTER_ATTRIBUTE_MEMORY_TYPE, CU_POINTER_ATTRIBUTE_IS_MANAGED,
        CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL, CU_POINTER_ATTRIBUTE_DEVICE_POINTER,
        CU_POINTER_ATTRIBUTE_HOST_POINTER};
    void* values[] = {&type, &managed, &device, &on_device, &on_host};
    const CUresult r = driver.cuPointerGetAttributes(5, which, values, address(pointer));
    if (r != CUDA_SUCCESS) return to_error(r);
    *out = {};
    out->device = device;
    out->devicePointer = reinterpret_cast<void*>(on_device);
    out->hostPointer = on_host;
    if (type == 0) {
      out->type = cudaMemoryTypeUnregistered;
      out->device = cudaInvalidDeviceId;
      out->hostPointer = const_cast<void*>(pointer);
    } else if (managed) {
      out->type = cudaMemoryTypeManaged;
    } else {
      out->type = type == CU_MEMORYTYPE_HOST ? cudaMemoryTypeHost : cudaMemoryTypeDevice;
    }
    return cudaSuccess;
  });
}
