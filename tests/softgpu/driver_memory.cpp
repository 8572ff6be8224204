// SPDX-License-Identifier: MIT
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <cstring>
#include <numeric>

#include "softgpu/driver_fixture.hpp"

TEST_CASE("bytes survive the way to the device and back") {
  const Gpu gpu;
  std::vector<int> in(1000), out(1000);
  std::iota(in.begin(), in.end(), 7);
  const CUdeviceptr p = gpu.alloc(4000);
  CHECK(p % 512 == 0);
  REQUIRE(CU(cuMemcpyHtoD_v2)(p, in.data(), 4000) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemcpyDtoH_v2)(out.data(), p, 4000) == CUDA_SUCCESS);
  CHECK(in == out);
}

TEST_CASE("copies beyond the exact size of an allocation are refused") {
  const Gpu gpu;
  const CUdeviceptr p = gpu.alloc(100);
  std::vector<char> host(200);
  CHECK(CU(cuMemcpyHtoD_v2)(p, host.data(), 100) == CUDA_SUCCESS);
  CHECK(CU(cuMemcpyHtoD_v2)(p, host.data(), 101) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemcpyDtoH_v2)(host.data(), p + 50, 51) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemsetD8_v2)(p + 99, 0, 2) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemsetD32_v2)(p + 2, 0, 1) == CUDA_ERROR_INVALID_VALUE);  // not aligned to the element
}

TEST_CASE("fresh memory is poisoned with 0xCD, again after it was used and freed") {
  const Gpu gpu;
  for (const size_t size : {size_t{1000}, size_t{300} << 10, size_t{5} << 20}) {
    for (int round = 0; round < 2; ++round) {
      const CUdeviceptr p = gpu.alloc(size);
      const auto bytes = gpu.read<unsigned char>(p, size);
      CHECK(std::count(bytes.begin(), bytes.end(), 0xCD) == static_cast<long>(size));
      REQUIRE(CU(cuMemsetD8_v2)(p, 0x11, size) == CUDA_SUCCESS);
      REQUIRE(CU(cuMemFree_v2)(p) == CUDA_SUCCESS);
    }
  }
  float poison = 0;
  std::memset(&poison, 0xCD, sizeof poison);
  CHECK(std::isfinite(poison));
}

TEST_CASE("freed, foreign and inner pointers are not freed") {
  const Gpu gpu;
  const CUdeviceptr p = gpu.alloc(4096);
  CHECK(CU(cuMemFree_v2)(p + 512) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemFree_v2)(p) == CUDA_SUCCESS);
  CHECK(CU(cuMemFree_v2)(p) == CUDA_ERROR_INVALID_VALUE);
  int local = 0;
  CHECK(CU(cuMemFree_v2)(reinterpret_cast<CUdeviceptr>(&local)) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemFree_v2)(0) == CUDA_SUCCESS);
  char host[16];
  CHECK(CU(cuMemcpyDtoH_v2)(host, p, 16) == CUDA_ERROR_INVALID_VALUE);
}

TEST_CASE("the host cannot touch device memory") {
  const Gpu gpu;
  const CUdeviceptr p = gpu.alloc(4096);
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGSEGV, SIG_DFL);
    _exit(*reinterpret_cast<volatile char*>(p));
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGSEGV);
}

TEST_CASE("memory is counted and runs out") {
  const Gpu gpu;
  size_t free0 = 0, free1 = 0, total = 0, total2 = 0;
  REQUIRE(CU(cuMemGetInfo_v2)(&free0, &total) == CUDA_SUCCESS);
  REQUIRE(CU(cuDeviceTotalMem_v2)(&total2, 0) == CUDA_SUCCESS);
  CHECK(total == total2);
  const CUdeviceptr p = gpu.alloc(size_t{6} << 20);
  REQUIRE(CU(cuMemGetInfo_v2)(&free1, &total) == CUDA_SUCCESS);
  CHECK(free0 - free1 == size_t{6} << 20);
  CUdeviceptr q = 0;
  CHECK(CU(cuMemAlloc_v2)(&q, total + 1) == CUDA_ERROR_OUT_OF_MEMORY);
  CHECK(CU(cuMemAlloc_v2)(&q, free1 + 4096) == CUDA_ERROR_OUT_OF_MEMORY);
  CHECK(CU(cuMemAlloc_v2)(&q, 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemFree_v2)(p) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemGetInfo_v2)(&free1, &total) == CUDA_SUCCESS);
  CHECK(free0 == free1);
}

