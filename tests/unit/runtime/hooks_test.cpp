// SPDX-License-Identifier: MIT
// The hook bodies, called with real functions of the test's own. Nothing here needs a driver: what
// the runtime itself asks of one goes to runtime/fake_entries.hpp.
#include <cstring>
#include <vector>

#include "api/generated/hooks.hpp"
#include "interpose/runtime/runtime.hpp"
#include "runtime/fake_entries.hpp"
#include "support/catch.hpp"

using namespace nonans;
using namespace nonans::interpose;
using api::StreamFlavour;
using fake::Call;
using fake::context;

namespace {

// out[i] = in[i] + 1 for i = blockIdx.x * blockDim.x + threadIdx.x, no bounds.
const char* kPtx = R"(.version 7.0
.target sm_75
.address_size 64
.visible .entry add_one(.param .u64 add_one_param_0, .param .u64 add_one_param_1)
{
  .reg .f32 %f<3>;
  .reg .b32 %r<5>;
  .reg .b64 %rd<8>;
  ld.param.u64 %rd1, [add_one_param_0];
  ld.param.u64 %rd2, [add_one_param_1];
  cvta.to.global.u64 %rd3, %rd2;
  cvta.to.global.u64 %rd4, %rd1;
  mov.u32 %r1, %ctaid.x;
  mov.u32 %r2, %ntid.x;
  mov.u32 %r3, %tid.x;
  mad.lo.s32 %r4, %r1, %r2, %r3;
  mul.wide.u32 %rd5, %r4, 4;
  add.s64 %rd6, %rd3, %rd5;
  ld.global.f32 %f1, [%rd6];
  add.f32 %f2, %f1, 0f3F800000;
  add.s64 %rd7, %rd4, %rd5;
  st.global.f32 [%rd7], %f2;
  ret;
}
)";

constexpr CUdeviceptr kOut = 0x10000000, kIn = 0x20000000;
const CUfunction kFunction = reinterpret_cast<CUfunction>(0xf000);
const CUmodule kModule = reinterpret_cast<CUmodule>(0xe000);

// What the application's own calls answer.
struct App {
  static inline CUresult answer = CUDA_SUCCESS;
  static inline CUdeviceptr next_address = 0;
  static inline int launched = 0;
  static inline std::function<void()> during_launch;

  static CUresult alloc(CUdeviceptr* p, size_t) {
    if (answer == CUDA_SUCCESS) *p = next_address;
    return answer;
  }
  static CUresult free(CUdeviceptr) { return answer; }
  static CUresult load(CUmodule* m, const void*) {
    *m = kModule;
    return answer;
  }
  static CUresult get_function(CUfunction* f, CUmodule, const char*) {
    *f = kFunction;
    return answer;
  }
  static CUresult unload(CUmodule) { return answer; }
  static CUresult destroy(CUcontext) { return answer; }
  static CUresult launch(CUfunction, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,
                         unsigned, CUstream, void**, void**) {
    ++launched;
    if (during_launch) during_launch();
    return answer;
  }
  static CUresult launch_ex(const CUlaunchConfig*, CUfunction, void**, void**) {
    ++launched;
    return answer;
  }
};

// A context that nobody has seen yet, with one kernel and two buffers of 4 KiB.
struct Scene {
  fake::Driver driver;
  static inline uint64_t contexts = 0;

  explicit Scene(bool prepare = true) {
    App::answer = CUDA_SUCCESS;
    App::during_launch = nullptr;
    driver.current = context(++contexts);
    if (!prepare) return;
    CUmodule module;
    hooks::cuModuleLoadData(Call(), &App::load, &module, kPtx);
    CUfunction function;
    hooks::cuModuleGetFunction(Call(), &App::get_function, &function, module, "add_one");
    alloc(kOut);
    alloc(kIn);
    driver.calls.clear();
  }
  ~Scene() {
    App::answer = CUDA_SUCCESS;
    driver.failures.clear();
    hooks::cuCtxDestroy_v2(Call(), &App::destroy, driver.current);
  }
  static void alloc(CUdeviceptr at, size_t bytes = 4096) {
    CUdeviceptr p;
    App::next_address = at;
    hooks::cuMemAlloc_v2(Call(), &App::alloc, &p, bytes);
  }
  CUresult launch(CUstream stream = nullptr, StreamFlavour flavour = StreamFlavour::legacy) {
    CUdeviceptr out = kOut, in = kIn;
    void* params[] = {&out, &in};
    return hooks::cuLaunchKernel(Call(api::Fn::cuLaunchKernel, flavour), &App::launch, kFunction, 4,
                                 1, 1, 64, 1, 1, 0, stream, params, nullptr);
  }
};

