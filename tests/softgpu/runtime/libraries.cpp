// SPDX-License-Identifier: MIT
// Code loaded by the program, driver functions by name, and what is refused by name.
#include <cuda.h>
#include <dlfcn.h>

#include <string>
#include <vector>

#include "driver/export_table.hpp"
#include "fixture.hpp"

// In cuda_profiler_api.h, which is not in the package of the runtime's headers.
extern "C" cudaError_t cudaProfilerStart();
extern "C" cudaError_t cudaProfilerStop();

namespace {

constexpr char kPtx[] = R"(
.version 8.0
.target sm_80
.address_size 64
.visible .global .align 4 .u32 cell = 5;
.visible .entry put(.param .u32 value) {
  .reg .u32 %r<2>;
  ld.param.u32 %r1, [value];
  st.global.u32 [cell], %r1;
  ret;
}
)";

// The driver functions that are called while this lives, as a profiler hears of them.
class Heard {
 public:
  Heard() {
    void* const driver = dlopen(SOFTGPU_CUDA_LIBRARY, RTLD_NOW);
    REQUIRE(driver != nullptr);
    const auto get = reinterpret_cast<CUresult (*)(const void**, const CUuuid*)>(
        dlsym(driver, "cuGetExportTable"));
    const void* table = nullptr;
    REQUIRE(get(&table, &softgpu::driver::kTraceTableId) == CUDA_SUCCESS);
    table_ = static_cast<const softgpu::driver::TraceTable*>(table);
    listener_.call = [](softgpu::driver::ApiCall& call) {
      if (call.site == softgpu::driver::Site::enter) names_.push_back(call.function);
    };
    names_.clear();
    REQUIRE(table_->listen(&listener_) == CUDA_SUCCESS);
  }
  ~Heard() { table_->listen(nullptr); }
  Heard(const Heard&) = delete;
  Heard& operator=(const Heard&) = delete;
  const std::vector<std::string>& names() const { return names_; }

 private:
  softgpu::driver::Listener listener_;
  const softgpu::driver::TraceTable* table_ = nullptr;
  static inline std::vector<std::string> names_;
};

}  // namespace

TEST_CASE("a library is loaded, its kernel launched, its variable read") {
  cudaLibrary_t library = nullptr;
  cudaKernel_t kernel = nullptr, listed = nullptr;
  OK(cudaLibraryLoadData(&library, kPtx, nullptr, nullptr, 0, nullptr, nullptr, 0));
  OK(cudaLibraryGetKernel(&kernel, library, "put"));
  unsigned count = 0;
  OK(cudaLibraryGetKernelCount(&count, library));
  CHECK(count == 1);
  OK(cudaLibraryEnumerateKernels(&listed, 1, library));
  CHECK(listed == kernel);
  unsigned value = 77;
  void* arguments[] = {&value};
  OK(cudaLaunchKernel(reinterpret_cast<const void*>(kernel), dim3(1), dim3(1), arguments, 0,
                      nullptr));
  void* cell = nullptr;
  size_t size = 0;
  OK(cudaLibraryGetGlobal(&cell, &size, library, "cell"));
  CHECK(size == 4);
  unsigned found = 0;
  OK(cudaMemcpy(&found, cell, sizeof found, cudaMemcpyDeviceToHost));
  CHECK(found == 77);
  FAILS(cudaLibraryGetKernel(&kernel, library, "absent"), cudaErrorSymbolNotFound);
  OK(cudaLibraryUnload(library));
  FAILS(cudaLibraryGetKernel(&kernel, library, "put"), cudaErrorInvalidResourceHandle);
}

TEST_CASE("what is no code is refused") {
  cudaLibrary_t library = nullptr;
  CHECK(cudaLibraryLoadData(&library, "no code", nullptr, nullptr, 0, nullptr, nullptr, 0) !=
        cudaSuccess);
  cudaGetLastError();
  FAILS(cudaLibraryLoadFromFile(&library, "/nonexistent", nullptr, nullptr, 0, nullptr, nullptr, 0),
        cudaErrorFileNotFound);
}

