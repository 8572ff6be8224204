// SPDX-License-Identifier: MIT
// What a lax device would let pass: kernels that touch host memory which the driver was never told
// of, and pointers, handles and threads that are the wrong ones.
#include <sys/mman.h>
#include <unistd.h>

#include <csetjmp>
#include <csignal>
#include <thread>

#include "softgpu/graph_fixture.hpp"

namespace {

struct HostPages {
  void* p = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  static constexpr size_t size = 65536;
  HostPages() { REQUIRE(p != MAP_FAILED); }
  ~HostPages() { munmap(p, size); }
  HostPages(const HostPages&) = delete;
  HostPages& operator=(const HostPages&) = delete;
  CUdeviceptr address() const { return reinterpret_cast<CUdeviceptr>(p); }
};

CUresult fill(const Gpu& gpu, CUdeviceptr p) {
  Words w(p, 7, 4);
  const CUresult r = w.launch(gpu.function(ptx::kFill, "fill"), nullptr);
  return r == CUDA_SUCCESS ? CU(cuCtxSynchronize)() : r;
}

sigjmp_buf g_back;

// True if reading a byte at `address` raises SIGSEGV.
bool host_faults_at(CUdeviceptr address) {
  struct sigaction action {
  }, before{};
  action.sa_handler = [](int) { siglongjmp(g_back, 1); };
  sigaction(SIGSEGV, &action, &before);
  volatile bool faulted = true;
  if (sigsetjmp(g_back, 1) == 0) {
    static_cast<void>(*reinterpret_cast<volatile char*>(address));
    faulted = false;
  }
  sigaction(SIGSEGV, &before, nullptr);
  return faulted;
}

}  // namespace

TEST_CASE("a kernel that touches unregistered host memory faults") {
  const HostPages pages;
  {
    const Gpu gpu;
    CHECK(fill(gpu, pages.address()) == CUDA_ERROR_ILLEGAL_ADDRESS);
  }
  const Gpu gpu;
  REQUIRE(CU(cuMemHostRegister_v2)(pages.p, 4096, CU_MEMHOSTREGISTER_DEVICEMAP) == CUDA_SUCCESS);
  CHECK(fill(gpu, pages.address()) == CUDA_SUCCESS);
  CHECK(static_cast<uint32_t*>(pages.p)[3] == 7);
  // The page behind the registered one is still nobody's, and so is the first after unregistering.
  SECTION("behind the range") {
    CHECK(fill(gpu, pages.address() + 4096) == CUDA_ERROR_ILLEGAL_ADDRESS);
  }
  SECTION("after unregistering") {
    REQUIRE(CU(cuMemHostUnregister)(pages.p) == CUDA_SUCCESS);
    CHECK(fill(gpu, pages.address()) == CUDA_ERROR_ILLEGAL_ADDRESS);
  }
}

TEST_CASE("a kernel that touches the stack or the heap of the host faults") {
  uint32_t on_stack[4] = {1, 2, 3, 4};
  const auto on_heap = std::make_unique<uint32_t[]>(4);
  for (uint32_t* const p : {on_stack, on_heap.get()}) {
    const Gpu gpu;
    CHECK(fill(gpu, reinterpret_cast<CUdeviceptr>(p)) == CUDA_ERROR_ILLEGAL_ADDRESS);
  }
  CHECK(on_stack[0] == 1);
}

TEST_CASE("device memory has no access from the host in any state") {
  const Gpu gpu;
  const CUdeviceptr p = gpu.alloc(4096);
  CHECK(host_faults_at(p));
  CHECK(fill(gpu, p) == CUDA_SUCCESS);
  CHECK(host_faults_at(p));
  CHECK(gpu.read<uint32_t>(p, 1)[0] == 7);
  CHECK(host_faults_at(p));
  REQUIRE(CU(cuMemFree_v2)(p) == CUDA_SUCCESS);
  CHECK(host_faults_at(p));
  const CUstream s = gpu.stream();
  CUdeviceptr pooled = 0;
  REQUIRE(CU(cuMemAllocAsync)(&pooled, 4096, s) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamSynchronize)(s) == CUDA_SUCCESS);
  CHECK(host_faults_at(pooled));
}

