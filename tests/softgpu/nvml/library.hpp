// SPDX-License-Identifier: MIT
// The built libnvidia-ml.so.1 and libcuda.so.1, by dlopen, as programs get them.
//
//   Nvml nvml;                                       // initialised, shut down at the end
//   NVML(nvmlDeviceGetName)(nvml.device(0), name, sizeof name);
//   CUDA(cuInit)(0);
#pragma once

// Both headers name their functions by every spelling, and turn none into its newest.
#define NVML_NO_UNVERSIONED_FUNC_DEFS
#define __CUDA_API_VERSION_INTERNAL
#include <cuda.h>
#include <dlfcn.h>
#include <nvml.h>

#include <cstdlib>
#include <string>

#include "support/catch.hpp"

inline void* nvml_library() {
  static void* const library = dlopen(SOFTGPU_NVML_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  REQUIRE(library != nullptr);
  return library;
}
inline void* cuda_library() {
  static void* const library = dlopen(SOFTGPU_CUDA_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  REQUIRE(library != nullptr);
  return library;
}

template <typename F>
F* symbol(void* library, const char* name) {
  void* const address = dlsym(library, name);
  INFO(name);
  REQUIRE(address != nullptr);
  return reinterpret_cast<F*>(address);
}
#define NVML(name) symbol<decltype(name)>(nvml_library(), #name)
#define CUDA(name) symbol<decltype(name)>(cuda_library(), #name)

// Variables of the device while the object lives. The driver reads them once in a process, at its
// first cuInit; NVML reads them at each initialisation from zero.
class Environment {
 public:
  explicit Environment(const char* devices = "2", const char* memory = "1G",
                       const char* capability = "9.0") {
    setenv("SOFTGPU_DEVICES", devices, 1);
    setenv("SOFTGPU_MEMORY", memory, 1);
    setenv("SOFTGPU_CC", capability, 1);
  }
  ~Environment() {
    unsetenv("SOFTGPU_DEVICES");
    unsetenv("SOFTGPU_MEMORY");
    unsetenv("SOFTGPU_CC");
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
};

class Nvml : public Environment {
 public:
  template <typename... T>
  explicit Nvml(T... variables) : Environment(variables...) {
    REQUIRE(NVML(nvmlInit_v2)() == NVML_SUCCESS);
  }
  ~Nvml() { NVML(nvmlShutdown)(); }
  nvmlDevice_t device(unsigned index) const {
    nvmlDevice_t handle = nullptr;
    REQUIRE(NVML(nvmlDeviceGetHandleByIndex_v2)(index, &handle) == NVML_SUCCESS);
    return handle;
  }
};
