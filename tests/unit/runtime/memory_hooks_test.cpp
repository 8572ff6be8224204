// SPDX-License-Identifier: MIT
// The hook bodies of memory: what each family leaves in the registry, what a refused call leaves,
// and that nothing of ours reaches the application's answer. By what cuda.h says of each function.
#include "api/generated/hooks.hpp"
#include "interpose/runtime/runtime.hpp"
#include "runtime/fake_entries.hpp"
#include "support/catch.hpp"

using namespace nonans;
using namespace nonans::interpose;
using fake::Call;
using memory::Buffer;
using memory::BufferKind;

namespace {

constexpr CUdeviceptr kAt = 0x30000000;
constexpr size_t kSize = 0x200000;

struct Scene {
  fake::Driver driver;
  static inline CUresult answer = CUDA_SUCCESS;

  Scene() {
    answer = CUDA_SUCCESS;
    static uint64_t contexts = 0x500;
    driver.current = fake::context(++contexts);
    driver.pointer_context = driver.current;
    driver.range_base = kAt;
    driver.range_size = kSize;
    Runtime::start()->buffers.clear();
  }
  ~Scene() {
    hooks::cuCtxDestroy_v2(
        Call(), [](CUcontext) { return CUDA_SUCCESS; }, driver.current);
  }
  static std::optional<Buffer> at(uint64_t address) {
    return Runtime::get()->buffers.find(address);
  }
  static memory::Sharing sharing(uint64_t address) { return at(address)->shared_with(); }
  // Memory of the current context.
  static void alloc() {
    CUdeviceptr p;
    hooks::cuMemAlloc_v2(
        Call(),
        [](CUdeviceptr* out, size_t) {
          *out = kAt;
          return CUDA_SUCCESS;
        },
        &p, kSize);
  }
  static void map(CUmemGenericAllocationHandle handle = 7) {
    CUmemAllocationProp properties = {};
    properties.location = {CU_MEM_LOCATION_TYPE_DEVICE, {0}};
    hooks::cuMemCreate(
        Call(),
        [](CUmemGenericAllocationHandle*, size_t, const CUmemAllocationProp*, unsigned long long) {
          return CUDA_SUCCESS;
        },
        &handle, kSize, &properties, 0);
    hooks::cuMemMap(
        Call(),
        [](CUdeviceptr, size_t, size_t, CUmemGenericAllocationHandle, unsigned long long) {
          return CUDA_SUCCESS;
        },
        kAt, kSize, 0, handle, 0);
    access(0);
  }
  static CUresult access(int device, CUmemLocationType type = CU_MEM_LOCATION_TYPE_DEVICE) {
    const CUmemAccessDesc who = {{type, {device}}, CU_MEM_ACCESS_FLAGS_PROT_READWRITE};
    return hooks::cuMemSetAccess(
        Call(), [](CUdeviceptr, size_t, const CUmemAccessDesc*, size_t) { return answer; }, kAt,
        kSize, &who, 1);
  }
};

}  // namespace

TEST_CASE("the 32-bit ABIs of CUDA 3.1: allocated, pitched, freed") {
  Scene scene;
  unsigned p = 0, pitch = 0;
  hooks::cuMemAlloc_v1(
      Call(),
      [](unsigned* out, unsigned) {
        *out = 0x1000;
        return CUDA_SUCCESS;
      },
      &p, 0x100);
  REQUIRE(scene.at(0x10ff)->kind == BufferKind::device);
  REQUIRE(scene.at(0x10ff)->context == handle_key(scene.driver.current));
  hooks::cuMemAllocPitch_v1(
      Call(),
      [](unsigned* out, unsigned* pitch, unsigned, unsigned, unsigned) {
        *out = 0x2000;
        *pitch = 0x80;
        return CUDA_SUCCESS;
      },
      &p, &pitch, 100, 4, 4);
  REQUIRE(scene.at(0x2000)->size == 0x200);
  hooks::cuMemFree_v1(
      Call(), [](unsigned) { return CUDA_SUCCESS; }, 0x1000);
  REQUIRE_FALSE(scene.at(0x1000));
  void* host = nullptr;
  hooks::cuMemAllocHost_v1(
      Call(),
      [](void** out, unsigned) {
        *out = reinterpret_cast<void*>(0x4000);
        return CUDA_SUCCESS;
      },
      &host, 64);
  REQUIRE(scene.at(0x4000)->kind == BufferKind::host);
}

