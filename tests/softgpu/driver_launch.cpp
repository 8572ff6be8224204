// SPDX-License-Identifier: MIT
// Launches: parameters both ways, shapes, attributes, occupancy, and what a fault leaves behind.
#include <cstring>

#include "softgpu/driver_fixture.hpp"
#include "softgpu/driver_kernels.hpp"

namespace {

CUresult launch(CUfunction f, unsigned grid, unsigned block, void** params, CUstream s = nullptr,
                unsigned shared = 0, void** extra = nullptr) {
  return CU(cuLaunchKernel)(f, grid, 1, 1, block, 1, 1, shared, s, params, extra);
}

CUresult fill(CUfunction f, CUdeviceptr p, uint32_t value, uint32_t n, CUstream s = nullptr) {
  void* params[] = {&p, &value, &n};
  return launch(f, (n + 127) / 128, 128, params, s);
}

}  // namespace

TEST_CASE("a kernel writes what its parameters say") {
  const Gpu gpu;
  const CUfunction f = gpu.function(ptx::kFill, "fill");
  const CUdeviceptr p = gpu.alloc(4 * 1000);
  REQUIRE(CU(cuMemsetD32_v2)(p, 0, 1000) == CUDA_SUCCESS);
  REQUIRE(fill(f, p, 77, 900) == CUDA_SUCCESS);
  const auto out = gpu.read<uint32_t>(p, 1000);
  CHECK(std::count(out.begin(), out.begin() + 900, 77u) == 900);
  CHECK(std::count(out.begin() + 900, out.end(), 0u) == 100);
}

TEST_CASE("parameters are copied at the launch") {
  const Gpu gpu;
  const CUfunction f = gpu.function(ptx::kFill, "fill");
  const CUstream s = gpu.stream();
  const CUdeviceptr where = gpu.alloc(4);
  Gate gate;
  gate.put_on(s);
  CUdeviceptr p = where;
  uint32_t value = 5, n = 1;
  void* params[] = {&p, &value, &n};
  REQUIRE(launch(f, 1, 1, params, s) == CUDA_SUCCESS);
  value = 6;
  p = 0;
  gate.open();
  REQUIRE(CU(cuStreamSynchronize)(s) == CUDA_SUCCESS);
  CHECK(gpu.read<uint32_t>(where, 1)[0] == 5);
}

TEST_CASE("kernelParams and extra give the same block") {
  const Gpu gpu;
  const CUfunction f = gpu.function(ptx::kParams, "params");
  CUdeviceptr out = gpu.alloc(24);
  uint8_t a = 200;
  uint16_t b = 60000;
  float c = -2.5f;
  uint32_t bits = 0;
  std::memcpy(&bits, &c, 4);
  const std::vector<uint64_t> expected{200, 60000, bits};

  size_t offset = 0, size = 0;
  const size_t offsets[] = {0, 8, 16, 20}, sizes[] = {1, 8, 2, 4};
  for (size_t i = 0; i < 4; ++i) {
    REQUIRE(CU(cuFuncGetParamInfo)(f, i, &offset, &size) == CUDA_SUCCESS);
    CHECK(offset == offsets[i]);
    CHECK(size == sizes[i]);
  }
  CHECK(CU(cuFuncGetParamInfo)(f, 4, &offset, &size) == CUDA_ERROR_INVALID_VALUE);

  void* params[] = {&a, &out, &b, &c};
  REQUIRE(launch(f, 1, 1, params) == CUDA_SUCCESS);
  CHECK(gpu.read<uint64_t>(out, 3) == expected);

  REQUIRE(CU(cuMemsetD8_v2)(out, 0, 24) == CUDA_SUCCESS);
  unsigned char block[24] = {};
  std::memcpy(block, &a, 1);
  std::memcpy(block + 8, &out, 8);
  std::memcpy(block + 16, &b, 2);
  std::memcpy(block + 20, &c, 4);
  size_t bytes = sizeof block;
  void* extra[] = {CU_LAUNCH_PARAM_BUFFER_POINTER, block, CU_LAUNCH_PARAM_BUFFER_SIZE, &bytes,
                   CU_LAUNCH_PARAM_END};
  REQUIRE(launch(f, 1, 1, nullptr, nullptr, 0, extra) == CUDA_SUCCESS);
  CHECK(gpu.read<uint64_t>(out, 3) == expected);

  CHECK(launch(f, 1, 1, params, nullptr, 0, extra) == CUDA_ERROR_INVALID_VALUE);
  CHECK(launch(f, 1, 1, nullptr) == CUDA_ERROR_INVALID_VALUE);
  bytes = 20;  // the last parameter is missing
  CHECK(launch(f, 1, 1, nullptr, nullptr, 0, extra) == CUDA_ERROR_INVALID_VALUE);
}

