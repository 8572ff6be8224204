// SPDX-License-Identifier: MIT
// How the driver's tests reach the library: by dlopen of the built file, each function by its
// exported name.
//
//   const Gpu gpu;                              // cuInit, a context of its own
//   CUdeviceptr p = gpu.alloc(1024);
//   CHECK(CU(cuMemsetD8_v2)(p, 0, 1024) == CUDA_SUCCESS);
#pragma once

#define __CUDA_API_VERSION_INTERNAL
#include <cuda.h>
#include <cudaProfiler.h>
#include <dlfcn.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "support/catch.hpp"

inline void* driver_library() {
  static void* const handle = [] {
    void* const h = dlopen(SOFTGPU_CUDA_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!h) {
      std::fprintf(stderr, "%s\n", dlerror());
      std::abort();
    }
    return h;
  }();
  return handle;
}

inline void* driver_symbol(const char* name) {
  void* const p = dlsym(driver_library(), name);
  if (!p) {
    std::fprintf(stderr, "%s\n", dlerror());
    std::abort();
  }
  return p;
}

#define CU(name) (reinterpret_cast<decltype(&::name)>(driver_symbol(#name)))

struct Gpu {
  CUcontext context = nullptr;
  Gpu() {
    REQUIRE(CU(cuInit)(0) == CUDA_SUCCESS);
    REQUIRE(CU(cuCtxCreate_v2)(&context, 0, 0) == CUDA_SUCCESS);
  }
  ~Gpu() { CU(cuCtxDestroy_v2)(context); }
  Gpu(const Gpu&) = delete;
  Gpu& operator=(const Gpu&) = delete;

  CUdeviceptr alloc(size_t bytes) const {
    CUdeviceptr p = 0;
    REQUIRE(CU(cuMemAlloc_v2)(&p, bytes) == CUDA_SUCCESS);
    return p;
  }
  CUstream stream(unsigned flags = CU_STREAM_DEFAULT) const {
    CUstream s = nullptr;
    REQUIRE(CU(cuStreamCreate)(&s, flags) == CUDA_SUCCESS);
    return s;
  }
  CUevent event(unsigned flags = CU_EVENT_DEFAULT) const {
    CUevent e = nullptr;
    REQUIRE(CU(cuEventCreate)(&e, flags) == CUDA_SUCCESS);
    return e;
  }
  template <typename T>
  std::vector<T> read(CUdeviceptr p, size_t count) const {
    std::vector<T> out(count);
    REQUIRE(CU(cuMemcpyDtoH_v2)(out.data(), p, count * sizeof(T)) == CUDA_SUCCESS);
    return out;
  }
  CUfunction function(const std::string& ptx, const char* name) const {
    CUmodule m = nullptr;
    REQUIRE(CU(cuModuleLoadData)(&m, ptx.c_str()) == CUDA_SUCCESS);
    CUfunction f = nullptr;
    REQUIRE(CU(cuModuleGetFunction)(&f, m, name) == CUDA_SUCCESS);
    return f;
  }
};

// A host function that holds its stream until the test opens it: ordering is tested without clocks.
class Gate {
 public:
  // The function holds its own share of the state: a gate may go out of scope while a stream is
  // still on its way through.
  void put_on(CUstream s) {
    auto* const held = new std::shared_future<void>(future_);
    REQUIRE(CU(cuLaunchHostFunc)(s, &Gate::wait, held) == CUDA_SUCCESS);
  }
  void open() {
    if (!opened_) promise_.set_value();
    opened_ = true;
  }
  ~Gate() { open(); }

 private:
  static void wait(void* data) {
    const std::unique_ptr<std::shared_future<void>> held(
        static_cast<std::shared_future<void>*>(data));
    held->wait();
  }
  std::promise<void> promise_;
  std::shared_future<void> future_ = promise_.get_future().share();
  bool opened_ = false;
};
