// SPDX-License-Identifier: MIT
// Every way in which a program comes by a function, through the hooks, with real functions of the
// test's own.
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <cstring>

#include "api/generated/hooks.hpp"
#include "interpose/runtime/runtime.hpp"
#include "runtime/fake_entries.hpp"
#include "support/catch.hpp"

using namespace nonans;
using namespace nonans::interpose;
using fake::Call;
using fake::context;

namespace {

const char* const kPtx =
    ".version 7.0\n.target sm_75\n.address_size 64\n.visible .entry one(.param .u64 out)\n{\n"
    "  .reg .b64 %rd<3>;\n  .reg .f32 %f<2>;\n  ld.param.u64 %rd1, [out];\n"
    "  cvta.to.global.u64 %rd2, %rd1;\n  mov.f32 %f1, 0f3F800000;\n"
    "  st.global.f32 [%rd2], %f1;\n  ret;\n}\n";

const CUmodule kModule = reinterpret_cast<CUmodule>(0xe000);
const CUlibrary kLibrary = reinterpret_cast<CUlibrary>(0x11b0);
const CUfunction kFunction = reinterpret_cast<CUfunction>(0xf000);
const CUkernel kKernel = reinterpret_cast<CUkernel>(0x12b0);
constexpr CUdeviceptr kVariable = 0x50000000;

bool known(const void* handle) {
  return Runtime::get()->kernels.find(reinterpret_cast<uint64_t>(handle)) != nullptr;
}

// A context of its own, in which the module is loaded.
struct Scene {
  fake::Driver driver;
  static inline uint64_t contexts = 1000;
  Scene() {
    driver.current = context(++contexts);
    driver.function_module = kModule;
    driver.function_name = "one";
    CUmodule module;
    hooks::cuModuleLoadData(
        Call(),
        [](CUmodule* m, const void*) {
          *m = kModule;
          return CUDA_SUCCESS;
        },
        &module, kPtx);
    CUlibrary library;
    hooks::cuLibraryLoadData(
        Call(),
        [](CUlibrary* l, const void*, CUjit_option*, void**, unsigned, CUlibraryOption*, void**,
           unsigned) {
          *l = kLibrary;
          return CUDA_SUCCESS;
        },
        &library, kPtx, nullptr, nullptr, 0, nullptr, nullptr, 0);
    driver.calls.clear();
  }
  ~Scene() {
    driver.failures.clear();
    unload_library();
    hooks::cuCtxDestroy_v2(
        Call(), [](CUcontext) { return CUDA_SUCCESS; }, driver.current);
  }
  void unload_module() {
    hooks::cuModuleUnload(
        Call(), [](CUmodule) { return CUDA_SUCCESS; }, kModule);
  }
  void unload_library() {
    hooks::cuLibraryUnload(
        Call(), [](CUlibrary) { return CUDA_SUCCESS; }, kLibrary);
  }
  void launch(CUfunction function) {
    CUdeviceptr out = 0x10000000;
    void* params[] = {&out};
    const auto real = [](CUfunction, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,
                         unsigned, CUstream, void**, void**) { return CUDA_SUCCESS; };
    hooks::cuLaunchKernel(Call(), real, function, 1, 1, 1, 1, 1, 1, 0, nullptr, params, nullptr);
  }
  // Any hook that may take its time.
  void something_else() {
    hooks::cuCtxSetCurrent(
        Call(), [](CUcontext) { return CUDA_SUCCESS; }, driver.current);
  }
  long asked() const {
    return std::count(driver.calls.begin(), driver.calls.end(), "cuFuncGetName");
  }
};

}  // namespace

TEST_CASE("a function that nobody announced is known from a later launch on") {
  Scene scene;
  scene.launch(kFunction);
  REQUIRE(!known(kFunction));  // nothing is analysed in a launch
  scene.something_else();
  REQUIRE(known(kFunction));
  scene.launch(kFunction);
  scene.something_else();
  REQUIRE(scene.asked() == 1);
  scene.unload_module();
  REQUIRE(!known(kFunction));
}

TEST_CASE("the driver is asked once for a function of a module that nobody knows") {
  Scene scene;
  scene.driver.function_module = reinterpret_cast<CUmodule>(0xbad0);
  for (int i = 0; i < 10; ++i) {
    scene.launch(kFunction);
    scene.something_else();
  }
  REQUIRE(!known(kFunction));
  REQUIRE(scene.asked() == 1);
}