TEST_CASE("impossible shapes are refused before anything runs") {
  const Gpu gpu;
  const CUfunction f = gpu.function(ptx::kBounded, "bounded");
  CHECK(launch(f, 1, 64, nullptr) == CUDA_SUCCESS);
  CHECK(launch(f, 0, 64, nullptr) == CUDA_ERROR_INVALID_VALUE);
  CHECK(launch(f, 1, 0, nullptr) == CUDA_ERROR_INVALID_VALUE);
  CHECK(launch(f, 1, 1025, nullptr) == CUDA_ERROR_INVALID_VALUE);
  // Drivers say so, and Numba-CUDA's tests expect it.
  CHECK(launch(f, 1, 65, nullptr) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuLaunchKernel)(f, 1, 65536, 1, 1, 1, 1, 0, nullptr, nullptr, nullptr) ==
        CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuLaunchKernel)(f, 1, 1, 1, 1, 1, 65, 0, nullptr, nullptr, nullptr) ==
        CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuCtxSynchronize)() == CUDA_SUCCESS);  // none of these is sticky
  CHECK(launch(reinterpret_cast<CUfunction>(0x99), 1, 1, nullptr) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(launch(nullptr, 1, 1, nullptr) == CUDA_ERROR_INVALID_HANDLE);
}

TEST_CASE("more than 48 KiB of shared memory must be asked for") {
  const Gpu gpu;
  const CUfunction f = gpu.function(ptx::kShared, "dynamic");
  CUdeviceptr out = gpu.alloc(4);
  uint32_t offset = (100 << 10) - 4;
  void* params[] = {&out, &offset};
  CHECK(launch(f, 1, 1, params, nullptr, 100 << 10) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuFuncSetAttribute)(f, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 1 << 20) ==
        CUDA_ERROR_INVALID_VALUE);
  REQUIRE(CU(cuFuncSetAttribute)(f, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 100 << 10) ==
          CUDA_SUCCESS);
  REQUIRE(launch(f, 1, 1, params, nullptr, 100 << 10) == CUDA_SUCCESS);
  CHECK(gpu.read<uint32_t>(out, 1)[0] == 7);
}

