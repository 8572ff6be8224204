// SPDX-License-Identifier: MIT
// A CUDA program of one scenario. It knows nothing of the library: what it prints is what its
// buffers hold.
//
//   resolve_program IMAGE SCENARIO
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <thread>
#include <utility>

#include "driver.hpp"

namespace {

constexpr int kN = 256;
constexpr unsigned kBlock = 64;

class Program {
 public:
  explicit Program(const char* image_path) {
    std::ifstream file(image_path, std::ios::binary);
    image_.assign(std::istreambuf_iterator<char>(file), {});
    // cuModuleLoadData gets no length: whoever reads a truncated image reads on behind it.
    image_.resize(image_.size() + 4096);
    check(cu(cuInit)(0), "cuInit");
    check(cu(cuDeviceGet)(&device_, 0), "cuDeviceGet");
    open();
  }
  // The same on another device.
  Program(const Program& other, int ordinal) : image_(other.image_) {
    check(cu(cuDeviceGet)(&device_, ordinal), "cuDeviceGet");
    open();
  }
  void use() const { check(cu(cuCtxSetCurrent)(context_), "cuCtxSetCurrent"); }
  void open() {
    check(cu(cuDevicePrimaryCtxRetain)(&context_, device_), "cuDevicePrimaryCtxRetain");
    check(cu(cuCtxSetCurrent)(context_), "cuCtxSetCurrent");
    const CUresult loaded = cu(cuModuleLoadData)(&module_, image_.data());
    if (loaded != CUDA_SUCCESS) {
      std::printf("load %d\n", static_cast<int>(loaded));
      std::exit(0);
    }
  }
  void close() {
    check(cu(cuModuleUnload)(module_), "cuModuleUnload");
    check(cu(cuDevicePrimaryCtxRelease)(device_), "cuDevicePrimaryCtxRelease");
  }
  CUfunction function(const char* name) const {
    CUfunction found;
    check(cu(cuModuleGetFunction)(&found, module_, name), name);
    return found;
  }
  CUcontext context() const { return context_; }

  template <typename... Args>
  void launch(const char* name, CUstream stream, Args... args) const {
    void* params[] = {&args...};
    check(cu(cuLaunchKernel)(function(name), kN / kBlock, 1, 1, kBlock, 1, 1, 0, stream, params,
                             nullptr),
          name);
  }
  template <typename... Args>
  void run(const char* name, Args... args) const {
    launch(name, nullptr, args...);
    check(cu(cuCtxSynchronize)(), "cuCtxSynchronize");
  }
  // One step of training, so that what follows belongs to the next.
  void optimise() const {
    Buffer<float> w(std::vector<float>(kN, 1.0f)), m(std::vector<float>(kN, 0.0f)),
        v(std::vector<float>(kN, 0.0f)), g(std::vector<float>(kN, 0.5f));
    run("adam", w.address(), m.address(), v.address(), g.address(), 0.1f, kN);
    print("w", w);
  }