TEST_CASE("a driver that cannot name its functions leaves them unknown") {
  Scene scene;
  const char* const fails = GENERATE("cuFuncGetName", "cuFuncGetModule");
  scene.driver.failures = {{fails, CUDA_ERROR_INVALID_HANDLE}};
  scene.launch(kFunction);
  scene.something_else();
  REQUIRE(!known(kFunction));
}

TEST_CASE("what was launched before an unload is not looked up after it") {
  Scene scene;
  const CUmodule other = reinterpret_cast<CUmodule>(0xe100);
  scene.driver.function_module = other;  // not known at the launch
  scene.launch(kFunction);
  Runtime::get()->discovery.forget();
  // The number of the module comes back, with a kernel of the same name.
  Runtime::get()->code.loaded(handle_key(other), {.bytes = kPtx, .sm = 80});
  scene.something_else();
  REQUIRE(!known(kFunction));
  scene.launch(kFunction);  // good again: asked again
  scene.something_else();
  REQUIRE(known(kFunction));
  REQUIRE(scene.asked() == 2);
  Runtime::get()->code.unloading(handle_key(other));
}

TEST_CASE("more unannounced functions at once than the ring holds are found all the same") {
  Scene scene;
  for (int round = 0; round < 4; ++round) {
    for (uint64_t i = 1; i <= 2 * Discovery::kPlaces; ++i)
      scene.launch(reinterpret_cast<CUfunction>(0xf0000 + i * 16));
    scene.something_else();
  }
  for (uint64_t i = 1; i <= 2 * Discovery::kPlaces; ++i)
    REQUIRE(known(reinterpret_cast<CUfunction>(0xf0000 + i * 16)));
}

TEST_CASE("an announced function without a profile is not asked for") {
  Scene scene;
  CUfunction f;
  const auto get = [](CUfunction* f, CUmodule, const char*) {
    *f = kFunction;
    return CUDA_SUCCESS;
  };
  hooks::cuModuleGetFunction(Call(), get, &f, kModule, "of_machine_code_only");
  scene.launch(kFunction);
  REQUIRE(!known(kFunction));
  REQUIRE(scene.asked() == 0);
}

TEST_CASE("functions and kernels that a program enumerates") {
  Scene scene;
  CUfunction functions[3] = {};
  const auto list = [](CUfunction* out, unsigned, CUmodule) {
    out[0] = kFunction;
    return CUDA_SUCCESS;
  };
  hooks::cuModuleEnumerateFunctions(Call(), list, functions, 3, kModule);
  REQUIRE(known(kFunction));
  CUkernel kernels[3] = {};
  const auto list_kernels = [](CUkernel* out, unsigned, CUlibrary) {
    out[0] = kKernel;
    return CUDA_SUCCESS;
  };
  hooks::cuLibraryEnumerateKernels(Call(), list_kernels, kernels, 3, kLibrary);
  REQUIRE(known(kKernel));
  scene.unload_library();
  REQUIRE(!known(kKernel));
  REQUIRE(known(kFunction));
}

TEST_CASE("a function that is not loaded yet is not asked for its name: that may load it") {
  Scene scene;
  scene.driver.function_state = CU_FUNCTION_LOADING_STATE_UNLOADED;
  CUfunction functions[3] = {};
  const auto list = [](CUfunction* out, unsigned, CUmodule) {
    out[0] = kFunction;
    return CUDA_SUCCESS;
  };
  hooks::cuModuleEnumerateFunctions(Call(), list, functions, 3, kModule);
  REQUIRE(scene.asked() == 0);
  REQUIRE(!known(kFunction));
  scene.launch(kFunction);  // loads it
  scene.something_else();
  REQUIRE(known(kFunction));
  scene.unload_module();
}

TEST_CASE("an enumeration that the driver refuses announces nothing") {
  Scene scene;
  CUfunction functions[1] = {reinterpret_cast<CUfunction>(0xf100)};
  const auto refuse = [](CUfunction*, unsigned, CUmodule) { return CUDA_ERROR_INVALID_HANDLE; };
  REQUIRE(hooks::cuModuleEnumerateFunctions(Call(), refuse, functions, 1, kModule) ==
          CUDA_ERROR_INVALID_HANDLE);
  REQUIRE(!known(functions[0]));
  REQUIRE(scene.driver.calls.empty());
}

