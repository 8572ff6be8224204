// SPDX-License-Identifier: MIT
// Green contexts, as cuda.h 13.0 documents them ("Green Contexts"). The device has the 132
// multiprocessors of an H100, of which the least partition is 8, in steps of 8.
#include "softgpu/driver_fixture.hpp"
#include "softgpu/driver_kernels.hpp"

namespace {

const int kModel = setenv("SOFTGPU_CLOCK", "model", 1);

CUdevResource device_resource() {
  CUdevResource r = {};
  REQUIRE(CU(cuInit)(0) == CUDA_SUCCESS);
  REQUIRE(CU(cuDeviceGetDevResource)(0, &r, CU_DEV_RESOURCE_TYPE_SM) == CUDA_SUCCESS);
  return r;
}

CUdevResource group_of(unsigned least) {
  const CUdevResource all = device_resource();
  CUdevResource group = {};
  unsigned count = 1;
  REQUIRE(CU(cuDevSmResourceSplitByCount)(&group, &count, &all, nullptr, 0, least) == CUDA_SUCCESS);
  REQUIRE(count == 1);
  return group;
}

CUgreenCtx create(CUdevResource resource) {
  CUdevResourceDesc desc = nullptr;
  REQUIRE(CU(cuDevResourceGenerateDesc)(&desc, &resource, 1) == CUDA_SUCCESS);
  CUgreenCtx green = nullptr;
  REQUIRE(CU(cuGreenCtxCreate)(&green, desc, 0, CU_GREEN_CTX_DEFAULT_STREAM) == CUDA_SUCCESS);
  return green;
}

// A green context of 8 multiprocessors, current.
struct Green {
  CUgreenCtx green = create(group_of(8));
  CUcontext context = nullptr;
  Green() {
    REQUIRE(CU(cuCtxFromGreenCtx)(&context, green) == CUDA_SUCCESS);
    REQUIRE(CU(cuCtxSetCurrent)(context) == CUDA_SUCCESS);
  }
  ~Green() {
    CU(cuCtxSetCurrent)(nullptr);
    CU(cuGreenCtxDestroy)(green);
  }
};

CUfunction load_fill() {
  CUmodule m = nullptr;
  REQUIRE(CU(cuModuleLoadData)(&m, ptx::kFill.c_str()) == CUDA_SUCCESS);
  CUfunction f = nullptr;
  REQUIRE(CU(cuModuleGetFunction)(&f, m, "fill") == CUDA_SUCCESS);
  return f;
}

CUresult fill(CUfunction f, CUdeviceptr p, unsigned value, CUstream stream) {
  unsigned n = 32;
  void* params[] = {&p, &value, &n};
  return CU(cuLaunchKernel)(f, 1, 1, 1, 32, 1, 1, 0, stream, params, nullptr);
}

unsigned first_word(CUdeviceptr p) {
  unsigned word = 0;
  REQUIRE(CU(cuMemcpyDtoH_v2)(&word, p, 4) == CUDA_SUCCESS);
  return word;
}

}  // namespace

TEST_CASE("green: what the device has to split") {
  const CUdevResource r = device_resource();
  CHECK(r.type == CU_DEV_RESOURCE_TYPE_SM);
  CHECK(r.sm.smCount == 132);
  CHECK(r.sm.minSmPartitionSize == 8);
  CHECK(r.sm.smCoscheduledAlignment == 8);
  CUdevResource out = {};
  CHECK(CU(cuDeviceGetDevResource)(7, &out, CU_DEV_RESOURCE_TYPE_SM) == CUDA_ERROR_INVALID_DEVICE);
  CHECK(CU(cuDeviceGetDevResource)(0, nullptr, CU_DEV_RESOURCE_TYPE_SM) ==
        CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuDeviceGetDevResource)(0, &out, CU_DEV_RESOURCE_TYPE_INVALID) ==
        CUDA_ERROR_INVALID_RESOURCE_TYPE);
}

