// SPDX-License-Identifier: MIT
// Modules and libraries from every kind of image, and what is said about images that do not load.
#include <fstream>
#include <sstream>

#include "softgpu/driver_fixture.hpp"
#include "softgpu/driver_kernels.hpp"

namespace {

std::string file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE(in.good());
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// Writes 42 through the image's `put(int*)` and gives what arrived.
int put_through(const Gpu& gpu, CUfunction f) {
  CUdeviceptr p = gpu.alloc(4);
  void* params[] = {&p};
  REQUIRE(CU(cuLaunchKernel)(f, 1, 1, 1, 1, 1, 1, 0, nullptr, params, nullptr) == CUDA_SUCCESS);
  return gpu.read<int>(p, 1)[0];
}

struct Log {
  char text[512] = {};
  CUjit_option options[2] = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
  void* values[2] = {text, reinterpret_cast<void*>(sizeof text)};
  CUresult load(const std::string& image) {
    CUmodule m = nullptr;
    return CU(cuModuleLoadDataEx)(&m, image.c_str(), 2, options, values);
  }
};

}  // namespace

TEST_CASE("fatbins load whatever their compression") {
  const Gpu gpu;
  for (const char* kind : {"none", "speed", "size"}) {
    INFO(kind);
    const std::string image = file(std::string(SOFTGPU_TEST_IMAGES) + "/put_" + kind + ".fatbin");
    CUmodule m = nullptr;
    CUfunction f = nullptr;
    REQUIRE(CU(cuModuleLoadData)(&m, image.data()) == CUDA_SUCCESS);
    REQUIRE(CU(cuModuleGetFunction)(&f, m, "put") == CUDA_SUCCESS);
    CHECK(put_through(gpu, f) == 42);
    REQUIRE(CU(cuModuleLoadFatBinary)(&m, image.data()) == CUDA_SUCCESS);
  }
}

TEST_CASE("modules load from files") {
  const Gpu gpu;
  CUmodule m = nullptr;
  CUfunction f = nullptr;
  REQUIRE(CU(cuModuleLoad)(&m, SOFTGPU_TEST_IMAGES "/put_size.fatbin") == CUDA_SUCCESS);
  REQUIRE(CU(cuModuleGetFunction)(&f, m, "put") == CUDA_SUCCESS);
  CHECK(put_through(gpu, f) == 42);
  CHECK(CU(cuModuleLoad)(&m, "/no/such/file") == CUDA_ERROR_FILE_NOT_FOUND);
}

TEST_CASE("an image with machine code only has no binary for this device") {
  const Gpu gpu;
  const std::string image = file(SOFTGPU_TEST_IMAGES "/put_sass.fatbin");
  CUmodule m = nullptr;
  CHECK(CU(cuModuleLoadData)(&m, image.data()) == CUDA_ERROR_NO_BINARY_FOR_GPU);
}

TEST_CASE("bytes that are no image are refused") {
  const Gpu gpu;
  const char garbage[64] = {1, 2, 3};
  CUmodule m = nullptr;
  CHECK(CU(cuModuleLoadData)(&m, garbage) == CUDA_ERROR_INVALID_IMAGE);
  CHECK(CU(cuModuleLoadData)(&m, nullptr) == CUDA_ERROR_INVALID_VALUE);
}

TEST_CASE("malformed PTX is named with its line in the error log") {
  const Gpu gpu;
  Log log;
  CHECK(
      log.load(ptx::kHeader + ".visible .entry broken()\n{\n  mov.u32 %nowhere, 1;\n  ret;\n}\n") ==
      CUDA_ERROR_INVALID_PTX);
  CHECK(std::string(log.text).find(":6:") != std::string::npos);
  CHECK(reinterpret_cast<uintptr_t>(log.values[1]) == std::string(log.text).size() + 1);
}

TEST_CASE("an instruction the engine lacks is named with its line") {
  const Gpu gpu;
  Log log;
  const std::string text = ptx::kHeader +
                           ".visible .entry odd()\n{\n  .reg .b32 %r<3>;\n"
                           "  frobnicate.rn.u32 %r1, %r2;\n  ret;\n}\n";
  CHECK(log.load(text) == CUDA_ERROR_NOT_SUPPORTED);
  CHECK(std::string(log.text).find("frobnicate.rn.u32") != std::string::npos);
  CHECK(std::string(log.text).find(":7:") != std::string::npos);
}

TEST_CASE("PTX for newer hardware or of a newer ISA is told apart") {
  const Gpu gpu;
  Log log;
  const std::string body = ".address_size 64\n.visible .entry k()\n{\n  ret;\n}\n";
  CHECK(log.load(".version 9.0\n.target sm_120\n" + body) == CUDA_ERROR_NO_BINARY_FOR_GPU);
  CHECK(log.load(".version 9.0\n.target sm_90a\n" + body) == CUDA_SUCCESS);
  CHECK(log.load(".version 99.0\n.target sm_80\n" + body) == CUDA_ERROR_UNSUPPORTED_PTX_VERSION);
}

