// SPDX-License-Identifier: MIT
// Identifiers of contexts, streams and graphs; both libraries by dlopen.
#include "fixture.hpp"

TEST_CASE("contexts and streams have identifiers of their own") {
  const Gpu one, two;
  uint32_t a = 0, b = 0, now = 0;
  REQUIRE(cuptiGetContextId(one.context, &a) == CUPTI_SUCCESS);
  REQUIRE(cuptiGetContextId(two.context, &b) == CUPTI_SUCCESS);
  CHECK(a != b);
  CHECK(cuptiGetContextId(nullptr, &now) == CUPTI_ERROR_INVALID_CONTEXT);

  CUstream stream = nullptr;
  REQUIRE(CU(cuStreamCreate)(&stream, 0) == CUDA_SUCCESS);
  uint32_t created = 0, legacy = 0, per_thread = 0;
  REQUIRE(cuptiGetStreamId(two.context, stream, &created) == CUPTI_SUCCESS);
  REQUIRE(cuptiGetStreamIdEx(nullptr, nullptr, 0, &legacy) == CUPTI_SUCCESS);
  REQUIRE(cuptiGetStreamIdEx(nullptr, nullptr, 1, &per_thread) == CUPTI_SUCCESS);
  CHECK(created != legacy);
  CHECK(legacy != per_thread);
  REQUIRE(CU(cuStreamDestroy_v2)(stream) == CUDA_SUCCESS);
  CHECK(cuptiGetStreamId(two.context, stream, &created) == CUPTI_ERROR_INVALID_STREAM);
  CHECK(cuptiGetStreamId(one.context, nullptr, nullptr) == CUPTI_ERROR_INVALID_PARAMETER);

  uint32_t device = 99;
  CHECK(cuptiGetDeviceId(two.context, &device) == CUPTI_SUCCESS);
  CHECK(device == 0);
}

TEST_CASE("a stream of another context does not belong to this one") {
  const Gpu one;
  CUstream stream = nullptr;
  REQUIRE(CU(cuStreamCreate)(&stream, 0) == CUDA_SUCCESS);
  const Gpu two;
  uint32_t id = 0;
  CHECK(cuptiGetStreamId(one.context, stream, &id) == CUPTI_SUCCESS);
  CHECK(cuptiGetStreamId(two.context, stream, &id) == CUPTI_ERROR_INVALID_STREAM);
}

TEST_CASE("graphs, nodes and executable graphs have identifiers") {
  const Gpu gpu;
  CUgraph graph = nullptr;
  CUgraphNode node = nullptr;
  CUgraphExec exec = nullptr;
  REQUIRE(CU(cuGraphCreate)(&graph, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphAddEmptyNode)(&node, graph, nullptr, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphInstantiateWithFlags)(&exec, graph, 0) == CUDA_SUCCESS);
  uint32_t graph_id = 0, exec_id = 0;
  uint64_t node_id = 0;
  CHECK(cuptiGetGraphId(graph, &graph_id) == CUPTI_SUCCESS);
  CHECK(cuptiGetGraphNodeId(node, &node_id) == CUPTI_SUCCESS);
  CHECK(cuptiGetGraphExecId(exec, &exec_id) == CUPTI_SUCCESS);
  CHECK(graph_id != 0);
  CHECK(node_id != 0);
  CHECK(exec_id != 0);
  CHECK(cuptiGetGraphId(nullptr, &graph_id) == CUPTI_ERROR_INVALID_PARAMETER);
}

TEST_CASE("both libraries have every name of NVIDIA's; those that are missing say so") {
  driver_symbol("cuInit");
  const std::pair<const char*, uint32_t> libraries[] = {{SOFTGPU_CUPTI_LIBRARY_12, 28},
                                                        {SOFTGPU_CUPTI_LIBRARY_13, 130001}};
  for (const auto& [path, expected] : libraries) {
    void* const library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    REQUIRE(library);
#define SOFTGPU_FUNCTION(name) \
  INFO(path << ": " << #name); \
  REQUIRE(dlsym(library, #name) != nullptr);
    [&] {
#include "cupti/generated/functions.inc"
    }();
#undef SOFTGPU_FUNCTION
    uint32_t version = 0;
    REQUIRE(reinterpret_cast<decltype(&cuptiGetVersion)>(dlsym(library, "cuptiGetVersion"))(
                &version) == CUPTI_SUCCESS);
    CHECK(version == expected);
    CHECK(reinterpret_cast<CUptiResult (*)()>(dlsym(library, "cuptiProfilerBeginSession"))() ==
          CUPTI_ERROR_NOT_SUPPORTED);
  }
}

TEST_CASE("tables that the driver does not know are not found") {
  const CUuuid theirs = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
  const void* table = &theirs;
  CHECK(CU(cuGetExportTable)(&table, &theirs) == CUDA_ERROR_NOT_FOUND);
  CHECK(table == nullptr);
}
