// SPDX-License-Identifier: MIT
// cuLink*: what a name means between inputs (PTX ISA 5.4.1, 11.6; nvlink's rules for relocatable
// device code), the options of cuda.h, and the logs.
#include <cstring>
#include <fstream>
#include <sstream>

#include "softgpu/driver_fixture.hpp"
#include "softgpu/driver_kernels.hpp"

namespace {

// `text` may call `.extern .func (.param .b32 r) name ()`.
std::string calls(const char* name) {
  return std::string("  { .param .b32 r;\n    call (r), ") + name +
         ";\n    ld.param.b32 %v, [r];\n  }\n  add.u32 %sum, %sum, %v;\n";
}

// kernel(u32* out): out[0] = what `body` leaves in %sum.
std::string kernel(const std::string& name, const std::string& body) {
  return ".visible .entry " + name +
         "(.param .u64 out)\n{\n  .reg .b32 %v, %sum;\n  .reg .b64 %p, %q;\n  mov.u32 %sum, 0;\n" +
         body +
         "  ld.param.u64 %p, [out];\n  cvta.to.global.u64 %p, %p;\n  st.global.u32 [%p], %sum;\n"
         "  ret;\n}\n";
}

std::string function(const std::string& linkage, const std::string& name, int value) {
  return linkage + " .func (.param .b32 r) " + name + "()\n{\n  st.param.b32 [r], " +
         std::to_string(value) + ";\n  ret;\n}\n";
}

std::string declared(const std::string& name) {
  return ".extern .func (.param .b32 r) " + name + "();\n";
}

class Link {
 public:
  explicit Link(std::vector<CUjit_option> options = {}, std::vector<void*> values = {})
      : values_(std::move(values)) {
    REQUIRE(CU(cuLinkCreate_v2)(static_cast<unsigned>(options.size()), options.data(),
                                values_.data(), &state_) == CUDA_SUCCESS);
  }
  ~Link() { CHECK(CU(cuLinkDestroy)(state_) == CUDA_SUCCESS); }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  CUresult add(const std::string& body, const char* name = "input") {
    const std::string text = ptx::kHeader + body;
    return add(CU_JIT_INPUT_PTX, text.data(), text.size() + 1, name);
  }
  CUresult add(CUjitInputType type, const char* data, size_t size, const char* name = "input") {
    return CU(cuLinkAddData_v2)(state_, type, const_cast<char*>(data), size, name, 0, nullptr,
                                nullptr);
  }
  CUresult complete() {
    size_t size = 0;
    const CUresult r = CU(cuLinkComplete)(state_, &image_, &size);
    if (r == CUDA_SUCCESS) CHECK(size == std::strlen(static_cast<const char*>(image_)) + 1);
    return r;
  }
  CUmodule load() {
    REQUIRE(complete() == CUDA_SUCCESS);
    CUmodule m = nullptr;
    REQUIRE(CU(cuModuleLoadData)(&m, image_) == CUDA_SUCCESS);
    return m;
  }
  CUlinkState state() const { return state_; }
  std::vector<void*>& values() { return values_; }