TEST_CASE("a device address of registered host memory is host memory, and goes with it") {
  Scene scene;
  void* const host = reinterpret_cast<void*>(0x5000);
  hooks::cuMemHostRegister_v2(
      Call(), [](void*, size_t, unsigned) { return CUDA_SUCCESS; }, host, 0x1000, 0);
  CUdeviceptr device = 0;
  hooks::cuMemHostGetDevicePointer_v2(
      Call(),
      [](CUdeviceptr* out, void*, unsigned) {
        *out = 0x90000100;
        return CUDA_SUCCESS;
      },
      &device, reinterpret_cast<void*>(0x5100), 0);
  REQUIRE(scene.at(0x90000000)->kind == BufferKind::host);
  REQUIRE(scene.at(0x90000fff)->base == 0x90000000);
  Scene::answer = CUDA_ERROR_INVALID_VALUE;
  const auto unregister = [](void*) { return Scene::answer; };
  hooks::cuMemHostUnregister(Call(), unregister, host);
  REQUIRE(scene.at(0x5000));
  REQUIRE(scene.at(0x90000000));
  Scene::answer = CUDA_SUCCESS;
  hooks::cuMemHostUnregister(Call(), unregister, host);
  REQUIRE_FALSE(scene.at(0x5000));
  REQUIRE_FALSE(scene.at(0x90000000));
}

TEST_CASE("exported memory is known as that before the application has the handle") {
  Scene scene;
  Scene::alloc();
  Scene::answer = GENERATE(CUDA_SUCCESS, CUDA_ERROR_INVALID_VALUE);
  const bool good = Scene::answer == CUDA_SUCCESS;
  SECTION("IPC: the whole allocation, by any address in it") {
    CUipcMemHandle handle;
    REQUIRE(hooks::cuIpcGetMemHandle(
                Call(), [](CUipcMemHandle*, CUdeviceptr) { return Scene::answer; }, &handle,
                kAt + 64) == Scene::answer);
  }
  SECTION("a dma-buf") {
    int fd = -1;
    hooks::cuMemGetHandleForAddressRange(
        Call(),
        [](void*, CUdeviceptr, size_t, CUmemRangeHandleType, unsigned long long) {
          return Scene::answer;
        },
        &fd, kAt, 4096, CU_MEM_RANGE_HANDLE_TYPE_DMA_BUF_FD, 0);
  }
  SECTION("a pool's pointer") {
    CUmemPoolPtrExportData data;
    hooks::cuMemPoolExportPointer(
        Call(), [](CUmemPoolPtrExportData*, CUdeviceptr) { return Scene::answer; }, &data, kAt);
  }
  SECTION("GPUDirect RDMA") {
    int on = 1;
    hooks::cuPointerSetAttribute(
        Call(), [](const void*, CUpointer_attribute, CUdeviceptr) { return Scene::answer; }, &on,
        CU_POINTER_ATTRIBUTE_SYNC_MEMOPS, kAt);
  }
  REQUIRE(scene.sharing(kAt) == (good ? memory::kExported : 0));
  REQUIRE(scene.at(kAt)->repairable() != good);
}

