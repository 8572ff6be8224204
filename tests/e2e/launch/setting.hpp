// SPDX-License-Identifier: MIT
// A context, a module of tests/e2e/resolve/kernels.cu and data for it, for programs that launch.
#pragma once

#include <cfloat>
#include <fstream>
#include <iterator>
#include <string>

#include "../resolve/driver.hpp"

constexpr int kN = 256;
constexpr unsigned kBlock = 64;

class Setting {
 public:
  explicit Setting(const char* image_path) {
    std::ifstream file(image_path, std::ios::binary);
    image_.assign(std::istreambuf_iterator<char>(file), {});
    check(cu(cuInit)(0), "cuInit");
    check(cu(cuDeviceGet)(&device_, 0), "cuDeviceGet");
    check(cu(cuDevicePrimaryCtxRetain)(&context_, device_), "cuDevicePrimaryCtxRetain");
    check(cu(cuCtxSetCurrent)(context_), "cuCtxSetCurrent");
    check(cu(cuModuleLoadData)(&module_, image_.c_str()), "cuModuleLoadData");
  }
  CUfunction function(const char* name) const {
    CUfunction found;
    check(cu(cuModuleGetFunction)(&found, module_, name), name);
    return found;
  }
  CUkernel kernel(const char* name) const {
    CUlibrary library;
    check(cu(cuLibraryLoadData)(&library, image_.c_str(), nullptr, nullptr, 0, nullptr, nullptr, 0),
          "cuLibraryLoadData");
    CUkernel found;
    check(cu(cuLibraryGetKernel)(&found, library, name), name);
    return found;
  }
  CUdevice device() const { return device_; }
  CUcontext context() const { return context_; }
  CUmodule module() const { return module_; }

 private:
  std::string image_;
  CUdevice device_ = 0;
  CUcontext context_ = nullptr;
  CUmodule module_ = nullptr;
};

// Finite everywhere; elements 5, 77 and 200 are too large to be squared.
inline std::vector<float> some_too_large() {
  std::vector<float> values(kN);
  for (int i = 0; i < kN; ++i) values[static_cast<size_t>(i)] = 0.25f * static_cast<float>(i - 100);
  values[5] = 1e30f;
  values[77] = -3e20f;
  values[200] = FLT_MAX;
  return values;
}

inline void synchronize() {
  check(cu(cuCtxSynchronize)(), "cuCtxSynchronize");
}

// square(out, in, n) of the kernels, by cuLaunchKernel.
inline void launch_square(CUfunction square, CUdeviceptr out, CUdeviceptr in,
                          CUstream stream = nullptr) {
  int n = kN;
  void* params[] = {&out, &in, &n};
  check(cu(cuLaunchKernel)(square, kN / kBlock, 1, 1, kBlock, 1, 1, 0, stream, params, nullptr),
        "cuLaunchKernel");
}
