// SPDX-License-Identifier: MIT
// Activity records of work, memory, calls, waiting and resources, as cupti_activity.h documents
// them.
#include "records.hpp"

TEST_CASE("a kernel's record says what was launched, where and when") {
  const Gpu gpu;
  const CUfunction scale = gpu.function("scale");
  const CUdeviceptr memory = gpu.alloc(64);
  CUstream stream = nullptr;
  REQUIRE(CU(cuStreamCreate)(&stream, CU_STREAM_NON_BLOCKING) == CUDA_SUCCESS);
  Records records;
  records.enable(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL);
  records.enable(CUPTI_ACTIVITY_KIND_DRIVER);
  uint64_t before = 0, after = 0;
  cuptiGetTimestamp(&before);
  gpu.launch(scale, memory, stream, 48);
  gpu.wait();
  cuptiGetTimestamp(&after);

  const auto kernels = records.take<CUpti_ActivityKernel10>(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL);
  REQUIRE(kernels.size() == 1);
  const CUpti_ActivityKernel10& k = kernels[0];
  uint32_t context_id = 0, stream_id = 0;
  cuptiGetContextId(gpu.context, &context_id);
  cuptiGetStreamId(gpu.context, stream, &stream_id);
  int registers = 0;
  CU(cuFuncGetAttribute)(&registers, CU_FUNC_ATTRIBUTE_NUM_REGS, scale);
  CHECK(std::string(k.name) == "scale");
  CHECK(k.contextId == context_id);
  CHECK(k.streamId == stream_id);
  CHECK(k.deviceId == 0);
  CHECK((k.gridX == 2 && k.gridY == 3 && k.gridZ == 1));
  CHECK((k.blockX == 8 && k.blockY == 2 && k.blockZ == 1));
  CHECK(k.registersPerThread == registers);
  CHECK(k.staticSharedMemory == 64);
  CHECK(k.dynamicSharedMemory == 48);
  CHECK(before <= k.start);
  CHECK(k.start <= k.end);
  CHECK(k.end <= after);
  CHECK(k.graphId == 0);

  const auto calls = records.take<CUpti_ActivityAPI>(CUPTI_ACTIVITY_KIND_DRIVER);
  const auto call = std::find_if(calls.begin(), calls.end(), [](const CUpti_ActivityAPI& c) {
    return c.cbid == CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel;
  });
  REQUIRE(call != calls.end());
  CHECK(call->correlationId == k.correlationId);
  CHECK(call->returnValue == CUDA_SUCCESS);
  CHECK(before <= call->start);
  CHECK(call->start <= call->end);
}

TEST_CASE("copies and fills say how much went where") {
  const Gpu gpu;
  const CUdeviceptr a = gpu.alloc(4096), b = gpu.alloc(4096);
  void* pinned = nullptr;
  REQUIRE(CU(cuMemAllocHost_v2)(&pinned, 4096) == CUDA_SUCCESS);
  std::vector<char> pageable(4096);
  Records records;
  records.enable(CUPTI_ACTIVITY_KIND_MEMCPY);
  records.enable(CUPTI_ACTIVITY_KIND_MEMSET);
  REQUIRE(CU(cuMemcpyHtoD_v2)(a, pageable.data(), 1000) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemcpyDtoDAsync_v2)(b, a, 2000, nullptr) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemcpyDtoHAsync_v2)(pinned, b, 3000, nullptr) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemsetD32Async)(a, 0xabcd, 100, nullptr) == CUDA_SUCCESS);
  gpu.wait();

  const auto copies = records.take<CUpti_ActivityMemcpy6>(CUPTI_ACTIVITY_KIND_MEMCPY);
  REQUIRE(copies.size() == 3);
  CHECK(copies[0].copyKind == CUPTI_ACTIVITY_MEMCPY_KIND_HTOD);
  CHECK(copies[0].srcKind == CUPTI_ACTIVITY_MEMORY_KIND_PAGEABLE);
  CHECK(copies[0].dstKind == CUPTI_ACTIVITY_MEMORY_KIND_DEVICE);
  CHECK(copies[0].bytes == 1000);
  CHECK((copies[0].flags & CUPTI_ACTIVITY_FLAG_MEMCPY_ASYNC) == 0);
  CHECK(copies[1].copyKind == CUPTI_ACTIVITY_MEMCPY_KIND_DTOD);
  CHECK(copies[1].bytes == 2000);
  CHECK((copies[1].flags & CUPTI_ACTIVITY_FLAG_MEMCPY_ASYNC) != 0);
  CHECK(copies[2].copyKind == CUPTI_ACTIVITY_MEMCPY_KIND_DTOH);
  CHECK(copies[2].dstKind == CUPTI_ACTIVITY_MEMORY_KIND_PINNED);
  CHECK(copies[2].bytes == 3000);
  for (const auto& c : copies) CHECK(c.start <= c.end);

  const auto fills = records.take<CUpti_ActivityMemset4>(CUPTI_ACTIVITY_KIND_MEMSET);
  REQUIRE(fills.size() == 1);
  CHECK(fills[0].value == 0xabcd);
  CHECK(fills[0].bytes == 400);
  CHECK(fills[0].memoryKind == CUPTI_ACTIVITY_MEMORY_KIND_DEVICE);
  CHECK(copies[0].correlationId != copies[1].correlationId);
}

