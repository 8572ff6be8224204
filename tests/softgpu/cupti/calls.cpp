// SPDX-License-Identifier: MIT
// The callback API as cupti_callbacks.h documents it: driver calls, their parameters and results.
#include <atomic>
#include <cstring>
#include <mutex>
#include <set>
#include <thread>

#include "fixture.hpp"

namespace {
constexpr auto kDriver = CUPTI_CB_DOMAIN_DRIVER_API;
constexpr auto kAlloc = CUPTI_DRIVER_TRACE_CBID_cuMemAlloc_v2;
}  // namespace

TEST_CASE("a call is reported at entry and exit with its parameters and its result") {
  const Gpu gpu;
  Tool tool;
  struct Seen {
    CUpti_ApiCallbackSite site;
    CUpti_CallbackData data;
    cuMemAlloc_v2_params parameters;
    CUresult result;
    CUdeviceptr address;
  };
  std::vector<Seen> seen;
  tool.on_call = [&](const CUpti_CallbackData& data, CUpti_CallbackId id) {
    REQUIRE(id == kAlloc);
    Seen s{data.callbackSite, data, *static_cast<const cuMemAlloc_v2_params*>(data.functionParams),
           CUDA_ERROR_UNKNOWN, 0};
    if (data.callbackSite == CUPTI_API_ENTER) {
      *data.correlationData = 4711;
    } else {
      s.result = *static_cast<const CUresult*>(data.functionReturnValue);
      s.address = *s.parameters.dptr;
      CHECK(*data.correlationData == 4711);
    }
    seen.push_back(s);
  };
  tool.enable(kDriver, kAlloc);

  CUdeviceptr address = 0;
  REQUIRE(CU(cuMemAlloc_v2)(&address, 12345) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemFree_v2)(address) == CUDA_SUCCESS);  // not enabled

  REQUIRE(seen.size() == 2);
  CHECK(seen[0].site == CUPTI_API_ENTER);
  CHECK(seen[1].site == CUPTI_API_EXIT);
  CHECK(seen[1].result == CUDA_SUCCESS);
  CHECK(seen[1].address == address);
  uint32_t context_id = 0;
  REQUIRE(cuptiGetContextId(gpu.context, &context_id) == CUPTI_SUCCESS);
  for (const Seen& s : seen) {
    CHECK(s.parameters.dptr == &address);
    CHECK(s.parameters.bytesize == 12345);
    CHECK(std::string(s.data.functionName) == "cuMemAlloc_v2");
    CHECK(s.data.context == gpu.context);
    CHECK(s.data.contextUid == context_id);
    CHECK(s.data.correlationId == seen[0].data.correlationId);
    CHECK(s.data.symbolName == nullptr);
  }
}

TEST_CASE("a failing call is reported with its error, a refused one too") {
  const Gpu gpu;
  Tool tool;
  std::vector<std::pair<CUpti_CallbackId, CUresult>> exits;
  tool.on_call = [&](const CUpti_CallbackData& data, CUpti_CallbackId id) {
    if (data.callbackSite == CUPTI_API_EXIT)
      exits.emplace_back(id, *static_cast<const CUresult*>(data.functionReturnValue));
  };
  tool.enable(kDriver);
  CHECK(CU(cuMemFree_v2)(4) == CUDA_ERROR_INVALID_VALUE);
  const CUresult refused = CU(cuTexObjectCreate)(nullptr, nullptr, nullptr, nullptr);
  REQUIRE(exits.size() == 2);
  CHECK(exits[0] == std::pair<CUpti_CallbackId, CUresult>(CUPTI_DRIVER_TRACE_CBID_cuMemFree_v2,
                                                          CUDA_ERROR_INVALID_VALUE));
  CHECK(exits[1] ==
        std::pair<CUpti_CallbackId, CUresult>(CUPTI_DRIVER_TRACE_CBID_cuTexObjectCreate, refused));
}