TEST_CASE("address ranges are exact") {
  const Gpu gpu;
  const CUdeviceptr p = gpu.alloc(1000);
  CUdeviceptr base = 0;
  size_t size = 0;
  REQUIRE(CU(cuMemGetAddressRange_v2)(&base, &size, p + 999) == CUDA_SUCCESS);
  CHECK(base == p);
  CHECK(size == 1000);
  CHECK(CU(cuMemGetAddressRange_v2)(&base, &size, p + 1000) == CUDA_ERROR_NOT_FOUND);
}

TEST_CASE("many allocations of mixed sizes neither overlap nor lose their contents") {
  const Gpu gpu;
  struct Piece {
    CUdeviceptr p;
    size_t size;
    unsigned char tag;
  };
  std::vector<Piece> live;
  uint32_t seed = 1;
  const auto next = [&] { return seed = seed * 1664525u + 1013904223u, seed >> 8; };
  for (int i = 0; i < 600; ++i) {
    if (live.size() > 40 || (!live.empty() && next() % 3 == 0)) {
      const size_t at = next() % live.size();
      const auto bytes = gpu.read<unsigned char>(live[at].p, live[at].size);
      REQUIRE(std::count(bytes.begin(), bytes.end(), live[at].tag) ==
              static_cast<long>(live[at].size));
      REQUIRE(CU(cuMemFree_v2)(live[at].p) == CUDA_SUCCESS);
      live.erase(live.begin() + static_cast<long>(at));
    } else {
      const size_t size = next() % 10 == 0 ? (next() % 4 + 1) * 700'000 : next() % 50'000 + 1;
      const auto tag = static_cast<unsigned char>(i);
      const CUdeviceptr p = gpu.alloc(size);
      for (const Piece& other : live) REQUIRE((p + size <= other.p || other.p + other.size <= p));
      REQUIRE(CU(cuMemsetD8_v2)(p, tag, size) == CUDA_SUCCESS);
      live.push_back({p, size, tag});
    }
  }
}

TEST_CASE("two-dimensional copies and fills keep to their rows") {
  const Gpu gpu;
  CUdeviceptr p = 0;
  size_t pitch = 0;
  REQUIRE(CU(cuMemAllocPitch_v2)(&p, &pitch, 100, 8, 4) == CUDA_SUCCESS);
  CHECK(pitch >= 100);
  CHECK(pitch % 512 == 0);
  REQUIRE(CU(cuMemsetD8_v2)(p, 0, pitch * 8) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemsetD2D32_v2)(p + 4, pitch, 0x01020304, 3, 2) == CUDA_SUCCESS);
  std::vector<unsigned char> host(20 * 8, 0xEE);
  CUDA_MEMCPY2D copy{};
  copy.srcMemoryType = CU_MEMORYTYPE_DEVICE;
  copy.srcDevice = p;
  copy.srcPitch = pitch;
  copy.dstMemoryType = CU_MEMORYTYPE_HOST;
  copy.dstHost = host.data();
  copy.dstPitch = 20;
  copy.WidthInBytes = 18;
  copy.Height = 8;
  REQUIRE(CU(cuMemcpy2D_v2)(&copy) == CUDA_SUCCESS);
  for (size_t y = 0; y < 8; ++y)
    for (size_t x = 0; x < 20; ++x) {
      const unsigned char filled[] = {4, 3, 2, 1};
      const unsigned expected = x >= 18 ? 0xEEu : y < 2 && x >= 4 && x < 16 ? filled[x % 4] : 0u;
      REQUIRE(host[y * 20 + x] == expected);
    }
  copy.dstPitch = 10;  // narrower than the copy
  CHECK(CU(cuMemcpy2D_v2)(&copy) == CUDA_ERROR_INVALID_VALUE);
}

TEST_CASE("pinned and registered host memory is known, ordinary memory is not") {
  const Gpu gpu;
  void* pinned = nullptr;
  REQUIRE(CU(cuMemHostAlloc)(&pinned, 4096, CU_MEMHOSTALLOC_PORTABLE) == CUDA_SUCCESS);
  CUdeviceptr d = 0;
  CHECK(CU(cuMemHostGetDevicePointer_v2)(&d, pinned, 0) == CUDA_SUCCESS);
  CHECK(d == reinterpret_cast<CUdeviceptr>(pinned));
  unsigned flags = 0;
  CHECK(CU(cuMemHostGetFlags)(&flags, pinned) == CUDA_SUCCESS);
  CHECK((flags & CU_MEMHOSTALLOC_PORTABLE) != 0);

  std::vector<int> own(1024);
  CHECK(CU(cuMemHostGetDevicePointer_v2)(&d, own.data(), 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemHostUnregister)(own.data()) == CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED);
  CHECK(CU(cuMemHostRegister_v2)(own.data(), 4096, CU_MEMHOSTREGISTER_DEVICEMAP) == CUDA_SUCCESS);
  CHECK(CU(cuMemHostRegister_v2)(own.data() + 16, 64, 0) ==
        CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED);
  CHECK(CU(cuMemHostGetDevicePointer_v2)(&d, own.data(), 0) == CUDA_SUCCESS);
  CHECK(CU(cuMemHostUnregister)(own.data()) == CUDA_SUCCESS);
  CHECK(CU(cuMemHostUnregister)(own.data()) == CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED);

  CHECK(CU(cuMemFreeHost)(own.data()) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemFreeHost)(pinned) == CUDA_SUCCESS);
  CHECK(CU(cuMemFreeHost)(pinned) == CUDA_ERROR_INVALID_VALUE);
}