TEST_CASE("work of a graph names the node and carries the id of the launch") {
  const Gpu gpu;
  const CUfunction scale = gpu.function("scale");
  CUdeviceptr memory = gpu.alloc(64);
  CUgraph graph = nullptr;
  CUgraphNode node = nullptr;
  CUgraphExec exec = nullptr;
  REQUIRE(CU(cuGraphCreate)(&graph, 0) == CUDA_SUCCESS);
  void* arguments[] = {&memory};
  CUDA_KERNEL_NODE_PARAMS params{};
  params.func = scale;
  params.gridDimX = params.gridDimY = params.gridDimZ = 1;
  params.blockDimX = 4;
  params.blockDimY = params.blockDimZ = 1;
  params.kernelParams = arguments;
  REQUIRE(CU(cuGraphAddKernelNode_v2)(&node, graph, nullptr, 0, &params) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphInstantiateWithFlags)(&exec, graph, 0) == CUDA_SUCCESS);
  Records records;
  records.enable(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL);
  for (int i = 0; i < 2; ++i) REQUIRE(CU(cuGraphLaunch)(exec, nullptr) == CUDA_SUCCESS);
  gpu.wait();
  const auto kernels = records.take<CUpti_ActivityKernel10>(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL);
  REQUIRE(kernels.size() == 2);
  uint64_t node_id = 0;
  uint32_t exec_id = 0;
  REQUIRE(cuptiGetGraphNodeId(node, &node_id) == CUPTI_SUCCESS);
  REQUIRE(cuptiGetGraphExecId(exec, &exec_id) == CUPTI_SUCCESS);
  CHECK(kernels[0].graphNodeId == node_id);
  CHECK(kernels[0].graphId == exec_id);
  CHECK(kernels[0].correlationId != kernels[1].correlationId);
}