CUstream stream(uint64_t number) {
  return reinterpret_cast<CUstream>(number);
}

}  // namespace

TEST_CASE("a launch is followed by one scan of what it wrote, on its stream") {
  Scene scene;
  REQUIRE(scene.launch(stream(0x5000)) == CUDA_SUCCESS);
  REQUIRE(scene.driver.launches.size() == 1);
  const fake::ScanLaunch& scan = scene.driver.launches[0];
  REQUIRE(scan.stream == stream(0x5000));
  REQUIRE_FALSE(scan.per_thread_entry);
  REQUIRE(scan.threads == NN_SCAN_THREADS);
  REQUIRE(scan.params.n_outputs == 1);
  REQUIRE(scan.params.outputs[0].base == kOut);
  REQUIRE(scan.params.outputs[0].rows * scan.params.outputs[0].row_elems == 256);
  REQUIRE(scan.params.outputs[0].type == NN_F32);
  REQUIRE(scan.params.outputs[0].flags == NN_REPAIR);
  REQUIRE(scan.params.outputs[0].arg == 0);
  REQUIRE(scan.params.n_inputs == 1);
  REQUIRE(scan.params.inputs[0].base == kIn);
  REQUIRE(scan.params.raced == 0);
  REQUIRE(scan.params.kernel_id != 0);
  REQUIRE(scan.params.slot != 0);
  REQUIRE(scan.params.ring_host != 0);
}

TEST_CASE("arguments in the extra buffer are read as well") {
  Scene scene;
  CUdeviceptr arguments[] = {kOut, kIn};
  size_t size = sizeof arguments;
  void* extra[] = {CU_LAUNCH_PARAM_BUFFER_POINTER, arguments, CU_LAUNCH_PARAM_BUFFER_SIZE, &size,
                   CU_LAUNCH_PARAM_END};
  hooks::cuLaunchKernel(Call(), &App::launch, kFunction, 4, 1, 1, 64, 1, 1, 0, nullptr, nullptr,
                        extra);
  REQUIRE(scene.driver.launches.size() == 1);
  REQUIRE(scene.driver.launches[0].params.outputs[0].base == kOut);
}

TEST_CASE("the per-thread flavour is scanned through the per-thread entry") {
  Scene scene;
  scene.launch(nullptr, StreamFlavour::per_thread);
  REQUIRE(scene.driver.launches.size() == 1);
  REQUIRE(scene.driver.launches[0].per_thread_entry);
}

TEST_CASE("scans of one stream share a slot, scans of two do not") {
  Scene scene;
  scene.launch(stream(0x5000));
  scene.launch(stream(0x6000));
  scene.launch(stream(0x5000));
  const auto& launches = scene.driver.launches;
  REQUIRE(launches.size() == 3);
  REQUIRE(launches[0].params.slot == launches[2].params.slot);
  REQUIRE(launches[0].params.slot != launches[1].params.slot);
}

TEST_CASE("an error of the launch is the application's, and no scan follows") {
  Scene scene;
  for (const CUresult error :
       {CUDA_ERROR_INVALID_VALUE, CUDA_ERROR_ILLEGAL_ADDRESS, CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES}) {
    App::answer = error;
    REQUIRE(scene.launch() == error);
  }
  REQUIRE(scene.driver.launches.empty());
}

TEST_CASE("what our own calls answer never reaches the application") {
  Scene scene;
  for (const char* name : {"cuLaunchKernel", "cuStreamIsCapturing"}) {
    scene.driver.failures = {{name, CUDA_ERROR_UNKNOWN}};
    REQUIRE(scene.launch() == CUDA_SUCCESS);
  }
}

TEST_CASE("a launch makes no driver call but the questions and the scan") {
  Scene scene;
  scene.launch();
  REQUIRE(scene.driver.calls == std::vector<std::string>{"cuStreamIsCapturing", "cuLaunchKernel"});
}

TEST_CASE("nothing of ours goes into a graph") {
  Scene scene;
  scene.driver.capture =
      GENERATE(CU_STREAM_CAPTURE_STATUS_ACTIVE, CU_STREAM_CAPTURE_STATUS_INVALIDATED);
  REQUIRE(scene.launch(stream(0x5000)) == CUDA_SUCCESS);
  REQUIRE(scene.driver.launches.empty());
}

