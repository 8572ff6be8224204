// SPDX-License-Identifier: MIT
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "softgpu/driver_fixture.hpp"

namespace {

// Runs `body` in a fresh process that has not initialised the driver; its result is the exit
// status.
template <typename Body>
int in_child(Body&& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

CUcontext current() {
  CUcontext c = nullptr;
  REQUIRE(CU(cuCtxGetCurrent)(&c) == CUDA_SUCCESS);
  return c;
}

}  // namespace

TEST_CASE("a child of an initialised process is not initialised and does not hang") {
  const Gpu gpu;
  CHECK(in_child([] {
          int n = 0;
          CUdeviceptr p = 0;
          const bool all = CU(cuDeviceGetCount)(&n) == CUDA_ERROR_NOT_INITIALIZED &&
                           CU(cuMemAlloc_v2)(&p, 16) == CUDA_ERROR_NOT_INITIALIZED &&
                           CU(cuInit)(0) == CUDA_ERROR_NOT_INITIALIZED;
          return all ? 0 : 1;
        }) == 0);
}

TEST_CASE("what needs no initialisation answers at once") {
  int version = 0;
  CHECK(CU(cuDriverGetVersion)(&version) == CUDA_SUCCESS);
  CHECK(version == 13000);
  const char* text = nullptr;
  CHECK(CU(cuGetErrorName)(CUDA_ERROR_ILLEGAL_ADDRESS, &text) == CUDA_SUCCESS);
  CHECK(std::string(text) == "CUDA_ERROR_ILLEGAL_ADDRESS");
  CHECK(CU(cuGetErrorString)(CUDA_ERROR_OUT_OF_MEMORY, &text) == CUDA_SUCCESS);
  CHECK(std::string(text) == "out of memory");
  CHECK(CU(cuGetErrorName)(static_cast<CUresult>(998), &text) == CUDA_ERROR_INVALID_VALUE);
  CHECK(text == nullptr);
  CHECK(CU(cuInit)(1) == CUDA_ERROR_INVALID_VALUE);
}

TEST_CASE("the current context is a stack of its thread") {
  REQUIRE(CU(cuInit)(0) == CUDA_SUCCESS);
  REQUIRE(current() == nullptr);
  CUcontext a = nullptr, b = nullptr, popped = nullptr;
  REQUIRE(CU(cuCtxCreate_v2)(&a, 0, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuCtxCreate_v4)(&b, nullptr, 0, 0) == CUDA_SUCCESS);
  CHECK(current() == b);
  CHECK(CU(cuCtxPopCurrent_v2)(&popped) == CUDA_SUCCESS);
  CHECK(popped == b);
  CHECK(current() == a);
  CHECK(CU(cuCtxPushCurrent_v2)(b) == CUDA_SUCCESS);
  CHECK(CU(cuCtxSetCurrent)(a) == CUDA_SUCCESS);  // replaces the top
  CHECK(CU(cuCtxPopCurrent_v2)(nullptr) == CUDA_SUCCESS);
  CHECK(current() == a);

  CUcontext elsewhere = a;
  CUresult there = CUDA_SUCCESS;
  std::thread([&] {
    CU(cuCtxGetCurrent)(&elsewhere);
    CUdeviceptr p = 0;
    there = CU(cuMemAlloc_v2)(&p, 16);
  }).join();
  CHECK(elsewhere == nullptr);
  CHECK(there == CUDA_ERROR_INVALID_CONTEXT);

  CHECK(CU(cuCtxDestroy_v2)(b) == CUDA_SUCCESS);
  CHECK(CU(cuCtxSetCurrent)(b) == CUDA_ERROR_INVALID_CONTEXT);
  CHECK(CU(cuCtxDestroy_v2)(a) == CUDA_SUCCESS);  // current here: popped too
  CHECK(current() == nullptr);
  CHECK(CU(cuCtxDestroy_v2)(a) == CUDA_ERROR_INVALID_CONTEXT);
}

TEST_CASE("a context destroyed elsewhere is answered as such") {
  REQUIRE(CU(cuInit)(0) == CUDA_SUCCESS);
  CUcontext a = nullptr;
  REQUIRE(CU(cuCtxCreate_v2)(&a, 0, 0) == CUDA_SUCCESS);
  std::thread([&] { CU(cuCtxDestroy_v2)(a); }).join();
  CHECK(CU(cuCtxSynchronize)() == CUDA_ERROR_CONTEXT_IS_DESTROYED);
  CHECK(CU(cuCtxPopCurrent_v2)(nullptr) == CUDA_SUCCESS);
}

TEST_CASE("the primary context is counted and keeps its handle") {
  REQUIRE(CU(cuInit)(0) == CUDA_SUCCESS);
  unsigned flags = 1;
  int active = -1;
  CHECK(CU(cuDevicePrimaryCtxGetState)(0, &flags, &active) == CUDA_SUCCESS);
  CHECK(active == 0);
  CHECK(CU(cuDevicePrimaryCtxRelease_v2)(0) == CUDA_ERROR_INVALID_CONTEXT);
  CUcontext first = nullptr, second = nullptr, third = nullptr;
  REQUIRE(CU(cuDevicePrimaryCtxRetain)(&first, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuDevicePrimaryCtxRetain)(&second, 0) == CUDA_SUCCESS);
  CHECK(first == second);
  CHECK(CU(cuCtxDestroy_v2)(first) == CUDA_ERROR_INVALID_CONTEXT);  // not the program's to destroy
  REQUIRE(CU(cuCtxSetCurrent)(first) == CUDA_SUCCESS);
  CUdeviceptr p = 0;
  CHECK(CU(cuMemAlloc_v2)(&p, 64) == CUDA_SUCCESS);
  CHECK(CU(cuDevicePrimaryCtxRelease_v2)(0) == CUDA_SUCCESS);
  CHECK(CU(cuMemFree_v2)(p) == CUDA_SUCCESS);
  CHECK(CU(cuDevicePrimaryCtxRelease_v2)(0) == CUDA_SUCCESS);
  CHECK(CU(cuMemAlloc_v2)(&p, 64) == CUDA_ERROR_CONTEXT_IS_DESTROYED);
  REQUIRE(CU(cuDevicePrimaryCtxRetain)(&third, 0) == CUDA_SUCCESS);
  CHECK(third == first);
  CHECK(CU(cuMemAlloc_v2)(&p, 64) == CUDA_SUCCESS);
  CHECK(CU(cuDevicePrimaryCtxReset_v2)(0) == CUDA_SUCCESS);
  CHECK(CU(cuDevicePrimaryCtxGetState)(0, &flags, &active) == CUDA_SUCCESS);
  CHECK(active == 0);
  CHECK(CU(cuCtxSetCurrent)(nullptr) == CUDA_SUCCESS);
}

TEST_CASE("context ids, API versions and flags") {
  const Gpu gpu;
  CUcontext other = nullptr;
  REQUIRE(CU(cuCtxCreate_v2)(&other, CU_CTX_SCHED_YIELD, 0) == CUDA_SUCCESS);
  unsigned long long a = 0, b = 0;
  CHECK(CU(cuCtxGetId)(gpu.context, &a) == CUDA_SUCCESS);
  CHECK(CU(cuCtxGetId)(nullptr, &b) == CUDA_SUCCESS);  // the current one
  CHECK(a != b);
  unsigned flags = 0, version = 0;
  CHECK(CU(cuCtxGetFlags)(&flags) == CUDA_SUCCESS);
  CHECK(flags == CU_CTX_SCHED_YIELD);
  CHECK(CU(cuCtxGetApiVersion)(other, &version) == CUDA_SUCCESS);
  CHECK(version == 3020);
  CHECK(CU(cuCtxDestroy_v2)(other) == CUDA_SUCCESS);
  CHECK(CU(cuCtxCreate_v2)(&other, 0, 1) == CUDA_ERROR_INVALID_DEVICE);
  CHECK(CU(cuCtxCreate_v2)(&other, 0x8000'0000u, 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuCtxCreate_v2)(nullptr, 0, 0) == CUDA_ERROR_INVALID_VALUE);
}

TEST_CASE("limits are remembered") {
  const Gpu gpu;
  size_t value = 0;
  CHECK(CU(cuCtxSetLimit)(CU_LIMIT_STACK_SIZE, 4096) == CUDA_SUCCESS);
  CHECK(CU(cuCtxGetLimit)(&value, CU_LIMIT_STACK_SIZE) == CUDA_SUCCESS);
  CHECK(value == 4096);
  CHECK(CU(cuCtxGetLimit)(&value, CU_LIMIT_MAX) == CUDA_ERROR_UNSUPPORTED_LIMIT);
}

TEST_CASE("the device describes itself") {
  REQUIRE(CU(cuInit)(0) == CUDA_SUCCESS);
  int count = 0;
  CHECK(CU(cuDeviceGetCount)(&count) == CUDA_SUCCESS);
  CHECK(count == 1);
  CUdevice device = -1;
  CHECK(CU(cuDeviceGet)(&device, 0) == CUDA_SUCCESS);
  CHECK(CU(cuDeviceGet)(&device, 1) == CUDA_ERROR_INVALID_DEVICE);
  char name[64] = {}, brief[8] = {};
  CHECK(CU(cuDeviceGetName)(name, sizeof name, 0) == CUDA_SUCCESS);
  CHECK(std::string(name).find("software CUDA device") != std::string::npos);
  CHECK(CU(cuDeviceGetName)(brief, sizeof brief, 0) == CUDA_SUCCESS);
  CHECK(std::string(brief) == std::string(name).substr(0, 7));
  int warp = 0, smem = 0, any = 0;
  CHECK(CU(cuDeviceGetAttribute)(&warp, CU_DEVICE_ATTRIBUTE_WARP_SIZE, 0) == CUDA_SUCCESS);
  CHECK(warp == 32);
  CHECK(CU(cuDeviceGetAttribute)(&smem, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK, 0) ==
        CUDA_SUCCESS);
  CHECK(smem == 48 << 10);
  for (int a = 1; a < CU_DEVICE_ATTRIBUTE_MAX; ++a)
    CHECK(CU(cuDeviceGetAttribute)(&any, static_cast<CUdevice_attribute>(a), 0) == CUDA_SUCCESS);
  CHECK(CU(cuDeviceGetAttribute)(&any, CU_DEVICE_ATTRIBUTE_MAX, 0) == CUDA_ERROR_INVALID_VALUE);
  char bus[16] = {};
  CHECK(CU(cuDeviceGetPCIBusId)(bus, sizeof bus, 0) == CUDA_SUCCESS);
  CHECK(CU(cuDeviceGetByPCIBusId)(&device, bus) == CUDA_SUCCESS);
  CHECK(device == 0);
  CUuuid uuid{};
  CHECK(CU(cuDeviceGetUuid_v2)(&uuid, 0) == CUDA_SUCCESS);
  const void* table = nullptr;
  CHECK(CU(cuGetExportTable)(&table, &uuid) != CUDA_SUCCESS);
}

TEST_CASE("memory pools: exact accounts, reuse in stream order, double frees") {
  const Gpu gpu;
  const CUstream s = gpu.stream();
  CUmemoryPool pool = nullptr;
  REQUIRE(CU(cuDeviceGetDefaultMemPool)(&pool, 0) == CUDA_SUCCESS);
  cuuint64_t keep = UINT64_MAX, used = 1;
  REQUIRE(CU(cuMemPoolSetAttribute)(pool, CU_MEMPOOL_ATTR_RELEASE_THRESHOLD, &keep) ==
          CUDA_SUCCESS);
  CUdeviceptr p = 0, q = 0;
  REQUIRE(CU(cuMemAllocAsync)(&p, 1000, s) == CUDA_SUCCESS);
  CHECK(CU(cuMemPoolGetAttribute)(pool, CU_MEMPOOL_ATTR_USED_MEM_CURRENT, &used) == CUDA_SUCCESS);
  CHECK(used == 1024);
  REQUIRE(CU(cuMemsetD8Async)(p, 7, 1000, s) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemFreeAsync)(p, s) == CUDA_SUCCESS);
  CHECK(CU(cuMemFreeAsync)(p, s) == CUDA_ERROR_INVALID_VALUE);
  REQUIRE(CU(cuMemAllocAsync)(&q, 900, s) == CUDA_SUCCESS);
  CHECK(q == p);  // same stream, same footprint: in order
  CHECK(CU(cuMemsetD8Async)(q, 0, 901, s) == CUDA_ERROR_INVALID_VALUE);  // of its own exact size
  REQUIRE(CU(cuStreamSynchronize)(s) == CUDA_SUCCESS);
  CHECK(gpu.read<unsigned char>(q, 1)[0] == 0xCD);  // the earlier contents are gone
  CHECK(CU(cuMemFree_v2)(q) == CUDA_SUCCESS);
  CHECK(CU(cuMemPoolGetAttribute)(pool, CU_MEMPOOL_ATTR_USED_MEM_CURRENT, &used) == CUDA_SUCCESS);
  CHECK(used == 0);
  keep = 0;
  REQUIRE(CU(cuMemPoolSetAttribute)(pool, CU_MEMPOOL_ATTR_RELEASE_THRESHOLD, &keep) ==
          CUDA_SUCCESS);
}

TEST_CASE("a pool gives back at synchronisation what exceeds its threshold") {
  const Gpu gpu;
  CUmemPoolProps props{};
  props.allocType = CU_MEM_ALLOCATION_TYPE_PINNED;
  props.location = {CU_MEM_LOCATION_TYPE_DEVICE, 0};
  CUmemoryPool pool = nullptr;
  REQUIRE(CU(cuMemPoolCreate)(&pool, &props) == CUDA_SUCCESS);
  const CUstream s = gpu.stream();
  CUdeviceptr p = 0;
  REQUIRE(CU(cuMemAllocFromPoolAsync)(&p, 4096, pool, s) == CUDA_SUCCESS);
  CUmemoryPool owner = nullptr;
  CHECK(CU(cuPointerGetAttribute)(&owner, CU_POINTER_ATTRIBUTE_MEMPOOL_HANDLE, p) == CUDA_SUCCESS);
  CHECK(owner == pool);
  REQUIRE(CU(cuMemFreeAsync)(p, s) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamSynchronize)(s) == CUDA_SUCCESS);
  cuuint64_t reserved = 1;
  CHECK(CU(cuMemPoolGetAttribute)(pool, CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT, &reserved) ==
        CUDA_SUCCESS);
  CHECK(reserved == 0);
  CHECK(CU(cuMemPoolDestroy)(pool) == CUDA_SUCCESS);
  CHECK(CU(cuMemPoolDestroy)(pool) == CUDA_ERROR_INVALID_HANDLE);
}
