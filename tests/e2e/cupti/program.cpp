// SPDX-License-Identifier: MIT
// A CUDA program with a profiler of its own, which it starts and stops as it goes. It knows nothing
// of the library: it prints what its buffers hold and what its profiler recorded.
//
//   cupti_program IMAGE SCENARIO [LIBCUPTI]
#include <atomic>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "driver.hpp"
#include "profile.hpp"

namespace {

constexpr int kN = kCountedBytes / sizeof(float);
constexpr int kRounds = 5;

const char* library = "libcupti.so.13";

std::vector<char> file(const char* path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Program {
 public:
  explicit Program(const char* path) : image_(file(path)) {
    image_.push_back('\0');
    check(cu(cuInit)(0), "cuInit");
    check(cu(cuDevicePrimaryCtxRetain)(&context_, 0), "cuDevicePrimaryCtxRetain");
    use();
    check(cu(cuModuleLoadData)(&module_, image_.data()), "cuModuleLoadData");
    check(cu(cuModuleGetFunction)(&square_, module_, "square"), "cuModuleGetFunction");
  }
  void use() const { check(cu(cuCtxSetCurrent)(context_), "cuCtxSetCurrent"); }
  const void* image() const { return image_.data(); }

  // Two fresh buffers; 1e30 squared overflows. True if every value came out finite.
  bool round(CUstream stream = nullptr) const {
    std::vector<float> values(kN, 2.0f);
    values[3] = 1e30f;
    const Buffer<float> in(values), out(static_cast<size_t>(kN));
    return run(square_, out, in, stream);
  }
  static bool run(CUfunction function, const Buffer<float>& out, const Buffer<float>& in,
                  CUstream stream) {
    CUdeviceptr o = out.address(), i = in.address();
    int n = kN;
    void* arguments[] = {&o, &i, &n};
    check(
        cu(cuLaunchKernel)(function, (kN + 63) / 64, 1, 1, 64, 1, 1, 0, stream, arguments, nullptr),
        "cuLaunchKernel");
    check(cu(cuStreamSynchronize)(stream), "cuStreamSynchronize");
    for (const float value : out.get())
      if (!std::isfinite(value)) return false;
    return true;
  }
  void rounds(const char* when) const {
    int finite = 0;
    for (int i = 0; i < kRounds; ++i) finite += round() ? 1 : 0;
    std::printf("%s finite %d of %d\n", when, finite, kRounds);
  }

 private:
  std::vector<char> image_;
  CUcontext context_ = nullptr;
  CUmodule module_ = nullptr;
  CUfunction square_ = nullptr;
};

// Allocates and frees on another thread for as long as it lives.
class Churn {
 public:
  explicit Churn(const Program& program)
      : thread_([this, &program] {
          program.use();
          while (!done_) {
            CUdeviceptr memory = 0;
            CUmodule module = nullptr;
            check(cu(cuMemAlloc)(&memory, 512), "cuMemAlloc");
            check(cu(cuModuleLoadData)(&module, program.image()), "cuModuleLoadData");
            check(cu(cuModuleUnload)(module), "cuModuleUnload");
            check(cu(cuMemFree)(memory), "cuMemFree");
          }
        }) {}
  ~Churn() {
    done_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> done_{false};
  std::thread thread_;
};

void windows(const Program& program) {
  program.rounds("before");
  const Api api = open_cupti(library);
  for (int window = 0; window < 3; ++window) {
    Profile profile(api);
    profile.start();
    program.rounds("during");
    profile.stop();
    profile.print("window");
    program.rounds("after");
  }
}

void churning_windows(const Program& program) {
  const Churn churn(program);
  const Api api = open_cupti(library);
  for (int window = 0; window < 20; ++window) {
    Profile profile(api);
    profile.start();
    program.rounds("during");
    profile.stop();
    profile.print("window");
  }
}

void finalize(const Program& program) {
  const Api api = open_cupti(library);
  Profile profile(api);
  profile.start();
  program.rounds("during");
  profile.stop();
  profile.finalize();
  profile.print("window");
  program.rounds("after");
}

// Is the place taken? Asked past every override, so that nobody steps aside.
void print_holder(const char* when) {
  const auto subscribe =
      reinterpret_cast<decltype(&::cuptiSubscribe)>(unseen(library, "cuptiSubscribe"));
  const auto unsubscribe =
      reinterpret_cast<decltype(&::cuptiUnsubscribe)>(unseen(library, "cuptiUnsubscribe"));
  CUpti_SubscriberHandle handle = nullptr;
  const CUptiResult result = subscribe(&handle, nullptr, nullptr);
  if (result == CUPTI_SUCCESS) unsubscribe(handle);
  std::printf("%s %d\n", when, static_cast<int>(result));
}

void holder(const Program& program) {
  program.rounds("before");
  print_holder("unused");
  const Api api = open_cupti(library);
  CUpti_SubscriberHandle handle = nullptr;
  std::printf("subscribe %d\n", static_cast<int>(api.Subscribe(&handle, nullptr, nullptr)));
  print_holder("subscribed");
  std::printf("null %d\n", static_cast<int>(api.Subscribe(nullptr, nullptr, nullptr)));
  std::printf("unsubscribe %d\n", static_cast<int>(api.Unsubscribe(handle)));
  std::printf("again %d\n", static_cast<int>(api.Unsubscribe(handle)));
  print_holder("left");
  program.rounds("after");
  print_holder("unused");
}

#define UNSEEN(name) reinterpret_cast<decltype(&::name)>(unseen("libcuda.so.1", NAME_OF(name)))

// Memory and code that no hook sees, used by a launch that one does.
void past_the_hooks(const Program& program) {
  CUmodule module = nullptr;
  CUfunction function = nullptr;
  check(UNSEEN(cuModuleLoadData)(&module, program.image()), "cuModuleLoadData");
  check(cu(cuModuleGetFunction)(&function, module, "square"), "cuModuleGetFunction");
  CUdeviceptr memory[2] = {};
  for (CUdeviceptr& m : memory) check(UNSEEN(cuMemAlloc)(&m, kCountedBytes), "cuMemAlloc");
  std::vector<float> values(kN, 2.0f);
  values[3] = 1e30f;
  check(cu(cuMemcpyHtoD)(memory[1], values.data(), kCountedBytes), "cuMemcpyHtoD");
  int n = kN;
  void* arguments[] = {&memory[0], &memory[1], &n};
  check(
      cu(cuLaunchKernel)(function, (kN + 63) / 64, 1, 1, 64, 1, 1, 0, nullptr, arguments, nullptr),
      "cuLaunchKernel");
  check(cu(cuCtxSynchronize)(), "cuCtxSynchronize");
  check(cu(cuMemcpyDtoH)(values.data(), memory[0], kCountedBytes), "cuMemcpyDtoH");
  std::printf("unseen %s\n", std::isfinite(values[3]) ? "finite" : "non-finite");
  for (const CUdeviceptr m : memory) check(UNSEEN(cuMemFree)(m), "cuMemFree");
  check(UNSEEN(cuModuleUnload)(module), "cuModuleUnload");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  if (argc > 3) library = argv[3];
  const Program program(argv[1]);
  const std::string scenario = argv[2];
  if (scenario == "windows")
    windows(program);
  else if (scenario == "churn")
    churning_windows(program);
  else if (scenario == "finalize")
    finalize(program);
  else if (scenario == "holder")
    holder(program);
  else if (scenario == "unseen")
    past_the_hooks(program);
  else
    return 2;
  std::printf("longest %ld\n", Profile::longest_ms());
}
