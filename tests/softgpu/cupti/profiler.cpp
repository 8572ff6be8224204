// SPDX-License-Identifier: MIT
// libcupti as profilers and libraries use it: a trace of a whole run as torch.profiler takes it,
// and module images and allocations beside it, over several threads and streams.
#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "records.hpp"

namespace {
constexpr int kThreads = 3, kSteps = 20;
}

TEST_CASE(
    "a trace of a run on several threads: every kernel and copy finds its call and its region",
    "[profiler]") {
  const Gpu gpu;
  const CUfunction scale = gpu.function("scale");
  Records records;
  records.buffer_bytes = 8192;
  // As torch.profiler: it asks for more than is there and goes on without.
  for (const auto kind : {CUPTI_ACTIVITY_KIND_RUNTIME, CUPTI_ACTIVITY_KIND_OVERHEAD})
    CHECK(cuptiActivityEnable(kind) == CUPTI_ERROR_INVALID_KIND);
  for (const auto kind : {CUPTI_ACTIVITY_KIND_MEMCPY, CUPTI_ACTIVITY_KIND_MEMSET,
                          CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL, CUPTI_ACTIVITY_KIND_DRIVER,
                          CUPTI_ACTIVITY_KIND_EXTERNAL_CORRELATION})
    records.enable(kind);

  std::atomic<int> failed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      CUstream stream = nullptr;
      CUdeviceptr memory = 0;
      const auto ok = [&](CUresult r) { failed += r != CUDA_SUCCESS; };
      ok(CU(cuCtxSetCurrent)(gpu.context));
      ok(CU(cuStreamCreate)(&stream, CU_STREAM_NON_BLOCKING));
      ok(CU(cuMemAlloc_v2)(&memory, 64));
      for (int i = 0; i < kSteps; ++i) {
        const auto region = static_cast<uint64_t>(t * 1000 + i + 1);
        cuptiActivityPushExternalCorrelationId(CUPTI_EXTERNAL_CORRELATION_KIND_CUSTOM1, region);
        ok(CU(cuMemsetD32Async)(memory, 0, 16, stream));
        void* arguments[] = {&memory};
        ok(CU(cuLaunchKernel)(scale, 1, 1, 1, 16, 1, 1, 0, stream, arguments, nullptr));
        cuptiActivityPopExternalCorrelationId(CUPTI_EXTERNAL_CORRELATION_KIND_CUSTOM1, nullptr);
      }
      float host[16];
      ok(CU(cuMemcpyDtoHAsync_v2)(host, memory, 64, stream));
      ok(CU(cuStreamSynchronize)(stream));
    });
  for (std::thread& t : threads) t.join();
  CHECK(failed == 0);

  const auto kernels = records.take<CUpti_ActivityKernel10>(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL);
  const auto fills = records.take<CUpti_ActivityMemset4>(CUPTI_ACTIVITY_KIND_MEMSET);
  const auto copies = records.take<CUpti_ActivityMemcpy6>(CUPTI_ACTIVITY_KIND_MEMCPY);
  std::map<uint32_t, CUpti_ActivityAPI> calls;
  for (const auto& c : records.take<CUpti_ActivityAPI>(CUPTI_ACTIVITY_KIND_DRIVER))
    CHECK(calls.emplace(c.correlationId, c).second);
  std::map<uint32_t, uint64_t> regions;
  for (const auto& r :
       records.take<CUpti_ActivityExternalCorrelation>(CUPTI_ACTIVITY_KIND_EXTERNAL_CORRELATION))
    regions.emplace(r.correlationId, r.externalId);

  // libnonans, where it is preloaded, launches kernels of its own.
  size_t scaled = 0;
  std::set<uint64_t> seen;
  for (const auto& k : kernels) {
    REQUIRE(calls.count(k.correlationId) == 1);
    CHECK(calls[k.correlationId].start <= k.start);
    if (std::string(k.name) != "scale") continue;
    ++scaled;
    REQUIRE(regions.count(k.correlationId) == 1);
    seen.insert(regions[k.correlationId]);
  }
  CHECK(scaled == kThreads * kSteps);
  CHECK(seen.size() == kThreads * kSteps);
  CHECK(fills.size() >= kThreads * kSteps);
  CHECK(copies.size() >= kThreads);
  for (const auto& c : copies) CHECK(calls.count(c.correlationId) == 1);
  CHECK(records.dropped() == 0);
  CHECK(records.whole());
}

TEST_CASE("images and allocations by callbacks, as a library that watches the program takes them",
          "[profiler]") {
  Tool tool;
  std::vector<std::string> images;
  std::map<uint64_t, size_t> live;
  tool.on_resource = [&](const CUpti_ResourceData& data, CUpti_CallbackId) {
    const auto& m = *static_cast<const CUpti_ModuleResourceData*>(data.resourceDescriptor);
    images.emplace_back(m.pCubin, m.cubinSize);
  };
  tool.on_call = [&](const CUpti_CallbackData& data, CUpti_CallbackId id) {
    if (data.callbackSite != CUPTI_API_EXIT ||
        *static_cast<const CUresult*>(data.functionReturnValue) != CUDA_SUCCESS)
      return;
    if (id == CUPTI_DRIVER_TRACE_CBID_cuMemAlloc_v2) {
      const auto& p = *static_cast<const cuMemAlloc_v2_params*>(data.functionParams);
      live[*p.dptr] = p.bytesize;
    } else {
      live.erase(static_cast<const cuMemFree_v2_params*>(data.functionParams)->dptr);
    }
  };
  tool.enable(CUPTI_CB_DOMAIN_RESOURCE, CUPTI_CBID_RESOURCE_MODULE_LOADED);
  tool.enable(CUPTI_CB_DOMAIN_DRIVER_API, CUPTI_DRIVER_TRACE_CBID_cuMemAlloc_v2);
  tool.enable(CUPTI_CB_DOMAIN_DRIVER_API, CUPTI_DRIVER_TRACE_CBID_cuMemFree_v2);

  const Gpu gpu;
  const CUfunction scale = gpu.function("scale");
  const CUdeviceptr a = gpu.alloc(64), b = gpu.alloc(128);
  gpu.launch(scale, a);
  gpu.wait();
  REQUIRE(CU(cuMemFree_v2)(a) == CUDA_SUCCESS);
  CHECK(std::count(images.begin(), images.end(), kPtx) == 1);
  CHECK(live.count(a) == 0);
  CHECK(live[b] == 128);
}
