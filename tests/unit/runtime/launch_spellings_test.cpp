// SPDX-License-Identifier: MIT
// Launches that are spelled otherwise than cuLaunchKernel: arguments that are set one by one, and
// one call for several devices. Expectations from cuda.h.
#include <atomic>
#include <string>
#include <thread>

#include "api/generated/hooks.hpp"
#include "interpose/runtime/runtime.hpp"
#include "runtime/fake_entries.hpp"
#include "support/catch.hpp"

using namespace nonans;
using namespace nonans::interpose;
using fake::Call;
using fake::context;

namespace {

// out[i] = in[i] * factor
const char* kPtx = R"(.version 7.0
.target sm_75
.address_size 64
.visible .entry scale(.param .u64 scale_param_0, .param .u64 scale_param_1, .param .f32 scale_param_2)
{
  .reg .f32 %f<4>;
  .reg .b32 %r<5>;
  .reg .b64 %rd<8>;
  ld.param.u64 %rd1, [scale_param_0];
  ld.param.u64 %rd2, [scale_param_1];
  ld.param.f32 %f3, [scale_param_2];
  cvta.to.global.u64 %rd3, %rd2;
  cvta.to.global.u64 %rd4, %rd1;
  mov.u32 %r1, %ctaid.x;
  mov.u32 %r2, %ntid.x;
  mov.u32 %r3, %tid.x;
  mad.lo.s32 %r4, %r1, %r2, %r3;
  mul.wide.u32 %rd5, %r4, 4;
  add.s64 %rd6, %rd3, %rd5;
  ld.global.f32 %f1, [%rd6];
  mul.f32 %f2, %f1, %f3;
  add.s64 %rd7, %rd4, %rd5;
  st.global.f32 [%rd7], %f2;
  ret;
}
)";

constexpr CUdeviceptr kOut = 0x10000000, kIn = 0x20000000;
constexpr uint64_t kFirstContext = 5000;  // no other test's

struct App {
  static inline CUresult answer = CUDA_SUCCESS;
  static inline CUdeviceptr next_address = 0;
  static inline uint64_t handles = 0;
  static inline CUfunction next_function = nullptr;

  static CUresult alloc(CUdeviceptr* p, size_t) {
    *p = next_address;
    return CUDA_SUCCESS;
  }
  static CUresult load(CUmodule* m, const void*) {
    *m = reinterpret_cast<CUmodule>(0xe00000 + 0x100 * ++handles);
    return CUDA_SUCCESS;
  }
  static CUresult unload(CUmodule) { return CUDA_SUCCESS; }
  static CUresult get_function(CUfunction* f, CUmodule, const char*) {
    *f = next_function;
    return CUDA_SUCCESS;
  }
  static CUresult destroy(CUcontext) { return CUDA_SUCCESS; }
  static CUresult shape(CUfunction, int, int, int) { return answer; }
  static CUresult size(CUfunction, unsigned) { return answer; }
  static CUresult seti(CUfunction, int, unsigned) { return answer; }
  static CUresult setf(CUfunction, int, float) { return answer; }
  static CUresult setv(CUfunction, int, void*, unsigned) { return answer; }
  static CUresult launch(CUfunction) { return answer; }
  static CUresult grid(CUfunction, int, int) { return answer; }
  static CUresult grid_async(CUfunction, int, int, CUstream) { return answer; }
  static CUresult several(CUDA_LAUNCH_PARAMS*, unsigned, unsigned) { return answer; }
};

struct Scene {
  fake::Driver driver;
  CUmodule module = nullptr;
  CUfunction function = nullptr;
  static inline uint64_t contexts = kFirstContext;

  Scene() {
    App::answer = CUDA_SUCCESS;
    driver.current = context(++contexts);
    function = load(reinterpret_cast<CUfunction>(0xf00000 + 0x100 * contexts));
    for (const CUdeviceptr at : {kOut, kIn}) {
      CUdeviceptr p;
      App::next_address = at;
      hooks::cuMemAlloc_v2(Call(), &App::alloc, &p, 4096);
    }
  }
  ~Scene() { hooks::cuCtxDestroy_v2(Call(), &App::destroy, driver.current); }