TEST_CASE("unknown functions, unknown contexts and unknown memory are launched and left alone") {
  Scene scene;
  SECTION("function") {
    CUdeviceptr out = kOut, in = kIn;
    void* params[] = {&out, &in};
    REQUIRE(hooks::cuLaunchKernel(Call(), &App::launch, reinterpret_cast<CUfunction>(0xabc0), 1, 1,
                                  1, 1, 1, 1, 0, nullptr, params, nullptr) == CUDA_SUCCESS);
  }
  SECTION("context") {
    const CUcontext mine = scene.driver.current;
    scene.driver.current = context(4711);
    REQUIRE(scene.launch() == CUDA_SUCCESS);
    scene.driver.current = mine;
  }
  SECTION("no context at all") {
    const CUcontext mine = scene.driver.current;
    scene.driver.current = nullptr;
    REQUIRE(scene.launch() == CUDA_SUCCESS);
    scene.driver.current = mine;
  }
  SECTION("freed memory") {
    hooks::cuMemFree_v2(Call(), &App::free, kOut);
    REQUIRE(scene.launch() == CUDA_SUCCESS);
  }
  SECTION("unloaded module") {
    hooks::cuModuleUnload(Call(), &App::unload, kModule);
    REQUIRE(scene.launch() == CUDA_SUCCESS);
  }
  REQUIRE(scene.driver.launches.empty());
}

TEST_CASE("a free that the driver refused leaves the buffer known") {
  Scene scene;
  App::answer = CUDA_ERROR_INVALID_VALUE;
  REQUIRE(hooks::cuMemFree_v2(Call(), &App::free, kOut) == CUDA_ERROR_INVALID_VALUE);
  App::answer = CUDA_SUCCESS;
  scene.launch();
  REQUIRE(scene.driver.launches.size() == 1);
}

TEST_CASE("a failed allocation leaves nothing behind and its out-parameter unread") {
  Scene scene;
  App::answer = CUDA_ERROR_OUT_OF_MEMORY;
  CUdeviceptr never = 0xdead0000;
  REQUIRE(hooks::cuMemAlloc_v2(Call(), &App::alloc, &never, 64) == CUDA_ERROR_OUT_OF_MEMORY);
  REQUIRE_FALSE(Runtime::get()->buffers.find(0xdead0000));
}

TEST_CASE("a launch that another one came in between is only looked at") {
  Scene scene;
  App::during_launch = [&] {
    App::during_launch = nullptr;
    scene.launch(stream(0x5000));  // as from another thread: begins and ends inside the first
  };
  scene.launch(stream(0x5000));
  REQUIRE(scene.driver.launches.size() == 2);
  REQUIRE(scene.driver.launches[0].params.raced == 1);
  REQUIRE(scene.driver.launches[1].params.raced == 1);
  scene.launch(stream(0x5000));
  REQUIRE(scene.driver.launches[2].params.raced == 0);
}

TEST_CASE("cuLaunchKernelEx: priority and memory domain go to the scan, the rest does not") {
  Scene scene;
  CUdeviceptr out = kOut, in = kIn;
  void* params[] = {&out, &in};
  CUlaunchAttribute attributes[3] = {};
  attributes[0].id = CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION;
  attributes[1].id = CU_LAUNCH_ATTRIBUTE_PRIORITY;
  attributes[1].value.priority = -3;
  attributes[2].id = CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN;
  CUlaunchConfig config = {};
  config.gridDimX = 4;
  config.blockDimX = 64;
  config.gridDimY = config.gridDimZ = config.blockDimY = config.blockDimZ = 1;
  config.hStream = stream(0x5000);
  config.attrs = attributes;
  config.numAttrs = 3;
  hooks::cuLaunchKernelEx(Call(api::Fn::cuLaunchKernelEx), &App::launch_ex, &config, kFunction,
                          params, nullptr);
  REQUIRE(scene.driver.launches.size() == 1);
  const fake::ScanLaunch& scan = scene.driver.launches[0];
  REQUIRE(scan.stream == stream(0x5000));
  REQUIRE(scan.attributes.size() == 2);
  REQUIRE(scan.attributes[0].id == CU_LAUNCH_ATTRIBUTE_PRIORITY);
  REQUIRE(scan.attributes[0].value.priority == -3);
  REQUIRE(scan.params.raced == 0);

  attributes[0].id = CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_EVENT;
  hooks::cuLaunchKernelEx(Call(api::Fn::cuLaunchKernelEx), &App::launch_ex, &config, kFunction,
                          params, nullptr);
  REQUIRE(scene.driver.launches[1].params.raced == 1);

  // What ties the launch to others, and what cuda.h of today does not know, is not the scan's.
  for (const int id : {int{CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION},
                       int{CU_LAUNCH_ATTRIBUTE_COOPERATIVE},
                       int{CU_LAUNCH_ATTRIBUTE_ACCESS_POLICY_WINDOW}, 4711}) {
    attributes[0].id = static_cast<CUlaunchAttributeID>(id);
    scene.driver.launches.clear();
    hooks::cuLaunchKernelEx(Call(api::Fn::cuLaunchKernelEx), &App::launch_ex, &config, kFunction,
                            params, nullptr);
    REQUIRE(scene.driver.launches.size() == 1);
    REQUIRE(scene.driver.launches[0].attributes.size() == 2);
    REQUIRE(scene.driver.launches[0].params.raced == 0);
  }
}

