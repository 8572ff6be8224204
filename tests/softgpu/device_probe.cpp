// SPDX-License-Identifier: MIT
// A process of its own for what the environment decides about devices (device_settings.cpp).
//
//   device_probe list     the devices that there are: "0000:50:00.0 1024 8.0", or "no device 100"
//   device_probe peers    how many peers a context of device 0 gets, and what the next one answers
//   device_probe limits   what depends on the compute capability
//   device_probe clock    what events tell of work in two streams that share a buffer
#define __CUDA_API_VERSION_INTERNAL
#include <cuda.h>
#include <dlfcn.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

void* g_library = nullptr;

#define CU(name) (reinterpret_cast<decltype(&::name)>(dlsym(g_library, #name)))

int attribute(CUdevice_attribute which, CUdevice device) {
  int value = -1;
  CU(cuDeviceGetAttribute)(&value, which, device);
  return value;
}

int list(int count) {
  for (CUdevice d = 0; d < count; ++d) {
    char bus[32] = {};
    size_t bytes = 0;
    CU(cuDeviceGetPCIBusId)(bus, sizeof bus, d);
    CU(cuDeviceTotalMem_v2)(&bytes, d);
    std::printf("%s %zu %d.%d\n", bus, bytes,
                attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, d),
                attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, d));
  }
  return 0;
}

int peers(int count) {
  CUcontext first = nullptr;
  if (CU(cuCtxCreate_v2)(&first, 0, 0) != CUDA_SUCCESS) return 2;
  for (CUdevice d = 1; d < count; ++d) {
    CUcontext other = nullptr;
    if (CU(cuCtxCreate_v2)(&other, 0, d) != CUDA_SUCCESS) return 2;
    if (CU(cuCtxSetCurrent)(first) != CUDA_SUCCESS) return 2;
    const CUresult r = CU(cuCtxEnablePeerAccess)(other, 0);
    if (r == CUDA_SUCCESS) continue;
    std::printf("%d %d\n", d - 1, r);
    return 0;
  }
  std::printf("%d 0\n", count - 1);
  return 0;
}

int limits() {
  std::printf("threads %d blocks %d shared %d of %d registers %d ratio %d\n",
              attribute(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR, 0),
              attribute(CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR, 0),
              attribute(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, 0),
              attribute(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR, 0),
              attribute(CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK, 0),
              attribute(CU_DEVICE_ATTRIBUTE_SINGLE_TO_DOUBLE_PRECISION_PERF_RATIO, 0));
  return 0;
}

void expect(CUresult r) {
  if (r == CUDA_SUCCESS) return;
  std::printf("error %d\n", r);
  std::exit(3);
}

// sum(uint32_t* p, uint32_t n): every thread adds its element to p[0], which another stream fills
// meanwhile: blocks run in any order, the work is the same.
const char* const kSum = R"(.version 8.0
.target sm_80
.address_size 64
.visible .entry sum(.param .u64 p, .param .u32 n)
{
  .reg .pred %q; .reg .b32 %r<8>; .reg .b64 %rd<4>;
  ld.param.u64 %rd1, [p]; ld.param.u32 %r1, [n];
  mov.u32 %r2, %ctaid.x; mov.u32 %r3, %ntid.x; mov.u32 %r4, %tid.x;
  mad.lo.s32 %r2, %r2, %r3, %r4;
  setp.ge.u32 %q, %r2, %r1;
  @%q bra DONE;
  mul.wide.u32 %rd2, %r2, 4; add.s64 %rd2, %rd1, %rd2;
  ld.global.u32 %r5, [%rd2];
  atom.global.add.u32 %r6, [%rd1], %r5;
DONE:
  ret;
}
)";

int clock_of_events() {
  CUcontext context = nullptr;
  CUmodule module = nullptr;
  CUfunction sum = nullptr;
  expect(CU(cuCtxCreate_v2)(&context, 0, 0));
  expect(CU(cuModuleLoadData)(&module, kSum));
  expect(CU(cuModuleGetFunction)(&sum, module, "sum"));
  constexpr size_t kBytes = 4 << 20;
  CUdeviceptr p = 0, q = 0;
  expect(CU(cuMemAlloc_v2)(&p, kBytes));
  expect(CU(cuMemAlloc_v2)(&q, kBytes));
  expect(CU(cuMemsetD8_v2)(p, 0, kBytes));
  CUstream streams[2] = {};
  for (CUstream& s : streams) expect(CU(cuStreamCreate)(&s, CU_STREAM_NON_BLOCKING));
  expect(CU(cuCtxSynchronize)());
  CUevent events[9] = {};
  for (CUevent& e : events) expect(CU(cuEventCreate)(&e, CU_EVENT_DEFAULT));
  expect(CU(cuEventRecord)(events[0], streams[0]));
  for (unsigned i = 1; i < 9; ++i) {
    const CUstream s = streams[i % 2];
    uint32_t n = 10000 * i;
    void* arguments[] = {i % 3 != 0 ? &p : &q, &n};
    expect(CU(cuLaunchKernel)(sum, (n + 127) / 128, 1, 1, 128, 1, 1, 0, s, arguments, nullptr));
    if (i % 2 == 0) expect(CU(cuMemcpyDtoDAsync_v2)(q, p, kBytes / i, s));
    expect(CU(cuEventRecord)(events[i], s));
    if (i == 4) expect(CU(cuStreamWaitEvent)(streams[1], events[4], 0));
  }
  expect(CU(cuCtxSynchronize)());
  for (unsigned i = 1; i < 9; ++i) {
    float ms = -1;
    expect(CU(cuEventElapsedTime)(&ms, events[0], events[i]));
    std::printf("%.7f\n", static_cast<double>(ms));
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  g_library = dlopen(SOFTGPU_CUDA_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  if (!g_library || argc < 2) return 1;
  if (const CUresult r = CU(cuInit)(0); r != CUDA_SUCCESS) {
    int count = -1;
    std::printf("no device %d %d\n", r, CU(cuDeviceGetCount)(&count));
    return 0;
  }
  int count = 0;
  if (CU(cuDeviceGetCount)(&count) != CUDA_SUCCESS) return 1;
  const std::string mode = argv[1];
  if (mode == "list") return list(count);
  if (mode == "peers") return peers(count);
  if (mode == "limits") return limits();
  if (mode == "clock") return clock_of_events();
  return 1;
}
