// SPDX-License-Identifier: MIT
// A CUDA program that launches one kernel in one of the ways there are. It knows nothing of the
// library: what it prints is what its buffer holds.
//
//   launch_program IMAGE WAY
#include <cstring>
#include <functional>
#include <map>

#include "setting.hpp"

namespace {

struct Arguments {
  CUdeviceptr out, in;
  int n = kN;
};
using Way = std::function<void(const Setting&, Arguments)>;

// The entry that a program compiled for per-thread default streams gets.
template <typename Entry>
Entry per_thread(const char* name, int version) {
  void* found = nullptr;
  CUdriverProcAddressQueryResult status;
  check(cu(cuGetProcAddress)(name, &found, version, CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM,
                             &status),
        name);
  return reinterpret_cast<Entry>(found);
}

CUlaunchConfig shape(CUstream stream = nullptr) {
  CUlaunchConfig config = {};
  config.gridDimX = kN / kBlock;
  config.blockDimX = kBlock;
  config.gridDimY = config.gridDimZ = config.blockDimY = config.blockDimZ = 1;
  config.hStream = stream;
  return config;
}

void kernel(const Setting& s, Arguments a) {
  launch_square(s.function("square"), a.out, a.in);
}

void kernel_ptsz(const Setting& s, Arguments a) {
  void* params[] = {&a.out, &a.in, &a.n};
  using Entry = decltype(&cuLaunchKernel);
  check(per_thread<Entry>("cuLaunchKernel", 7000)(s.function("square"), kN / kBlock, 1, 1, kBlock,
                                                  1, 1, 0, nullptr, params, nullptr),
        "cuLaunchKernel_ptsz");
}

void kernel_ex_ptsz(const Setting& s, Arguments a) {
  void* params[] = {&a.out, &a.in, &a.n};
  const CUlaunchConfig config = shape();
  using Entry = decltype(&cuLaunchKernelEx);
  check(
      per_thread<Entry>("cuLaunchKernelEx", 11060)(&config, s.function("square"), params, nullptr),
      "cuLaunchKernelEx_ptsz");
}

void cooperative(const Setting& s, Arguments a) {
  void* params[] = {&a.out, &a.in, &a.n};
  check(cu(cuLaunchCooperativeKernel)(s.function("square"), kN / kBlock, 1, 1, kBlock, 1, 1, 0,
                                      nullptr, params),
        "cuLaunchCooperativeKernel");
}

void set_arguments(CUfunction f, Arguments a) {
  check(cu(cuFuncSetBlockShape)(f, kBlock, 1, 1), "cuFuncSetBlockShape");
  check(cu(cuFuncSetSharedSize)(f, 0), "cuFuncSetSharedSize");
  check(cu(cuParamSetSize)(f, 20), "cuParamSetSize");
  check(cu(cuParamSetv)(f, 0, &a.out, 8), "cuParamSetv");
  check(cu(cuParamSetv)(f, 8, &a.in, 8), "cuParamSetv");
  check(cu(cuParamSeti)(f, 16, static_cast<unsigned>(a.n)), "cuParamSeti");
}

void grid(const Setting& s, Arguments a) {
  const CUfunction f = s.function("square");
  set_arguments(f, a);
  check(cu(cuLaunchGrid)(f, kN / kBlock, 1), "cuLaunchGrid");
}

void grid_async(const Setting& s, Arguments a) {
  const CUfunction f = s.function("square");
  set_arguments(f, a);
  CUstream stream;
  check(cu(cuStreamCreate)(&stream, CU_STREAM_NON_BLOCKING), "cuStreamCreate");
  check(cu(cuLaunchGridAsync)(f, kN / kBlock, 1, stream), "cuLaunchGridAsync");
}

// One block of all threads.
void launch(const Setting& s, Arguments a) {
  const CUfunction f = s.function("square");
  set_arguments(f, a);
  check(cu(cuFuncSetBlockShape)(f, kN, 1, 1), "cuFuncSetBlockShape");
  check(cu(cuLaunch)(f), "cuLaunch");
}

// cuda.h, cuLaunchKernel: f is "Function CUfunction or Kernel CUkernel to launch".
void cukernel(const Setting& s, Arguments a) {
  launch_square(reinterpret_cast<CUfunction>(s.kernel("square")), a.out, a.in);
}

void cukernel_ex(const Setting& s, Arguments a) {
  void* params[] = {&a.out, &a.in, &a.n};
  const CUlaunchConfig config = shape();
  check(cu(cuLaunchKernelEx)(&config, reinterpret_cast<CUfunction>(s.kernel("square")), params,
                             nullptr),
        "cuLaunchKernelEx");
}

struct Large {
  char before[20000];
  CUdeviceptr out, in;
  int n;
  char after[32760 - 20000 - 2 * 8 - 4];
};

void large(const Setting& s, Arguments a) {
  static Large block = {};
  block.out = a.out;
  block.in = a.in;
  block.n = a.n;
  void* params[] = {&block};
  check(cu(cuLaunchKernel)(s.function("square_large"), kN / kBlock, 1, 1, kBlock, 1, 1, 0, nullptr,
                           params, nullptr),
        "cuLaunchKernel");
}

void nccl(const Setting& s, Arguments a) {
  launch_square(s.function("ncclDevKernel_AllReduce_Sum_f32_RING_LL"), a.out, a.in);
  launch_square(s.function("nvshmemi_barrier_square"), a.out, a.in);
}

// A pair of kernels, the second of which may begin before the first has ended.
void dependent(const Setting& s, Arguments a) {
  Buffer<float> between(kN);
  CUdeviceptr middle = between.address();
  void* first[] = {&middle, &a.in, &a.n};
  void* second[] = {&a.out, &middle, &a.n};
  CUlaunchAttribute attribute = {};
  attribute.id = CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION;
  attribute.value.programmaticStreamSerializationAllowed = 1;
  CUlaunchConfig config = shape();
  check(cu(cuLaunchKernelEx)(&config, s.function("square"), first, nullptr), "first");
  config.attrs = &attribute;
  config.numAttrs = 1;
  check(cu(cuLaunchKernelEx)(&config, s.function("square_again"), second, nullptr), "second");
  synchronize();
  print("between", between);
}

// Attributes that a scan shares, and one that it does not. (The software device has no clusters.)
void attributes(const Setting& s, Arguments a) {
  void* params[] = {&a.out, &a.in, &a.n};
  CUlaunchAttribute list[3] = {};
  list[0].id = CU_LAUNCH_ATTRIBUTE_PRIORITY;
  list[0].value.priority = -1;
  list[1].id = CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN;
  list[1].value.memSyncDomain = CU_LAUNCH_MEM_SYNC_DOMAIN_REMOTE;
  list[2].id = CU_LAUNCH_ATTRIBUTE_COOPERATIVE;
  list[2].value.cooperative = 1;
  CUlaunchConfig config = shape();
  config.attrs = list;
  config.numAttrs = 3;
  check(cu(cuLaunchKernelEx)(&config, s.function("square"), params, nullptr), "cuLaunchKernelEx");
}

CUgreenCtx green_context(const Setting& s) {
  CUdevResource all, group;
  unsigned count = 1;
  CUdevResourceDesc desc;
  CUgreenCtx green;
  check(cu(cuDeviceGetDevResource)(s.device(), &all, CU_DEV_RESOURCE_TYPE_SM),
        "cuDeviceGetDevResource");
  check(cu(cuDevSmResourceSplitByCount)(&group, &count, &all, nullptr, 0, 8),
        "cuDevSmResourceSplitByCount");
  check(cu(cuDevResourceGenerateDesc)(&desc, &group, 1), "cuDevResourceGenerateDesc");
  check(cu(cuGreenCtxCreate)(&green, desc, s.device(), CU_GREEN_CTX_DEFAULT_STREAM),
        "cuGreenCtxCreate");
  return green;
}

// A stream of a green context, while the primary context is current.
void green_stream(const Setting& s, Arguments a) {
  CUstream stream;
  check(cu(cuGreenCtxStreamCreate)(&stream, green_context(s), CU_STREAM_NON_BLOCKING, 0),
        "cuGreenCtxStreamCreate");
  launch_square(s.function("square"), a.out, a.in, stream);
}

// The green context is current; memory and code are those of the primary one.
void green_current(const Setting& s, Arguments a) {
  const CUgreenCtx green = green_context(s);
  CUcontext context;
  check(cu(cuCtxFromGreenCtx)(&context, green), "cuCtxFromGreenCtx");
  check(cu(cuCtxSetCurrent)(context), "cuCtxSetCurrent");
  launch_square(s.function("square"), a.out, a.in);
  synchronize();
  check(cu(cuCtxSetCurrent)(s.context()), "cuCtxSetCurrent");
  check(cu(cuGreenCtxDestroy)(green), "cuGreenCtxDestroy");
}

// Looked up by a name that nobody hooks: a function that was never announced.
void unannounced(const Setting& s, Arguments a) {
  unsigned count = 0;
  check(cu(cuModuleGetFunctionCount)(&count, s.module()), "cuModuleGetFunctionCount");
  std::vector<CUfunction> functions(count);
  check(cu(cuModuleEnumerateFunctions)(functions.data(), count, s.module()),
        "cuModuleEnumerateFunctions");
  for (const CUfunction f : functions) {
    const char* name = nullptr;
    check(cu(cuFuncGetName)(&name, f), "cuFuncGetName");
    if (std::strcmp(name, "square") == 0) launch_square(f, a.out, a.in);
  }
}

const std::map<std::string, Way> kWays = {
    {"kernel", kernel},
    {"kernel-ptsz", kernel_ptsz},
    {"kernel-ex-ptsz", kernel_ex_ptsz},
    {"cooperative", cooperative},
    {"grid", grid},
    {"grid-async", grid_async},
    {"launch", launch},
    {"cukernel", cukernel},
    {"cukernel-ex", cukernel_ex},
    {"large", large},
    {"unannounced", unannounced},
    {"nccl", nccl},
    {"green-stream", green_stream},
    {"green-current", green_current},
    {"dependent", dependent},
    {"attributes", attributes},
};

}  // namespace

int main(int argc, char** argv) {
  const auto way = argc == 3 ? kWays.find(argv[2]) : kWays.end();
  if (way == kWays.end()) {
    std::fprintf(stderr, "usage: %s IMAGE WAY\n", argv[0]);
    return 2;
  }
  const Setting setting(argv[1]);
  Buffer<float> in(some_too_large()), out(kN);
  way->second(setting, {out.address(), in.address()});
  synchronize();
  print("out", out);
  return 0;
}
