// SPDX-License-Identifier: MIT
// Build-time only: CUDA C++ to PTX with the NVRTC of another toolkit, which comes as a library
// without a program.
//
//   nvrtc_compile LIBNVRTC ARCH INCLUDE_FOLDER SOURCE OUTPUT      e.g. … compute_75 src scan.cu
//   scan.ptx
//
// The library is opened by path and its functions found by name, so that the build needs neither
// its headers nor to link it. libnvrtc-builtins lies beside it; NVRTC opens that by bare name, so
// it is opened here first, by path. Signatures as documented in NVIDIA's NVRTC reference.
#include <dlfcn.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

using Program = struct Opaque*;
using Result = int;

template <typename Function>
Function* find(void* library, const char* name) {
  void* address = dlsym(library, name);
  if (!address) throw std::runtime_error(std::string("no ") + name + " in libnvrtc");
  return reinterpret_cast<Function*>(address);
}

struct Nvrtc {
  explicit Nvrtc(const fs::path& path) {
    for (const auto& file : fs::directory_iterator(path.parent_path()))
      if (file.path().filename().string().starts_with("libnvrtc-builtins.so"))
        dlopen(file.path().c_str(), RTLD_NOW | RTLD_GLOBAL);
    void* library = dlopen(path.c_str(), RTLD_NOW);
    if (!library) throw std::runtime_error(dlerror());
    create = find<Result(Program*, const char*, const char*, int, const char* const*,
                         const char* const*)>(library, "nvrtcCreateProgram");
    compile = find<Result(Program, int, const char* const*)>(library, "nvrtcCompileProgram");
    log_size = find<Result(Program, size_t*)>(library, "nvrtcGetProgramLogSize");
    log = find<Result(Program, char*)>(library, "nvrtcGetProgramLog");
    ptx_size = find<Result(Program, size_t*)>(library, "nvrtcGetPTXSize");
    ptx = find<Result(Program, char*)>(library, "nvrtcGetPTX");
    error = find<const char*(Result)>(library, "nvrtcGetErrorString");
  }

  void check(Result result, const char* doing) const {
    if (result != 0) throw std::runtime_error(std::string(doing) + ": " + error(result));
  }

  Result (*create)(Program*, const char*, const char*, int, const char* const*, const char* const*);
  Result (*compile)(Program, int, const char* const*);
  Result (*log_size)(Program, size_t*);
  Result (*log)(Program, char*);
  Result (*ptx_size)(Program, size_t*);
  Result (*ptx)(Program, char*);
  const char* (*error)(Result);
};

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string compile(const Nvrtc& nvrtc, const std::string& arch, const std::string& include,
                    const fs::path& source) {
  const std::string text = read_file(source);
  Program program = nullptr;
  nvrtc.check(nvrtc.create(&program, text.c_str(), source.filename().c_str(), 0, nullptr, nullptr),
              "nvrtcCreateProgram");
  const std::string arch_option = "--gpu-architecture=" + arch, include_option = "-I" + include;
  const std::vector<const char*> options = {arch_option.c_str(), include_option.c_str(),
                                            "--std=c++17"};
  const Result result = nvrtc.compile(program, static_cast<int>(options.size()), options.data());
  size_t size = 0;
  nvrtc.check(nvrtc.log_size(program, &size), "nvrtcGetProgramLogSize");
  std::string log(size, '\0');
  nvrtc.check(nvrtc.log(program, log.data()), "nvrtcGetProgramLog");
  if (size > 1) std::fprintf(stderr, "%s\n", log.c_str());
  nvrtc.check(result, "nvrtcCompileProgram");
  nvrtc.check(nvrtc.ptx_size(program, &size), "nvrtcGetPTXSize");
  std::string ptx(size, '\0');
  nvrtc.check(nvrtc.ptx(program, ptx.data()), "nvrtcGetPTX");
  ptx.resize(ptx.find_last_not_of('\0') + 1);
  return ptx;
}

}  // namespace

int main(int count, char** arguments) try {
  if (count != 6) {
    std::fprintf(stderr, "usage: %s LIBNVRTC ARCH INCLUDE_FOLDER SOURCE OUTPUT\n", arguments[0]);
    return 2;
  }
  const Nvrtc nvrtc(arguments[1]);
  const std::string ptx = compile(nvrtc, arguments[2], arguments[3], arguments[4]);
  std::ofstream file(arguments[5], std::ios::binary);
  file << ptx;
  file.close();
  if (!file) throw std::runtime_error(std::string("cannot write ") + arguments[5]);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "nvrtc_compile: %s\n", error.what());
  return 1;
}