TEST_CASE("calls that the driver makes of itself are not reported") {
  const Gpu gpu;
  Tool tool;
  std::vector<std::string> names;
  tool.on_call = [&](const CUpti_CallbackData& data, CUpti_CallbackId) {
    names.emplace_back(data.functionName);
  };
  tool.enable(kDriver);
  CUgraph graph = nullptr;
  CUgraphExec exec = nullptr;
  REQUIRE(CU(cuGraphCreate)(&graph, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphInstantiateWithFlags)(&exec, graph, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphLaunch)(exec, nullptr) == CUDA_SUCCESS);
  REQUIRE(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
  CHECK(names == std::vector<std::string>{"cuGraphCreate", "cuGraphCreate",
                                          "cuGraphInstantiateWithFlags",
                                          "cuGraphInstantiateWithFlags", "cuGraphLaunch",
                                          "cuGraphLaunch", "cuCtxSynchronize", "cuCtxSynchronize"});
}

TEST_CASE("launches name the kernel, by CUfunction, by CUkernel and with a configuration") {
  const Gpu gpu;
  const CUfunction nothing = gpu.function("nothing");
  CUlibrary library = nullptr;
  CUkernel kernel = nullptr;
  REQUIRE(CU(cuLibraryLoadData)(&library, kPtx, nullptr, nullptr, 0, nullptr, nullptr, 0) ==
          CUDA_SUCCESS);
  REQUIRE(CU(cuLibraryGetKernel)(&kernel, library, "nothing") == CUDA_SUCCESS);
  Tool tool;
  std::vector<std::string> names;
  tool.on_call = [&](const CUpti_CallbackData& data, CUpti_CallbackId) {
    REQUIRE(data.symbolName != nullptr);
    names.emplace_back(data.symbolName);
  };
  tool.enable(kDriver, CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel);
  tool.enable(kDriver, CUPTI_DRIVER_TRACE_CBID_cuLaunchKernelEx);
  const auto launch = [](CUfunction f) {
    return CU(cuLaunchKernel)(f, 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, nullptr);
  };
  CHECK(launch(nothing) == CUDA_SUCCESS);
  CHECK(launch(reinterpret_cast<CUfunction>(kernel)) == CUDA_SUCCESS);
  CUlaunchConfig config{};
  config.gridDimX = config.gridDimY = config.gridDimZ = 1;
  config.blockDimX = config.blockDimY = config.blockDimZ = 1;
  CHECK(CU(cuLaunchKernelEx)(&config, nothing, nullptr, nullptr) == CUDA_SUCCESS);
  CHECK(names == std::vector<std::string>(6, "nothing"));
}

TEST_CASE("pointers of cuGetProcAddress are reported, with the id of their variant") {
  const Gpu gpu;
  void* pointer = nullptr;
  REQUIRE(CU(cuGetProcAddress_v2)("cuMemsetD8Async", &pointer, 7000,
                                  CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM,
                                  nullptr) == CUDA_SUCCESS);
  const CUdeviceptr memory = gpu.alloc(64);
  Tool tool;
  std::vector<CUpti_CallbackId> ids;
  tool.on_call = [&](const CUpti_CallbackData& data, CUpti_CallbackId id) {
    CHECK(std::string(data.functionName) == "cuMemsetD8Async_ptsz");
    ids.push_back(id);
  };
  tool.enable(kDriver);
  CHECK(reinterpret_cast<CUresult (*)(CUdeviceptr, unsigned char, size_t, CUstream)>(pointer)(
            memory, 1, 64, nullptr) == CUDA_SUCCESS);
  CHECK(ids == std::vector<CUpti_CallbackId>(2, CUPTI_DRIVER_TRACE_CBID_cuMemsetD8Async_ptsz));
}

TEST_CASE("a callback may call the driver, and is not called for that") {
  const Gpu gpu;
  Tool tool;
  int calls = 0;
  CUdeviceptr inside = 0;
  tool.on_call = [&](const CUpti_CallbackData& data, CUpti_CallbackId) {
    ++calls;
    if (data.callbackSite == CUPTI_API_EXIT) return;
    REQUIRE(CU(cuMemAlloc_v2)(&inside, 256) == CUDA_SUCCESS);
    REQUIRE(CU(cuMemsetD32_v2)(inside, 7, 64) == CUDA_SUCCESS);
    REQUIRE(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
  };
  tool.enable(kDriver);
  gpu.alloc(64);
  CHECK(calls == 2);
  uint32_t word = 0;
  REQUIRE(CU(cuMemcpyDtoH_v2)(&word, inside, 4) == CUDA_SUCCESS);
  CHECK(word == 7);
}

TEST_CASE("a callback may unsubscribe; none comes after that") {
  const Gpu gpu;
  Tool tool;
  int calls = 0;
  tool.on_call = [&](const CUpti_CallbackData&, CUpti_CallbackId) {
    ++calls;
    CHECK(cuptiUnsubscribe(tool.handle) == CUPTI_SUCCESS);
  };
  tool.enable(kDriver);
  gpu.alloc(64);
  gpu.alloc(64);
  CHECK(calls == 1);
}

TEST_CASE("cuptiFinalize at the exit of a call detaches") {
  const Gpu gpu;
  Tool tool;
  int calls = 0;
  tool.on_call = [&](const CUpti_CallbackData& data, CUpti_CallbackId) {
    ++calls;
    if (data.callbackSite == CUPTI_API_EXIT) CHECK(cuptiFinalize() == CUPTI_SUCCESS);
  };
  tool.enable(kDriver);
  gpu.alloc(64);
  gpu.alloc(64);
  CHECK(calls == 2);
  CHECK(cuptiUnsubscribe(tool.handle) == CUPTI_ERROR_INVALID_PARAMETER);
  Tool next;  // the slot is free
}

TEST_CASE("calls of many threads are each reported with an id of their own") {
  const Gpu gpu;
  Tool tool;
  constexpr int kThreads = 4, kCalls = 200;
  std::mutex mutex;
  std::multiset<uint32_t> ids;
  tool.on_call = [&](const CUpti_CallbackData& data, CUpti_CallbackId) {
    const std::lock_guard lock(mutex);
    ids.insert(data.correlationId);
  };
  tool.enable(kDriver, kAlloc);
  std::atomic<int> failed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&] {
      CU(cuCtxSetCurrent)(gpu.context);
      for (int i = 0; i < kCalls; ++i) {
        CUdeviceptr p = 0;
        if (CU(cuMemAlloc_v2)(&p, 64) != CUDA_SUCCESS || CU(cuMemFree_v2)(p) != CUDA_SUCCESS)
          ++failed;
      }
    });
  for (std::thread& t : threads) t.join();
  CHECK(failed == 0);
  CHECK(ids.size() == 2 * kThreads * kCalls);
  for (const uint32_t id : ids) REQUIRE(ids.count(id) == 2);
}