 private:
  std::vector<void*> values_;
  CUlinkState state_ = nullptr;
  void* image_ = nullptr;
};

unsigned run(const Gpu& gpu, CUmodule m, const char* name) {
  CUfunction f = nullptr;
  REQUIRE(CU(cuModuleGetFunction)(&f, m, name) == CUDA_SUCCESS);
  CUdeviceptr p = gpu.alloc(4);
  void* params[] = {&p};
  REQUIRE(CU(cuLaunchKernel)(f, 1, 1, 1, 1, 1, 1, 0, nullptr, params, nullptr) == CUDA_SUCCESS);
  return gpu.read<unsigned>(p, 1)[0];
}

struct ErrorLog {
  char text[1024] = "?";
  std::vector<CUjit_option> options{CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
  std::vector<void*> values{text, reinterpret_cast<void*>(sizeof text)};
};

bool holds(const char* text, const char* part) {
  return std::strstr(text, part) != nullptr;
}

}  // namespace

TEST_CASE("inputs of a link call each other and share variables, in either order") {
  const Gpu gpu;
  const std::string user = declared("other") + ".extern .global .u32 shared_value;\n" +
                           kernel("use", calls("other") +
                                             "  ld.global.u32 %v, [shared_value];\n"
                                             "  add.u32 %sum, %sum, %v;\n");
  // other() calls back into a third input.
  const std::string other = declared("third") + ".visible .global .u32 shared_value = 500;\n" +
                            ".visible .func (.param .b32 r) other()\n{\n  .reg .b32 %v, %sum;\n"
                            "  mov.u32 %sum, 20;\n" +
                            calls("third") + "  st.param.b32 [r], %sum;\n  ret;\n}\n";
  const std::string third = function(".visible", "third", 3);
  for (const auto& order : std::vector<std::vector<std::string>>{
           {user, other, third}, {third, other, user}, {other, third, user}}) {
    Link link;
    for (const std::string& text : order) REQUIRE(link.add(text) == CUDA_SUCCESS);
    const CUmodule m = link.load();
    CHECK(run(gpu, m, "use") == 523);
    CUdeviceptr address = 0;
    size_t size = 0;
    CHECK(CU(cuModuleGetGlobal_v2)(&address, &size, m, "shared_value") == CUDA_SUCCESS);
    CHECK(size == 4);
  }
}

TEST_CASE("private functions and variables of one name stay what they are") {
  const Gpu gpu;
  const auto input = [](const char* name, int value) {
    // `add` is an opcode too.
    return ".global .u32 $str = " + std::to_string(value * 100) + ";\n" +
           ".global .u64 pointer[2] = {$str, generic($str)};\n" + function("", "add", value) +
           kernel(name, calls("add") +
                            "  mov.u64 %q, $str;\n  ld.global.u32 %v, [%q];\n"
                            "  add.u32 %sum, %sum, %v;\n"
                            "  ld.global.u64 %q, [pointer];\n  ld.global.u32 %v, [%q];\n"
                            "  add.u32 %sum, %sum, %v;\n"
                            "  ld.global.u64 %q, [pointer+8];\n  ld.u32 %v, [%q];\n"
                            "  add.u32 %sum, %sum, %v;\n");
  };
  Link link;
  REQUIRE(link.add(input("first", 1)) == CUDA_SUCCESS);
  REQUIRE(link.add(input("second", 2)) == CUDA_SUCCESS);
  // Here the private name is a public one of somebody else.
  REQUIRE(link.add(".visible .global .u32 $str = 7;\n" +
                   kernel("third", "  ld.global.u32 %sum, [$str];\n")) == CUDA_SUCCESS);
  const CUmodule m = link.load();
  CHECK(run(gpu, m, "first") == 301);
  CHECK(run(gpu, m, "second") == 602);
  CHECK(run(gpu, m, "third") == 7);
}

TEST_CASE("weak definitions give way, the largest common one stays") {
  const Gpu gpu;
  const auto user = [](const char* name) { return kernel(name, calls("pick")); };
  SECTION("the first of several weak ones") {
    Link link;
    REQUIRE(link.add(function(".weak", "pick", 1) + user("a")) == CUDA_SUCCESS);
    REQUIRE(link.add(function(".weak", "pick", 2) + user("b")) == CUDA_SUCCESS);
    const CUmodule m = link.load();
    CHECK(run(gpu, m, "a") == 1);
    CHECK(run(gpu, m, "b") == 1);
  }
  SECTION("a visible one, though it comes later") {
    Link link;
    REQUIRE(link.add(".weak .global .u32 w = 1;\n" + function(".weak", "pick", 1) + user("a")) ==
            CUDA_SUCCESS);
    REQUIRE(link.add(".visible .global .u32 w = 2;\n" + function(".visible", "pick", 2) +
                     user("b") + kernel("w2", "  ld.global.u32 %sum, [w];\n")) == CUDA_SUCCESS);
    const CUmodule m = link.load();
    CHECK(run(gpu, m, "a") == 2);
    CHECK(run(gpu, m, "b") == 2);
    CHECK(run(gpu, m, "w2") == 2);
  }
  SECTION("common variables") {
    Link link;
    REQUIRE(link.add(".common .global .u32 c[2], d;\n") == CUDA_SUCCESS);
    REQUIRE(link.add(".common .global .u32 c[6];\n" +
                     kernel("a", "  ld.global.u32 %sum, [c+20];\n")) == CUDA_SUCCESS);
    const CUmodule m = link.load();
    CUdeviceptr address = 0;
    size_t size = 0;
    CHECK(CU(cuModuleGetGlobal_v2)(&address, &size, m, "c") == CUDA_SUCCESS);
    CHECK(size == 24);
    CHECK(CU(cuModuleGetGlobal_v2)(&address, &size, m, "d") == CUDA_SUCCESS);
    CHECK(run(gpu, m, "a") == 0);
  }
}

TEST_CASE("inputs share the dynamic shared memory of a block") {
  const Gpu gpu;
  Link link;
  REQUIRE(link.add(".extern .shared .align 16 .b8 memory[];\n" + declared("read") +
                   kernel("a", "  mov.u32 %v, 42;\n  st.shared.u32 [memory+4], %v;\n" +
                                   calls("read"))) == CUDA_SUCCESS);
  REQUIRE(link.add(".extern .shared .align 16 .b8 memory[];\n"
                   ".visible .func (.param .b32 r) read()\n{\n  .reg .b32 %v;\n"
                   "  ld.shared.u32 %v, [memory+4];\n  st.param.b32 [r], %v;\n  ret;\n}\n") ==
          CUDA_SUCCESS);
  const CUmodule m = link.load();
  CUfunction f = nullptr;
  REQUIRE(CU(cuModuleGetFunction)(&f, m, "a") == CUDA_SUCCESS);
  CUdeviceptr p = gpu.alloc(4);
  void* params[] = {&p};
  REQUIRE(CU(cuLaunchKernel)(f, 1, 1, 1, 1, 1, 1, 8, nullptr, params, nullptr) == CUDA_SUCCESS);
  CHECK(gpu.read<unsigned>(p, 1)[0] == 42);
}

TEST_CASE("undefined and repeated symbols fail the link and are named in the log") {
  const Gpu gpu;
  ErrorLog log;
  SECTION("a function that nobody has") {
    Link link(log.options, log.values);
    REQUIRE(link.add(declared("nowhere") + declared("unused") + kernel("k", calls("nowhere")),
                     "kernel.ptx") == CUDA_SUCCESS);
    CHECK(link.complete() == CUDA_ERROR_UNKNOWN);
    CHECK(holds(log.text, "nowhere"));
    CHECK(holds(log.text, "kernel.ptx"));
    CHECK_FALSE(holds(log.text, "unused"));
    // OUT: how much of the buffer is filled, the NUL included.
    CHECK(reinterpret_cast<uintptr_t>(link.values()[1]) == std::strlen(log.text) + 1);
  }
  SECTION("a variable that nobody has") {
    Link link(log.options, log.values);
    REQUIRE(link.add(".extern .global .u32 nowhere;\n" +
                     kernel("k", "  ld.global.u32 %sum, [nowhere];\n")) == CUDA_SUCCESS);
    REQUIRE(link.add(function(".visible", "other", 1)) == CUDA_SUCCESS);
    CHECK(link.complete() == CUDA_ERROR_UNKNOWN);
    CHECK(holds(log.text, "nowhere"));
  }
  SECTION("a function that two have, and a kernel") {
    Link link(log.options, log.values);
    REQUIRE(link.add(function(".visible", "twice", 1) + kernel("k", ""), "one.ptx") ==
            CUDA_SUCCESS);
    REQUIRE(link.add(function(".visible", "twice", 2) + kernel("k", ""), "two.ptx") ==
            CUDA_SUCCESS);
    CHECK(link.complete() == CUDA_ERROR_UNKNOWN);
    CHECK(holds(log.text, "'twice' in 'two.ptx', first defined in 'one.ptx'"));
    CHECK(holds(log.text, "'k'"));
  }
  SECTION("what the device itself has is not missing") {
    Link link(log.options, log.values);
    REQUIRE(link.add(".extern .func (.param .b64 r) malloc(.param .b64 n);\n" +
                     kernel("k",
                            "  { .param .b64 n; .param .b64 r;\n    st.param.b64 [n], 16;\n"
                            "    call (r), malloc, (n);\n  }\n")) == CUDA_SUCCESS);
    CHECK(link.complete() == CUDA_SUCCESS);
    CHECK(log.text[0] == '\0');
    CHECK(reinterpret_cast<uintptr_t>(link.values()[1]) == 0);
  }
}

TEST_CASE("inputs that cannot be linked are refused when they are added") {
  const Gpu gpu;
  ErrorLog log;
  Link link(log.options, log.values);
  CHECK(link.add("not PTX at all\n", "broken.ptx") == CUDA_ERROR_INVALID_PTX);
  CHECK(holds(log.text, "broken.ptx:4:1"));
  const std::string newer = ".version 9.0\n.target sm_120\n.address_size 64\n";
  CHECK(link.add(CU_JIT_INPUT_PTX, newer.data(), newer.size() + 1) == CUDA_ERROR_NO_BINARY_FOR_GPU);
  const char junk[64] = "junk";
  CHECK(link.add(CU_JIT_INPUT_CUBIN, junk, sizeof junk) == CUDA_ERROR_NOT_SUPPORTED);
  CHECK(link.add(CU_JIT_INPUT_NVVM, junk, sizeof junk) == CUDA_ERROR_NOT_SUPPORTED);
  CHECK(link.add(CU_JIT_INPUT_OBJECT, junk, sizeof junk) == CUDA_ERROR_INVALID_IMAGE);
  CHECK(link.add(CU_JIT_INPUT_LIBRARY, junk, sizeof junk) == CUDA_ERROR_INVALID_IMAGE);
  CHECK(link.add(CU_JIT_NUM_INPUT_TYPES, junk, sizeof junk) == CUDA_ERROR_INVALID_VALUE);
  CHECK(link.add(CU_JIT_INPUT_PTX, nullptr, 4) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuLinkAddFile_v2)(link.state(), CU_JIT_INPUT_PTX, "/no/such.ptx", 0, nullptr, nullptr) ==
        CUDA_ERROR_FILE_NOT_FOUND);
  // "does not accept any of CU_JIT_WALL_TIME, …"
  CUjit_option option = CU_JIT_WALL_TIME;
  void* value = nullptr;
  const std::string text = ptx::kHeader;
  CHECK(CU(cuLinkAddData_v2)(link.state(), CU_JIT_INPUT_PTX, const_cast<char*>(text.data()),
                             text.size() + 1, "x", 1, &option, &value) == CUDA_ERROR_INVALID_VALUE);
}

