// SPDX-License-Identifier: MIT
// A tool as CUDA_INJECTION64_PATH names one. TOOL_RESULT is what it returns; without it the library
// is no tool.
#include <cuda.h>
#include <dlfcn.h>

#include <cstdio>

#ifdef TOOL_RESULT
extern "C" __attribute__((visibility("default"))) int InitializeInjection() {
  void* const driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
  void* const cupti = dlopen("libcupti.so.13", RTLD_NOW | RTLD_LOCAL);
  const auto count_of = reinterpret_cast<CUresult (*)(int*)>(dlsym(driver, "cuDeviceGetCount"));
  const auto init = reinterpret_cast<CUresult (*)(unsigned)>(dlsym(driver, "cuInit"));
  using Subscribe = int (*)(void**, void (*)(void*, int, unsigned, const void*), void*);
  const auto subscribe =
      cupti ? reinterpret_cast<Subscribe>(dlsym(cupti, "cuptiSubscribe")) : nullptr;
  int devices = 0;
  void* handle = nullptr;
  const int again = init(0);
  const int counted = count_of(&devices);
  const int subscribed = subscribe ? subscribe(
                                         &handle, [](void*, int, unsigned, const void*) {}, nullptr)
                                   : -1;
  std::printf("tool: cuInit %d, cuDeviceGetCount %d, cuptiSubscribe %d\n", again, counted,
              subscribed);
  return TOOL_RESULT;
}
#endif