TEST_CASE("allocations and frees say address, size, kind, stream and pool") {
  const Gpu gpu;
  Records records;
  records.enable(CUPTI_ACTIVITY_KIND_MEMORY2);
  CUdeviceptr device = gpu.alloc(1000), pooled = 0;
  void* host = nullptr;
  REQUIRE(CU(cuMemHostAlloc)(&host, 2000, 0) == CUDA_SUCCESS);
  CUstream stream = nullptr;
  REQUIRE(CU(cuStreamCreate)(&stream, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemAllocAsync)(&pooled, 3000, stream) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemFreeAsync)(pooled, stream) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemFree_v2)(device) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemFreeHost)(host) == CUDA_SUCCESS);
  CHECK(CU(cuMemFree_v2)(device) != CUDA_SUCCESS);

  const auto m = records.take<CUpti_ActivityMemory4>(CUPTI_ACTIVITY_KIND_MEMORY2);
  REQUIRE(m.size() == 6);
  uint32_t context_id = 0, stream_id = 0;
  cuptiGetContextId(gpu.context, &context_id);
  cuptiGetStreamId(gpu.context, stream, &stream_id);
  constexpr auto kAllocated = CUPTI_ACTIVITY_MEMORY_OPERATION_TYPE_ALLOCATION;
  constexpr auto kReleased = CUPTI_ACTIVITY_MEMORY_OPERATION_TYPE_RELEASE;
  const struct {
    CUpti_ActivityMemoryOperationType type;
    CUpti_ActivityMemoryKind kind;
    uint64_t address, bytes;
    bool async;
  } expected[] = {{kAllocated, CUPTI_ACTIVITY_MEMORY_KIND_DEVICE, device, 1000, false},
                  {kAllocated, CUPTI_ACTIVITY_MEMORY_KIND_PINNED, reinterpret_cast<uint64_t>(host),
                   2000, false},
                  {kAllocated, CUPTI_ACTIVITY_MEMORY_KIND_DEVICE, pooled, 3000, true},
                  {kReleased, CUPTI_ACTIVITY_MEMORY_KIND_DEVICE, pooled, 3000, true},
                  {kReleased, CUPTI_ACTIVITY_MEMORY_KIND_DEVICE, device, 1000, false},
                  {kReleased, CUPTI_ACTIVITY_MEMORY_KIND_PINNED, reinterpret_cast<uint64_t>(host),
                   2000, false}};
  for (size_t i = 0; i < m.size(); ++i) {
    INFO("record " << i);
    CHECK(m[i].memoryOperationType == expected[i].type);
    CHECK(m[i].memoryKind == expected[i].kind);
    CHECK(m[i].address == expected[i].address);
    CHECK(m[i].bytes == expected[i].bytes);
    CHECK(m[i].isAsync == (expected[i].async ? 1u : 0u));
    CHECK(m[i].streamId == (expected[i].async ? stream_id : CUPTI_INVALID_STREAM_ID));
    CHECK(m[i].contextId == context_id);
    CHECK((m[i].memoryPoolConfig.memoryPoolType == CUPTI_ACTIVITY_MEMORY_POOL_TYPE_LOCAL) ==
          expected[i].async);
  }
}

TEST_CASE("waiting is recorded by its kind, failures only on request") {
  const Gpu gpu;
  CUstream stream = nullptr;
  CUevent event = nullptr;
  REQUIRE(CU(cuStreamCreate)(&stream, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuEventCreate)(&event, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuEventRecord)(event, stream) == CUDA_SUCCESS);
  Records records;
  records.enable(CUPTI_ACTIVITY_KIND_SYNCHRONIZATION);
  REQUIRE(CU(cuEventSynchronize)(event) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamWaitEvent)(stream, event, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamSynchronize)(stream) == CUDA_SUCCESS);
  REQUIRE(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
  const auto bad = reinterpret_cast<CUevent>(0x1234560);
  CHECK(CU(cuEventSynchronize)(bad) == CUDA_ERROR_INVALID_HANDLE);
  REQUIRE(cuptiActivityEnableAllSyncRecords(1) == CUPTI_SUCCESS);
  CHECK(CU(cuEventSynchronize)(bad) == CUDA_ERROR_INVALID_HANDLE);
  REQUIRE(cuptiActivityEnableAllSyncRecords(0) == CUPTI_SUCCESS);

  const auto s = records.take<CUpti_ActivitySynchronization2>(CUPTI_ACTIVITY_KIND_SYNCHRONIZATION);
  REQUIRE(s.size() == 5);
  CHECK(s[0].type == CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_EVENT_SYNCHRONIZE);
  CHECK(s[0].streamId == CUPTI_SYNCHRONIZATION_INVALID_VALUE);
  CHECK(s[1].type == CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_STREAM_WAIT_EVENT);
  CHECK(s[1].cudaEventId == s[0].cudaEventId);
  CHECK(s[2].type == CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_STREAM_SYNCHRONIZE);
  CHECK(s[2].streamId == s[1].streamId);
  CHECK(s[2].cudaEventId == CUPTI_SYNCHRONIZATION_INVALID_VALUE);
  CHECK(s[3].type == CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_CONTEXT_SYNCHRONIZE);
  CHECK(s[4].returnValue == CUDA_ERROR_INVALID_HANDLE);
}

