// SPDX-License-Identifier: MIT
// What the programs of these tests have in common: a module, two buffers, a launch that overflows.
// It knows nothing of the library.
#pragma once

#include <cfloat>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "resolve/driver.hpp"

namespace lifecycle {

constexpr int kN = 256;
inline std::string image;

inline void read_image(const char* path) {
  std::ifstream file(path, std::ios::binary);
  image.assign(std::istreambuf_iterator<char>(file), {});
  image.push_back('\0');
}

// Needs a current context. Squares values of which element 5 is too large.
struct Scene {
  CUmodule module = nullptr;
  CUfunction square = nullptr;
  std::vector<float> values = std::vector<float>(kN, 2.0f);
  CUdeviceptr in = 0, out = 0;

  Scene() {
    values[5] = FLT_MAX;
    check(cu(cuModuleLoadData)(&module, image.data()), "cuModuleLoadData");
    check(cu(cuModuleGetFunction)(&square, module, "square"), "cuModuleGetFunction");
    check(cu(cuMemAlloc)(&in, kN * sizeof(float)), "cuMemAlloc");
    check(cu(cuMemAlloc)(&out, kN * sizeof(float)), "cuMemAlloc");
    check(cu(cuMemcpyHtoD)(in, values.data(), kN * sizeof(float)), "cuMemcpyHtoD");
  }
  CUresult launch(CUstream stream = nullptr) {
    int n = kN;
    void* params[] = {&out, &in, &n};
    return cu(cuLaunchKernel)(square, kN / 64, 1, 1, 64, 1, 1, 0, stream, params, nullptr);
  }
  void run() {
    check(launch(), "cuLaunchKernel");
    check(cu(cuCtxSynchronize)(), "cuCtxSynchronize");
  }
  void show(const char* name) {
    std::vector<float> got(kN);
    check(cu(cuMemcpyDtoH)(got.data(), out, kN * sizeof(float)), "cuMemcpyDtoH");
    std::printf("%s %g %g\n", name, static_cast<double>(got[4]), static_cast<double>(got[5]));
    std::fflush(stdout);
  }
  void close() {
    check(cu(cuMemFree)(in), "cuMemFree");
    check(cu(cuMemFree)(out), "cuMemFree");
    check(cu(cuModuleUnload)(module), "cuModuleUnload");
  }
};

inline CUdevice device(int ordinal = 0) {
  CUdevice found = 0;
  check(cu(cuDeviceGet)(&found, ordinal), "cuDeviceGet");
  return found;
}

// The primary context of the device, current.
inline CUcontext retain(int ordinal = 0) {
  CUcontext context = nullptr;
  check(cu(cuDevicePrimaryCtxRetain)(&context, device(ordinal)), "cuDevicePrimaryCtxRetain");
  check(cu(cuCtxSetCurrent)(context), "cuCtxSetCurrent");
  return context;
}

inline void init() {
  check(cu(cuInit)(0), "cuInit");
}

// The driver as it answers a library that found it without us: from its own symbol table.
void* entry_past_us(const char* name);
#define PAST_US(name) \
  (reinterpret_cast<decltype(&::name)>(::lifecycle::entry_past_us(NAME_OF(name))))

// Scenarios by name; endings.cpp, contexts.cpp, others.cpp.
struct Scenario {
  const char* name;
  int (*run)();
};
extern const Scenario kEndings[], kContexts[], kOthers[];  // each ends with a null name

}  // namespace lifecycle