  CUfunction load(CUfunction handle, const std::string& ptx = kPtx) {
    hooks::cuModuleLoadData(Call(), &App::load, &module, ptx.c_str());
    App::next_function = handle;
    CUfunction found;
    hooks::cuModuleGetFunction(Call(), &App::get_function, &found, module, "scale");
    return found;
  }
  void set(int offset, CUdeviceptr pointer) {
    hooks::cuParamSetv(Call(), &App::setv, function, offset, &pointer, sizeof pointer);
  }
  void set_all() {
    hooks::cuFuncSetBlockShape(Call(), &App::shape, function, 64, 2, 1);
    hooks::cuParamSetSize(Call(), &App::size, function, 20);
    set(0, kOut);
    set(8, kIn);
    hooks::cuParamSetf(Call(), &App::setf, function, 16, 2.0f);
  }
  void launch_grid() { hooks::cuLaunchGrid(Call(), &App::grid, function, 4, 1); }
};

}  // namespace

TEST_CASE("CUDA 3: a launch has the shape and the arguments that were set before") {
  Scene scene;
  scene.set_all();
  scene.launch_grid();
  REQUIRE(scene.driver.launches.size() == 1);
  const nn_scan_params& scan = scene.driver.launches[0].params;
  REQUIRE(scan.n_outputs == 1);
  CHECK(scan.outputs[0].base == kOut);
  CHECK(scan.outputs[0].rows * scan.outputs[0].row_elems == 4 * 64);  // x only: tid.y is not used
  CHECK(scan.inputs[0].base == kIn);
  hooks::cuLaunch(Call(), &App::launch, scene.function);
  REQUIRE(scene.driver.launches.size() == 2);
  CHECK(scene.driver.launches[1].params.outputs[0].row_elems == 64);
  const CUstream stream = reinterpret_cast<CUstream>(0x5000);
  hooks::cuLaunchGridAsync(Call(), &App::grid_async, scene.function, 2, 1, stream);
  REQUIRE(scene.driver.launches.size() == 3);
  CHECK(scene.driver.launches[2].params.outputs[0].row_elems == 128);
  CHECK(scene.driver.launches[2].stream == stream);
}

TEST_CASE("CUDA 3: what was set last counts, and what the driver refused does not") {
  Scene scene;
  scene.set_all();
  App::answer = CUDA_ERROR_INVALID_VALUE;
  scene.set(0, kIn);
  App::answer = CUDA_SUCCESS;
  scene.launch_grid();
  REQUIRE(scene.driver.launches.size() == 1);
  CHECK(scene.driver.launches[0].params.outputs[0].base == kOut);
  scene.set(0, kOut + 1024);
  scene.launch_grid();
  REQUIRE(scene.driver.launches.size() == 2);
  CHECK(scene.driver.launches[1].params.outputs[0].base == kOut + 1024);
}

TEST_CASE("CUDA 3: with an argument that was never set, or too small a size, nothing is scanned") {
  Scene scene;
  scene.launch_grid();
  hooks::cuFuncSetBlockShape(Call(), &App::shape, scene.function, 64, 1, 1);
  hooks::cuParamSetSize(Call(), &App::size, scene.function, 20);
  scene.set(0, kOut);
  hooks::cuParamSetf(Call(), &App::setf, scene.function, 16, 2.0f);
  scene.launch_grid();
  hooks::cuParamSeti(Call(), &App::seti, scene.function, 8, 0x20000000);  // half of the pointer
  scene.launch_grid();
  CHECK(scene.driver.launches.empty());
  hooks::cuParamSeti(Call(), &App::seti, scene.function, 12, 0);
  scene.launch_grid();
  CHECK(scene.driver.launches.size() == 1);
  hooks::cuParamSetSize(Call(), &App::size, scene.function, 16);
  scene.launch_grid();
  CHECK(scene.driver.launches.size() == 1);
}

TEST_CASE("CUDA 3: arguments of a function that is gone are not those of its handle's next one") {
  Scene scene;
  scene.set_all();
  hooks::cuModuleUnload(Call(), &App::unload, scene.module);
  scene.launch_grid();
  scene.load(scene.function, std::string(kPtx) + "// of other code\n");
  scene.launch_grid();
  CHECK(scene.driver.launches.empty());
  scene.set_all();
  scene.launch_grid();
  CHECK(scene.driver.launches.size() == 1);
}

