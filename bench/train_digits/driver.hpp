// SPDX-License-Identifier: MIT
// The CUDA driver, found at run time as most programs find it: libcuda.so.1 through the loader,
// functions through dlsym.
//
//   Driver cuda;                                          // throws std::runtime_error in words
//   cuda.check(cuda.MemAlloc(&p, bytes), "cuMemAlloc");
#pragma once

#include <cuda.h>

#include <string>

namespace train {

class Driver {
 public:
  Driver();
  // Throws std::runtime_error("what: CUDA_ERROR_…") unless `result` is success.
  void check(CUresult result, const char* what) const;

  // Names with the version that <cuda.h> means by the plain one.
  decltype(&::cuInit) Init;
  decltype(&::cuGetErrorName) GetErrorName;
  decltype(&::cuDeviceGet) DeviceGet;
  decltype(&::cuDeviceGetName) DeviceGetName;
  decltype(&::cuDevicePrimaryCtxRetain) PrimaryCtxRetain;
  decltype(&::cuDevicePrimaryCtxRelease) PrimaryCtxRelease;
  decltype(&::cuCtxSetCurrent) CtxSetCurrent;
  decltype(&::cuStreamCreate) StreamCreate;
  decltype(&::cuStreamSynchronize) StreamSynchronize;
  decltype(&::cuStreamDestroy) StreamDestroy;
  decltype(&::cuModuleLoadData) ModuleLoadData;
  decltype(&::cuModuleGetFunction) ModuleGetFunction;
  decltype(&::cuModuleUnload) ModuleUnload;
  decltype(&::cuLaunchKernel) LaunchKernel;
  decltype(&::cuMemAlloc) MemAlloc;
  decltype(&::cuMemFree) MemFree;
  decltype(&::cuMemcpyHtoD) MemcpyHtoD;
  decltype(&::cuMemcpyDtoH) MemcpyDtoH;
  decltype(&::cuMemsetD8) MemsetD8;

 private:
  template <typename Function>
  void find(Function& function, const char* name);
  void* library_;
};

}  // namespace train
