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
#include <initializer_list>

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

// Prints how functions are loaded, and whether one is before its first use.
int loading() {
  start();
  CUmodule module = nullptr;
  CUfunction function = nullptr;
  CUmoduleLoadingMode mode{};
  CUfunctionLoadingState state{};
  const char* const text =
      ".version 8.0\n.target sm_80\n.address_size 64\n.visible .entry k() { ret; }\n";
  if (CU(cuModuleGetLoadingMode)(&mode) != CUDA_SUCCESS) return 14;
  if (CU(cuModuleLoadData)(&module, text) != CUDA_SUCCESS) return 14;
  if (CU(cuModuleEnumerateFunctions)(&function, 1, module) != CUDA_SUCCESS) return 14;
  if (CU(cuFuncIsLoaded)(&state, function) != CUDA_SUCCESS) return 14;
  std::printf("%s %s\n", mode == CU_MODULE_LAZY_LOADING ? "lazy" : "eager",
              state == CU_FUNCTION_LOADING_STATE_LOADED ? "loaded" : "unloaded");
  return 0;
}

const char* const kWatched = R"(.version 8.0
.target sm_80
.address_size 64
.visible .entry late(.param .u64 p, .param .u32 offset)
{
  .reg .b32 %r<4>; .reg .b64 %rd<4>;
  .shared .align 4 .b8 s[256];
  ld.param.u64 %rd1, [p]; ld.param.u32 %r1, [offset];
  cvt.u64.u32 %rd2, %r1; add.s64 %rd2, %rd1, %rd2;
  mov.u32 %r2, %tid.x; st.shared.u32 [s], %r2;
  ld.global.u32 %r3, [%rd2]; st.global.u32 [%rd1], %r3;
  ret;
}
.visible .entry turn(.param .u64 p, .param .u32 number)
{
  .reg .b32 %r<4>; .reg .b64 %rd<4>;
  ld.param.u64 %rd1, [p]; ld.param.u32 %r1, [number];
  atom.global.add.u32 %r2, [%rd1], 1;
  mul.wide.u32 %rd2, %r2, 4; add.s64 %rd2, %rd1, %rd2;
  st.global.u32 [%rd2+4], %r1;
  ret;
}
)";

CUfunction function(const char* name) {
  CUmodule module = nullptr;
  CUfunction f = nullptr;
  if (CU(cuModuleLoadData)(&module, kWatched) != CUDA_SUCCESS) std::exit(14);
  if (CU(cuModuleGetFunction)(&f, module, name) != CUDA_SUCCESS) std::exit(14);
  return f;
}

// One warp: a race in shared memory, a read of 4 bytes at `offset`, one of 4 bytes right behind the
// allocation. Prints what the launches answered.
int watched() {
  start();
  const CUfunction late = function("late");
  CUdeviceptr p = 0;
  if (CU(cuMemAlloc_v2)(&p, 64) != CUDA_SUCCESS) return 15;
  if (CU(cuMemsetD8_v2)(p, 0, 32) != CUDA_SUCCESS) return 15;
  for (unsigned offset : {0U, 32U, 64U}) {
    void* arguments[] = {&p, &offset};
    const CUresult launched =
        CU(cuLaunchKernel)(late, 1, 1, 1, 32, 1, 1, 0, nullptr, arguments, nullptr);
    std::printf("%d %d\n", launched, CU(cuCtxSynchronize)());
  }
  return 0;
}

// Eight streams of two kernels each: the order in which they ran.
int order() {
  start();
  const CUfunction turn = function("turn");
  CUdeviceptr p = 0;
  if (CU(cuMemAlloc_v2)(&p, 128) != CUDA_SUCCESS) return 15;
  if (CU(cuMemsetD8_v2)(p, 0, 128) != CUDA_SUCCESS || CU(cuCtxSynchronize)() != CUDA_SUCCESS)
    return 15;
  CUstream streams[8] = {};
  for (CUstream& s : streams)
    if (CU(cuStreamCreate)(&s, CU_STREAM_NON_BLOCKING) != CUDA_SUCCESS) return 15;
  for (unsigned number = 0; number < 16; ++number) {
    void* arguments[] = {&p, &number};
    if (CU(cuLaunchKernel)(turn, 1, 1, 1, 1, 1, 1, 0, streams[number % 8], arguments, nullptr) !=
        CUDA_SUCCESS)
      return 15;
  }
  unsigned got[17] = {};
  if (CU(cuCtxSynchronize)() != CUDA_SUCCESS) return 15;
  if (CU(cuMemcpyDtoH_v2)(got, p, sizeof got) != CUDA_SUCCESS) return 15;
  for (unsigned i = 1; i <= got[0] && i < 17; ++i) std::printf("%u ", got[i]);
  return 0;
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
  if (std::strcmp(mode, "watched") == 0) return watched();
  if (std::strcmp(mode, "order") == 0) return order();
  if (std::strcmp(mode, "loading") == 0) return loading();
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