TEST_CASE("imported memory: as long as the driver says that it is, until it is closed") {
  Scene scene;
  Scene::answer = GENERATE(CUDA_SUCCESS, CUDA_ERROR_MAP_FAILED);
  const bool good = Scene::answer == CUDA_SUCCESS;
  CUdeviceptr p = 0xdead;
  const bool pool = GENERATE(false, true);
  if (pool) {
    hooks::cuMemPoolImportPointer(
        Call(),
        [](CUdeviceptr* out, CUmemoryPool, CUmemPoolPtrExportData*) {
          if (Scene::answer == CUDA_SUCCESS) *out = kAt;
          return Scene::answer;
        },
        &p, nullptr, nullptr);
  } else {
    hooks::cuIpcOpenMemHandle_v2(
        Call(),
        [](CUdeviceptr* out, CUipcMemHandle, unsigned) {
          if (Scene::answer == CUDA_SUCCESS) *out = kAt;
          return Scene::answer;
        },
        &p, {}, 0);
  }
  REQUIRE(scene.at(kAt + kSize - 1).has_value() == good);
  if (!good) return;
  REQUIRE(scene.at(kAt)->kind == BufferKind::imported);
  hooks::cuIpcCloseMemHandle(
      Call(), [](CUdeviceptr) { return CUDA_ERROR_INVALID_VALUE; }, kAt);
  REQUIRE(scene.at(kAt));
  hooks::cuIpcCloseMemHandle(
      Call(), [](CUdeviceptr) { return CUDA_SUCCESS; }, kAt);
  REQUIRE_FALSE(scene.at(kAt));
}

TEST_CASE("external memory and graphics resources: gone with what they came from") {
  Scene scene;
  const auto memory = reinterpret_cast<CUexternalMemory>(0xe100);
  const auto resource = reinterpret_cast<CUgraphicsResource>(0xe200);
  CUdeviceptr p;
  CUDA_EXTERNAL_MEMORY_BUFFER_DESC description = {};
  description.size = kSize;
  hooks::cuExternalMemoryGetMappedBuffer(
      Call(),
      [](CUdeviceptr* out, CUexternalMemory, const CUDA_EXTERNAL_MEMORY_BUFFER_DESC*) {
        *out = kAt;
        return CUDA_SUCCESS;
      },
      &p, memory, &description);
  size_t size = 0;
  hooks::cuGraphicsResourceGetMappedPointer_v2(
      Call(),
      [](CUdeviceptr* out, size_t* bytes, CUgraphicsResource) {
        *out = 0x50000000;
        *bytes = 64;
        return CUDA_SUCCESS;
      },
      &p, &size, resource);
  REQUIRE(scene.at(kAt)->kind == BufferKind::external);
  REQUIRE(scene.at(0x5000003f)->kind == BufferKind::external);
  SECTION("destroyed and unmapped") {
    hooks::cuDestroyExternalMemory(
        Call(), [](CUexternalMemory) { return CUDA_SUCCESS; }, memory);
    CUgraphicsResource resources[] = {resource};
    hooks::cuGraphicsUnmapResources(
        Call(), [](unsigned, CUgraphicsResource*, CUstream) { return CUDA_SUCCESS; }, 1, resources,
        nullptr);
    REQUIRE_FALSE(scene.at(kAt));
    REQUIRE_FALSE(scene.at(0x50000000));
  }
  SECTION("refused") {
    hooks::cuDestroyExternalMemory(
        Call(), [](CUexternalMemory) { return CUDA_ERROR_INVALID_HANDLE; }, memory);
    hooks::cuGraphicsUnregisterResource(
        Call(), [](CUgraphicsResource) { return CUDA_ERROR_INVALID_HANDLE; }, resource);
    REQUIRE(scene.at(kAt));
    REQUIRE(scene.at(0x50000000));
  }
  SECTION("freed before, and its address is another's: that one stays") {
    hooks::cuMemFree_v2(
        Call(), [](CUdeviceptr) { return CUDA_SUCCESS; }, kAt);
    Scene::alloc();
    hooks::cuDestroyExternalMemory(
        Call(), [](CUexternalMemory) { return CUDA_SUCCESS; }, memory);
    REQUIRE(scene.at(kAt)->kind == BufferKind::device);
  }
}

