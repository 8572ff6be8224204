// SPDX-License-Identifier: MIT
// Contexts on several devices.
//
//   const Devices gpus(2);                       // a context on device 0 and one on device 1
//   const CUdeviceptr p = gpus.alloc(1, 256);    // device 1's
//   CHECK(gpus.fill(0, p, 7, 64) == CUDA_ERROR_ILLEGAL_ADDRESS);   // a kernel of device 0
//
// Programs that use it run with SOFTGPU_DEVICES=3.
#pragma once

#include "softgpu/driver_fixture.hpp"
#include "softgpu/driver_kernels.hpp"

inline const int kThreeDevices = setenv("SOFTGPU_DEVICES", "3", 1);

class Devices {
 public:
  explicit Devices(int count) : contexts_(static_cast<size_t>(count)) {
    REQUIRE(CU(cuInit)(0) == CUDA_SUCCESS);
    for (int d = 0; d < count; ++d) {
      CUcontext& context = contexts_[static_cast<size_t>(d)];
      REQUIRE(CU(cuCtxCreate_v2)(&context, 0, d) == CUDA_SUCCESS);
      REQUIRE(CU(cuCtxPopCurrent_v2)(nullptr) == CUDA_SUCCESS);
      use(d);
      CUmodule m = nullptr;
      REQUIRE(CU(cuModuleLoadData)(&m, ptx::kFill.c_str()) == CUDA_SUCCESS);
      fill_.push_back(nullptr);
      REQUIRE(CU(cuModuleGetFunction)(&fill_.back(), m, "fill") == CUDA_SUCCESS);
    }
  }
  ~Devices() {
    for (const CUcontext context : contexts_) CU(cuCtxDestroy_v2)(context);
    CU(cuCtxSetCurrent)(nullptr);
  }
  Devices(const Devices&) = delete;
  Devices& operator=(const Devices&) = delete;

  CUcontext operator[](int d) const { return contexts_[static_cast<size_t>(d)]; }
  void use(int d) const { REQUIRE(CU(cuCtxSetCurrent)((*this)[d]) == CUDA_SUCCESS); }
  CUdeviceptr alloc(int d, size_t bytes) const {
    use(d);
    CUdeviceptr p = 0;
    REQUIRE(CU(cuMemAlloc_v2)(&p, bytes) == CUDA_SUCCESS);
    return p;
  }
  // A kernel of device d on `stream`: p[0 … n) = value.
  CUresult launch(int d, CUdeviceptr p, uint32_t value, uint32_t n, CUstream stream) const {
    use(d);
    void* arguments[] = {&p, &value, &n};
    return CU(cuLaunchKernel)(fill_[static_cast<size_t>(d)], (n + 63) / 64, 1, 1, 64, 1, 1, 0,
                              stream, arguments, nullptr);
  }
  CUresult fill(int d, CUdeviceptr p, uint32_t value, uint32_t n) const {
    const CUresult r = launch(d, p, value, n, nullptr);
    return r == CUDA_SUCCESS ? CU(cuCtxSynchronize)() : r;
  }
  std::vector<uint32_t> read(int d, CUdeviceptr p, size_t n) const {
    use(d);
    std::vector<uint32_t> out(n);
    REQUIRE(CU(cuMemcpyDtoH_v2)(out.data(), p, n * sizeof(uint32_t)) == CUDA_SUCCESS);
    return out;
  }
  CUstream stream(int d, unsigned flags = CU_STREAM_NON_BLOCKING) const {
    use(d);
    CUstream s = nullptr;
    REQUIRE(CU(cuStreamCreate)(&s, flags) == CUDA_SUCCESS);
    return s;
  }
  CUevent event(int d, unsigned flags = CU_EVENT_DEFAULT) const {
    use(d);
    CUevent e = nullptr;
    REQUIRE(CU(cuEventCreate)(&e, flags) == CUDA_SUCCESS);
    return e;
  }

 private:
  std::vector<CUcontext> contexts_;
  std::vector<CUfunction> fill_;
};