TEST_CASE("green: a split gives equal groups and what is left") {
  const CUdevResource all = device_resource();
  unsigned count = 0;
  REQUIRE(CU(cuDevSmResourceSplitByCount)(nullptr, &count, &all, nullptr, 0, 10) == CUDA_SUCCESS);
  CHECK(count == 132 / 16);
  CUdevResource groups[10] = {}, rest = {};
  count = 10;
  REQUIRE(CU(cuDevSmResourceSplitByCount)(groups, &count, &all, &rest, 0, 10) == CUDA_SUCCESS);
  CHECK(count == 8);
  for (unsigned i = 0; i < count; ++i) CHECK(groups[i].sm.smCount == 16);
  CHECK(rest.type == CU_DEV_RESOURCE_TYPE_SM);
  CHECK(rest.sm.smCount == 132 - 8 * 16);
  count = 2;
  REQUIRE(CU(cuDevSmResourceSplitByCount)(groups, &count, &all, &rest, 0, 0) == CUDA_SUCCESS);
  CHECK(count == 2);
  CHECK(groups[0].sm.smCount == 8);
  CHECK(rest.sm.smCount == 116);
  count = 1;
  REQUIRE(CU(cuDevSmResourceSplitByCount)(groups, &count, &all, nullptr,
                                          CU_DEV_SM_RESOURCE_SPLIT_IGNORE_SM_COSCHEDULING,
                                          1) == CUDA_SUCCESS);
  CHECK(groups[0].sm.smCount == 2);
}

TEST_CASE("green: splits that are refused") {
  const CUdevResource all = device_resource();
  CUdevResource group = {}, other = all;
  unsigned count = 1;
  const auto split = CU(cuDevSmResourceSplitByCount);
  CHECK(split(&group, nullptr, &all, nullptr, 0, 8) == CUDA_ERROR_INVALID_VALUE);
  CHECK(split(&group, &count, nullptr, nullptr, 0, 8) == CUDA_ERROR_INVALID_VALUE);
  CHECK(split(&group, &count, &all, nullptr, 0x80, 8) == CUDA_ERROR_INVALID_VALUE);
  CHECK(split(&group, &count, &all, nullptr, 0, 133) == CUDA_ERROR_INVALID_VALUE);
  other.type = CU_DEV_RESOURCE_TYPE_INVALID;
  CHECK(split(&group, &count, &other, nullptr, 0, 8) == CUDA_ERROR_INVALID_RESOURCE_TYPE);
  other = all;
  other.sm.smCount = 264;  // "do not write to this field"
  CHECK(split(&group, &count, &other, nullptr, 0, 8) == CUDA_ERROR_INVALID_RESOURCE_CONFIGURATION);
  // "the output results cannot be split again without first creating a descriptor and a green
  // context with that descriptor"
  const CUdevResource made = group_of(16);
  CHECK(split(&group, &count, &made, nullptr, 0, 8) == CUDA_ERROR_INVALID_RESOURCE_CONFIGURATION);
  const CUgreenCtx green = create(made);
  CUdevResource own = {};
  REQUIRE(CU(cuGreenCtxGetDevResource)(green, &own, CU_DEV_RESOURCE_TYPE_SM) == CUDA_SUCCESS);
  CHECK(own.sm.smCount == 16);
  count = 2;
  CUdevResource halves[2] = {};
  CHECK(split(halves, &count, &own, nullptr, 0, 8) == CUDA_SUCCESS);
  CHECK(count == 2);
  CHECK(CU(cuGreenCtxDestroy)(green) == CUDA_SUCCESS);
}

TEST_CASE("green: a descriptor takes resources of one split only") {
  const CUdevResource all = device_resource();
  CUdevResource first[2] = {}, second[1] = {};
  unsigned two = 2, one = 1;
  const auto split = CU(cuDevSmResourceSplitByCount);
  REQUIRE(split(first, &two, &all, nullptr, 0, 8) == CUDA_SUCCESS);
  REQUIRE(split(second, &one, &all, nullptr, 0, 8) == CUDA_SUCCESS);
  CUdevResourceDesc desc = nullptr;
  REQUIRE(CU(cuDevResourceGenerateDesc)(&desc, first, 2) == CUDA_SUCCESS);
  CUgreenCtx green = nullptr;
  REQUIRE(CU(cuGreenCtxCreate)(&green, desc, 0, CU_GREEN_CTX_DEFAULT_STREAM) == CUDA_SUCCESS);
  CUdevResource own = {};
  REQUIRE(CU(cuGreenCtxGetDevResource)(green, &own, CU_DEV_RESOURCE_TYPE_SM) == CUDA_SUCCESS);
  CHECK(own.sm.smCount == 16);
  CHECK(CU(cuGreenCtxDestroy)(green) == CUDA_SUCCESS);
  CUdevResource mixed[2] = {first[0], second[0]};
  CHECK(CU(cuDevResourceGenerateDesc)(&desc, mixed, 2) ==
        CUDA_ERROR_INVALID_RESOURCE_CONFIGURATION);
  CHECK(CU(cuDevResourceGenerateDesc)(nullptr, first, 1) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuDevResourceGenerateDesc)(&desc, nullptr, 1) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuDevResourceGenerateDesc)(&desc, first, 0) == CUDA_ERROR_INVALID_VALUE);
}