TEST_CASE("virtual memory: access decides, also without a current context") {
  Scene scene;
  const CUcontext context = scene.driver.current;
  if (GENERATE(false, true)) scene.driver.current = nullptr;
  Scene::map();
  REQUIRE(scene.at(kAt)->kind == BufferKind::mapped);
  REQUIRE(scene.at(kAt)->device == 0);
  REQUIRE(scene.at(kAt)->repairable());
  SECTION("another device") {
    Scene::access(1);
    REQUIRE(scene.sharing(kAt) == memory::kPeers);
  }
  SECTION("refused to another device") {
    Scene::answer = CUDA_ERROR_INVALID_DEVICE;
    REQUIRE(Scene::access(1) == CUDA_ERROR_INVALID_DEVICE);
    REQUIRE(scene.sharing(kAt) == 0);
  }
  SECTION("the host") {
    Scene::access(0, CU_MEM_LOCATION_TYPE_HOST);
    REQUIRE(scene.sharing(kAt) == memory::kHostReaches);
  }
  SECTION("exported, to this machine or to the fabric") {
    const auto type = GENERATE(CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR, CU_MEM_HANDLE_TYPE_FABRIC);
    char handle[64];
    hooks::cuMemExportToShareableHandle(
        Call(),
        [](void*, CUmemGenericAllocationHandle, CUmemAllocationHandleType, unsigned long long) {
          return CUDA_SUCCESS;
        },
        handle, 7, type, 0);
    REQUIRE(scene.sharing(kAt) == memory::kExported);
  }
  SECTION("bound to a multicast object, by handle or by address") {
    if (GENERATE(false, true))
      hooks::cuMulticastBindMem(
          Call(),
          [](CUmemGenericAllocationHandle, size_t, CUmemGenericAllocationHandle, size_t, size_t,
             unsigned long long) { return CUDA_SUCCESS; },
          99, 0, 7, 0, kSize, 0);
    else
      hooks::cuMulticastBindAddr(
          Call(),
          [](CUmemGenericAllocationHandle, size_t, CUdeviceptr, size_t, unsigned long long) {
            return CUDA_SUCCESS;
          },
          99, 0, kAt, kSize, 0);
    REQUIRE(scene.sharing(kAt) == memory::kMulticast);
  }
  SECTION("part of a sparse array as well") {
    CUarrayMapInfo info = {};
    info.memOperationType = CU_MEM_OPERATION_TYPE_MAP;
    info.memHandleType = CU_MEM_HANDLE_TYPE_GENERIC;
    info.memHandle.memHandle = 7;
    hooks::cuMemMapArrayAsync(
        Call(), [](CUarrayMapInfo*, unsigned, CUstream) { return CUDA_SUCCESS; }, &info, 1,
        nullptr);
    REQUIRE(scene.sharing(kAt) == memory::kAliased);
  }
  SECTION("an unmap, refused and not") {
    const auto unmap = [](CUdeviceptr, size_t) { return Scene::answer; };
    Scene::answer = CUDA_ERROR_INVALID_VALUE;
    hooks::cuMemUnmap(Call(), unmap, kAt, kSize);
    REQUIRE(scene.at(kAt)->repairable());
    Scene::answer = CUDA_SUCCESS;
    hooks::cuMemUnmap(Call(), unmap, kAt, kSize);
    REQUIRE_FALSE(scene.at(kAt));
  }
  hooks::cuMemAddressFree(
      Call(), [](CUdeviceptr, size_t) { return CUDA_SUCCESS; }, kAt, kSize);
  REQUIRE_FALSE(scene.at(kAt));
  scene.driver.current = context;
}

TEST_CASE("an imported allocation is nobody's to repair, whatever access is given") {
  Scene scene;
  CUmemGenericAllocationHandle handle = 0;
  hooks::cuMemImportFromShareableHandle(
      Call(),
      [](CUmemGenericAllocationHandle* out, void*, CUmemAllocationHandleType) {
        *out = 8;
        return CUDA_SUCCESS;
      },
      &handle, nullptr, CU_MEM_HANDLE_TYPE_FABRIC);
  hooks::cuMemMap(
      Call(),
      [](CUdeviceptr, size_t, size_t, CUmemGenericAllocationHandle, unsigned long long) {
        return CUDA_SUCCESS;
      },
      kAt, kSize, 0, handle, 0);
  Scene::access(0);
  REQUIRE(scene.at(kAt)->kind == BufferKind::imported);
  hooks::cuMemUnmap(
      Call(), [](CUdeviceptr, size_t) { return CUDA_SUCCESS; }, kAt, kSize);
}

