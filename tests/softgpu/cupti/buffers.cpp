// SPDX-License-Identifier: MIT
// Buffers of the activity API: filled, handed back, declined; which kinds can be enabled.
#include <atomic>
#include <ctime>

#include "records.hpp"

namespace {
constexpr auto kMemory = CUPTI_ACTIVITY_KIND_MEMORY2;

void allocate(const Gpu& gpu, int times) {
  for (int i = 0; i < times; ++i) gpu.alloc(64);
}
}  // namespace

TEST_CASE("no record crosses the end of a buffer, and none is lost between two") {
  const Gpu gpu;
  Records records;
  records.buffer_bytes = 3 * sizeof(CUpti_ActivityMemory4) + 40;
  records.enable(kMemory);
  allocate(gpu, 100);
  CHECK(records.take<CUpti_ActivityMemory4>(kMemory).size() == 100);
  CHECK(records.buffers == 34);
  CHECK(records.largest == 3);
  CHECK(records.whole());
  CHECK(records.dropped() == 0);
}

TEST_CASE("a buffer holds at most as many records as the client says") {
  const Gpu gpu;
  Records records;
  records.most_records = 2;
  records.enable(kMemory);
  allocate(gpu, 10);
  CHECK(records.take<CUpti_ActivityMemory4>(kMemory).size() == 10);
  CHECK(records.buffers == 5);
  CHECK(records.largest == 2);
}

TEST_CASE("records for which there is no buffer are dropped and counted once") {
  const Gpu gpu;
  Records records;
  records.decline = true;
  records.enable(kMemory);
  allocate(gpu, 7);
  CHECK(records.take<CUpti_ActivityMemory4>(kMemory).empty());
  CHECK(records.dropped() == 7);
  CHECK(records.dropped() == 0);
  records.decline = false;
  records.buffer_bytes = 16;  // too small for any
  allocate(gpu, 3);
  records.flush();
  CHECK(records.dropped() == 3);
}

TEST_CASE("many records are handed over without being asked for") {
  const Gpu gpu;
  Records records;
  records.buffer_bytes = 4096;
  records.enable(CUPTI_ACTIVITY_KIND_DRIVER);
  int version = 0;
  for (int i = 0; i < 10'000'000 && records.buffers == 0; ++i) CU(cuDriverGetVersion)(&version);
  CHECK(records.buffers > 0);
}

TEST_CASE("a kind that is disabled again is not collected") {
  const Gpu gpu;
  Records records;
  records.enable(kMemory);
  allocate(gpu, 1);
  REQUIRE(cuptiActivityDisable(kMemory) == CUPTI_SUCCESS);
  allocate(gpu, 1);
  CHECK(records.take<CUpti_ActivityMemory4>(kMemory).size() == 1);
}

TEST_CASE("what is said of a context supersedes what is said of all") {
  const Gpu one;
  Records records;
  REQUIRE(cuptiActivityEnableContext(one.context, kMemory) == CUPTI_SUCCESS);
  one.alloc(64);
  {
    const Gpu two;
    two.alloc(64);
  }
  REQUIRE(CU(cuCtxSetCurrent)(one.context) == CUDA_SUCCESS);
  CHECK(records.take<CUpti_ActivityMemory4>(kMemory).size() == 1);
  records.enable(kMemory);
  REQUIRE(cuptiActivityDisableContext(one.context, kMemory) == CUPTI_SUCCESS);
  one.alloc(64);
  CHECK(records.take<CUpti_ActivityMemory4>(kMemory).empty());
  CHECK(cuptiActivityEnableContext(nullptr, kMemory) == CUPTI_ERROR_INVALID_CONTEXT);
}

TEST_CASE("single driver functions can be recorded, or left out") {
  const Gpu gpu;
  Records records;
  REQUIRE(cuptiActivityEnableDriverApi(CUPTI_DRIVER_TRACE_CBID_cuMemAlloc_v2, 1) == CUPTI_SUCCESS);
  const CUdeviceptr p = gpu.alloc(64);
  CU(cuMemFree_v2)(p);
  auto calls = records.take<CUpti_ActivityAPI>(CUPTI_ACTIVITY_KIND_DRIVER);
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].cbid == CUPTI_DRIVER_TRACE_CBID_cuMemAlloc_v2);
  records.enable(CUPTI_ACTIVITY_KIND_DRIVER);
  REQUIRE(cuptiActivityEnableDriverApi(CUPTI_DRIVER_TRACE_CBID_cuMemAlloc_v2, 0) == CUPTI_SUCCESS);
  const CUdeviceptr q = gpu.alloc(64);
  CU(cuMemFree_v2)(q);
  calls = records.take<CUpti_ActivityAPI>(CUPTI_ACTIVITY_KIND_DRIVER);
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].cbid == CUPTI_DRIVER_TRACE_CBID_cuMemFree_v2);
}