TEST_CASE("context destruction unmaps pinned memory and frees device memory") {
  void* pinned = nullptr;
  CUdeviceptr p = 0;
  {
    const Gpu gpu;
    REQUIRE(CU(cuMemHostAlloc)(&pinned, 4096, 0) == CUDA_SUCCESS);
    p = gpu.alloc(4096);
  }
  // An address with nothing mapped: msync answers ENOMEM.
  CHECK(msync(pinned, 4096, MS_ASYNC) == -1);
  const Gpu gpu;
  char byte = 0;
  CHECK(CU(cuMemcpyDtoH_v2)(&byte, p, 1) == CUDA_ERROR_INVALID_VALUE);
}

TEST_CASE("managed memory is one place for host and device") {
  const Gpu gpu;
  CUdeviceptr p = 0;
  REQUIRE(CU(cuMemAllocManaged)(&p, 4096, CU_MEM_ATTACH_GLOBAL) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemsetD32_v2)(p, 42, 1024) == CUDA_SUCCESS);
  REQUIRE(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
  CHECK(reinterpret_cast<int*>(p)[1023] == 42);
  int managed = 0;
  CHECK(CU(cuPointerGetAttribute)(&managed, CU_POINTER_ATTRIBUTE_IS_MANAGED, p) == CUDA_SUCCESS);
  CHECK(managed == 1);
  CHECK(CU(cuMemFree_v2)(p) == CUDA_SUCCESS);
}

TEST_CASE("pointer attributes tell kind, owner and extent") {
  const Gpu gpu;
  const CUdeviceptr p = gpu.alloc(3000), q = gpu.alloc(3000);
  unsigned type = 0;
  CHECK(CU(cuPointerGetAttribute)(&type, CU_POINTER_ATTRIBUTE_MEMORY_TYPE, p + 10) == CUDA_SUCCESS);
  CHECK(type == CU_MEMORYTYPE_DEVICE);
  CUcontext owner = nullptr;
  CHECK(CU(cuPointerGetAttribute)(&owner, CU_POINTER_ATTRIBUTE_CONTEXT, p) == CUDA_SUCCESS);
  CHECK(owner == gpu.context);
  size_t size = 0;
  CHECK(CU(cuPointerGetAttribute)(&size, CU_POINTER_ATTRIBUTE_RANGE_SIZE, p + 10) == CUDA_SUCCESS);
  CHECK(size == 3000);
  unsigned long long id_p = 0, id_q = 0;
  CHECK(CU(cuPointerGetAttribute)(&id_p, CU_POINTER_ATTRIBUTE_BUFFER_ID, p) == CUDA_SUCCESS);
  CHECK(CU(cuPointerGetAttribute)(&id_q, CU_POINTER_ATTRIBUTE_BUFFER_ID, q) == CUDA_SUCCESS);
  CHECK(id_p != id_q);
  void* host = nullptr;
  CHECK(CU(cuPointerGetAttribute)(&host, CU_POINTER_ATTRIBUTE_HOST_POINTER, p) ==
        CUDA_ERROR_INVALID_VALUE);
  int local = 0;
  const auto unknown = reinterpret_cast<CUdeviceptr>(&local);
  CHECK(CU(cuPointerGetAttribute)(&type, CU_POINTER_ATTRIBUTE_MEMORY_TYPE, unknown) ==
        CUDA_ERROR_INVALID_VALUE);
  CUpointer_attribute wanted[] = {CU_POINTER_ATTRIBUTE_MEMORY_TYPE, CU_POINTER_ATTRIBUTE_CONTEXT};
  void* slots[] = {&type, &owner};
  CHECK(CU(cuPointerGetAttributes)(2, wanted, slots, unknown) == CUDA_SUCCESS);
  CHECK(type == 0);
  CHECK(owner == nullptr);
}