TEST_CASE("the module of a library's function is a way to its other functions") {
  Scene scene;
  CUkernel kernel;
  const auto get_kernel = [](CUkernel* k, CUlibrary, const char*) {
    *k = kKernel;
    return CUDA_SUCCESS;
  };
  hooks::cuLibraryGetKernel(Call(), get_kernel, &kernel, kLibrary, "one");
  CUfunction function;
  const auto get_function = [](CUfunction* f, CUkernel) {
    *f = kFunction;
    return CUDA_SUCCESS;
  };
  hooks::cuKernelGetFunction(Call(), get_function, &function, kKernel);
  CUmodule module;
  const auto get_module = [](CUmodule* m, CUfunction) {
    *m = reinterpret_cast<CUmodule>(0xe200);
    return CUDA_SUCCESS;
  };
  hooks::cuFuncGetModule(Call(), get_module, &module, kFunction);
  const CUfunction second = reinterpret_cast<CUfunction>(0xf200);
  const auto get_again = [](CUfunction* f, CUmodule, const char*) {
    *f = reinterpret_cast<CUfunction>(0xf200);
    return CUDA_SUCCESS;
  };
  CUfunction f;
  hooks::cuModuleGetFunction(Call(), get_again, &f, module, "one");
  REQUIRE(known(second));
  scene.unload_library();
  REQUIRE(!known(second));
}

TEST_CASE("variables of a library are buffers until it is unloaded") {
  Scene scene;
  const auto get = [](CUdeviceptr* p, size_t* n, CUlibrary, const char*) {
    *p = kVariable;
    *n = 256;
    return CUDA_SUCCESS;
  };
  CUdeviceptr p;
  size_t n;
  const auto& buffers = Runtime::get()->buffers;
  SECTION("global") {
    hooks::cuLibraryGetGlobal(Call(), get, &p, &n, kLibrary, "table");
    REQUIRE(buffers.find(kVariable)->kind == memory::BufferKind::module);
  }
  SECTION("managed") {
    hooks::cuLibraryGetManaged(Call(), get, &p, &n, kLibrary, "table");
    REQUIRE(buffers.find(kVariable)->kind == memory::BufferKind::managed);
  }
  scene.unload_library();
  REQUIRE(!buffers.find(kVariable));
}

TEST_CASE("CU_LIBRARY_BINARY_IS_PRESERVED is taken at its word") {
  Scene scene;
  const std::string image = kPtx;
  CUlibraryOption option = CU_LIBRARY_BINARY_IS_PRESERVED;
  void* value = reinterpret_cast<void*>(GENERATE(uintptr_t{0}, uintptr_t{1}));
  const auto load = [](CUlibrary* l, const void*, CUjit_option*, void**, unsigned, CUlibraryOption*,
                       void**, unsigned) {
    *l = reinterpret_cast<CUlibrary>(0x11c0);
    return CUDA_SUCCESS;
  };
  const CodeStatistics before = Runtime::get()->code.statistics();
  CUlibrary library;
  hooks::cuLibraryLoadData(Call(), load, &library, image.c_str(), nullptr, nullptr, 0, &option,
                           &value, 1);
  const CodeStatistics after = Runtime::get()->code.statistics();
  REQUIRE((after.referenced_bytes - before.referenced_bytes) == (value ? image.size() : 0));
  REQUIRE((after.copied_bytes > before.copied_bytes) == (value == nullptr));
  hooks::cuLibraryUnload(
      Call(), [](CUlibrary) { return CUDA_SUCCESS; }, library);
  REQUIRE(Runtime::get()->code.statistics().held_bytes == before.held_bytes);
}

// The sanitizer does not know of frames that a cancellation unwinds, and takes their marks on the
// stack for faults when the thread ends.
#if !defined(__SANITIZE_ADDRESS__)
TEST_CASE("a thread that is cancelled while a hook works on gets its answer first") {
  Scene scene;
  static std::atomic<bool> answered;
  answered = false;
  pthread_t thread;
  REQUIRE(pthread_create(
              &thread, nullptr,
              [](void*) -> void* {
                pthread_cancel(pthread_self());  // acts at the next open, read or write
                CUmodule module;
                const auto real = [](CUmodule* m, const char*) {
                  *m = reinterpret_cast<CUmodule>(0xe300);
                  return CUDA_SUCCESS;
                };
                answered =
                    hooks::cuModuleLoad(Call(), real, &module, "/proc/self/exe") == CUDA_SUCCESS;
                pthread_testcancel();
                return nullptr;
              },
              nullptr) == 0);
  void* result = nullptr;
  pthread_join(thread, &result);
  REQUIRE(result == PTHREAD_CANCELED);
  REQUIRE(answered);
}
#endif
