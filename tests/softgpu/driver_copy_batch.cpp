// SPDX-License-Identifier: MIT
// cuMemcpyBatchAsync, from cuda.h: which arguments are valid, and when each copy reads its source.
#include "softgpu/driver_fixture.hpp"

namespace {

constexpr auto kStream = CU_MEMCPY_SRC_ACCESS_ORDER_STREAM;
constexpr auto kDuringCall = CU_MEMCPY_SRC_ACCESS_ORDER_DURING_API_CALL;
constexpr auto kAny = CU_MEMCPY_SRC_ACCESS_ORDER_ANY;

CUdeviceptr address(const void* p) {
  return reinterpret_cast<CUdeviceptr>(p);
}

struct Batch {
  std::vector<CUdeviceptr> to, from;
  std::vector<size_t> sizes, first{0};
  std::vector<CUmemcpyAttributes> attributes;
  explicit Batch(CUmemcpySrcAccessOrder order) { add_order(order); }
  void add_order(CUmemcpySrcAccessOrder order) {
    CUmemcpyAttributes a{};
    a.srcAccessOrder = order;
    attributes.push_back(a);
  }
  void add(CUdeviceptr t, CUdeviceptr f, size_t bytes) {
    to.push_back(t);
    from.push_back(f);
    sizes.push_back(bytes);
  }
  CUresult run(CUstream s) {
    return CU(cuMemcpyBatchAsync_v2)(to.data(), from.data(), sizes.data(), to.size(),
                                     attributes.data(), first.data(), attributes.size(), s);
  }
  CUresult run_first_version(CUstream s, size_t& failed) {
    return CU(cuMemcpyBatchAsync)(to.data(), from.data(), sizes.data(), to.size(),
                                  attributes.data(), first.data(), attributes.size(), &failed, s);
  }
};

unsigned* pinned(unsigned value) {
  void* p = nullptr;
  REQUIRE(CU(cuMemAllocHost_v2)(&p, 4) == CUDA_SUCCESS);
  *static_cast<unsigned*>(p) = value;
  return static_cast<unsigned*>(p);
}

void set_to_9(void* word) {
  *static_cast<unsigned*>(word) = 9;
}

}  // namespace

TEST_CASE("a batch copies between all kinds of memory, in stream order as a whole") {
  const Gpu gpu;
  const CUstream s = gpu.stream(CU_STREAM_NON_BLOCKING);
  const CUdeviceptr a = gpu.alloc(64), b = gpu.alloc(64), c = gpu.alloc(64);
  unsigned plain = 5, back = 0;
  unsigned* const word = pinned(6);
  REQUIRE(CU(cuMemsetD32Async)(a, 7, 16, s) == CUDA_SUCCESS);
  Batch batch(kStream);
  batch.add(b, a, 64);
  batch.add(c, address(&plain), 4);
  batch.add(c + 4, address(word), 4);
  batch.add(address(&back), a, 4);
  REQUIRE(batch.run(s) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamSynchronize)(s) == CUDA_SUCCESS);
  CHECK(gpu.read<unsigned>(b, 16) == std::vector<unsigned>(16, 7));
  CHECK(gpu.read<unsigned>(c, 2) == std::vector<unsigned>{5, 6});
  CHECK(back == 7);
}

