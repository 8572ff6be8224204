// SPDX-License-Identifier: MIT
// Every hooked function fails with every error that cuda.h documents for it, with plausible
// arguments and with none. Run with libnonans.so preloaded, on the fault-injecting driver:
//
//   hooked_errors IMAGE
//
// After each function a value that overflows must still be found and repaired, in the same context
// and on the same stream.
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "driver.hpp"

namespace {

using namespace hostile;
using nonans::api::DriverFunction;

constexpr unsigned kMaxF32 = 0x7f7fffff;

int failures = 0;
#define EXPECT(condition, ...)             \
  do {                                     \
    if (!(condition)) {                    \
      ++failures;                          \
      std::printf("failed: " __VA_ARGS__); \
      std::printf("\n");                   \
    }                                      \
  } while (false)

// A program with one object of each kind.
class Program {
 public:
  explicit Program(const char* path) {
    std::ifstream file(path, std::ios::binary);
    image_.assign(std::istreambuf_iterator<char>(file), {});
    image_.resize(image_.size() + 4096);
    check(cu(cuInit)(0), "cuInit");
    handles.image = image_.data();
    check(cu(cuDevicePrimaryCtxRetain)(&get<CUcontext>(), 0), "retain");
    check(cu(cuCtxSetCurrent)(get<CUcontext>()), "set current");
    check(cu(cuModuleLoadData)(&get<CUmodule>(), image_.data()), "module");
    check(cu(cuModuleGetFunction)(&get<CUfunction>(), get<CUmodule>(), "square"), "square");
    check(cu(cuLibraryLoadData)(&get<CUlibrary>(), image_.data(), nullptr, nullptr, 0, nullptr,
                                nullptr, 0),
          "library");
    check(cu(cuLibraryGetKernel)(&get<CUkernel>(), get<CUlibrary>(), "square"), "kernel");
    check(cu(cuStreamCreate)(&get<CUstream>(), CU_STREAM_NON_BLOCKING), "stream");
    check(cu(cuEventCreate)(&get<CUevent>(), 0), "event");
    check(cu(cuGraphCreate)(&get<CUgraph>(), 0), "graph");
    check(cu(cuGraphAddEmptyNode)(&get<CUgraphNode>(), get<CUgraph>(), nullptr, 0), "node");
    check(cu(cuGraphInstantiate)(&get<CUgraphExec>(), get<CUgraph>(), 0), "instantiate");
    check(cu(cuDeviceGetDefaultMemPool)(&get<CUmemoryPool>(), 0), "pool");
    check(cu(cuMemAlloc)(&handles.memory, 4096), "memory");
  }

  template <typename T>
  T& get() {
    return std::get<T>(handles.all);
  }

  // What stands in the first element after 1e30 was squared there. Code and memory are made anew:
  // the call that failed may have been to end the old ones, and then they are not looked at again.
  unsigned overflow() {
    const float in[64] = {1e30f, 2.0f};
    unsigned out[64] = {};
    CUmodule module = nullptr;
    CUfunction square = nullptr;
    CUdeviceptr from = 0, to = 0;
    int n = 64;
    void* params[] = {&to, &from, &n};
    check(cu(cuModuleLoadData)(&module, image_.data()), "module again");
    check(cu(cuModuleGetFunction)(&square, module, "square"), "square again");
    check(cu(cuMemAlloc)(&from, sizeof in), "in");
    check(cu(cuMemAlloc)(&to, sizeof out), "out");
    check(cu(cuMemcpyHtoD)(from, in, sizeof in), "copy");
    check(cu(cuLaunchKernel)(square, 1, 1, 1, 64, 1, 1, 0, get<CUstream>(), params, nullptr),
          "launch");
    check(cu(cuStreamSynchronize)(get<CUstream>()), "synchronize");
    check(cu(cuMemcpyDtoH)(out, to, sizeof out), "read");
    check(cu(cuMemFree)(from), "free");
    check(cu(cuMemFree)(to), "free");
    check(cu(cuModuleUnload)(module), "unload");
    EXPECT(out[1] == 0x40800000, "2 squared is %x", out[1]);
    return out[0];
  }

  Handles handles;

 private:
  std::vector<char> image_;
};

bool is_ours(void* entry) {
  Dl_info info;
  return dladdr(entry, &info) != 0 && std::strstr(info.dli_fname, "libnonans.so") != nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  Program program(argv[1]);
  const Faults faults;
  EXPECT(program.overflow() == kMaxF32, "nothing is repaired to begin with");
  int functions = 0, documented = 0;
  long calls = 0;
  for (int i = 0; i < generic_call_count; ++i) {
    const GenericCall& row = generic_calls[i];
    const DriverFunction* f = nonans::api::find_exported(row.name);
    if (f == nullptr || f->hook < 0) continue;
    ++functions;
    documented += row.documented;
    void* const target = variant(*f);
    EXPECT(is_ours(target), "%s is not routed", row.name);
    for (const CUresult code : row.errors) {
      for (const auto kind : {Arguments::Kind::valid, Arguments::Kind::null}) {
        Arguments arguments(program.handles, kind);
        faults.set({row.name, FAULTY_APPLICATION, 0, 0, code});
        const CUresult got = row.call(target, arguments);
        const long refused = faults.refused();
        faults.clear();
        ++calls;
        const char* how = kind == Arguments::Kind::null ? "without arguments" : "with arguments";
        EXPECT(got == code, "%s %s returned %d, not %d", row.name, how, got, code);
        // A question may be asked again; what changes something must be asked for once.
        const bool asks = std::strstr(row.name, "Get") != nullptr;
        EXPECT(refused == 1 || (asks && refused > 1), "%s %s reached the driver %ld times",
               row.name, how, refused);
        EXPECT(arguments.untouched(), "%s %s failed with %d, and something was written", row.name,
               how, code);
      }
    }
    const unsigned value = program.overflow();
    EXPECT(value == kMaxF32, "after %s failed, an overflow gives %x", row.name, value);
  }
  std::printf("%d functions, %d with documented errors, %ld calls, %d failures\n", functions,
              documented, calls, failures);
  return failures == 0 ? 0 : 1;
}
