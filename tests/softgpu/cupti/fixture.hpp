// SPDX-License-Identifier: MIT
// How the tests of libcupti reach both libraries: libcupti is linked, the driver is loaded by its
// path before, as a program would have loaded it.
//
//   const Gpu gpu;                                    // a context of its own
//   Tool tool;                                        // the subscriber
//   tool.on_call = [&](const CUpti_CallbackData& data, CUpti_CallbackId id) { … };
//   tool.enable(CUPTI_CB_DOMAIN_DRIVER_API, CUPTI_DRIVER_TRACE_CBID_cuMemAlloc_v2);
#pragma once

#include <cupti.h>
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "support/catch.hpp"

inline void* driver_symbol(const char* name) {
  static void* const library = dlopen(SOFTGPU_CUDA_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  void* const p = library ? dlsym(library, name) : nullptr;
  if (!p) {
    std::fprintf(stderr, "%s\n", dlerror());
    std::abort();
  }
  return p;
}

#define CU(name) (reinterpret_cast<decltype(&::name)>(driver_symbol(#name)))

inline constexpr const char* kPtx = R"(
.version 8.0
.target sm_80
.address_size 64
.visible .entry scale(.param .u64 p) {
  .reg .u64 %a; .reg .u32 %t; .reg .u64 %o; .reg .f32 %f;
  .shared .align 4 .b8 room[64];
  ld.param.u64 %a, [p];
  mov.u32 %t, %tid.x;
  mul.wide.u32 %o, %t, 4;
  add.u64 %a, %a, %o;
  ld.global.f32 %f, [%a];
  add.f32 %f, %f, %f;
  st.global.f32 [%a], %f;
  ret;
}
.visible .entry nothing() { ret; }
)";

// A context, current on this thread.
struct Gpu {
  CUcontext context = nullptr;
  Gpu() {
    REQUIRE(CU(cuInit)(0) == CUDA_SUCCESS);
    REQUIRE(CU(cuCtxCreate_v4)(&context, nullptr, 0, 0) == CUDA_SUCCESS);
  }
  ~Gpu() { CU(cuCtxDestroy_v2)(context); }
  Gpu(const Gpu&) = delete;
  Gpu& operator=(const Gpu&) = delete;

  CUdeviceptr alloc(size_t bytes) const {
    CUdeviceptr p = 0;
    REQUIRE(CU(cuMemAlloc_v2)(&p, bytes) == CUDA_SUCCESS);
    return p;
  }
  CUmodule module(const void* image = kPtx) const {
    CUmodule m = nullptr;
    REQUIRE(CU(cuModuleLoadData)(&m, image) == CUDA_SUCCESS);
    return m;
  }
  CUfunction function(const char* name) const {
    CUfunction f = nullptr;
    REQUIRE(CU(cuModuleGetFunction)(&f, module(), name) == CUDA_SUCCESS);
    return f;
  }
  void launch(CUfunction f, CUdeviceptr p, CUstream stream = nullptr, unsigned dynamic = 0) const {
    void* arguments[] = {&p};
    REQUIRE(CU(cuLaunchKernel)(f, 2, 3, 1, 8, 2, 1, dynamic, stream, arguments, nullptr) ==
            CUDA_SUCCESS);
  }
  void wait() const { REQUIRE(CU(cuCtxSynchronize)() == CUDA_SUCCESS); }
};

// The subscriber of a test, gone at its end.
struct Tool {
  std::function<void(const CUpti_CallbackData&, CUpti_CallbackId)> on_call;
  std::function<void(const CUpti_ResourceData&, CUpti_CallbackId)> on_resource;
  std::function<void(const CUpti_SynchronizeData&, CUpti_CallbackId)> on_synchronize;
  CUpti_SubscriberHandle handle = nullptr;

  Tool() {
    driver_symbol("cuInit");
    REQUIRE(cuptiSubscribe(&handle, &Tool::called, this) == CUPTI_SUCCESS);
  }
  ~Tool() { cuptiUnsubscribe(handle); }
  Tool(const Tool&) = delete;
  Tool& operator=(const Tool&) = delete;

  void enable(CUpti_CallbackDomain domain, CUpti_CallbackId id) {
    REQUIRE(cuptiEnableCallback(1, handle, domain, id) == CUPTI_SUCCESS);
  }
  void enable(CUpti_CallbackDomain domain) {
    REQUIRE(cuptiEnableDomain(1, handle, domain) == CUPTI_SUCCESS);
  }

 private:
  static void CUPTIAPI called(void* self, CUpti_CallbackDomain domain, CUpti_CallbackId id,
                              const void* data) {
    const Tool& tool = *static_cast<const Tool*>(self);
    if (domain == CUPTI_CB_DOMAIN_DRIVER_API && tool.on_call)
      tool.on_call(*static_cast<const CUpti_CallbackData*>(data), id);
    if (domain == CUPTI_CB_DOMAIN_RESOURCE && tool.on_resource)
      tool.on_resource(*static_cast<const CUpti_ResourceData*>(data), id);
    if (domain == CUPTI_CB_DOMAIN_SYNCHRONIZE && tool.on_synchronize)
      tool.on_synchronize(*static_cast<const CUpti_SynchronizeData*>(data), id);
  }
};