TEST_CASE("green: creation asks for a descriptor, its device and the default stream") {
  CUdevResource group = group_of(8);
  CUdevResourceDesc desc = nullptr;
  REQUIRE(CU(cuDevResourceGenerateDesc)(&desc, &group, 1) == CUDA_SUCCESS);
  CUgreenCtx green = nullptr;
  const auto make = CU(cuGreenCtxCreate);
  CHECK(make(nullptr, desc, 0, CU_GREEN_CTX_DEFAULT_STREAM) == CUDA_ERROR_INVALID_VALUE);
  CHECK(make(&green, desc, 0, 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(make(&green, nullptr, 0, CU_GREEN_CTX_DEFAULT_STREAM) == CUDA_ERROR_INVALID_VALUE);
  CHECK(make(&green, desc, 7, CU_GREEN_CTX_DEFAULT_STREAM) == CUDA_ERROR_INVALID_DEVICE);
}

TEST_CASE("green: it retains the primary context and does not become current") {
  REQUIRE(CU(cuInit)(0) == CUDA_SUCCESS);
  unsigned flags = 0;
  int active = -1;
  REQUIRE(CU(cuDevicePrimaryCtxGetState)(0, &flags, &active) == CUDA_SUCCESS);
  REQUIRE(active == 0);
  const CUgreenCtx green = create(group_of(8));
  REQUIRE(CU(cuDevicePrimaryCtxGetState)(0, &flags, &active) == CUDA_SUCCESS);
  CHECK(active == 1);
  CUcontext current = nullptr;
  REQUIRE(CU(cuCtxGetCurrent)(&current) == CUDA_SUCCESS);
  CHECK(current == nullptr);
  // "Users are expected to call this API before calling any CUDA APIs that accept a CUcontext."
  CHECK(CU(cuCtxSetCurrent)(reinterpret_cast<CUcontext>(green)) == CUDA_ERROR_INVALID_CONTEXT);
  CUcontext converted = nullptr, again = nullptr;
  REQUIRE(CU(cuCtxFromGreenCtx)(&converted, green) == CUDA_SUCCESS);
  REQUIRE(CU(cuCtxFromGreenCtx)(&again, green) == CUDA_SUCCESS);
  CHECK(converted == again);
  REQUIRE(CU(cuCtxSetCurrent)(converted) == CUDA_SUCCESS);
  REQUIRE(CU(cuCtxGetCurrent)(&current) == CUDA_SUCCESS);
  CHECK(current == converted);
  CHECK(CU(cuCtxDestroy_v2)(converted) == CUDA_ERROR_INVALID_CONTEXT);
  REQUIRE(CU(cuGreenCtxDestroy)(green) == CUDA_SUCCESS);
  CHECK(CU(cuGreenCtxDestroy)(green) == CUDA_ERROR_INVALID_CONTEXT);
  REQUIRE(CU(cuDevicePrimaryCtxGetState)(0, &flags, &active) == CUDA_SUCCESS);
  CHECK(active == 0);
  CUdeviceptr p = 0;
  CHECK(CU(cuMemAlloc_v2)(&p, 64) == CUDA_ERROR_CONTEXT_IS_DESTROYED);
  CU(cuCtxSetCurrent)(nullptr);
}

TEST_CASE("green: memory and code are the primary context's") {
  const Green g;
  CUcontext primary = nullptr;
  REQUIRE(CU(cuDevicePrimaryCtxRetain)(&primary, 0) == CUDA_SUCCESS);
  CUdeviceptr p = 0;
  REQUIRE(CU(cuMemAlloc_v2)(&p, 128) == CUDA_SUCCESS);
  const CUfunction f = load_fill();
  CUstream stream = nullptr;
  REQUIRE(CU(cuGreenCtxStreamCreate)(&stream, g.green, CU_STREAM_NON_BLOCKING, 0) == CUDA_SUCCESS);
  REQUIRE(fill(f, p, 7, stream) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamSynchronize)(stream) == CUDA_SUCCESS);
  CHECK(first_word(p) == 7);
  REQUIRE(CU(cuCtxSetCurrent)(primary) == CUDA_SUCCESS);
  REQUIRE(fill(f, p, 8, stream) == CUDA_SUCCESS);
  REQUIRE(fill(f, p, 9, nullptr) == CUDA_SUCCESS);
  REQUIRE(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
  CHECK((first_word(p) == 8 || first_word(p) == 9));
  CUdevResource r = {};
  REQUIRE(CU(cuCtxGetDevResource)(primary, &r, CU_DEV_RESOURCE_TYPE_SM) == CUDA_SUCCESS);
  CHECK(r.sm.smCount == 132);
  REQUIRE(CU(cuCtxGetDevResource)(g.context, &r, CU_DEV_RESOURCE_TYPE_SM) == CUDA_SUCCESS);
  CHECK(r.sm.smCount == 8);
  CHECK(CU(cuCtxGetDevResource)(nullptr, &r, CU_DEV_RESOURCE_TYPE_SM) ==
        CUDA_ERROR_INVALID_CONTEXT);
  CHECK(CU(cuMemFree_v2)(p) == CUDA_SUCCESS);
  CHECK(CU(cuStreamDestroy_v2)(stream) == CUDA_SUCCESS);
  CHECK(CU(cuDevicePrimaryCtxRelease_v2)(0) == CUDA_SUCCESS);
}

TEST_CASE("green: whose a stream is") {
  const Green g;
  CUcontext primary = nullptr;
  REQUIRE(CU(cuDevicePrimaryCtxRetain)(&primary, 0) == CUDA_SUCCESS);
  CUstream made = nullptr, plain = nullptr;
  CHECK(CU(cuGreenCtxStreamCreate)(&made, g.green, CU_STREAM_DEFAULT, 0) ==
        CUDA_ERROR_INVALID_VALUE);
  REQUIRE(CU(cuGreenCtxStreamCreate)(&made, g.green, CU_STREAM_NON_BLOCKING, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamCreate)(&plain, CU_STREAM_DEFAULT) == CUDA_SUCCESS);
  for (const CUstream stream : {made, plain, CUstream{nullptr}, CUstream{CU_STREAM_LEGACY}}) {
    CUgreenCtx green = nullptr;
    CUcontext context = nullptr;
    REQUIRE(CU(cuStreamGetGreenCtx)(stream, &green) == CUDA_SUCCESS);
    CHECK(green == g.green);
    REQUIRE(CU(cuStreamGetCtx_v2)(stream, &context, &green) == CUDA_SUCCESS);
    CHECK(context == primary);
    CHECK(green == g.green);
    // "the returned context is equivalent to the one returned by cuCtxFromGreenCtx()"
    REQUIRE(CU(cuStreamGetCtx)(stream, &context) == CUDA_SUCCESS);
    CHECK(context == g.context);
  }
  CUgreenCtx green = nullptr;
  CUcontext context = nullptr;
  CHECK(CU(cuStreamGetCtx_v2)(CU_STREAM_PER_THREAD, &context, &green) == CUDA_ERROR_INVALID_HANDLE);
  REQUIRE(CU(cuCtxSetCurrent)(primary) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamGetGreenCtx)(nullptr, &green) == CUDA_SUCCESS);
  CHECK(green == nullptr);
  REQUIRE(CU(cuStreamGetGreenCtx)(made, &green) == CUDA_SUCCESS);
  CHECK(green == g.green);
  CHECK(CU(cuStreamDestroy_v2)(made) == CUDA_SUCCESS);
  CHECK(CU(cuStreamDestroy_v2)(plain) == CUDA_SUCCESS);
  CHECK(CU(cuDevicePrimaryCtxRelease_v2)(0) == CUDA_SUCCESS);
}

TEST_CASE("green: its default stream is its own") {
  const Green g;
  CUcontext primary = nullptr;
  REQUIRE(CU(cuDevicePrimaryCtxRetain)(&primary, 0) == CUDA_SUCCESS);
  Gate gate;
  gate.put_on(nullptr);
  CHECK(CU(cuStreamQuery)(nullptr) == CUDA_ERROR_NOT_READY);
  CUstream blocking = nullptr;
  REQUIRE(CU(cuStreamCreate)(&blocking, CU_STREAM_DEFAULT) == CUDA_SUCCESS);
  CUdeviceptr p = 0;
  REQUIRE(CU(cuMemAlloc_v2)(&p, 128) == CUDA_SUCCESS);
  // A blocking stream of the same green context waits for it, the primary context's does not.
  REQUIRE(CU(cuMemsetD32Async)(p, 1, 32, blocking) == CUDA_SUCCESS);
  CHECK(CU(cuStreamQuery)(blocking) == CUDA_ERROR_NOT_READY);
  REQUIRE(CU(cuCtxSetCurrent)(primary) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemsetD32Async)(p, 2, 32, nullptr) == CUDA_SUCCESS);
  CHECK(CU(cuStreamSynchronize)(nullptr) == CUDA_SUCCESS);
  gate.open();
  REQUIRE(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
  CHECK(first_word(p) == 1);
  CHECK(CU(cuMemFree_v2)(p) == CUDA_SUCCESS);
  CHECK(CU(cuStreamDestroy_v2)(blocking) == CUDA_SUCCESS);
  CHECK(CU(cuDevicePrimaryCtxRelease_v2)(0) == CUDA_SUCCESS);
}

TEST_CASE("green: streams that outlive it are of no use") {
  CUcontext primary = nullptr;
  REQUIRE(CU(cuInit)(0) == CUDA_SUCCESS);
  REQUIRE(CU(cuDevicePrimaryCtxRetain)(&primary, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuCtxSetCurrent)(primary) == CUDA_SUCCESS);
  const CUgreenCtx green = create(group_of(8));
  CUstream stream = nullptr;
  REQUIRE(CU(cuGreenCtxStreamCreate)(&stream, green, CU_STREAM_NON_BLOCKING, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuGreenCtxDestroy)(green) == CUDA_SUCCESS);
  CHECK(CU(cuStreamQuery)(stream) == CUDA_ERROR_CONTEXT_IS_DESTROYED);
  CHECK(CU(cuStreamDestroy_v2)(stream) == CUDA_ERROR_CONTEXT_IS_DESTROYED);
  CU(cuCtxSetCurrent)(nullptr);
  CHECK(CU(cuDevicePrimaryCtxRelease_v2)(0) == CUDA_SUCCESS);
}

TEST_CASE("green: a cooperative launch must fit its multiprocessors") {
  const Green g;
  const CUfunction f = load_fill();
  CUdeviceptr p = 0;
  REQUIRE(CU(cuMemAlloc_v2)(&p, 128) == CUDA_SUCCESS);
  int each = 0;
  REQUIRE(CU(cuOccupancyMaxActiveBlocksPerMultiprocessor)(&each, f, 1024, 0) == CUDA_SUCCESS);
  unsigned value = 1, n = 0;
  void* params[] = {&p, &value, &n};
  const auto launch = [&](unsigned blocks) {
    return CU(cuLaunchCooperativeKernel)(f, blocks, 1, 1, 1024, 1, 1, 0, nullptr, params);
  };
  CHECK(launch(8 * static_cast<unsigned>(each)) == CUDA_SUCCESS);
  CHECK(launch(8 * static_cast<unsigned>(each) + 1) == CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE);
  CHECK(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
  CHECK(CU(cuMemFree_v2)(p) == CUDA_SUCCESS);
}

TEST_CASE("green: every one has an id; a reset of the primary context takes them along") {
  unsigned long long first = 0, second = 0;
  CUgreenCtx green = nullptr;
  {
    const Green g;
    REQUIRE(CU(cuGreenCtxGetId)(g.green, &first) == CUDA_SUCCESS);
    REQUIRE(CU(cuGreenCtxGetId)(nullptr, &second) == CUDA_SUCCESS);
    CHECK(first == second);
    CHECK(CU(cuGreenCtxGetId)(g.green, nullptr) == CUDA_ERROR_INVALID_VALUE);
  }
  CHECK(CU(cuGreenCtxGetId)(nullptr, &second) == CUDA_ERROR_INVALID_CONTEXT);
  green = create(group_of(8));
  REQUIRE(CU(cuGreenCtxGetId)(green, &second) == CUDA_SUCCESS);
  CHECK(first != second);
  REQUIRE(CU(cuDevicePrimaryCtxReset_v2)(0) == CUDA_SUCCESS);
  CUcontext converted = nullptr;
  CHECK(CU(cuCtxFromGreenCtx)(&converted, green) == CUDA_ERROR_INVALID_CONTEXT);
  CHECK(CU(cuGreenCtxDestroy)(green) == CUDA_ERROR_CONTEXT_IS_DESTROYED);
}