TEST_CASE("kernels of independent streams run at the same time") {
  const Gpu gpu;
  const CUfunction f = gpu.function(ptx::kHandshake, "hand");
  CUdeviceptr flags = gpu.alloc(8);
  REQUIRE(CU(cuMemsetD32_v2)(flags, 0, 2) == CUDA_SUCCESS);
  REQUIRE(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
  const CUstream a = gpu.stream(CU_STREAM_NON_BLOCKING), b = gpu.stream(CU_STREAM_NON_BLOCKING);
  uint32_t zero = 0, one = 1;
  void* first[] = {&flags, &zero, &one};
  void* second[] = {&flags, &one, &zero};
  REQUIRE(launch(f, 1, 1, first, a) == CUDA_SUCCESS);
  REQUIRE(launch(f, 1, 1, second, b) == CUDA_SUCCESS);
  CHECK(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
}

TEST_CASE("launch attributes: hints are accepted, what cannot be done is refused") {
  const Gpu gpu;
  const CUfunction f = gpu.function(ptx::kFill, "fill");
  CUdeviceptr p = gpu.alloc(4);
  uint32_t value = 3, n = 1;
  void* params[] = {&p, &value, &n};
  CUlaunchAttribute attributes[3] = {};
  attributes[0].id = CU_LAUNCH_ATTRIBUTE_COOPERATIVE;
  attributes[0].value.cooperative = 1;
  attributes[1].id = CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION;
  attributes[1].value.programmaticStreamSerializationAllowed = 1;
  attributes[2].id = CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION;
  attributes[2].value.clusterDim.x = attributes[2].value.clusterDim.y =
      attributes[2].value.clusterDim.z = 1;
  CUlaunchConfig config{};
  config.gridDimX = config.gridDimY = config.gridDimZ = 1;
  config.blockDimX = config.blockDimY = config.blockDimZ = 1;
  config.attrs = attributes;
  config.numAttrs = 3;
  REQUIRE(CU(cuLaunchKernelEx)(&config, f, params, nullptr) == CUDA_SUCCESS);
  CHECK(gpu.read<uint32_t>(p, 1)[0] == 3);
  attributes[2].value.clusterDim.x = 2;
  CHECK(CU(cuLaunchKernelEx)(&config, f, params, nullptr) == CUDA_ERROR_NOT_SUPPORTED);
}

TEST_CASE("a cooperative grid must be resident all at once") {
  const Gpu gpu;
  const CUfunction f = gpu.function(ptx::kBounded, "bounded");
  int per_multiprocessor = 0, multiprocessors = 0;
  REQUIRE(CU(cuOccupancyMaxActiveBlocksPerMultiprocessor)(&per_multiprocessor, f, 64, 0) ==
          CUDA_SUCCESS);
  REQUIRE(CU(cuDeviceGetAttribute)(&multiprocessors, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 0) ==
          CUDA_SUCCESS);
  const auto most = static_cast<unsigned>(per_multiprocessor * multiprocessors);
  CHECK(most >= 2);
  CHECK(CU(cuLaunchCooperativeKernel)(f, most, 1, 1, 64, 1, 1, 0, nullptr, nullptr) ==
        CUDA_SUCCESS);
  CHECK(CU(cuLaunchCooperativeKernel)(f, most + 1, 1, 1, 64, 1, 1, 0, nullptr, nullptr) ==
        CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE);
  int grid = 0, block = 0;
  CHECK(CU(cuOccupancyMaxPotentialBlockSize)(&grid, &block, f, nullptr, 0, 0) == CUDA_SUCCESS);
  CHECK(block == 64);
  CHECK(grid > 0);
}

TEST_CASE(
    "registered and pinned host memory is read and written by kernels, other host memory is not") {
  std::vector<uint32_t> own(64, 1), stranger(64, 1);
  {
    const Gpu gpu;
    const CUfunction f = gpu.function(ptx::kFill, "fill");
    REQUIRE(CU(cuMemHostRegister_v2)(own.data(), 256, CU_MEMHOSTREGISTER_DEVICEMAP) ==
            CUDA_SUCCESS);
    CUdeviceptr d = 0;
    REQUIRE(CU(cuMemHostGetDevicePointer_v2)(&d, own.data(), 0) == CUDA_SUCCESS);
    REQUIRE(fill(f, d, 9, 64) == CUDA_SUCCESS);
    REQUIRE(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
    CHECK(own == std::vector<uint32_t>(64, 9));
    REQUIRE(fill(f, reinterpret_cast<CUdeviceptr>(stranger.data()), 9, 64) == CUDA_SUCCESS);
    CHECK(CU(cuCtxSynchronize)() == CUDA_ERROR_ILLEGAL_ADDRESS);
  }
  CHECK(stranger == std::vector<uint32_t>(64, 1));
}

TEST_CASE("an illegal address breaks its context for good and no other") {
  const Gpu healthy;
  const CUdeviceptr kept = healthy.alloc(4);
  {
    const Gpu gpu;
    const CUfunction f = gpu.function(ptx::kFill, "fill");
    const CUdeviceptr p = gpu.alloc(4 * 100);
    REQUIRE(fill(f, p, 1, 101) ==
            CUDA_SUCCESS);  // one element too many: the launch itself succeeds
    CHECK(CU(cuCtxSynchronize)() == CUDA_ERROR_ILLEGAL_ADDRESS);
    CHECK(CU(cuCtxSynchronize)() == CUDA_ERROR_ILLEGAL_ADDRESS);
    CUdeviceptr q = 0;
    CHECK(CU(cuMemAlloc_v2)(&q, 16) == CUDA_ERROR_ILLEGAL_ADDRESS);
    CHECK(CU(cuMemFree_v2)(p) == CUDA_ERROR_ILLEGAL_ADDRESS);
    CHECK(fill(f, p, 1, 1) == CUDA_ERROR_ILLEGAL_ADDRESS);
    uint32_t word = 0;
    CHECK(CU(cuMemcpyDtoH_v2)(&word, p, 4) == CUDA_ERROR_ILLEGAL_ADDRESS);
    int count = 0;
    CHECK(CU(cuDeviceGetCount)(&count) == CUDA_SUCCESS);  // not a context call
  }
  REQUIRE(CU(cuCtxSetCurrent)(healthy.context) == CUDA_SUCCESS);
  CHECK(CU(cuMemsetD32_v2)(kept, 1, 1) == CUDA_SUCCESS);
  CHECK(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
}

TEST_CASE("after a fault queued work is dropped and callbacks hear of it") {
  std::promise<CUresult> heard;  // outlives the context, and with it the callback
  const Gpu gpu;
  const CUfunction f = gpu.function(ptx::kFill, "fill");
  const CUstream s = gpu.stream();
  void* memory = nullptr;
  REQUIRE(CU(cuMemHostAlloc)(&memory, 4, 0) == CUDA_SUCCESS);
  auto& pinned = *static_cast<volatile uint32_t*>(memory);
  pinned = 1;
  Gate gate;
  gate.put_on(s);
  REQUIRE(fill(f, 0x1000, 1, 1, s) == CUDA_SUCCESS);
  REQUIRE(fill(f, reinterpret_cast<CUdeviceptr>(memory), 2, 1, s) == CUDA_SUCCESS);
  const CUstreamCallback callback = [](CUstream, CUresult status, void* data) {
    static_cast<std::promise<CUresult>*>(data)->set_value(status);
  };
  REQUIRE(CU(cuStreamAddCallback)(s, callback, &heard, 0) == CUDA_SUCCESS);
  gate.open();
  CHECK(heard.get_future().get() == CUDA_ERROR_ILLEGAL_ADDRESS);
  CHECK(CU(cuStreamSynchronize)(s) == CUDA_ERROR_ILLEGAL_ADDRESS);
  CHECK(pinned == 1);
}

TEST_CASE("device memory of another context is out of reach") {
  const Gpu a;
  const CUdeviceptr theirs = a.alloc(4);
  const Gpu b;
  const CUfunction f = b.function(ptx::kFill, "fill");
  REQUIRE(fill(f, theirs, 1, 1) == CUDA_SUCCESS);
  CHECK(CU(cuCtxSynchronize)() == CUDA_ERROR_ILLEGAL_ADDRESS);
}

TEST_CASE("freed memory is out of reach") {
  const Gpu gpu;
  const CUfunction f = gpu.function(ptx::kFill, "fill");
  const CUdeviceptr p = gpu.alloc(4);
  REQUIRE(CU(cuMemFree_v2)(p) == CUDA_SUCCESS);
  REQUIRE(fill(f, p, 1, 1) == CUDA_SUCCESS);
  CHECK(CU(cuCtxSynchronize)() == CUDA_ERROR_ILLEGAL_ADDRESS);
}

TEST_CASE("pool memory is in sight from its allocation to its free, in stream order") {
  const Gpu gpu;
  const CUfunction f = gpu.function(ptx::kFill, "fill");
  const CUstream s = gpu.stream(CU_STREAM_NON_BLOCKING), other = gpu.stream(CU_STREAM_NON_BLOCKING);
  CUdeviceptr p = 0, out = gpu.alloc(4);
  Gate gate;
  gate.put_on(s);
  REQUIRE(CU(cuMemAllocAsync)(&p, 4, s) == CUDA_SUCCESS);
  REQUIRE(fill(f, p, 8, 1, s) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemcpyDtoDAsync_v2)(out, p, 4, s) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemFreeAsync)(p, s) == CUDA_SUCCESS);
  gate.open();
  REQUIRE(CU(cuStreamSynchronize)(s) == CUDA_SUCCESS);
  CHECK(gpu.read<uint32_t>(out, 1)[0] == 8);

  Gate second;
  second.put_on(s);
  REQUIRE(CU(cuMemAllocAsync)(&p, 4, s) == CUDA_SUCCESS);
  REQUIRE(fill(f, p, 8, 1, other) == CUDA_SUCCESS);  // does not wait for s
  CHECK(CU(cuStreamSynchronize)(other) == CUDA_ERROR_ILLEGAL_ADDRESS);
  second.open();
}
