// SPDX-License-Identifier: MIT
// A process of its own for what the environment decides about devices (device_settings.cpp).
//
//   device_probe list     the devices that there are: "0000:50:00.0 1024 8.0", or "no device 100"
//   device_probe peers    how many peers a context of device 0 gets, and what the next one answers
//   device_probe limits   what depends on the compute capability
#define __CUDA_API_VERSION_INTERNAL
#include <cuda.h>
#include <dlfcn.h>

#include <cstdio>
#include <string>

namespace {

void* g_library = nullptr;

#define CU(name) (reinterpret_cast<decltype(&::name)>(dlsym(g_library, #name)))

int attribute(CUdevice_attribute which, CUdevice device) {
  int value = -1;
  CU(cuDeviceGetAttribute)(&value, which, device);
  return value;
}

int list(int count) {
  for (CUdevice d = 0; d < count; ++d) {
    char bus[32] = {};
    size_t bytes = 0;
    CU(cuDeviceGetPCIBusId)(bus, sizeof bus, d);
    CU(cuDeviceTotalMem_v2)(&bytes, d);
    std::printf("%s %zu %d.%d\n", bus, bytes,
                attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, d),
                attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, d));
  }
  return 0;
}

int peers(int count) {
  CUcontext first = nullptr;
  if (CU(cuCtxCreate_v2)(&first, 0, 0) != CUDA_SUCCESS) return 2;
  for (CUdevice d = 1; d < count; ++d) {
    CUcontext other = nullptr;
    if (CU(cuCtxCreate_v2)(&other, 0, d) != CUDA_SUCCESS) return 2;
    if (CU(cuCtxSetCurrent)(first) != CUDA_SUCCESS) return 2;
    const CUresult r = CU(cuCtxEnablePeerAccess)(other, 0);
    if (r == CUDA_SUCCESS) continue;
    std::printf("%d %d\n", d - 1, r);
    return 0;
  }
  std::printf("%d 0\n", count - 1);
  return 0;
}

int limits() {
  std::printf("threads %d blocks %d shared %d of %d registers %d ratio %d\n",
              attribute(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR, 0),
              attribute(CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR, 0),
              attribute(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, 0),
              attribute(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR, 0),
              attribute(CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK, 0),
              attribute(CU_DEVICE_ATTRIBUTE_SINGLE_TO_DOUBLE_PRECISION_PERF_RATIO, 0));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  g_library = dlopen(SOFTGPU_CUDA_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  if (!g_library || argc < 2) return 1;
  if (const CUresult r = CU(cuInit)(0); r != CUDA_SUCCESS) {
    int count = -1;
    std::printf("no device %d %d\n", r, CU(cuDeviceGetCount)(&count));
    return 0;
  }
  int count = 0;
  if (CU(cuDeviceGetCount)(&count) != CUDA_SUCCESS) return 1;
  const std::string mode = argv[1];
  if (mode == "list") return list(count);
  if (mode == "peers") return peers(count);
  if (mode == "limits") return limits();
  return 1;
}
