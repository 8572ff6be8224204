// SPDX-License-Identifier: MIT
// libnvJitLink.so.12 and .13 of the software device: they say that there is no such linker here.
//
// NVIDIA's nvJitLink makes machine code, which this device does not execute. What links with it and
// can also link with the driver (Python's cuda-core and Numba do) asks whether it is 12.3 or later,
// which is when nvJitLinkVersion came, and takes the driver otherwise. These libraries lie beside
// libcuda.so.1, in front of a toolkit's in the library path, and have every function but that one.
// Each is exported under its plain name and the versioned ones that nvJitLink.h makes of it, so
// that libraries which need nvJitLink for something else load.
#include <cstdint>
#include <cstdio>

namespace {

constexpr int kErrorInternal = 6;      // NVJITLINK_ERROR_INTERNAL
constexpr int kErrorInvalidInput = 3;  // NVJITLINK_ERROR_INVALID_INPUT: there is no handle

int refuse_once() {
  static const bool said = [] {
    std::fputs(
        "softgpu: nvJitLink makes machine code, which this device does not run: link with the "
        "driver (cuLinkCreate), which gives PTX\n",
        stderr);
    return true;
  }();
  return said ? kErrorInternal : 0;
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

int nvJitLinkCreate(void** handle, uint32_t, const char**) {
  if (handle) *handle = nullptr;
  return refuse_once();
}
int nvJitLinkDestroy(void**) {
  return kErrorInvalidInput;
}
int nvJitLinkAddData(void*, int, const void*, size_t, const char*) {
  return kErrorInvalidInput;
}
int nvJitLinkAddFile(void*, int, const char*) {
  return kErrorInvalidInput;
}
int nvJitLinkComplete(void*) {
  return kErrorInvalidInput;
}
int nvJitLinkGetLinkedCubinSize(void*, size_t*) {
  return kErrorInvalidInput;
}
int nvJitLinkGetLinkedCubin(void*, void*) {
  return kErrorInvalidInput;
}
int nvJitLinkGetLinkedPtxSize(void*, size_t*) {
  return kErrorInvalidInput;
}
int nvJitLinkGetLinkedPtx(void*, char*) {
  return kErrorInvalidInput;
}
int nvJitLinkGetErrorLogSize(void*, size_t*) {
  return kErrorInvalidInput;
}
int nvJitLinkGetErrorLog(void*, char*) {
  return kErrorInvalidInput;
}
int nvJitLinkGetInfoLogSize(void*, size_t*) {
  return kErrorInvalidInput;
}
int nvJitLinkGetInfoLog(void*, char*) {
  return kErrorInvalidInput;
}

#define SOFTGPU_VERSIONED(name, version) [[gnu::alias(#name)]] decltype(name) __##name##_##version;
#if SOFTGPU_NVJITLINK == 12
#define SOFTGPU_VERSIONS(name)  \
  SOFTGPU_VERSIONED(name, 12_0) \
  SOFTGPU_VERSIONED(name, 12_1) \
  SOFTGPU_VERSIONED(name, 12_2) \
  SOFTGPU_VERSIONED(name, 12_3) \
  SOFTGPU_VERSIONED(name, 12_4) \
  SOFTGPU_VERSIONED(name, 12_5) \
  SOFTGPU_VERSIONED(name, 12_6) \
  SOFTGPU_VERSIONED(name, 12_7) \
  SOFTGPU_VERSIONED(name, 12_8) \
  SOFTGPU_VERSIONED(name, 12_9)
#else
#define SOFTGPU_VERSIONS(name)  \
  SOFTGPU_VERSIONED(name, 13_0) \
  SOFTGPU_VERSIONED(name, 13_1) \
  SOFTGPU_VERSIONED(name, 13_2) \
  SOFTGPU_VERSIONED(name, 13_3)
#endif

SOFTGPU_VERSIONS(nvJitLinkCreate)
SOFTGPU_VERSIONS(nvJitLinkDestroy)
SOFTGPU_VERSIONS(nvJitLinkAddData)
SOFTGPU_VERSIONS(nvJitLinkAddFile)
SOFTGPU_VERSIONS(nvJitLinkComplete)
SOFTGPU_VERSIONS(nvJitLinkGetLinkedCubinSize)
SOFTGPU_VERSIONS(nvJitLinkGetLinkedCubin)
SOFTGPU_VERSIONS(nvJitLinkGetLinkedPtxSize)
SOFTGPU_VERSIONS(nvJitLinkGetLinkedPtx)
SOFTGPU_VERSIONS(nvJitLinkGetErrorLogSize)
SOFTGPU_VERSIONS(nvJitLinkGetErrorLog)
SOFTGPU_VERSIONS(nvJitLinkGetInfoLogSize)
SOFTGPU_VERSIONS(nvJitLinkGetInfoLog)

}  // extern "C"
#pragma GCC visibility pop