TEST_CASE("sources of a batch are read when their attributes say") {
  const Gpu gpu;
  const CUstream s = gpu.stream(CU_STREAM_NON_BLOCKING);
  const CUdeviceptr p = gpu.alloc(64);
  SECTION("in stream order, plain memory of the host too") {
    unsigned plain = 1;
    REQUIRE(CU(cuLaunchHostFunc)(s, set_to_9, &plain) == CUDA_SUCCESS);
    Batch batch(kStream);
    batch.add(p, address(&plain), 4);
    REQUIRE(batch.run(s) == CUDA_SUCCESS);
    REQUIRE(CU(cuStreamSynchronize)(s) == CUDA_SUCCESS);
    CHECK(gpu.read<unsigned>(p, 1)[0] == 9);
  }
  SECTION("during the call, pinned memory too; the rest later, each by its own attributes") {
    unsigned *const early = pinned(1), *const late = pinned(2);
    unsigned plain = 3;
    Gate gate;
    gate.put_on(s);
    Batch batch(kDuringCall);
    batch.add(p, address(early), 4);
    batch.add(p + 4, address(&plain), 4);
    batch.first.push_back(2);
    batch.add_order(kStream);
    batch.add(p + 8, address(late), 4);
    REQUIRE(batch.run(s) == CUDA_SUCCESS);
    *early = *late = plain = 9;
    gate.open();
    REQUIRE(CU(cuStreamSynchronize)(s) == CUDA_SUCCESS);
    CHECK(gpu.read<unsigned>(p, 3) == std::vector<unsigned>{1, 3, 9});
  }
  SECTION("during the call, device memory too") {
    const CUdeviceptr from = gpu.alloc(64);
    REQUIRE(CU(cuMemsetD32Async)(from, 4, 16, s) == CUDA_SUCCESS);
    Batch batch(kDuringCall);
    batch.add(p, from, 64);
    REQUIRE(batch.run(s) == CUDA_SUCCESS);
    REQUIRE(CU(cuMemFree_v2)(from) == CUDA_SUCCESS);
    CHECK(gpu.read<unsigned>(p, 16) == std::vector<unsigned>(16, 4));
  }
}

TEST_CASE("batches that are not well formed copy nothing") {
  const Gpu gpu;
  const CUstream s = gpu.stream(CU_STREAM_NON_BLOCKING);
  const CUdeviceptr p = gpu.alloc(8);
  REQUIRE(CU(cuMemsetD32_v2)(p, 1, 2) == CUDA_SUCCESS);
  REQUIRE(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
  unsigned value = 2;
  const auto with = [&](auto&& change) {
    Batch batch(kAny);
    batch.add(p, address(&value), 4);
    batch.add(p + 4, address(&value), 4);
    change(batch);
    return batch;
  };
  const auto refused = [&](auto&& change) {
    return with(change).run(s) == CUDA_ERROR_INVALID_VALUE;
  };
  CHECK(refused([](Batch& b) { b.to.clear(); }));
  CHECK(refused([](Batch& b) { b.attributes.clear(); }));
  CHECK(refused([](Batch& b) { b.attributes[0].srcAccessOrder = {}; }));
  CHECK(refused([](Batch& b) { b.attributes[0].flags = 2; }));
  CHECK(refused([](Batch& b) { b.first[0] = 1; }));
  const auto two = [](size_t second) {
    return [second](Batch& b) {
      b.add_order(kAny);
      b.first.push_back(second);
    };
  };
  CHECK(refused(two(0)));
  CHECK(refused(two(2)));
  CHECK(refused([&](Batch& b) { b.sizes[1] = 8; }));
  CHECK(with([](Batch&) {}).run(nullptr) == CUDA_ERROR_INVALID_VALUE);  // the legacy stream
  size_t failed = 77;
  CHECK(with([](Batch& b) { b.sizes[1] = 8; }).run_first_version(s, failed) ==
        CUDA_ERROR_INVALID_VALUE);
  CHECK(failed == 1);
  CHECK(with([](Batch& b) { b.first[0] = 1; }).run_first_version(s, failed) ==
        CUDA_ERROR_INVALID_VALUE);
  CHECK(failed == SIZE_MAX);
  REQUIRE(CU(cuStreamSynchronize)(s) == CUDA_SUCCESS);
  CHECK(gpu.read<unsigned>(p, 2) == std::vector<unsigned>{1, 1});
  CHECK(with(two(1)).run(s) == CUDA_SUCCESS);
  CHECK(with([](Batch& b) {
          b.attributes[0].flags = CU_MEMCPY_FLAG_PREFER_OVERLAP_WITH_COMPUTE;
        }).run(CU_STREAM_PER_THREAD) == CUDA_SUCCESS);
}

TEST_CASE("a batch is refused while its stream captures") {
  const Gpu gpu;
  const CUstream s = gpu.stream(CU_STREAM_NON_BLOCKING);
  const CUdeviceptr p = gpu.alloc(8);
  REQUIRE(CU(cuStreamBeginCapture_v2)(s, CU_STREAM_CAPTURE_MODE_RELAXED) == CUDA_SUCCESS);
  Batch batch(kAny);
  batch.add(p, p + 4, 4);
  CHECK(batch.run(s) == CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  CUgraph graph = nullptr;
  CU(cuStreamEndCapture)(s, &graph);
}