TEST_CASE("kinds that are not collected say so") {
  driver_symbol("cuInit");
  CHECK(cuptiActivityEnable(CUPTI_ACTIVITY_KIND_OVERHEAD) == CUPTI_ERROR_INVALID_KIND);
  CHECK(cuptiActivityEnable(CUPTI_ACTIVITY_KIND_PC_SAMPLING) == CUPTI_ERROR_INVALID_KIND);
  CHECK(cuptiActivityEnable(static_cast<CUpti_ActivityKind>(1000)) == CUPTI_ERROR_INVALID_KIND);
  // "This activity cannot be directly enabled or disabled."
  CHECK(cuptiActivityEnable(CUPTI_ACTIVITY_KIND_MODULE) == CUPTI_ERROR_NOT_COMPATIBLE);
  REQUIRE(cuptiActivityEnable(CUPTI_ACTIVITY_KIND_KERNEL) == CUPTI_SUCCESS);
  CHECK(cuptiActivityEnable(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL) == CUPTI_ERROR_NOT_COMPATIBLE);
  CHECK(cuptiActivityDisable(CUPTI_ACTIVITY_KIND_KERNEL) == CUPTI_SUCCESS);
}

TEST_CASE("parameters of the buffer functions are checked") {
  uint8_t bytes[64] = {};
  CUpti_Activity* record = nullptr;
  CHECK(cuptiActivityRegisterCallbacks(nullptr, nullptr) == CUPTI_ERROR_INVALID_PARAMETER);
  CHECK(cuptiActivityGetNextRecord(nullptr, 0, &record) == CUPTI_ERROR_INVALID_PARAMETER);
  CHECK(cuptiActivityGetNextRecord(bytes, 0, &record) == CUPTI_ERROR_MAX_LIMIT_REACHED);
  CHECK(cuptiActivityGetNextRecord(bytes, sizeof bytes, &record) == CUPTI_ERROR_INVALID_KIND);
  CHECK(cuptiActivityGetNumDroppedRecords(nullptr, 0, nullptr) == CUPTI_ERROR_INVALID_PARAMETER);
}

TEST_CASE("attributes are those that were set, of the documented sizes") {
  size_t value = 0, size = sizeof value;
  REQUIRE(cuptiActivityGetAttribute(CUPTI_ACTIVITY_ATTR_DEVICE_BUFFER_POOL_LIMIT, &size, &value) ==
          CUPTI_SUCCESS);
  CHECK(value == 250);
  value = 17;
  REQUIRE(cuptiActivitySetAttribute(CUPTI_ACTIVITY_ATTR_DEVICE_BUFFER_POOL_LIMIT, &size, &value) ==
          CUPTI_SUCCESS);
  value = 0;
  REQUIRE(cuptiActivityGetAttribute(CUPTI_ACTIVITY_ATTR_DEVICE_BUFFER_POOL_LIMIT, &size, &value) ==
          CUPTI_SUCCESS);
  CHECK(value == 17);
  size = 4;
  CHECK(cuptiActivityGetAttribute(CUPTI_ACTIVITY_ATTR_DEVICE_BUFFER_POOL_LIMIT, &size, &value) ==
        CUPTI_ERROR_PARAMETER_SIZE_NOT_SUFFICIENT);
  CHECK(cuptiActivitySetAttribute(static_cast<CUpti_ActivityAttribute>(999), &size, &value) ==
        CUPTI_ERROR_INVALID_PARAMETER);
}

TEST_CASE("times are those of the client's clock when it gives one") {
  const Gpu gpu;
  REQUIRE(cuptiActivityRegisterTimestampCallback(+[]() -> uint64_t {
            static std::atomic<uint64_t> ticks{1000};
            return ++ticks;
          }) == CUPTI_SUCCESS);
  Records records;
  records.enable(CUPTI_ACTIVITY_KIND_DRIVER);
  gpu.alloc(64);
  const auto calls = records.take<CUpti_ActivityAPI>(CUPTI_ACTIVITY_KIND_DRIVER);
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].start > 1000);
  CHECK(calls[0].start < calls[0].end);
  CHECK(calls[0].end < 2000);
  // The clock that it was.
  cuptiActivityRegisterTimestampCallback(+[]() -> uint64_t {
    timespec t{};
    clock_gettime(CLOCK_REALTIME, &t);
    return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(t.tv_nsec);
  });
}
