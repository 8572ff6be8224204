// SPDX-License-Identifier: MIT
// The resource and synchronize domains: contexts, streams, modules with their images, graphs.
#include <cstring>
#include <fstream>
#include <iterator>

#include "fixture.hpp"

namespace {

constexpr auto kResource = CUPTI_CB_DOMAIN_RESOURCE;
using Ids = std::vector<CUpti_CallbackId>;

std::string file(const char* path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Image {
  CUpti_CallbackId id;
  uint32_t module;
  std::string bytes;
};

// Collects the images of modules that are loaded and unloaded.
void collect(Tool& tool, std::vector<Image>& images) {
  tool.on_resource = [&](const CUpti_ResourceData& data, CUpti_CallbackId id) {
    const auto& m = *static_cast<const CUpti_ModuleResourceData*>(data.resourceDescriptor);
    images.push_back({id, m.moduleId, std::string(m.pCubin, m.cubinSize)});
  };
  tool.enable(kResource, CUPTI_CBID_RESOURCE_MODULE_LOADED);
  tool.enable(kResource, CUPTI_CBID_RESOURCE_MODULE_UNLOAD_STARTING);
}

}  // namespace

TEST_CASE("contexts and streams are told when they are there and while they are still there") {
  REQUIRE(CU(cuInit)(0) == CUDA_SUCCESS);
  Tool tool;
  struct Event {
    CUpti_CallbackId id;
    CUcontext context;
    CUstream stream;
    CUresult alive;
  };
  std::vector<Event> events;
  tool.on_resource = [&](const CUpti_ResourceData& data, CUpti_CallbackId id) {
    // The callback may use what it is told of.
    events.push_back({id, data.context, data.resourceHandle.stream,
                      data.resourceHandle.stream ? CU(cuStreamQuery)(data.resourceHandle.stream)
                                                 : CU(cuCtxSynchronize_v2)(data.context)});
  };
  tool.enable(kResource);

  CUcontext context = nullptr;
  CUstream first = nullptr, second = nullptr;
  REQUIRE(CU(cuCtxCreate_v4)(&context, nullptr, 0, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamCreate)(&first, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamCreateWithPriority)(&second, CU_STREAM_NON_BLOCKING, -1) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamDestroy_v2)(first) == CUDA_SUCCESS);
  REQUIRE(CU(cuCtxDestroy_v2)(context) == CUDA_SUCCESS);

  REQUIRE(events.size() == 6);
  const std::pair<CUpti_CallbackId, CUstream> expected[] = {
      {CUPTI_CBID_RESOURCE_CONTEXT_CREATED, nullptr},
      {CUPTI_CBID_RESOURCE_STREAM_CREATED, first},
      {CUPTI_CBID_RESOURCE_STREAM_CREATED, second},
      {CUPTI_CBID_RESOURCE_STREAM_DESTROY_STARTING, first},
      {CUPTI_CBID_RESOURCE_CONTEXT_DESTROY_STARTING, nullptr},
      {CUPTI_CBID_RESOURCE_STREAM_DESTROY_STARTING, second}};
  for (size_t i = 0; i < std::size(expected); ++i) {
    INFO("event " << i);
    CHECK(events[i].id == expected[i].first);
    CHECK(events[i].stream == expected[i].second);
    CHECK(events[i].context == context);
    CHECK(events[i].alive == CUDA_SUCCESS);
  }
}

TEST_CASE("the primary context is created by the first retain and goes with the last release") {
  REQUIRE(CU(cuInit)(0) == CUDA_SUCCESS);
  Tool tool;
  Ids ids;
  tool.on_resource = [&](const CUpti_ResourceData&, CUpti_CallbackId id) {
    unsigned flags = 0;
    int active = 0;
    CHECK(CU(cuDevicePrimaryCtxGetState)(0, &flags, &active) == CUDA_SUCCESS);
    CHECK(active == 1);
    ids.push_back(id);
  };
  tool.enable(kResource);
  CUcontext context = nullptr;
  for (int i = 0; i < 2; ++i) REQUIRE(CU(cuDevicePrimaryCtxRetain)(&context, 0) == CUDA_SUCCESS);
  CHECK(ids == Ids{CUPTI_CBID_RESOURCE_CONTEXT_CREATED});
  REQUIRE(CU(cuDevicePrimaryCtxRelease_v2)(0) == CUDA_SUCCESS);
  CHECK(ids.size() == 1);
  REQUIRE(CU(cuDevicePrimaryCtxRelease_v2)(0) == CUDA_SUCCESS);
  CHECK(ids ==
        Ids{CUPTI_CBID_RESOURCE_CONTEXT_CREATED, CUPTI_CBID_RESOURCE_CONTEXT_DESTROY_STARTING});
}