TEST_CASE("options of compiler and linker") {
  const Gpu gpu;
  std::string registers;
  for (int i = 0; i < 400; ++i) registers += "  mov.u32 %r" + std::to_string(i) + ", 1;\n";
  const std::string wide =
      ".visible .entry wide()\n{\n  .reg .b32 %r<400>;\n" + registers + "  ret;\n}\n";
  const auto used = [](CUmodule m) {
    CUfunction f = nullptr;
    int n = 0;
    REQUIRE(CU(cuModuleGetFunction)(&f, m, "wide") == CUDA_SUCCESS);
    REQUIRE(CU(cuFuncGetAttribute)(&n, CU_FUNC_ATTRIBUTE_NUM_REGS, f) == CUDA_SUCCESS);
    return n;
  };
  SECTION("CU_JIT_MAX_REGISTERS bounds what a kernel uses, linked or loaded") {
    Link free_link;
    REQUIRE(free_link.add(wide) == CUDA_SUCCESS);
    CHECK(used(free_link.load()) > 40);
    for (const bool second_input : {false, true}) {
      Link link({CU_JIT_MAX_REGISTERS}, {reinterpret_cast<void*>(uintptr_t{40})});
      REQUIRE(link.add(wide) == CUDA_SUCCESS);
      if (second_input) REQUIRE(link.add(function(".visible", "more", 1)) == CUDA_SUCCESS);
      CHECK(used(link.load()) <= 40);
    }
    CUjit_option option = CU_JIT_MAX_REGISTERS;
    void* value = reinterpret_cast<void*>(uintptr_t{40});
    CUmodule m = nullptr;
    REQUIRE(CU(cuModuleLoadDataEx)(&m, (ptx::kHeader + wide).c_str(), 1, &option, &value) ==
            CUDA_SUCCESS);
    CHECK(used(m) <= 40);
  }
  SECTION("CU_JIT_WALL_TIME is a float in the option's value") {
    float never = -1;
    void* value = nullptr;
    std::memcpy(&value, &never, sizeof never);
    Link link({CU_JIT_WALL_TIME}, {value});
    REQUIRE(link.add(wide) == CUDA_SUCCESS);
    REQUIRE(link.complete() == CUDA_SUCCESS);
    float spent = -1;
    std::memcpy(&spent, link.values().data(), sizeof spent);
    CHECK(spent > 0);
    CHECK(spent < 60000);
  }
  SECTION("CU_JIT_LOG_VERBOSE fills the information log, which is cut where it ends") {
    char info[12] = "?";
    Link link({CU_JIT_LOG_VERBOSE, CU_JIT_INFO_LOG_BUFFER, CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES},
              {reinterpret_cast<void*>(uintptr_t{1}), info, reinterpret_cast<void*>(sizeof info)});
    REQUIRE(link.add(wide) == CUDA_SUCCESS);
    REQUIRE(link.complete() == CUDA_SUCCESS);
    CHECK(std::strlen(info) == sizeof info - 1);
    CHECK(reinterpret_cast<uintptr_t>(link.values()[2]) == sizeof info);
  }
  SECTION("options that do not exist or do not go together") {
    CUlinkState state = nullptr;
    CUjit_option unknown = CU_JIT_NUM_OPTIONS;
    void* values[2] = {};
    CHECK(CU(cuLinkCreate_v2)(1, &unknown, values, &state) == CUDA_ERROR_INVALID_VALUE);
    CUjit_option both[2] = {CU_JIT_TARGET, CU_JIT_THREADS_PER_BLOCK};
    CHECK(CU(cuLinkCreate_v2)(2, both, values, &state) == CUDA_ERROR_INVALID_VALUE);
    CHECK(CU(cuLinkCreate_v2)(1, nullptr, nullptr, &state) == CUDA_ERROR_INVALID_VALUE);
    CHECK(CU(cuLinkCreate_v2)(0, nullptr, nullptr, nullptr) == CUDA_ERROR_INVALID_VALUE);
  }
}

