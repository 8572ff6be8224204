// SPDX-License-Identifier: MIT
#include "driver.hpp"

#include <dlfcn.h>

#include <stdexcept>

namespace train {

// <cuda.h> defines cuMemAlloc as cuMemAlloc_v2 and so on; the macro is expanded before it is made a
// string.
#define NAME_OF_EXPANDED(name) #name
#define NAME_OF(name) NAME_OF_EXPANDED(name)
#define FIND(member, name) find(member, NAME_OF(name))

Driver::Driver() : library_(dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL)) {
  if (library_ == nullptr) throw std::runtime_error(std::string("no CUDA driver: ") + dlerror());
  FIND(Init, cuInit);
  FIND(GetErrorName, cuGetErrorName);
  FIND(DeviceGet, cuDeviceGet);
  FIND(DeviceGetName, cuDeviceGetName);
  FIND(PrimaryCtxRetain, cuDevicePrimaryCtxRetain);
  FIND(PrimaryCtxRelease, cuDevicePrimaryCtxRelease);
  FIND(CtxSetCurrent, cuCtxSetCurrent);
  FIND(StreamCreate, cuStreamCreate);
  FIND(StreamSynchronize, cuStreamSynchronize);
  FIND(StreamDestroy, cuStreamDestroy);
  FIND(ModuleLoadData, cuModuleLoadData);
  FIND(ModuleGetFunction, cuModuleGetFunction);
  FIND(ModuleUnload, cuModuleUnload);
  FIND(LaunchKernel, cuLaunchKernel);
  FIND(MemAlloc, cuMemAlloc);
  FIND(MemFree, cuMemFree);
  FIND(MemcpyHtoD, cuMemcpyHtoD);
  FIND(MemcpyDtoH, cuMemcpyDtoH);
  FIND(MemsetD8, cuMemsetD8);
}

template <typename Function>
void Driver::find(Function& function, const char* name) {
  function = reinterpret_cast<Function>(dlsym(library_, name));
  if (function == nullptr) throw std::runtime_error(std::string("the CUDA driver has no ") + name);
}

void Driver::check(CUresult result, const char* what) const {
  if (result == CUDA_SUCCESS) return;
  const char* name = nullptr;
  if (GetErrorName(result, &name) != CUDA_SUCCESS || name == nullptr) name = "unknown error";
  throw std::runtime_error(std::string(what) + ": " + name + " (" + std::to_string(result) + ")");
}

}  // namespace train