TEST_CASE("peer access: the peer's memory is reached, what it allocates later too") {
  Scene scene;
  Scene::alloc();
  const CUcontext own = scene.driver.current;
  const auto call = [](CUcontext, unsigned) { return Scene::answer; };
  scene.driver.current = fake::context(0x600);
  Scene::answer = CUDA_ERROR_PEER_ACCESS_UNSUPPORTED;
  hooks::cuCtxEnablePeerAccess(Call(), call, own, 0);
  REQUIRE(scene.sharing(kAt) == 0);
  Scene::answer = CUDA_SUCCESS;
  hooks::cuCtxEnablePeerAccess(Call(), call, own, 0);
  REQUIRE(scene.sharing(kAt) == memory::kPeers);
  scene.driver.current = own;
  Scene::alloc();
  REQUIRE(scene.sharing(kAt) == memory::kPeers);
  scene.driver.current = fake::context(0x600);
  hooks::cuCtxDisablePeerAccess(
      Call(), [](CUcontext) { return CUDA_SUCCESS; }, own);
  REQUIRE(scene.sharing(kAt) == 0);
  hooks::cuCtxDestroy_v2(
      Call(), [](CUcontext) { return CUDA_SUCCESS; }, scene.driver.current);
  scene.driver.current = own;
}

TEST_CASE("a pool's access list holds for what comes from it, before and after") {
  Scene scene;
  const auto alloc = [](CUdeviceptr at, CUmemoryPool pool) {
    static CUdeviceptr next = 0;
    next = at;
    CUdeviceptr p;
    hooks::cuMemAllocFromPoolAsync(
        Call(),
        [](CUdeviceptr* out, size_t, CUmemoryPool, CUstream) {
          *out = next;
          return CUDA_SUCCESS;
        },
        &p, 64, pool, nullptr);
  };
  const auto set_access = [](CUmemoryPool pool, int device, CUmemAccess_flags flags) {
    const CUmemAccessDesc who = {{CU_MEM_LOCATION_TYPE_DEVICE, {device}}, flags};
    hooks::cuMemPoolSetAccess(
        Call(), [](CUmemoryPool, const CUmemAccessDesc*, size_t) { return CUDA_SUCCESS; }, pool,
        &who, 1);
  };
  const CUmemoryPool pool = fake::device_pool(0);
  alloc(0x1000, pool);
  set_access(pool, 0, CU_MEM_ACCESS_FLAGS_PROT_READWRITE);
  REQUIRE(scene.at(0x1000)->repairable());
  set_access(pool, 1, CU_MEM_ACCESS_FLAGS_PROT_READ);
  alloc(0x2000, pool);
  REQUIRE(scene.sharing(0x1000) == memory::kPeers);
  REQUIRE(scene.sharing(0x2000) == memory::kPeers);
  set_access(pool, 1, CU_MEM_ACCESS_FLAGS_PROT_NONE);
  REQUIRE(scene.sharing(0x1000) == 0);

  // Destroyed: what came from it lives on.
  CUmemPoolProps properties = {};
  properties.location = {CU_MEM_LOCATION_TYPE_DEVICE, {1}};
  CUmemoryPool mine = reinterpret_cast<CUmemoryPool>(0x9900);
  const auto create = [](CUmemoryPool*, const CUmemPoolProps*) { return CUDA_SUCCESS; };
  hooks::cuMemPoolCreate(Call(), create, &mine, &properties);
  alloc(0x3000, mine);
  set_access(mine, 1, CU_MEM_ACCESS_FLAGS_PROT_READWRITE);
  REQUIRE(scene.sharing(0x3000) == 0);
  set_access(mine, 0, CU_MEM_ACCESS_FLAGS_PROT_READWRITE);
  REQUIRE(scene.sharing(0x3000) == memory::kPeers);
  hooks::cuMemPoolDestroy(
      Call(), [](CUmemoryPool) { return CUDA_SUCCESS; }, mine);
  REQUIRE(scene.sharing(0x3000) == memory::kPeers);
  hooks::cuMemPoolCreate(Call(), create, &mine, &properties);
  alloc(0x4000, mine);
  REQUIRE(scene.sharing(0x4000) == 0);
}