TEST_CASE(
    "subscribing and unsubscribing while other threads call the driver loses nothing of theirs") {
  const Gpu gpu;
  std::atomic<bool> stop{false};
  std::atomic<int> failed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&] {
      CU(cuCtxSetCurrent)(gpu.context);
      while (!stop) {
        CUdeviceptr p = 0;
        if (CU(cuMemAlloc_v2)(&p, 64) != CUDA_SUCCESS || CU(cuMemFree_v2)(p) != CUDA_SUCCESS)
          ++failed;
      }
    });
  std::atomic<int> calls{0};
  for (int i = 0; i < 300; ++i) {
    CUpti_SubscriberHandle handle = nullptr;
    const auto count = [](void* n, CUpti_CallbackDomain, CUpti_CallbackId, const void*) {
      ++*static_cast<std::atomic<int>*>(n);
    };
    REQUIRE(cuptiSubscribe(&handle, count, &calls) == CUPTI_SUCCESS);
    REQUIRE(cuptiEnableAllDomains(1, handle) == CUPTI_SUCCESS);
    const int before = calls;
    while (i == 0 && calls == before) std::this_thread::yield();
    REQUIRE(cuptiUnsubscribe(handle) == CUPTI_SUCCESS);
  }
  stop = true;
  for (std::thread& t : threads) t.join();
  CHECK(failed == 0);
  CHECK(calls > 0);
}
