// SPDX-License-Identifier: MIT
// Prints which libcuda.so.1 a program finds by name, and what its device 0 is:
//   /…/libcuda.so.1 1 9.0 8589934592
// that is path, devices, compute capability, bytes. "none" and exit code 3 without a driver.
#include <cuda.h>
#include <dlfcn.h>

#include <cstdio>

int main() {
  void* const library = dlopen("libcuda.so.1", RTLD_NOW);
  if (library == nullptr) {
    std::puts("none");
    return 3;
  }
  const auto get = [&](auto* type, const char* name) {
    return reinterpret_cast<decltype(type)>(dlsym(library, name));
  };
  const auto init = get(static_cast<decltype(&cuInit)>(nullptr), "cuInit");
  const auto count = get(static_cast<decltype(&cuDeviceGetCount)>(nullptr), "cuDeviceGetCount");
  const auto total =
      get(static_cast<decltype(&cuDeviceTotalMem_v2)>(nullptr), "cuDeviceTotalMem_v2");
  const auto attribute =
      get(static_cast<decltype(&cuDeviceGetAttribute)>(nullptr), "cuDeviceGetAttribute");
  if (init == nullptr || count == nullptr || total == nullptr || attribute == nullptr) return 4;
  Dl_info where = {};
  // Not cuInit: with a library preloaded that hooks it, that symbol is the hook's.
  if (dladdr(reinterpret_cast<void*>(total), &where) == 0) return 4;
  int devices = 0, major = 0, minor = 0;
  size_t bytes = 0;
  if (init(0) != CUDA_SUCCESS || count(&devices) != CUDA_SUCCESS ||
      total(&bytes, 0) != CUDA_SUCCESS ||
      attribute(&major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, 0) != CUDA_SUCCESS ||
      attribute(&minor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, 0) != CUDA_SUCCESS)
    return 5;
  std::printf("%s %d %d.%d %zu\n", where.dli_fname, devices, major, minor, bytes);
  return 0;
}