 private:
  std::vector<char> image_;
  CUdevice device_ = 0;
  CUcontext context_ = nullptr;
  CUmodule module_ = nullptr;
};

// Finite everywhere; elements 5, 77 and 200 are too large to be squared.
std::vector<float> some_too_large() {
  std::vector<float> values(kN);
  for (int i = 0; i < kN; ++i) values[static_cast<size_t>(i)] = 0.25f * static_cast<float>(i - 100);
  values[5] = 1e30f;
  values[77] = -3e20f;
  values[200] = FLT_MAX;
  return values;
}

void overflow(Program& p) {
  Buffer<float> in(some_too_large()), out(std::vector<float>(kN, -1.0f));
  p.run("square", out.address(), in.address(), kN);
  print("out", out);
  print("in", in);
}

void negative_overflow(Program& p) {
  Buffer<float> in(some_too_large()), out(kN);
  p.run("minus_square", out.address(), in.address(), kN);
  print("out", out);
}

void zero_by_zero(Program& p) {
  std::vector<float> numerator(kN, 1.0f), denominator(kN, 2.0f);
  numerator[3] = denominator[3] = 0.0f;
  Buffer<float> a(numerator), b(denominator), out(kN);
  p.run("quotient", out.address(), a.address(), b.address(), kN);
  print("out", out);
}

void half_overflow(Program& p) {
  std::vector<float> values(kN, 1.5f);
  values[9] = 70000.0f;
  values[10] = 65519.0f;  // rounds to 65504
  Buffer<float> in(values);
  Buffer<uint16_t> out(kN);
  p.run("to_half", out.address(), in.address(), kN);
  print("first", out);
  p.optimise();
  p.run("to_half", out.address(), in.address(), kN);
  print("second", out);
}

void double_overflow(Program& p) {
  std::vector<double> values(kN, 3.0);
  values[255] = 1e200;
  Buffer<double> in(values), out(kN);
  p.run("square_double", out.address(), in.address(), kN);
  print("out", out);
}

void in_place(Program& p) {
  Buffer<float> x(some_too_large());
  p.run("square_in_place", x.address(), kN);
  print("out", x);
}

void intended(Program& p) {
  Buffer<float> out(kN);
  p.run("fill", out.address(), INFINITY, kN);
  print("inf", out);
  p.run("fill", out.address(), NAN, kN);
  print("nan", out);
}

void propagated(Program& p) {
  std::vector<float> values(kN, 2.0f);
  values[4] = INFINITY;
  values[8] = 1e30f;
  Buffer<float> in(values), out(kN);
  p.run("square", out.address(), in.address(), kN);
  print("out", out);
}

void scatter(Program& p) {
  std::vector<int> where(kN);
  for (int i = 0; i < kN; ++i) where[static_cast<size_t>(i)] = kN - 1 - i;
  Buffer<int> index(where);
  Buffer<float> in(some_too_large()), out(std::vector<float>(kN, 0.0f));
  p.run("scatter_square", out.address(), index.address(), in.address(), kN);
  print("out", out);
}

void integers(Program& p) {
  Buffer<int> out(kN);
  p.run("minus_one", out.address(), kN);
  print("out", out);
}

// Fewer elements than threads: what lies behind the last one is not the launch's.
void short_write(Program& p) {
  std::vector<float> old(kN, INFINITY);
  Buffer<float> in(some_too_large()), out(old);
  p.run("square", out.address(), in.address(), 100);
  print("out", out);
}

// Buffers cut from one allocation, as frameworks do.
void pool(Program& p) {
  std::vector<float> all(4 * kN, NAN);
  const std::vector<float> values = some_too_large();
  std::copy(values.begin(), values.end(), all.begin() + 2 * kN);
  Buffer<float> pool(all);
  p.run("square", pool.address() + kN * sizeof(float), pool.address() + 2 * kN * sizeof(float), kN);
  print("pool", pool);
}

// The same address, freed and handed out again.
void reused(Program& p) {
  CUdeviceptr first = 0;
  {
    Buffer<float> in(some_too_large()), out(kN);
    first = out.address();
    p.run("square", out.address(), in.address(), kN);
    print("first", out);
  }
  Buffer<float> in(some_too_large());
  Buffer<float> out(kN);
  p.run("square", out.address(), in.address(), kN);
  print("second", out);
  static_cast<void>(first);
}

void extra(Program& p) {
  Buffer<float> in(some_too_large()), out(kN);
  struct {
    CUdeviceptr out, in;
    int n;
  } arguments = {out.address(), in.address(), kN};
  size_t size = sizeof arguments.out + sizeof arguments.in + sizeof arguments.n;
  void* config[] = {CU_LAUNCH_PARAM_BUFFER_POINTER, &arguments, CU_LAUNCH_PARAM_BUFFER_SIZE, &size,
                    CU_LAUNCH_PARAM_END};
  check(cu(cuLaunchKernel)(p.function("square"), kN / kBlock, 1, 1, kBlock, 1, 1, 0, nullptr,
                           nullptr, config),
        "extra");
  check(cu(cuCtxSynchronize)(), "cuCtxSynchronize");
  print("out", out);
}

void launch_ex(Program& p) {
  Buffer<float> in(some_too_large()), out(kN);
  CUstream stream;
  check(cu(cuStreamCreate)(&stream, CU_STREAM_NON_BLOCKING), "cuStreamCreate");
  CUdeviceptr o = out.address(), i = in.address();
  int n = kN;
  void* params[] = {&o, &i, &n};
  CUlaunchConfig config = {};
  config.gridDimX = kN / kBlock;
  config.blockDimX = kBlock;
  config.gridDimY = config.gridDimZ = config.blockDimY = config.blockDimZ = 1;
  config.hStream = stream;
  check(cu(cuLaunchKernelEx)(&config, p.function("square"), params, nullptr), "cuLaunchKernelEx");
  check(cu(cuStreamSynchronize)(stream), "cuStreamSynchronize");
  print("out", out);
  check(cu(cuStreamDestroy)(stream), "cuStreamDestroy");
}

// Many threads, each with a stream and buffers of its own; then more streams one after the other
// than there are slots.
void threads(Program& p) {
  std::vector<std::vector<float>> results(8);
  std::vector<std::thread> running;
  const CUfunction square = p.function("square");
  for (size_t t = 0; t < results.size(); ++t)
    running.emplace_back([&, t] {
      check(cu(cuCtxSetCurrent)(p.context()), "cuCtxSetCurrent");
      CUstream stream;
      check(cu(cuStreamCreate)(&stream, CU_STREAM_NON_BLOCKING), "cuStreamCreate");
      std::vector<float> values(kN, static_cast<float>(t));
      values[t] = 1e30f;
      Buffer<float> in(values), out(kN);
      CUdeviceptr o = out.address(), i = in.address();
      int n = kN;
      void* params[] = {&o, &i, &n};
      for (int round = 0; round < 10; ++round)
        check(
            cu(cuLaunchKernel)(square, kN / kBlock, 1, 1, kBlock, 1, 1, 0, stream, params, nullptr),
            "launch");
      check(cu(cuStreamSynchronize)(stream), "cuStreamSynchronize");
      results[t] = out.get();
      check(cu(cuStreamDestroy)(stream), "cuStreamDestroy");
    });
  for (std::thread& thread : running) thread.join();
  for (const std::vector<float>& result : results) print("out", result);
}

void many_streams(Program& p) {
  Buffer<float> in(some_too_large()), out(kN);
  for (int i = 0; i < 300; ++i) {
    CUstream stream;
    check(cu(cuStreamCreate)(&stream, CU_STREAM_NON_BLOCKING), "cuStreamCreate");
    p.launch("square", stream, out.address(), in.address(), kN);
    if (i % 2 == 0) check(cu(cuStreamSynchronize)(stream), "cuStreamSynchronize");
    check(cu(cuStreamDestroy)(stream), "cuStreamDestroy");
  }
  check(cu(cuCtxSynchronize)(), "cuCtxSynchronize");
  print("out", out);
}

// The context goes and comes back.
void contexts(Program& p) {
  for (int round = 0; round < 3; ++round) {
    {
      Buffer<float> in(some_too_large()), out(kN);
      p.run("square", out.address(), in.address(), kN);
      print("out", out);
    }
    p.close();
    p.open();
  }
}

// The same fault on two devices, launched in turns.
void two_devices(Program& first) {
  const Program second(first, 1);
  first.use();
  Buffer<float> in_first(some_too_large()), out_first(kN);
  second.use();
  Buffer<float> in_second(some_too_large()), out_second(kN);
  for (int round = 0; round < 3; ++round) {
    first.use();
    first.launch("square", nullptr, out_first.address(), in_first.address(), kN);
    second.use();
    second.launch("square", nullptr, out_second.address(), in_second.address(), kN);
  }
  for (const Program* p : {&std::as_const(first), &second}) {
    p->use();
    check(cu(cuCtxSynchronize)(), "cuCtxSynchronize");
  }
  print("first", out_first);
  print("second", out_second);
}

// Launches of the first device only: into memory of the second, from it, and into its own.
void peer_memory(Program& first) {
  const Program second(first, 1);
  Buffer<float> in_second(some_too_large()), out_second(kN);
  first.use();
  check(cu(cuCtxEnablePeerAccess)(second.context(), 0), "cuCtxEnablePeerAccess");
  Buffer<float> in(some_too_large()), out(kN), out_from_peer(kN);
  first.run("square", out_second.address(), in.address(), kN);
  first.run("square", out_from_peer.address(), in_second.address(), kN);
  first.run("square", out.address(), in.address(), kN);
  print("into", out_second);
  print("from", out_from_peer);
  print("own", out);
}

// A pointer to memory that the launch could not reach, and does not follow: `theirs` belongs to
// another context.
void not_followed(const Program& p, const Buffer<float>& theirs) {
  p.use();
  Buffer<float> in(some_too_large()), out(kN);
  Buffer<int> wanted(std::vector<int>{0});
  p.run("square_if", theirs.address(), in.address(), wanted.address(), kN);
  p.run("square", out.address(), in.address(), kN);
  print("own", out);
}

void other_device_not_followed(Program& first) {
  const Program second(first, 1);
  not_followed(first, Buffer<float>(kN));
}

void other_context_not_followed(Program& p) {
  CUcontext other = nullptr;
  check(cu(cuCtxCreate_v4)(&other, nullptr, 0, 0), "cuCtxCreate");
  not_followed(p, Buffer<float>(kN));
}

// From the second device's pool, while the first one is current; then from the first one's.
void peer_pool(Program& first) {
  const Program second(first, 1);
  first.use();
  Buffer<float> in(some_too_large());
  const CUmemAccessDesc access = {{CU_MEM_LOCATION_TYPE_DEVICE, {0}},
                                  CU_MEM_ACCESS_FLAGS_PROT_READWRITE};
  for (const int device : {1, 0}) {
    CUmemoryPool pool;
    check(cu(cuDeviceGetDefaultMemPool)(&pool, device), "cuDeviceGetDefaultMemPool");
    if (device == 1) check(cu(cuMemPoolSetAccess)(pool, &access, 1), "cuMemPoolSetAccess");
    CUdeviceptr out = 0;
    check(cu(cuMemAllocFromPoolAsync)(&out, kN * sizeof(float), pool, nullptr),
          "cuMemAllocFromPoolAsync");
    first.run("square", out, in.address(), kN);
    std::vector<float> values(kN);
    check(cu(cuMemcpyDtoH)(values.data(), out, kN * sizeof(float)), "cuMemcpyDtoH");
    print(device == 1 ? "into" : "own", values);
    check(cu(cuMemFreeAsync)(out, nullptr), "cuMemFreeAsync");
  }
}

// Memory that the host sees as well.
void managed(Program& p) {
  Buffer<float> in(some_too_large());
  CUdeviceptr out = 0;
  check(cu(cuMemAllocManaged)(&out, kN * sizeof(float), CU_MEM_ATTACH_GLOBAL), "cuMemAllocManaged");
  p.run("square", out, in.address(), kN);
  const auto* values = reinterpret_cast<const float*>(out);
  print("out", std::vector<float>(values, values + kN));
  check(cu(cuMemFree)(out), "cuMemFree");
}

void host_mapped(Program& p) {
  Buffer<float> in(some_too_large());
  void* host = nullptr;
  check(cu(cuMemHostAlloc)(&host, kN * sizeof(float), CU_MEMHOSTALLOC_DEVICEMAP), "cuMemHostAlloc");
  CUdeviceptr out = 0;
  check(cu(cuMemHostGetDevicePointer)(&out, host, 0), "cuMemHostGetDevicePointer");
  p.run("square", out, in.address(), kN);
  const auto* values = static_cast<const float*>(host);
  print("out", std::vector<float>(values, values + kN));
  check(cu(cuMemFreeHost)(host), "cuMemFreeHost");
}

const std::map<std::string, std::function<void(Program&)>> kScenarios = {
    {"overflow", overflow},
    {"negative-overflow", negative_overflow},
    {"zero-by-zero", zero_by_zero},
    {"half", half_overflow},
    {"double", double_overflow},
    {"in-place", in_place},
    {"intended", intended},
    {"propagated", propagated},
    {"scatter", scatter},
    {"integers", integers},
    {"short-write", short_write},
    {"pool", pool},
    {"reused", reused},
    {"extra", extra},
    {"launch-ex", launch_ex},
    {"threads", threads},
    {"many-streams", many_streams},
    {"contexts", contexts},
    {"two-devices", two_devices},
    {"peer-memory", peer_memory},
    {"other-device-not-followed", other_device_not_followed},
    {"other-context-not-followed", other_context_not_followed},
    {"peer-pool", peer_pool},
    {"managed", managed},
    {"host-mapped", host_mapped},
};

}  // namespace

int main(int argc, char** argv) {
  const auto scenario = argc == 3 ? kScenarios.find(argv[2]) : kScenarios.end();
  if (scenario == kScenarios.end()) {
    std::fprintf(stderr, "usage: %s IMAGE SCENARIO\n", argv[0]);
    return 2;
  }
  Program program(argv[1]);
  scenario->second(program);
  return 0;
}
