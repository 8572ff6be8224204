// SPDX-License-Identifier: MIT
// The functions of a CUDA driver library, looked up by name in the library at a path.
//
//   const Driver cu("libcuda.so.1");
//   cu.init(0);
//
// Ends the program with a message and status 2 if the library or a function is missing.
#pragma once

#include <cuda.h>
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace conformance {

struct Driver {
  decltype(&cuInit) init;
  decltype(&cuDeviceGet) device_get;
  decltype(&cuCtxSetCurrent) set_current;
  decltype(&cuDevicePrimaryCtxRetain) retain;
  decltype(&cuDevicePrimaryCtxReset) reset;
  decltype(&cuDevicePrimaryCtxRelease) release;
  decltype(&cuModuleLoadData) load;
  decltype(&cuModuleUnload) unload;
  decltype(&cuModuleGetFunction) function;
  decltype(&cuFuncSetAttribute) set_attribute;
  decltype(&cuMemAlloc) alloc;
  decltype(&cuMemFree) free;
  decltype(&cuMemcpyHtoD) upload;
  decltype(&cuMemcpyDtoH) download;
  decltype(&cuLaunchKernel) launch;
  decltype(&cuLaunchCooperativeKernel) launch_cooperative;
  decltype(&cuCtxSynchronize) synchronize;
  decltype(&cuGetErrorName) error_name;

  explicit Driver(const std::string& path) {
    void* const library = dlopen(path.c_str(), RTLD_NOW);
    if (library == nullptr) {
      std::fprintf(stderr, "%s\n", dlerror());
      std::exit(2);
    }
    const auto get = [&](auto& pointer, const char* name) {
      void* const symbol = dlsym(library, name);
      if (symbol == nullptr) {
        std::fprintf(stderr, "%s has no %s\n", path.c_str(), name);
        std::exit(2);
      }
      std::memcpy(&pointer, &symbol, sizeof pointer);
    };
    get(init, "cuInit");
    get(device_get, "cuDeviceGet");
    get(set_current, "cuCtxSetCurrent");
    get(retain, "cuDevicePrimaryCtxRetain");
    get(reset, "cuDevicePrimaryCtxReset_v2");
    get(release, "cuDevicePrimaryCtxRelease_v2");
    get(load, "cuModuleLoadData");
    get(unload, "cuModuleUnload");
    get(function, "cuModuleGetFunction");
    get(set_attribute, "cuFuncSetAttribute");
    get(alloc, "cuMemAlloc_v2");
    get(free, "cuMemFree_v2");
    get(upload, "cuMemcpyHtoD_v2");
    get(download, "cuMemcpyDtoH_v2");
    get(launch, "cuLaunchKernel");
    get(launch_cooperative, "cuLaunchCooperativeKernel");
    get(synchronize, "cuCtxSynchronize");
    get(error_name, "cuGetErrorName");
  }
  std::string name(CUresult code) const {
    const char* text = nullptr;
    return error_name(code, &text) == CUDA_SUCCESS && text != nullptr ? text : std::to_string(code);
  }
};

}  // namespace conformance