TEST_CASE("contexts, streams and the functions of modules are recorded when they are made") {
  Records records;
  records.enable(CUPTI_ACTIVITY_KIND_CONTEXT);
  records.enable(CUPTI_ACTIVITY_KIND_STREAM);
  records.enable(CUPTI_ACTIVITY_KIND_FUNCTION);
  const Gpu gpu;
  CUstream stream = nullptr;
  REQUIRE(CU(cuStreamCreateWithPriority)(&stream, CU_STREAM_NON_BLOCKING, -2) == CUDA_SUCCESS);
  gpu.module();
  uint32_t context_id = 0, stream_id = 0, null_id = 0;
  cuptiGetContextId(gpu.context, &context_id);
  cuptiGetStreamId(gpu.context, stream, &stream_id);
  cuptiGetStreamId(gpu.context, nullptr, &null_id);
  const auto contexts = records.take<CUpti_ActivityContext3>(CUPTI_ACTIVITY_KIND_CONTEXT);
  REQUIRE(contexts.size() == 1);
  CHECK(contexts[0].contextId == context_id);
  CHECK(contexts[0].nullStreamId == null_id);
  const auto streams = records.take<CUpti_ActivityStream>(CUPTI_ACTIVITY_KIND_STREAM);
  REQUIRE(streams.size() == 1);
  CHECK(streams[0].streamId == stream_id);
  CHECK(streams[0].contextId == context_id);
  CHECK(static_cast<int32_t>(streams[0].priority) == -2);
  CHECK(streams[0].flag == CUPTI_ACTIVITY_STREAM_CREATE_FLAG_NON_BLOCKING);
  const auto functions = records.take<CUpti_ActivityFunction>(CUPTI_ACTIVITY_KIND_FUNCTION);
  REQUIRE(functions.size() == 2);
  CHECK(functions[0].moduleId == functions[1].moduleId);
  CHECK(functions[0].functionIndex != functions[1].functionIndex);
  CHECK(std::string(functions[0].name) != functions[1].name);
}

TEST_CASE("a thread's external ids precede the records of its calls") {
  const Gpu gpu;
  Records records;
  records.enable(CUPTI_ACTIVITY_KIND_DRIVER);
  records.enable(CUPTI_ACTIVITY_KIND_EXTERNAL_CORRELATION);
  constexpr auto kCustom = CUPTI_EXTERNAL_CORRELATION_KIND_CUSTOM0;
  REQUIRE(cuptiActivityPushExternalCorrelationId(kCustom, 11) == CUPTI_SUCCESS);
  REQUIRE(cuptiActivityPushExternalCorrelationId(kCustom, 22) == CUPTI_SUCCESS);
  gpu.alloc(64);
  uint64_t last = 0;
  REQUIRE(cuptiActivityPopExternalCorrelationId(kCustom, &last) == CUPTI_SUCCESS);
  CHECK(last == 22);
  gpu.alloc(64);
  REQUIRE(cuptiActivityPopExternalCorrelationId(kCustom, nullptr) == CUPTI_SUCCESS);
  CHECK(cuptiActivityPopExternalCorrelationId(kCustom, &last) == CUPTI_ERROR_QUEUE_EMPTY);
  gpu.alloc(64);
  CHECK(cuptiActivityPushExternalCorrelationId(CUPTI_EXTERNAL_CORRELATION_KIND_INVALID, 1) ==
        CUPTI_ERROR_INVALID_PARAMETER);
  const auto ids =
      records.take<CUpti_ActivityExternalCorrelation>(CUPTI_ACTIVITY_KIND_EXTERNAL_CORRELATION);
  const auto calls = records.take<CUpti_ActivityAPI>(CUPTI_ACTIVITY_KIND_DRIVER);
  REQUIRE(ids.size() == 2);
  REQUIRE(calls.size() == 3);
  CHECK(ids[0].externalId == 22);
  CHECK(ids[0].externalKind == kCustom);
  CHECK(ids[0].correlationId == calls[0].correlationId);
  CHECK(ids[1].externalId == 11);
  CHECK(ids[1].correlationId == calls[1].correlationId);
}