TEST_CASE("memory of a graph: of the pool's device, kept while the graph is") {
  Scene scene;
  const CUgraph graph = reinterpret_cast<CUgraph>(0x6a00);
  scene.driver.captured_graph = graph;
  bool captured = GENERATE(true, false);
  if (captured) {
    scene.driver.capture = CU_STREAM_CAPTURE_STATUS_ACTIVE;
    CUdeviceptr p;
    hooks::cuMemAllocAsync(
        Call(),
        [](CUdeviceptr* out, size_t, CUstream) {
          *out = kAt;
          return CUDA_SUCCESS;
        },
        &p, kSize, nullptr);
  } else {
    CUDA_MEM_ALLOC_NODE_PARAMS params = {};
    params.poolProps.location = {CU_MEM_LOCATION_TYPE_DEVICE, {0}};
    params.bytesize = kSize;
    CUgraphNode node;
    hooks::cuGraphAddMemAllocNode(
        Call(),
        [](CUgraphNode*, CUgraph, const CUgraphNode*, size_t, CUDA_MEM_ALLOC_NODE_PARAMS* p) {
          p->dptr = kAt;
          return CUDA_SUCCESS;
        },
        &node, graph, nullptr, 0, &params);
  }
  REQUIRE(scene.at(kAt)->kind == BufferKind::graph);
  REQUIRE(scene.at(kAt)->device == 0);
  REQUIRE(scene.at(kAt)->owner == handle_key(graph));
  // A free inside of the graph: it is backed again at the next launch.
  hooks::cuMemFreeAsync(
      Call(), [](CUdeviceptr, CUstream) { return CUDA_SUCCESS; }, kAt, nullptr);
  REQUIRE(scene.at(kAt));
  hooks::cuGraphDestroy(
      Call(), [](CUgraph) { return CUDA_SUCCESS; }, graph);
  REQUIRE_FALSE(scene.at(kAt));
}

TEST_CASE("a graph's memory that other devices reach is known as that") {
  Scene scene;
  const CUmemAccessDesc who[] = {
      {{CU_MEM_LOCATION_TYPE_DEVICE, {0}}, CU_MEM_ACCESS_FLAGS_PROT_READWRITE},
      {{CU_MEM_LOCATION_TYPE_DEVICE, {1}}, CU_MEM_ACCESS_FLAGS_PROT_READWRITE}};
  CUDA_MEM_ALLOC_NODE_PARAMS params = {};
  params.poolProps.location = {CU_MEM_LOCATION_TYPE_DEVICE, {0}};
  params.accessDescs = who;
  params.accessDescCount = 2;
  params.bytesize = kSize;
  CUgraphNode node;
  hooks::cuGraphAddMemAllocNode(
      Call(),
      [](CUgraphNode*, CUgraph, const CUgraphNode*, size_t, CUDA_MEM_ALLOC_NODE_PARAMS* p) {
        p->dptr = kAt;
        return CUDA_SUCCESS;
      },
      &node, reinterpret_cast<CUgraph>(0x6b00), nullptr, 0, &params);
  REQUIRE(scene.sharing(kAt) == memory::kPeers);
}

TEST_CASE("a variable is of its module's context, whichever is current") {
  Scene scene;
  scene.driver.pointer_context = fake::context(0x777);
  CUdeviceptr p;
  size_t bytes;
  const auto get = [](CUdeviceptr* out, size_t* size, CUmodule, const char*) {
    *out = kAt;
    *size = 4;
    return CUDA_SUCCESS;
  };
  hooks::cuModuleGetGlobal_v2(Call(), get, &p, &bytes, nullptr, "v");
  REQUIRE(scene.at(kAt)->kind == BufferKind::module);
  REQUIRE(scene.at(kAt)->context == handle_key(fake::context(0x777)));
  scene.driver.pointer_managed = 1;
  hooks::cuModuleGetGlobal_v2(Call(), get, &p, &bytes, nullptr, "v");
  REQUIRE(scene.at(kAt)->kind == BufferKind::managed);
}
