// SPDX-License-Identifier: MIT
// cuGetProcAddress, held against its description in cuda.h and against cudaTypedefs.h: which
// variant for which version.
#include "softgpu/driver_fixture.hpp"

namespace {

struct Answer {
  CUresult result;
  void* address;
  CUdriverProcAddressQueryResult status;
};

Answer ask(const char* name, int version, cuuint64_t flags = 0) {
  Answer a{CUDA_SUCCESS, reinterpret_cast<void*>(1),
           static_cast<CUdriverProcAddressQueryResult>(3)};
  a.result = CU(cuGetProcAddress_v2)(name, &a.address, version, flags, &a.status);
  return a;
}

void* symbol(const char* name) {
  return driver_symbol(name);
}

}  // namespace

TEST_CASE("the variant is the newest that is not newer than the requested version") {
  CHECK(ask("cuMemAlloc", 2000).address == symbol("cuMemAlloc"));
  CHECK(ask("cuMemAlloc", 3010).address == symbol("cuMemAlloc"));
  CHECK(ask("cuMemAlloc", 3020).address == symbol("cuMemAlloc_v2"));
  CHECK(ask("cuMemAlloc", 13000).address == symbol("cuMemAlloc_v2"));
  CHECK(ask("cuCtxCreate", 3020).address == symbol("cuCtxCreate_v2"));
  CHECK(ask("cuCtxCreate", 11040).address == symbol("cuCtxCreate_v3"));
  CHECK(ask("cuCtxCreate", 12050).address == symbol("cuCtxCreate_v4"));
  CHECK(ask("cuCtxCreate", 13000).address == symbol("cuCtxCreate_v4"));
  CHECK(ask("cuEventElapsedTime", 12070).address == symbol("cuEventElapsedTime"));
  CHECK(ask("cuEventElapsedTime", 12080).address == symbol("cuEventElapsedTime_v2"));
  CHECK(ask("cuStreamGetCaptureInfo", 10010).address == symbol("cuStreamGetCaptureInfo"));
  CHECK(ask("cuStreamGetCaptureInfo", 11030).address == symbol("cuStreamGetCaptureInfo_v2"));
  CHECK(ask("cuStreamGetCaptureInfo", 12030).address == symbol("cuStreamGetCaptureInfo_v3"));
}

TEST_CASE("cuGetProcAddress finds itself in both ABIs") {
  CHECK(ask("cuGetProcAddress", 11030).address == symbol("cuGetProcAddress"));
  CHECK(ask("cuGetProcAddress", 12000).address == symbol("cuGetProcAddress_v2"));
}

TEST_CASE("the per-thread flag picks the twin and falls back to legacy where there is none") {
  const auto flag = CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM;
  CHECK(ask("cuLaunchKernel", 7000, flag).address == symbol("cuLaunchKernel_ptsz"));
  CHECK(ask("cuLaunchKernel", 4000, flag).address == symbol("cuLaunchKernel"));
  CHECK(ask("cuMemcpyHtoD", 7000, flag).address == symbol("cuMemcpyHtoD_v2_ptds"));
  CHECK(ask("cuMemAlloc", 3020, flag).address == symbol("cuMemAlloc_v2"));
  CHECK(ask("cuLaunchKernel", 7000, CU_GET_PROC_ADDRESS_LEGACY_STREAM).address ==
        symbol("cuLaunchKernel"));
}

TEST_CASE("an unknown name succeeds with no address and says why") {
  const Answer unknown = ask("cuNoSuchFunction", 13000);
  CHECK(unknown.result == CUDA_SUCCESS);
  CHECK(unknown.address == nullptr);
  CHECK(unknown.status == CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND);

  const Answer early = ask("cuLaunchKernelEx", 11000);
  CHECK(early.result == CUDA_SUCCESS);
  CHECK(early.address == nullptr);
  CHECK(early.status == CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT);

  CHECK(ask("cuInit", 2000).status == CU_GET_PROC_ADDRESS_SUCCESS);
  CHECK(ask("cuMemAlloc_v2", 13000).address == nullptr);  // base names only
}