TEST_CASE("functions and variables are found by name and enumerated") {
  const Gpu gpu;
  CUmodule m = nullptr;
  REQUIRE(CU(cuModuleLoadData)(&m, ptx::kGlobals.c_str()) == CUDA_SUCCESS);
  CUfunction bump = nullptr, again = nullptr, f = nullptr;
  REQUIRE(CU(cuModuleGetFunction)(&bump, m, "bump") == CUDA_SUCCESS);
  REQUIRE(CU(cuModuleGetFunction)(&again, m, "bump") == CUDA_SUCCESS);
  CHECK(bump == again);
  CHECK(CU(cuModuleGetFunction)(&f, m, "missing") == CUDA_ERROR_NOT_FOUND);
  const char* name = nullptr;
  CHECK(CU(cuFuncGetName)(&name, bump) == CUDA_SUCCESS);
  CHECK(std::string(name) == "bump");
  CUmodule owner = nullptr;
  CHECK(CU(cuFuncGetModule)(&owner, bump) == CUDA_SUCCESS);
  CHECK(owner == m);
  unsigned count = 0;
  CHECK(CU(cuModuleGetFunctionCount)(&count, m) == CUDA_SUCCESS);
  CHECK(count == 2);
  CUfunction all[2] = {};
  CHECK(CU(cuModuleEnumerateFunctions)(all, 2, m) == CUDA_SUCCESS);
  CHECK((all[0] == bump || all[1] == bump));

  CUdeviceptr counter = 0;
  size_t size = 0;
  REQUIRE(CU(cuModuleGetGlobal_v2)(&counter, &size, m, "counter") == CUDA_SUCCESS);
  CHECK(size == 4);
  CHECK(gpu.read<int>(counter, 1)[0] == 10);
  REQUIRE(CU(cuLaunchKernel)(bump, 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, nullptr) == CUDA_SUCCESS);
  CHECK(gpu.read<int>(counter, 1)[0] == 11);
  CUdeviceptr table = 0;
  REQUIRE(CU(cuModuleGetGlobal_v2)(&table, &size, m, "table") == CUDA_SUCCESS);
  CHECK(gpu.read<int>(table, 3) == std::vector<int>{1, 2, 3});
  CHECK(CU(cuModuleGetGlobal_v2)(&table, &size, m, "missing") == CUDA_ERROR_NOT_FOUND);
  CHECK(CU(cuMemFree_v2)(counter) == CUDA_ERROR_INVALID_VALUE);  // the module's, not the program's

  REQUIRE(CU(cuModuleUnload)(m) == CUDA_SUCCESS);
  CHECK(CU(cuModuleUnload)(m) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(CU(cuFuncGetName)(&name, bump) == CUDA_ERROR_INVALID_HANDLE);
  int word = 0;
  CHECK(CU(cuMemcpyDtoH_v2)(&word, counter, 4) == CUDA_ERROR_INVALID_VALUE);
}

TEST_CASE("function attributes") {
  const Gpu gpu;
  const CUfunction f = gpu.function(ptx::kBounded, "bounded");
  int value = 0;
  CHECK(CU(cuFuncGetAttribute)(&value, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, f) == CUDA_SUCCESS);
  CHECK(value == 64);
  CHECK(CU(cuFuncGetAttribute)(&value, CU_FUNC_ATTRIBUTE_PTX_VERSION, f) == CUDA_SUCCESS);
  CHECK(value == 80);
  CHECK(CU(cuFuncGetAttribute)(&value, CU_FUNC_ATTRIBUTE_MAX, f) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuFuncSetAttribute)(f, CU_FUNC_ATTRIBUTE_NUM_REGS, 1) == CUDA_ERROR_INVALID_VALUE);
}

TEST_CASE("a library is loaded without a context and its kernels run in any") {
  REQUIRE(CU(cuInit)(0) == CUDA_SUCCESS);
  CUlibrary library = nullptr;
  REQUIRE(CU(cuLibraryLoadData)(&library, ptx::kGlobals.c_str(), nullptr, nullptr, 0, nullptr,
                                nullptr, 0) == CUDA_SUCCESS);
  CUkernel kernel = nullptr;
  REQUIRE(CU(cuLibraryGetKernel)(&kernel, library, "bump") == CUDA_SUCCESS);
  CHECK(CU(cuLibraryGetKernel)(&kernel, library, "missing") == CUDA_ERROR_NOT_FOUND);
  unsigned count = 0;
  CHECK(CU(cuLibraryGetKernelCount)(&count, library) == CUDA_SUCCESS);
  CHECK(count == 2);
  const char* name = nullptr;
  CHECK(CU(cuKernelGetName)(&name, kernel) == CUDA_SUCCESS);
  CHECK(std::string(name) == "bump");
  for (int round = 0; round < 2; ++round) {
    const Gpu gpu;
    CUfunction f = nullptr;
    REQUIRE(CU(cuKernelGetFunction)(&f, kernel) == CUDA_SUCCESS);
    REQUIRE(CU(cuLaunchKernel)(f, 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, nullptr) == CUDA_SUCCESS);
    // A CUkernel may stand where a CUfunction is expected.
    const auto cast = reinterpret_cast<CUfunction>(kernel);
    REQUIRE(CU(cuLaunchKernel)(cast, 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, nullptr) ==
            CUDA_SUCCESS);
    CUdeviceptr counter = 0;
    REQUIRE(CU(cuLibraryGetGlobal)(&counter, nullptr, library, "counter") == CUDA_SUCCESS);
    CHECK(gpu.read<int>(counter, 1)[0] == 12);  // each context has its own
    CUmodule of_library = nullptr, of_function = nullptr;
    CHECK(CU(cuLibraryGetModule)(&of_library, library) == CUDA_SUCCESS);
    CHECK(CU(cuFuncGetModule)(&of_function, f) == CUDA_SUCCESS);
    CHECK(of_library == of_function);
  }
  CHECK(CU(cuLibraryUnload)(library) == CUDA_SUCCESS);
  CHECK(CU(cuLibraryUnload)(library) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(CU(cuKernelGetName)(&name, kernel) == CUDA_ERROR_INVALID_HANDLE);
}