TEST_CASE("a module loaded from PTX shows the PTX, at loading and before unloading") {
  const Gpu gpu;
  Tool tool;
  std::vector<Image> images;
  collect(tool, images);
  const CUmodule module = gpu.module();
  REQUIRE(images.size() == 1);
  CHECK(images[0].id == CUPTI_CBID_RESOURCE_MODULE_LOADED);
  CHECK(images[0].bytes == kPtx);
  REQUIRE(CU(cuModuleUnload)(module) == CUDA_SUCCESS);
  REQUIRE(images.size() == 2);
  CHECK(images[1].id == CUPTI_CBID_RESOURCE_MODULE_UNLOAD_STARTING);
  CHECK(images[1].module == images[0].module);
  CHECK(images[1].bytes == kPtx);
}

TEST_CASE("a fatbin with machine code for the device shows the cubin, one without shows the PTX") {
  const Gpu gpu;
  Tool tool;
  std::vector<Image> images;
  collect(tool, images);
  const std::string both = file(SOFTGPU_CUPTI_IMAGES "/both.fatbin");
  const std::string ptx_only = file(SOFTGPU_CUPTI_IMAGES "/ptx.fatbin");
  const std::string other = file(SOFTGPU_CUPTI_IMAGES "/other.fatbin");  // sm_80 code, this is 9.0
  gpu.module(both.data());
  gpu.module(ptx_only.data());
  gpu.module(other.data());
  REQUIRE(images.size() == 3);
  CHECK(images[0].bytes == file(SOFTGPU_CUPTI_IMAGES "/sm_90.cubin"));
  CHECK(images[1].bytes.find(".visible .entry put(") != std::string::npos);
  CHECK(images[2].bytes.find(".visible .entry put(") != std::string::npos);
  CHECK(images[0].module != images[1].module);
}

TEST_CASE("the module of a library is told at the first use of a kernel, not inside the launch") {
  const Gpu gpu;
  Tool tool;
  std::vector<Image> images;
  collect(tool, images);
  CUlibrary library = nullptr;
  CUkernel kernel = nullptr;
  REQUIRE(CU(cuLibraryLoadData)(&library, kPtx, nullptr, nullptr, 0, nullptr, nullptr, 0) ==
          CUDA_SUCCESS);
  REQUIRE(CU(cuLibraryGetKernel)(&kernel, library, "nothing") == CUDA_SUCCESS);
  CHECK(images.empty());
  REQUIRE(CU(cuLaunchKernel)(reinterpret_cast<CUfunction>(kernel), 1, 1, 1, 1, 1, 1, 0, nullptr,
                             nullptr, nullptr) == CUDA_SUCCESS);
  REQUIRE(images.size() == 1);
  CHECK(images[0].bytes == kPtx);
  REQUIRE(CU(cuLibraryUnload)(library) == CUDA_SUCCESS);
  REQUIRE(images.size() == 2);
  CHECK(images[1].id == CUPTI_CBID_RESOURCE_MODULE_UNLOAD_STARTING);
}

TEST_CASE("an image that does not load is not told") {
  const Gpu gpu;
  Tool tool;
  std::vector<Image> images;
  collect(tool, images);
  CUmodule module = nullptr;
  CHECK(CU(cuModuleLoadData)(&module, ".version 8.0\nnonsense") != CUDA_SUCCESS);
  CHECK(images.empty());
}

