// SPDX-License-Identifier: MIT
// 16 threads with 4 streams each launch, allocate, load, capture and let go at once, in one context
// and in contexts that come and go. Built plainly it is a stress test, built with ThreadSanitizer
// (scripts/tsan.sh) a search for races.
//
//   many_threads IMAGE ROUNDS
//   many_threads IMAGE race      threads that race for a variable of the program: must be found
//
// Every launch squares 1e30 in memory of its own; what stands there afterwards is +Inf without the
// library, and the largest float where a launch was looked at and repaired. Anything else, and any
// call that fails, is wrong. Last line: "N launches, R repaired, W wrong".
#include <array>
#include <atomic>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "driver.hpp"

namespace {

using namespace hostile;

constexpr int kThreads = 16, kStreams = 4, kN = 64;
constexpr size_t kBytes = kN * sizeof(float);
constexpr uint32_t kInf = 0x7f800000, kMax = 0x7f7fffff;

std::string image;
std::atomic<long> launches{0}, repaired{0}, wrong{0};

// All threads begin their rounds at once.
std::atomic<int> waiting{0};
void meet() {
  waiting.fetch_add(1);
  while (waiting.load() < kThreads) std::this_thread::yield();
}

#define TRY(name, ...)                                                           \
  do {                                                                           \
    const CUresult result = cu(name)(__VA_ARGS__);                               \
    if (result != CUDA_SUCCESS) {                                                \
      wrong.fetch_add(1);                                                        \
      std::fprintf(stderr, "%s returned %d\n", #name, static_cast<int>(result)); \
    }                                                                            \
  } while (false)

// Code of this thread's own, or none.
struct Code {
  CUmodule module = nullptr;
  CUlibrary library = nullptr;
  CUfunction square = nullptr;

  void load_module() {
    TRY(cuModuleLoadData, &module, image.data());
    TRY(cuModuleGetFunction, &square, module, "square");
  }
  void load_library() {
    CUkernel kernel = nullptr;
    TRY(cuLibraryLoadData, &library, image.data(), nullptr, nullptr, 0, nullptr, nullptr, 0);
    TRY(cuLibraryGetKernel, &kernel, library, "square");
    TRY(cuKernelGetFunction, &square, kernel);
  }
  void unload() {
    if (module) TRY(cuModuleUnload, module);
    if (library) TRY(cuLibraryUnload, library);
    *this = {};
  }
};

class Work {
 public:
  Work(CUstream stream, bool async) : stream_(stream), async_(async) {
    TRY(cuMemAlloc, &in_, kBytes);
    if (async_)
      TRY(cuMemAllocAsync, &out_, kBytes, stream_);
    else
      TRY(cuMemAlloc, &out_, kBytes);
    std::array<float, kN> values;
    values.fill(2.0f);
    values[5] = 1e30f;
    TRY(cuMemcpyHtoDAsync, in_, values.data(), kBytes, stream_);
    TRY(cuMemsetD8Async, out_, 0, kBytes, stream_);
    TRY(cuStreamSynchronize, stream_);
  }
  ~Work() {
    if (async_)
      TRY(cuMemFreeAsync, out_, stream_);
    else
      TRY(cuMemFree, out_);
    TRY(cuMemFree, in_);
  }
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

  void launch(CUfunction square) {
    int n = kN;
    void* params[] = {&out_, &in_, &n};
    launches.fetch_add(1, std::memory_order_relaxed);
    TRY(cuLaunchKernel, square, 1, 1, 1, kN, 1, 1, 0, stream_, params, nullptr);
  }
  void launch_captured(CUfunction square) {
    CUgraph graph = nullptr;
    CUgraphExec exec = nullptr;
    TRY(cuStreamBeginCapture, stream_, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
    launch(square);
    TRY(cuStreamEndCapture, stream_, &graph);
    TRY(cuGraphInstantiate, &exec, graph, 0);
    for (int i = 0; i < 2; ++i) TRY(cuGraphLaunch, exec, stream_);
    TRY(cuStreamSynchronize, stream_);
    TRY(cuGraphExecDestroy, exec);
    TRY(cuGraphDestroy, graph);
  }
  void verify() {
    std::array<uint32_t, kN> bits{};
    TRY(cuMemcpyDtoHAsync, bits.data(), out_, kBytes, stream_);
    TRY(cuStreamSynchronize, stream_);
    for (size_t i = 0; i < kN; ++i) {
      const bool good = i == 5 ? bits[i] == kInf || bits[i] == kMax : bits[i] == 0x40800000;
      if (!good) {
        wrong.fetch_add(1);
        std::fprintf(stderr, "element %zu is %x\n", i, bits[i]);
      }
    }
    if (bits[5] == kMax) repaired.fetch_add(1, std::memory_order_relaxed);
  }

 private:
  CUstream stream_;
  bool async_;
  CUdeviceptr in_ = 0, out_ = 0;
};

void one_round(int thread, int round, CUfunction shared) {
  Code own;
  if (round % 3 == thread % 3) own.load_module();
  if (round % 3 == (thread + 1) % 3) own.load_library();
  const CUfunction square = own.square ? own.square : shared;
  std::array<CUstream, kStreams> streams = {};
  for (CUstream& stream : streams) TRY(cuStreamCreate, &stream, CU_STREAM_NON_BLOCKING);
  {
    std::vector<Work*> works;
    for (int s = 0; s < kStreams; ++s)
      works.push_back(new Work(streams[static_cast<size_t>(s)], s % 2 == 1));
    for (int times = 0; times < 2; ++times)
      for (Work* work : works) work->launch(square);
    for (Work* work : works) work->verify();
    works[0]->launch_captured(square);
    works[0]->verify();
    for (Work* work : works) delete work;
  }
  for (const CUstream stream : streams) TRY(cuStreamDestroy, stream);
  own.unload();
}

// A context of this thread's own, from its making to its end.
void round_in_own_context(int round) {
  CUcontext before = nullptr, mine = nullptr;
  TRY(cuCtxGetCurrent, &before);
  TRY(cuCtxCreate, &mine, nullptr, 0, 0);
  Code own;
  round % 2 == 0 ? own.load_module() : own.load_library();
  CUstream stream = nullptr;
  TRY(cuStreamCreate, &stream, CU_STREAM_NON_BLOCKING);
  {
    Work work(stream, false);
    work.launch(own.square);
    work.verify();
  }
  TRY(cuStreamDestroy, stream);
  own.unload();
  TRY(cuCtxDestroy, mine);
  TRY(cuCtxSetCurrent, before);
}

int race() {
  long variable = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&] {
      meet();
      ++variable;
    });
  for (std::thread& thread : threads) thread.join();
  return variable > 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  std::ifstream file(argv[1], std::ios::binary);
  image.assign(std::istreambuf_iterator<char>(file), {});
  if (std::string(argv[2]) == "race") return race();
  const int rounds = std::atoi(argv[2]);
  CUcontext context = nullptr;
  CUmodule module = nullptr;
  CUfunction shared = nullptr;
  TRY(cuInit, 0);
  TRY(cuDevicePrimaryCtxRetain, &context, 0);
  TRY(cuCtxSetCurrent, context);
  TRY(cuModuleLoadData, &module, image.data());
  TRY(cuModuleGetFunction, &shared, module, "square");
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([=] {
      TRY(cuCtxSetCurrent, context);
      meet();
      for (int round = 0; round < rounds; ++round) {
        one_round(t, round, shared);
        if (t % 8 == 7) round_in_own_context(round);
      }
    });
  for (std::thread& thread : threads) thread.join();
  TRY(cuModuleUnload, module);
  TRY(cuDevicePrimaryCtxRelease, 0);
  std::printf("%ld launches, %ld repaired, %ld wrong\n", launches.load(), repaired.load(),
              wrong.load());
  return wrong.load() == 0 ? 0 : 1;
}
