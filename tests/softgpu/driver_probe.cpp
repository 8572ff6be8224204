// SPDX-License-Identifier: MIT
// A process of its own for driver_process.cpp: what happens around its beginning and its end.
//
//   driver_probe MODE      exit status 0 = as expected; what it prints is checked by the test
#define __CUDA_API_VERSION_INTERNAL
#include <cuda.h>
#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

void* g_library = nullptr;

#define CU(name) (reinterpret_cast<decltype(&::name)>(dlsym(g_library, #name)))

CUcontext start() {
  CUcontext context = nullptr;
  if (CU(cuInit)(0) != CUDA_SUCCESS || CU(cuCtxCreate_v2)(&context, 0, 0) != CUDA_SUCCESS)
    std::exit(10);
  return context;
}

// Work that would go on for ever: a stream that waits for a word nobody writes, a host function
// that sleeps.
void put_work_in_flight() {
  CUstream a = nullptr, b = nullptr;
  CUdeviceptr p = 0;
  if (CU(cuStreamCreate)(&a, CU_STREAM_NON_BLOCKING) != CUDA_SUCCESS) std::exit(11);
  if (CU(cuStreamCreate)(&b, CU_STREAM_NON_BLOCKING) != CUDA_SUCCESS) std::exit(11);
  if (CU(cuMemAlloc_v2)(&p, 4) != CUDA_SUCCESS) std::exit(11);
  if (CU(cuStreamWaitValue32_v2)(a, p, 1, CU_STREAM_WAIT_VALUE_EQ) != CUDA_SUCCESS) std::exit(11);
  if (CU(cuLaunchHostFunc)(
          b, [](void*) { pause(); }, nullptr) != CUDA_SUCCESS)
    std::exit(11);
}

int child_status(pid_t child) {
  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) return 99;
  return WEXITSTATUS(status);
}

int run(const char* mode) {
  if (std::strcmp(mode, "exit-with-work") == 0) {
    start();
    put_work_in_flight();
    return 0;
  }
  if (std::strcmp(mode, "calls-after-exit") == 0) {
    // Registered before cuInit, so it runs after the driver has ended.
    std::atexit([] {
      CUdeviceptr p = 0;
      std::printf("%d %d\n", CU(cuMemAlloc_v2)(&p, 16), CU(cuInit)(0));
    });
    start();
    put_work_in_flight();
    return 0;
  }
  if (std::strcmp(mode, "before-init") == 0) {
    int n = 0;
    CUcontext c = nullptr;
    std::printf("%d %d\n", CU(cuDeviceGetCount)(&n), CU(cuCtxCreate_v2)(&c, 0, 0));
    return 0;
  }
  if (std::strcmp(mode, "fork-before-init") == 0) {
    const pid_t child = fork();
    if (child == 0) {
      start();
      CUdeviceptr p = 0;
      _exit(CU(cuMemAlloc_v2)(&p, 16) == CUDA_SUCCESS && CU(cuCtxSynchronize)() == CUDA_SUCCESS
                ? 0
                : 1);
    }
    return child_status(child);
  }
  if (std::strcmp(mode, "fork-with-work") == 0) {
    start();
    put_work_in_flight();
    const pid_t child = fork();
    if (child == 0) std::exit(CU(cuCtxSynchronize)() == CUDA_ERROR_NOT_INITIALIZED ? 0 : 1);
    return child_status(child);
  }
  if (std::strcmp(mode, "dlclose") == 0) {
    start();
    put_work_in_flight();
    dlclose(g_library);  // worker threads must still have their code
    return 0;
  }
  if (std::strcmp(mode, "settings") == 0) {
    start();
    size_t bytes = 0;
    int major = 0, minor = 0;
    CU(cuDeviceTotalMem_v2)(&bytes, 0);
    CU(cuDeviceComputeCapability)(&major, &minor, 0);
    std::printf("%zu %d.%d\n", bytes, major, minor);
    return 0;
  }
  return 12;
}

}  // namespace

int main(int count, char** arguments) {
  g_library = dlopen(SOFTGPU_CUDA_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  return g_library && count == 2 ? run(arguments[1]) : 13;
}