TEST_CASE("a version above the driver's and unknown flags are invalid") {
  CHECK(ask("cuInit", 13010).result == CUDA_ERROR_INVALID_VALUE);
  CHECK(ask("cuInit", 13000, 4).result == CUDA_ERROR_INVALID_VALUE);
  void* p = nullptr;
  CHECK(CU(cuGetProcAddress_v2)("cuInit", nullptr, 13000, 0, nullptr) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuGetProcAddress_v2)(nullptr, &p, 13000, 0, nullptr) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuGetProcAddress_v2)("cuInit", &p, 13000, 0, nullptr) == CUDA_SUCCESS);
}

// libcudart's probe: any answer but STUB_LIBRARY makes it go on with cuGetProcAddress.
TEST_CASE("the probe with an empty name is not answered like a stub library") {
  void* p = nullptr;
  CHECK(CU(cuGetProcAddress_v2)("", &p, 0, 0, nullptr) != CUDA_ERROR_STUB_LIBRARY);
}

TEST_CASE("the four-argument ABI answers too") {
  void* p = nullptr;
  CHECK(CU(cuGetProcAddress)("cuMemAlloc", &p, 11040, 0) == CUDA_SUCCESS);
  CHECK(p == symbol("cuMemAlloc_v2"));
}

TEST_CASE("every exported name is what its base name and version lead to") {
  struct Row {
    const char* base;
    int version;
    bool per_thread;
    const char* name;
  };
  static const Row rows[] = {
#define SOFTGPU_VARIANT(base, version, per_thread, name, type) {base, version, per_thread, #name},
#include "driver/generated/variants.inc"
#undef SOFTGPU_VARIANT
  };
  CHECK(std::size(rows) == 637);
  for (const Row& row : rows) {
    INFO(row.name);
    const cuuint64_t flags = row.per_thread ? CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM : 0;
    CHECK(ask(row.base, row.version, flags).address == symbol(row.name));
  }
}

TEST_CASE("graph functions whose parameters changed come by the version asked for") {
  const struct {
    const char* base;
    int version;
    const char* name;
  } rows[] = {{"cuGraphAddKernelNode", 11080, "cuGraphAddKernelNode"},
              {"cuGraphAddKernelNode", 12000, "cuGraphAddKernelNode_v2"},
              {"cuGraphExecUpdate", 11080, "cuGraphExecUpdate"},
              {"cuGraphExecUpdate", 12000, "cuGraphExecUpdate_v2"},
              {"cuGraphInstantiate", 10020, "cuGraphInstantiate"},
              {"cuGraphInstantiate", 11000, "cuGraphInstantiate_v2"},
              {"cuGraphAddNode", 12020, "cuGraphAddNode"},
              {"cuGraphAddNode", 12030, "cuGraphAddNode_v2"},
              {"cuGraphGetEdges", 12020, "cuGraphGetEdges"},
              {"cuGraphGetEdges", 12030, "cuGraphGetEdges_v2"},
              {"cuStreamBeginCapture", 10000, "cuStreamBeginCapture"},
              {"cuStreamBeginCapture", 10010, "cuStreamBeginCapture_v2"},
              {"cuStreamUpdateCaptureDependencies", 12020, "cuStreamUpdateCaptureDependencies"},
              {"cuStreamUpdateCaptureDependencies", 12030, "cuStreamUpdateCaptureDependencies_v2"}};
  for (const auto& row : rows) {
    INFO(row.base << " at " << row.version);
    CHECK(ask(row.base, row.version).address == symbol(row.name));
  }
}

TEST_CASE("what is not there says so by name") {
  const Gpu gpu;
  CHECK(CU(cuGraphicsMapResources)(0, nullptr, nullptr) == CUDA_ERROR_NOT_SUPPORTED);
}