TEST_CASE("objects and libraries of nvcc are linked by their PTX") {
  const Gpu gpu;
  for (const auto& [type, file] :
       {std::pair{CU_JIT_INPUT_OBJECT, "/linked.o"}, {CU_JIT_INPUT_LIBRARY, "/liblinked.a"}}) {
    INFO(file);
    Link link;
    REQUIRE(link.add(declared("from_object") + kernel("k", calls("from_object"))) == CUDA_SUCCESS);
    REQUIRE(CU(cuLinkAddFile_v2)(link.state(), type,
                                 (std::string(SOFTGPU_TEST_IMAGES) + file).c_str(), 0, nullptr,
                                 nullptr) == CUDA_SUCCESS);
    CHECK(run(gpu, link.load(), "k") == 1234);
  }
}

TEST_CASE("the blocks of a cooperative launch wait for each other through the device runtime") {
  // libcudadevrt.a holds machine code; an archive with a member of its object's name stands for it.
  const Gpu gpu;
  std::string member = "cuda_device_runtime.o/\n";
  const auto header = [](std::string name, size_t size) {
    name.resize(48, ' ');
    std::string digits = std::to_string(size);
    digits.resize(10, ' ');
    return name + digits + "`\n";
  };
  std::string archive = "!<arch>\n" + header("//", member.size()) + member;
  if (archive.size() % 2 != 0) archive += '\n';
  archive += header("/0", 4) + "code";

  // Each block adds 1 to its own word, waits, adds up all, waits: every block sees all of them.
  const std::string text =
      ".extern .func (.param .b64 r) cudaCGGetIntrinsicHandle(.param .b32 s);\n"
      ".extern .func (.param .b32 r) cudaCGSynchronize(.param .b64 h, .param .b32 f);\n"
      ".visible .entry meet(.param .u64 words, .param .u64 sums)\n{\n"
      "  .reg .pred %more, %lane;\n  .reg .b32 %i, %n, %v, %sum, %t;\n"
      "  .reg .b64 %words, %sums, %h, %p, %q;\n"
      "  ld.param.u64 %words, [words];\n  ld.param.u64 %sums, [sums];\n"
      "  { .param .b32 s; .param .b64 r;\n    st.param.b32 [s], 1;\n"
      "    call (r), cudaCGGetIntrinsicHandle, (s);\n    ld.param.b64 %h, [r];\n  }\n"
      "  mov.u32 %i, %ctaid.x;\n  mov.u32 %n, %nctaid.x;\n  mul.wide.u32 %q, %i, 4;\n"
      "  add.u64 %p, %words, %q;\n  atom.add.u32 %v, [%p], 1;\n"
      "  { .param .b64 h; .param .b32 f; .param .b32 r;\n    st.param.b64 [h], %h;\n"
      "    st.param.b32 [f], 0;\n    call (r), cudaCGSynchronize, (h, f);\n  }\n"
      "  mov.u32 %sum, 0;\n  mov.u64 %p, %words;\n"
      "LOOP:\n  ld.relaxed.gpu.u32 %v, [%p];\n  add.u32 %sum, %sum, %v;\n  add.u64 %p, %p, 4;\n"
      "  sub.u32 %n, %n, 1;\n  setp.ne.u32 %more, %n, 0;\n  @%more bra LOOP;\n"
      "  add.u64 %p, %sums, %q;\n  st.u32 [%p], %sum;\n"
      "  { .param .b64 h; .param .b32 f; .param .b32 r;\n    st.param.b64 [h], %h;\n"
      "    st.param.b32 [f], 0;\n    call (r), cudaCGSynchronize, (h, f);\n"
      "    ld.param.b32 %v, [r];\n  }\n"
      "  add.u32 %sum, %sum, %v;\n  st.u32 [%p], %sum;\n  ret;\n}\n";
  Link link;
  REQUIRE(link.add(".version 7.0\n.target sm_80\n.address_size 64\n" + text) ==
          CUDA_ERROR_INVALID_PTX);  // two headers: the helper above adds one
  REQUIRE(link.add(text) == CUDA_SUCCESS);
  REQUIRE(link.add(CU_JIT_INPUT_LIBRARY, archive.data(), archive.size(), "libcudadevrt.a") ==
          CUDA_SUCCESS);
  const CUmodule m = link.load();
  CUfunction f = nullptr;
  REQUIRE(CU(cuModuleGetFunction)(&f, m, "meet") == CUDA_SUCCESS);
  constexpr unsigned kBlocks = 24, kThreads = 96;
  CUdeviceptr words = gpu.alloc(kBlocks * 4), sums = gpu.alloc(kBlocks * 4);
  REQUIRE(CU(cuMemsetD8_v2)(words, 0, kBlocks * 4) == CUDA_SUCCESS);
  void* params[] = {&words, &sums};
  for (unsigned round = 1; round <= 3; ++round) {
    REQUIRE(CU(cuLaunchCooperativeKernel)(f, kBlocks, 1, 1, kThreads, 1, 1, 0, nullptr, params) ==
            CUDA_SUCCESS);
    for (const unsigned sum : gpu.read<unsigned>(sums, kBlocks))
      CHECK(sum == round * kBlocks * kThreads);
  }
  // Not cooperative: there is no grid to wait for, and the functions say so
  // (cudaErrorInvalidValue).
  REQUIRE(CU(cuMemsetD8_v2)(words, 0, kBlocks * 4) == CUDA_SUCCESS);
  REQUIRE(CU(cuLaunchKernel)(f, 1, 1, 1, 1, 1, 1, 0, nullptr, params, nullptr) == CUDA_SUCCESS);
  CHECK(gpu.read<unsigned>(sums, 1)[0] == 1 + 1);
}