TEST_CASE("graphs are told with their nodes, clones and executable graphs") {
  const Gpu gpu;
  Tool tool;
  std::vector<std::pair<CUpti_CallbackId, CUpti_GraphData>> events;
  tool.on_resource = [&](const CUpti_ResourceData& data, CUpti_CallbackId id) {
    events.emplace_back(id, *static_cast<const CUpti_GraphData*>(data.resourceDescriptor));
  };
  tool.enable(kResource);
  CUgraph graph = nullptr, clone = nullptr;
  CUgraphNode a = nullptr, b = nullptr;
  CUgraphExec exec = nullptr;
  REQUIRE(CU(cuGraphCreate)(&graph, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphAddEmptyNode)(&a, graph, nullptr, 0) == CUDA_SUCCESS);
  CUDA_HOST_NODE_PARAMS host{[](void*) {}, nullptr};
  REQUIRE(CU(cuGraphAddHostNode)(&b, graph, nullptr, 0, &host) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphAddDependencies_v2)(graph, &a, &b, nullptr, 1) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphClone)(&clone, graph) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphInstantiateWithFlags)(&exec, graph, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphExecHostNodeSetParams)(exec, b, &host) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphExecDestroy)(exec) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphDestroyNode)(a) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphDestroy)(graph) == CUDA_SUCCESS);

  Ids ids;
  for (const auto& [id, data] : events) ids.push_back(id);
  REQUIRE(ids ==
          Ids{CUPTI_CBID_RESOURCE_GRAPH_CREATED, CUPTI_CBID_RESOURCE_GRAPHNODE_CREATE_STARTING,
              CUPTI_CBID_RESOURCE_GRAPHNODE_CREATED, CUPTI_CBID_RESOURCE_GRAPHNODE_CREATE_STARTING,
              CUPTI_CBID_RESOURCE_GRAPHNODE_CREATED,
              CUPTI_CBID_RESOURCE_GRAPHNODE_DEPENDENCY_CREATED, CUPTI_CBID_RESOURCE_GRAPH_CLONED,
              CUPTI_CBID_RESOURCE_GRAPHNODE_CLONED, CUPTI_CBID_RESOURCE_GRAPHNODE_CLONED,
              CUPTI_CBID_RESOURCE_GRAPHEXEC_CREATE_STARTING, CUPTI_CBID_RESOURCE_GRAPHEXEC_CREATED,
              CUPTI_CBID_RESOURCE_GRAPH_NODE_SET_PARAMS,
              CUPTI_CBID_RESOURCE_GRAPHEXEC_DESTROY_STARTING,
              CUPTI_CBID_RESOURCE_GRAPHNODE_DESTROY_STARTING,
              CUPTI_CBID_RESOURCE_GRAPH_DESTROY_STARTING});
  CHECK(events[0].second.graph == graph);
  CHECK(events[2].second.node == a);
  CHECK(events[2].second.nodeType == CU_GRAPH_NODE_TYPE_EMPTY);
  CHECK(events[4].second.node == b);
  CHECK(events[4].second.nodeType == CU_GRAPH_NODE_TYPE_HOST);
  CHECK(events[5].second.node == a);
  CHECK(events[5].second.dependency == b);
  CHECK(events[6].second.graph == clone);
  CHECK(events[6].second.originalGraph == graph);
  CHECK(events[8].second.originalNode == b);
  CHECK(events[8].second.nodeType == CU_GRAPH_NODE_TYPE_HOST);
  CHECK(events[10].second.graphExec == exec);
  CHECK(events[11].second.node == b);
  CHECK(events[14].second.graph == graph);
}

TEST_CASE("a captured graph is told with its nodes when the capture ends") {
  const Gpu gpu;
  const CUdeviceptr memory = gpu.alloc(64);
  CUstream stream = nullptr;
  REQUIRE(CU(cuStreamCreate)(&stream, CU_STREAM_NON_BLOCKING) == CUDA_SUCCESS);
  Tool tool;
  std::vector<std::pair<CUpti_CallbackId, CUpti_GraphData>> events;
  tool.on_resource = [&](const CUpti_ResourceData& data, CUpti_CallbackId id) {
    events.emplace_back(id, *static_cast<const CUpti_GraphData*>(data.resourceDescriptor));
  };
  tool.enable(kResource);
  CUgraph graph = nullptr;
  REQUIRE(CU(cuStreamBeginCapture_v2)(stream, CU_STREAM_CAPTURE_MODE_GLOBAL) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemsetD8Async)(memory, 1, 64, stream) == CUDA_SUCCESS);
  CHECK(events.empty());
  REQUIRE(CU(cuStreamEndCapture)(stream, &graph) == CUDA_SUCCESS);
  REQUIRE(events.size() == 2);
  CHECK(events[0].first == CUPTI_CBID_RESOURCE_GRAPH_CREATED);
  CHECK(events[0].second.graph == graph);
  CHECK(events[1].first == CUPTI_CBID_RESOURCE_GRAPHNODE_CREATED);
  CHECK(events[1].second.nodeType == CU_GRAPH_NODE_TYPE_MEMSET);
}

TEST_CASE("waiting for a stream and for a context is told when it is over") {
  const Gpu gpu;
  CUstream stream = nullptr;
  REQUIRE(CU(cuStreamCreate)(&stream, 0) == CUDA_SUCCESS);
  Tool tool;
  std::vector<std::pair<CUpti_CallbackId, CUpti_SynchronizeData>> events;
  tool.on_synchronize = [&](const CUpti_SynchronizeData& data, CUpti_CallbackId id) {
    events.emplace_back(id, data);
  };
  tool.enable(CUPTI_CB_DOMAIN_SYNCHRONIZE);
  REQUIRE(CU(cuStreamSynchronize)(stream) == CUDA_SUCCESS);
  REQUIRE(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
  CHECK(CU(cuStreamSynchronize)(reinterpret_cast<CUstream>(1234567)) != CUDA_SUCCESS);
  REQUIRE(events.size() == 2);
  CHECK(events[0].first == CUPTI_CBID_SYNCHRONIZE_STREAM_SYNCHRONIZED);
  CHECK(events[0].second.stream == stream);
  CHECK(events[0].second.context == gpu.context);
  CHECK(events[1].first == CUPTI_CBID_SYNCHRONIZE_CONTEXT_SYNCHRONIZED);
  CHECK(events[1].second.context == gpu.context);
}