TEST_CASE("pinned memory is unmapped with its context, and its address with it") {
  CUdeviceptr address = 0;
  {
    const Gpu gpu;
    void* pinned = nullptr;
    REQUIRE(CU(cuMemHostAlloc)(&pinned, 4096, 0) == CUDA_SUCCESS);
    address = reinterpret_cast<CUdeviceptr>(pinned);
    CHECK_FALSE(host_faults_at(address));
  }
  CHECK(host_faults_at(address));
}

TEST_CASE("a thread without a context is told so by every kind of call") {
  const Gpu gpu;
  const CUdeviceptr p = gpu.alloc(16);
  const CUfunction f = gpu.function(ptx::kFill, "fill");
  std::thread([&] {
    CUdeviceptr q = 0;
    uint32_t word = 0;
    CUstream s = nullptr;
    CUevent e = nullptr;
    CUmodule m = nullptr;
    Words w(p, 7, 4);
    CHECK(CU(cuMemAlloc_v2)(&q, 16) == CUDA_ERROR_INVALID_CONTEXT);
    CHECK(CU(cuMemcpyDtoH_v2)(&word, p, 4) == CUDA_ERROR_INVALID_CONTEXT);
    CHECK(CU(cuStreamCreate)(&s, 0) == CUDA_ERROR_INVALID_CONTEXT);
    CHECK(CU(cuEventCreate)(&e, 0) == CUDA_ERROR_INVALID_CONTEXT);
    CHECK(CU(cuModuleLoadData)(&m, ptx::kFill.c_str()) == CUDA_ERROR_INVALID_CONTEXT);
    CHECK(w.launch(f, nullptr) == CUDA_ERROR_INVALID_CONTEXT);
    CHECK(CU(cuCtxSynchronize)() == CUDA_ERROR_INVALID_CONTEXT);
  }).join();
}

TEST_CASE("what belongs to another context is refused in this one") {
  const Gpu one;
  const CUfunction f = one.function(ptx::kFill, "fill");
  const CUevent e = one.event();
  const CUdeviceptr p = one.alloc(16);
  const Gpu two;  // current from here on
  const CUstream s = two.stream();
  const CUdeviceptr own = two.alloc(16);
  Words w(own, 7, 4);
  CHECK(w.launch(f, s) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(CU(cuEventRecord)(e, s) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(CU(cuStreamWaitEvent)(s, e, 0) == CUDA_SUCCESS);  // this is how contexts wait for another
  CHECK(CU(cuMemFree_v2)(p) == CUDA_SUCCESS);             // addresses are of the process
  CHECK(CU(cuMemFree_v2)(p) == CUDA_ERROR_INVALID_VALUE);
}

TEST_CASE("a handle of one kind is no handle of another") {
  const Gpu gpu;
  const CUstream s = gpu.stream();
  const CUevent e = gpu.event();
  const CUfunction f = gpu.function(ptx::kFill, "fill");
  CHECK(CU(cuStreamSynchronize)(reinterpret_cast<CUstream>(e)) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(CU(cuEventSynchronize)(reinterpret_cast<CUevent>(s)) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(CU(cuModuleUnload)(reinterpret_cast<CUmodule>(f)) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(CU(cuLaunchKernel)(reinterpret_cast<CUfunction>(s), 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr,
                           nullptr) == CUDA_ERROR_INVALID_HANDLE);
  REQUIRE(CU(cuEventDestroy_v2)(e) == CUDA_SUCCESS);
  CHECK(CU(cuEventDestroy_v2)(e) == CUDA_ERROR_INVALID_HANDLE);
  REQUIRE(CU(cuStreamDestroy_v2)(s) == CUDA_SUCCESS);
  CHECK(CU(cuStreamDestroy_v2)(s) == CUDA_ERROR_INVALID_HANDLE);
}