TEST_CASE("CUDA 3: odd offsets and sizes are the driver's to judge") {
  Scene scene;
  scene.set_all();
  char big[8192] = {};
  hooks::cuParamSetv(Call(), &App::setv, scene.function, 4090, big, 4096);
  hooks::cuParamSetv(Call(), &App::setv, scene.function, -8, big, 8);
  hooks::cuParamSetv(Call(), &App::setv, scene.function, 0, nullptr, 8);
  hooks::cuParamSetSize(Call(), &App::size, scene.function, ~0u);
  scene.launch_grid();
  CHECK(scene.driver.launches.size() == 1);
}

TEST_CASE("CUDA 3: two threads that set arguments at once do not harm") {
  Scene scene;
  std::atomic<bool> go{false};
  std::thread others[2];
  for (int t = 0; t < 2; ++t)
    others[t] = std::thread([&, t] {
      while (!go) {
      }
      for (int i = 0; i < 1000; ++i) scene.set(0, kOut + 4 * static_cast<CUdeviceptr>(t));
    });
  go = true;
  for (std::thread& other : others) other.join();
  scene.set_all();
  scene.launch_grid();
  CHECK(scene.driver.launches.size() <= 1);
}

TEST_CASE("one launch on several devices: a scan on each stream, in its own context") {
  Scene first;
  const CUcontext one = first.driver.current;
  const CUcontext two = context(++Scene::contexts);
  first.driver.current = two;
  const CUfunction other = first.load(reinterpret_cast<CUfunction>(0xf90000));
  CUdeviceptr p;
  App::next_address = 0x30000000;
  hooks::cuMemAlloc_v2(Call(), &App::alloc, &p, 4096);
  App::next_address = 0x40000000;
  hooks::cuMemAlloc_v2(Call(), &App::alloc, &p, 4096);
  const CUstream streams[] = {reinterpret_cast<CUstream>(0x51000),
                              reinterpret_cast<CUstream>(0x52000)};
  first.driver.stream_contexts = {{streams[0], one}, {streams[1], two}};
  first.driver.devices = 2;

  CUdeviceptr out[] = {kOut, 0x30000000}, in[] = {kIn, 0x40000000};
  float factor = 1;
  void* params[2][3] = {{&out[0], &in[0], &factor}, {&out[1], &in[1], &factor}};
  CUDA_LAUNCH_PARAMS list[2] = {};
  for (int i = 0; i < 2; ++i) {
    list[i].function = i ? other : first.function;
    list[i].gridDimX = 4;
    list[i].blockDimX = 64;
    list[i].gridDimY = list[i].gridDimZ = list[i].blockDimY = list[i].blockDimZ = 1;
    list[i].hStream = streams[i];
    list[i].kernelParams = params[i];
  }
  first.driver.launches.clear();
  hooks::cuLaunchCooperativeKernelMultiDevice(Call(), &App::several, list, 2, 0);
  REQUIRE(first.driver.launches.size() == 2);
  for (int i = 0; i < 2; ++i) {
    CHECK(first.driver.launches[i].stream == streams[i]);
    CHECK(first.driver.launches[i].params.outputs[0].base == out[i]);
    CHECK(first.driver.launches[i].current == (i ? two : one));
  }
  CHECK(first.driver.current == two);

  // Refused: nothing is scanned. More than there are devices: the list is not even read.
  App::answer = CUDA_ERROR_NOT_SUPPORTED;
  CHECK(hooks::cuLaunchCooperativeKernelMultiDevice(Call(), &App::several, list, 2, 0) ==
        CUDA_ERROR_NOT_SUPPORTED);
  App::answer = CUDA_ERROR_INVALID_VALUE;
  CHECK(hooks::cuLaunchCooperativeKernelMultiDevice(Call(), &App::several, nullptr, 2, 0) ==
        CUDA_ERROR_INVALID_VALUE);
  CHECK(hooks::cuLaunchCooperativeKernelMultiDevice(Call(), &App::several, list, 1000, 0) ==
        CUDA_ERROR_INVALID_VALUE);
  CHECK(first.driver.launches.size() == 2);
  App::answer = CUDA_SUCCESS;
  hooks::cuCtxDestroy_v2(Call(), &App::destroy, two);
  first.driver.current = one;
}