TEST_CASE(
    "preparing a context: in relaxed capture mode, and all given back before the context goes") {
  Scene scene(false);
  Scene::alloc(kOut);
  const auto& calls = scene.driver.calls;
  REQUIRE(calls.front() == "cuThreadExchangeStreamCaptureMode");
  REQUIRE(calls.back() == "cuThreadExchangeStreamCaptureMode");
  REQUIRE(scene.driver.memory_held == 1);
  REQUIRE(scene.driver.modules_held == 1);
  REQUIRE(scene.driver.registered == 1);
  const size_t before = calls.size();
  Scene::alloc(kIn);
  REQUIRE(calls.size() == before);  // once
  hooks::cuCtxDestroy_v2(Call(), &App::destroy, scene.driver.current);
  REQUIRE(scene.driver.memory_held == 0);
  REQUIRE(scene.driver.modules_held == 0);
  REQUIRE(scene.driver.registered == 0);
  REQUIRE_FALSE(Runtime::get()->buffers.find(kOut));
}

TEST_CASE("a context that cannot be prepared runs unwatched, and nothing of ours stays in it") {
  const char* failing = GENERATE("cuModuleLoadDataEx", "cuModuleGetFunction", "cuMemAlloc",
                                 "cuStreamCreate", "cuMemsetD8Async", "cuStreamSynchronize",
                                 "cuMemHostRegister", "cuMemHostGetDevicePointer");
  Scene scene(false);
  scene.driver.failures = {{failing, CUDA_ERROR_OUT_OF_MEMORY}};
  CUmodule module;
  REQUIRE(hooks::cuModuleLoadData(Call(), &App::load, &module, kPtx) == CUDA_SUCCESS);
  CUfunction function;
  REQUIRE(hooks::cuModuleGetFunction(Call(), &App::get_function, &function, module, "add_one") ==
          CUDA_SUCCESS);
  Scene::alloc(kOut);
  REQUIRE(scene.launch() == CUDA_SUCCESS);
  REQUIRE(scene.driver.launches.empty());
  REQUIRE(scene.driver.memory_held == 0);
  REQUIRE(scene.driver.modules_held == 0);
  REQUIRE(scene.driver.registered == 0);
}

TEST_CASE("images that cannot be read leave their kernels unknown") {
  Scene scene(false);
  const char* image =
      GENERATE("no image of any kind",
               ".version 7.0\n.target sm_75\n.address_size 64\n.visible .entry add_one(\n");
  CUmodule module;
  REQUIRE(hooks::cuModuleLoadData(Call(), &App::load, &module, image) == CUDA_SUCCESS);
  CUfunction function;
  REQUIRE(hooks::cuModuleGetFunction(Call(), &App::get_function, &function, module, "add_one") ==
          CUDA_SUCCESS);
  Scene::alloc(kOut);
  Scene::alloc(kIn);
  REQUIRE(scene.launch() == CUDA_SUCCESS);
  REQUIRE(scene.driver.launches.empty());
}

TEST_CASE("a stream's counters are reused only when its scans have finished") {
  Scene scene;
  scene.launch(stream(0x5000));
  scene.driver.stream_busy = true;
  const auto destroy = [](CUstream) { return CUDA_SUCCESS; };
  hooks::cuStreamDestroy_v2(Call(), destroy, stream(0x5000));
  scene.launch(stream(0x6000));
  REQUIRE(scene.driver.launches[1].params.slot != scene.driver.launches[0].params.slot);
  scene.driver.stream_busy = false;
  hooks::cuStreamDestroy_v2(Call(), destroy, stream(0x6000));
  scene.launch(stream(0x7000));
  REQUIRE(scene.driver.launches[2].params.slot == scene.driver.launches[0].params.slot);
}