TEST_CASE("a library whose code did not load in a context can still be unloaded") {
  const Gpu gpu;
  const std::string text = ptx::kHeader + declared("nowhere") + kernel("k", calls("nowhere"));
  CUlibrary library = nullptr;
  CUkernel k = nullptr;
  REQUIRE(CU(cuLibraryLoadData)(&library, text.c_str(), nullptr, nullptr, 0, nullptr, nullptr, 0) ==
          CUDA_SUCCESS);
  REQUIRE(CU(cuLibraryGetKernel)(&k, library, "k") == CUDA_SUCCESS);
  CUfunction f = nullptr;
  CHECK(CU(cuKernelGetFunction)(&f, k) != CUDA_SUCCESS);
  CHECK(CU(cuLibraryUnload)(library) == CUDA_SUCCESS);
  CHECK(CU(cuLibraryUnload)(library) == CUDA_ERROR_INVALID_HANDLE);
}

TEST_CASE("the device's nvJitLink sends programs to the driver's linker") {
  const std::string path = SOFTGPU_CUDA_LIBRARY;
  for (const char* name : {"libnvJitLink.so.12", "libnvJitLink.so.13"}) {
    INFO(name);
    void* const library =
        dlopen((path.substr(0, path.rfind('/') + 1) + name).c_str(), RTLD_NOW | RTLD_LOCAL);
    REQUIRE(library);
    // Its absence is how clients know an nvJitLink before 12.3, which they do without.
    CHECK_FALSE(dlsym(library, "nvJitLinkVersion"));
    for (const char* part : {"Create", "Destroy", "AddData", "AddFile", "Complete",
                             "GetLinkedCubinSize", "GetLinkedCubin", "GetErrorLogSize"}) {
      const std::string version = name[std::strlen(name) - 1] == '2' ? "_12_0" : "_13_0";
      CHECK(dlsym(library, (std::string("nvJitLink") + part).c_str()));
      CHECK(dlsym(library, (std::string("__nvJitLink") + part + version).c_str()));
    }
    const auto create = reinterpret_cast<int (*)(void**, uint32_t, const char**)>(
        dlsym(library, "nvJitLinkCreate"));
    void* handle = library;
    const char* options[] = {"-arch=sm_90"};
    CHECK(create(&handle, 1, options) != 0);
    CHECK_FALSE(handle);
  }
}