TEST_CASE("driver functions by name and version") {
  void* found = nullptr;
  cudaDriverEntryPointQueryResult status{};
#if SOFTGPU_RUNTIME == 12
  OK(cudaGetDriverEntryPoint("cuDriverGetVersion", &found, cudaEnableDefault, &status));
  CHECK(status == cudaDriverEntryPointSuccess);
#endif
  OK(cudaGetDriverEntryPointByVersion("cuDriverGetVersion", &found, 12000, cudaEnableDefault,
                                      &status));
  CHECK(status == cudaDriverEntryPointSuccess);
  REQUIRE(found != nullptr);
  int version = 0;
  CHECK(reinterpret_cast<CUresult (*)(int*)>(found)(&version) == CUDA_SUCCESS);
  CHECK(version >= CUDART_VERSION);
  OK(cudaGetDriverEntryPointByVersion("cuNoSuchThing", &found, 12000, cudaEnableDefault, &status));
  CHECK(status == cudaDriverEntryPointSymbolNotFound);
  CHECK(found == nullptr);
  OK(cudaGetDriverEntryPointByVersion("cuLibraryLoadData", &found, 11000, cudaEnableDefault,
                                      &status));
  CHECK(status == cudaDriverEntryPointVersionNotSufficent);
  void *legacy = nullptr, *own = nullptr;
  OK(cudaGetDriverEntryPointByVersion("cuLaunchKernel", &legacy, 12000, cudaEnableLegacyStream,
                                      nullptr));
  OK(cudaGetDriverEntryPointByVersion("cuLaunchKernel", &own, 12000,
                                      cudaEnablePerThreadDefaultStream, nullptr));
  CHECK(legacy != own);
  FAILS(cudaGetDriverEntryPointByVersion("cuInit", &found, 12000, 9, &status),
        cudaErrorInvalidValue);
}

TEST_CASE("the runtime works in a context that the program made") {
  // As CUDA says: the context that is current through the driver API is the one used.
  void *create = nullptr, *destroy = nullptr;
  int devices = 0;
  OK(cudaGetDeviceCount(&devices));  // initialises the driver, makes no context
  OK(cudaGetDriverEntryPointByVersion("cuCtxCreate", &create, 3020, cudaEnableDefault, nullptr));
  OK(cudaGetDriverEntryPointByVersion("cuCtxDestroy", &destroy, 12000, cudaEnableDefault, nullptr));
  CUcontext context = nullptr;
  REQUIRE(reinterpret_cast<CUresult (*)(CUcontext*, unsigned, CUdevice)>(create)(&context, 0, 0) ==
          CUDA_SUCCESS);
  {
    Buffer<float> values(64);
    kernels::add(values.get(), 64, 1, 1, 64);
    CHECK(values.read()[0] == 1);
  }
  CHECK(reinterpret_cast<CUresult (*)(CUcontext)>(destroy)(context) == CUDA_SUCCESS);
  Buffer<float> values(64);  // in the primary context again
  kernels::add(values.get(), 64, 2, 1, 64);
  CHECK(values.read()[0] == 2);
}

TEST_CASE("the profiler's switch reaches the driver") {
  OK(cudaFree(nullptr));  // the context
  const Heard heard;
  OK(cudaProfilerStart());
  REQUIRE_FALSE(heard.names().empty());
  CHECK(heard.names().back() == "cuProfilerStart");
  OK(cudaProfilerStop());
  CHECK(heard.names().back() == "cuProfilerStop");
}

TEST_CASE("channels are described") {
  const cudaChannelFormatDesc d = cudaCreateChannelDesc(32, 16, 8, 0, cudaChannelFormatKindFloat);
  CHECK(d.x == 32);
  CHECK(d.z == 8);
  CHECK(d.f == cudaChannelFormatKindFloat);
}

TEST_CASE("what is not there is refused as not supported") {
  cudaArray_t array = nullptr;
  const cudaChannelFormatDesc d = cudaCreateChannelDesc(32, 0, 0, 0, cudaChannelFormatKindFloat);
  FAILS(cudaMallocArray(&array, &d, 16, 16, 0), cudaErrorNotSupported);
  cudaTextureObject_t texture = 0;
  FAILS(cudaCreateTextureObject(&texture, nullptr, nullptr, nullptr), cudaErrorNotSupported);
}