TEST_CASE("managed and host memory are known as what they are") {
  Scene scene;
  const auto managed = [](CUdeviceptr* p, size_t, unsigned) {
    *p = 0x30000000;
    return CUDA_SUCCESS;
  };
  CUdeviceptr p;
  hooks::cuMemAllocManaged(Call(), managed, &p, 64, 0);
  const auto host = [](void** p, size_t, unsigned) {
    *p = reinterpret_cast<void*>(0x40000000);
    return CUDA_SUCCESS;
  };
  void* h;
  hooks::cuMemHostAlloc(Call(), host, &h, 64, 0);
  REQUIRE(Runtime::get()->buffers.find(0x30000000)->kind == memory::BufferKind::managed);
  REQUIRE(Runtime::get()->buffers.find(0x40000000)->kind == memory::BufferKind::host);
}

TEST_CASE("stream-ordered memory is where the driver says that it is") {
  Scene scene;
  struct Said {
    unsigned type, managed;
    int ordinal;
    memory::BufferKind kind;
    int32_t device;
  };
  using memory::BufferKind;
  const Said said =
      GENERATE(Said{CU_MEMORYTYPE_DEVICE, 0, 3, BufferKind::pool, 3},
               Said{CU_MEMORYTYPE_DEVICE, 1, 3, BufferKind::managed, memory::kUnknownDevice},
               Said{CU_MEMORYTYPE_HOST, 0, 3, BufferKind::host, memory::kUnknownDevice},
               // Nothing that it knows.
               Said{0, 0, -2, BufferKind::pool, memory::kUnknownDevice});
  scene.driver.pointer_type = said.type;
  scene.driver.pointer_managed = said.managed;
  scene.driver.pointer_ordinal = said.ordinal;
  const auto from_pool = [](CUdeviceptr* p, size_t, CUmemoryPool, CUstream) {
    *p = 0x30000000;
    return CUDA_SUCCESS;
  };
  const auto async = [](CUdeviceptr* p, size_t, CUstream) {
    *p = 0x40000000;
    return CUDA_SUCCESS;
  };
  CUdeviceptr p;
  hooks::cuMemAllocFromPoolAsync(Call(), from_pool, &p, 64, nullptr, nullptr);
  hooks::cuMemAllocAsync(Call(), async, &p, 64, nullptr);
  for (const uint64_t at : {0x30000000, 0x40000000}) {
    const auto buffer = Runtime::get()->buffers.find(at);
    REQUIRE(buffer);
    REQUIRE(buffer->kind == said.kind);
    REQUIRE(buffer->device == said.device);
  }
}

TEST_CASE("stream-ordered memory of which the driver says nothing has no device") {
  Scene scene;
  scene.driver.failures = {{"cuPointerGetAttributes", CUDA_ERROR_UNKNOWN}};
  CUdeviceptr p;
  const auto async = [](CUdeviceptr* p, size_t, CUstream) {
    *p = 0x40000000;
    return CUDA_SUCCESS;
  };
  REQUIRE(hooks::cuMemAllocAsync(Call(), async, &p, 64, nullptr) == CUDA_SUCCESS);
  REQUIRE(Runtime::get()->buffers.find(0x40000000)->device == memory::kUnknownDevice);
}

TEST_CASE(
    "a CUfunction got from a CUkernel stands for the same kernel, and goes with the library") {
  Scene scene(false);
  const CUlibrary library = reinterpret_cast<CUlibrary>(0x11b0);
  const CUkernel kernel = reinterpret_cast<CUkernel>(0x12b0);
  CUlibrary l;
  const auto load = [](CUlibrary* l, const void*, CUjit_option*, void**, unsigned, CUlibraryOption*,
                       void**, unsigned) {
    *l = reinterpret_cast<CUlibrary>(0x11b0);
    return CUDA_SUCCESS;
  };
  hooks::cuLibraryLoadData(Call(), load, &l, kPtx, nullptr, nullptr, 0, nullptr, nullptr, 0);
  CUkernel k;
  const auto get = [](CUkernel* k, CUlibrary, const char*) {
    *k = reinterpret_cast<CUkernel>(0x12b0);
    return CUDA_SUCCESS;
  };
  hooks::cuLibraryGetKernel(Call(), get, &k, library, "add_one");
  CUfunction f;
  const auto function = [](CUfunction* f, CUkernel) {
    *f = kFunction;
    return CUDA_SUCCESS;
  };
  hooks::cuKernelGetFunction(Call(), function, &f, kernel);
  Scene::alloc(kOut);
  Scene::alloc(kIn);
  scene.launch();
  REQUIRE(scene.driver.launches.size() == 1);
  REQUIRE(Runtime::get()->kernels.find(handle_key(kFunction)) ==
          Runtime::get()->kernels.find(handle_key(kernel)));
  hooks::cuLibraryUnload(
      Call(), [](CUlibrary) { return CUDA_SUCCESS; }, library);
  scene.launch();
  REQUIRE(scene.driver.launches.size() == 1);
}
