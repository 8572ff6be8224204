// SPDX-License-Identifier: MIT
// Virtual memory management, from cuda.h and the programming guide's chapter on it.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <numeric>

#include "softgpu/driver_fixture.hpp"
#include "softgpu/driver_kernels.hpp"

namespace {

constexpr size_t kPiece = size_t{2} << 20;

CUmemAllocationProp device_memory(CUmemAllocationHandleType exported = CU_MEM_HANDLE_TYPE_NONE) {
  CUmemAllocationProp p{};
  p.type = CU_MEM_ALLOCATION_TYPE_PINNED;
  p.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
  p.requestedHandleTypes = exported;
  return p;
}

CUmemGenericAllocationHandle create(size_t size = kPiece) {
  const CUmemAllocationProp p = device_memory();
  CUmemGenericAllocationHandle h = 0;
  REQUIRE(CU(cuMemCreate)(&h, size, &p, 0) == CUDA_SUCCESS);
  return h;
}

CUdeviceptr reserve(size_t size, size_t alignment = 0, CUdeviceptr hint = 0) {
  CUdeviceptr p = 0;
  REQUIRE(CU(cuMemAddressReserve)(&p, size, alignment, hint, 0) == CUDA_SUCCESS);
  return p;
}

CUresult allow(CUdeviceptr p, size_t size,
               CUmemAccess_flags flags = CU_MEM_ACCESS_FLAGS_PROT_READWRITE) {
  CUmemAccessDesc d{};
  d.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
  d.flags = flags;
  return CU(cuMemSetAccess)(p, size, &d, 1);
}

// A reservation of `pieces` pieces, each with memory of its own, open to the device.
struct Range {
  CUdeviceptr at = 0;
  size_t size = 0;
  std::vector<CUmemGenericAllocationHandle> handles;
  explicit Range(size_t pieces) : at(reserve(pieces * kPiece)), size(pieces * kPiece) {
    for (size_t i = 0; i < pieces; ++i) {
      handles.push_back(create());
      REQUIRE(CU(cuMemMap)(at + i * kPiece, kPiece, 0, handles[i], 0) == CUDA_SUCCESS);
    }
    REQUIRE(allow(at, size) == CUDA_SUCCESS);
  }
  ~Range() {
    CU(cuMemUnmap)(at, size);
    for (const auto h : handles) CU(cuMemRelease)(h);
    CU(cuMemAddressFree)(at, size);
  }
  Range(const Range&) = delete;
  Range& operator=(const Range&) = delete;
};

CUresult fill(const Gpu& gpu, CUdeviceptr p, unsigned value, unsigned count) {
  const CUfunction f = gpu.function(ptx::kFill, "fill");
  void* arguments[] = {&p, &value, &count};
  REQUIRE(CU(cuLaunchKernel)(f, (count + 255) / 256, 1, 1, 256, 1, 1, 0, nullptr, arguments,
                             nullptr) == CUDA_SUCCESS);
  return CU(cuCtxSynchronize)();
}

size_t free_memory() {
  size_t free = 0, total = 0;
  REQUIRE(CU(cuMemGetInfo_v2)(&free, &total) == CUDA_SUCCESS);
  return free;
}

}  // namespace

TEST_CASE("the device says that it can manage virtual memory") {
  const Gpu gpu;
  int value = 0;
  CU(cuDeviceGetAttribute)
  (&value, CU_DEVICE_ATTRIBUTE_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED, 0);
  CHECK(value == 1);
  CU(cuDeviceGetAttribute)
  (&value, CU_DEVICE_ATTRIBUTE_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR_SUPPORTED, 0);
  CHECK(value == 1);
  const CUmemAllocationProp p = device_memory();
  for (const auto option :
       {CU_MEM_ALLOC_GRANULARITY_MINIMUM, CU_MEM_ALLOC_GRANULARITY_RECOMMENDED}) {
    size_t granularity = 0;
    REQUIRE(CU(cuMemGetAllocationGranularity)(&granularity, &p, option) == CUDA_SUCCESS);
    CHECK(granularity == kPiece);
  }
}

TEST_CASE("a kernel and copies reach memory that is mapped") {
  const Gpu gpu;
  const Range range(1);
  CHECK(fill(gpu, range.at, 7, 1000) == CUDA_SUCCESS);
  const auto got = gpu.read<unsigned>(range.at, 1001);
  CHECK(std::count(got.begin(), got.end(), 7U) == 1000);
  CHECK(got[1000] == 0xCDCDCDCD);  // fresh memory is poisoned, as all device memory
}

TEST_CASE("copies, fills and kernels run across neighbouring mappings") {
  const Gpu gpu;
  const Range range(3);
  std::vector<unsigned> in(3 * kPiece / 4), out(in.size());
  std::iota(in.begin(), in.end(), 1U);
  REQUIRE(CU(cuMemcpyHtoD_v2)(range.at, in.data(), range.size) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemcpyDtoH_v2)(out.data(), range.at, range.size) == CUDA_SUCCESS);
  CHECK(in == out);
  REQUIRE(CU(cuMemsetD32_v2)(range.at + kPiece - 8, 5, 4) == CUDA_SUCCESS);
  const CUdeviceptr middle = range.at + 2 * kPiece - 400;
  CHECK(fill(gpu, middle, 9, 200) == CUDA_SUCCESS);
  out = gpu.read<unsigned>(range.at, in.size());
  for (size_t i = 0; i < out.size(); ++i) {
    const size_t byte = i * 4;
    const unsigned wanted = byte >= kPiece - 8 && byte < kPiece + 8               ? 5
                            : byte >= 2 * kPiece - 400 && byte < 2 * kPiece + 400 ? 9
                                                                                  : in[i];
    if (out[i] != wanted) {
      CHECK(out[i] == wanted);
      break;
    }
  }
}

TEST_CASE("reservations that touch each other are one range for copies and access") {
  const Gpu gpu;
  const CUdeviceptr whole = reserve(4 * kPiece);
  REQUIRE(CU(cuMemAddressFree)(whole, 4 * kPiece) == CUDA_SUCCESS);
  const CUdeviceptr first = reserve(2 * kPiece, 0, whole);
  CHECK(first == whole);
  const CUdeviceptr second = reserve(2 * kPiece, 0, first + 2 * kPiece);
  REQUIRE(second == first + 2 * kPiece);
  const CUmemGenericAllocationHandle a = create(2 * kPiece), b = create(2 * kPiece);
  REQUIRE(CU(cuMemMap)(first, 2 * kPiece, 0, a, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemMap)(second, 2 * kPiece, 0, b, 0) == CUDA_SUCCESS);
  REQUIRE(allow(first, 4 * kPiece) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemsetD8_v2)(first, 3, 4 * kPiece) == CUDA_SUCCESS);
  const auto got = gpu.read<unsigned char>(first + kPiece, 2 * kPiece);
  CHECK(std::count(got.begin(), got.end(), 3) == static_cast<long>(2 * kPiece));
  CHECK(CU(cuMemUnmap)(first, 4 * kPiece) == CUDA_SUCCESS);
  CHECK(CU(cuMemRelease)(a) == CUDA_SUCCESS);
  CHECK(CU(cuMemRelease)(b) == CUDA_SUCCESS);
  CHECK(CU(cuMemAddressFree)(first, 2 * kPiece) == CUDA_SUCCESS);
  CHECK(CU(cuMemAddressFree)(second, 2 * kPiece) == CUDA_SUCCESS);
}

TEST_CASE("a reservation keeps to its alignment; a hint that is taken is not an error") {
  const Gpu gpu;
  const size_t alignment = size_t{64} << 20;
  const CUdeviceptr p = reserve(kPiece, alignment);
  CHECK(p % alignment == 0);
  const CUdeviceptr other = reserve(kPiece, 0, p);
  CHECK(other != p);
  CHECK(other % kPiece == 0);
  CHECK(CU(cuMemAddressFree)(p, kPiece) == CUDA_SUCCESS);
  CHECK(CU(cuMemAddressFree)(other, kPiece) == CUDA_SUCCESS);
  CUdeviceptr out = 0;
  CHECK(CU(cuMemAddressReserve)(&out, 1000, 0, 0, 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemAddressReserve)(&out, kPiece, 3, 0, 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemAddressReserve)(&out, kPiece, 0, 100, 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemAddressReserve)(&out, kPiece, 0, 0, 1) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemAddressReserve)(&out, 0, 0, 0, 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemAddressReserve)(nullptr, kPiece, 0, 0, 0) == CUDA_ERROR_INVALID_VALUE);
}

TEST_CASE("a reservation is freed as it was made, and when nothing is mapped in it") {
  const Gpu gpu;
  const CUdeviceptr p = reserve(2 * kPiece);
  const CUmemGenericAllocationHandle h = create();
  REQUIRE(CU(cuMemMap)(p + kPiece, kPiece, 0, h, 0) == CUDA_SUCCESS);
  CHECK(CU(cuMemAddressFree)(p, 2 * kPiece) == CUDA_ERROR_INVALID_VALUE);
  REQUIRE(CU(cuMemUnmap)(p + kPiece, kPiece) == CUDA_SUCCESS);
  CHECK(CU(cuMemAddressFree)(p, kPiece) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemAddressFree)(p + kPiece, kPiece) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemAddressFree)(p, 2 * kPiece) == CUDA_SUCCESS);
  CHECK(CU(cuMemAddressFree)(p, 2 * kPiece) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemRelease)(h) == CUDA_SUCCESS);
}

TEST_CASE("cuMemMap wants a free range of a reservation and memory enough") {
  const Gpu gpu;
  const CUdeviceptr p = reserve(2 * kPiece);
  const CUmemGenericAllocationHandle h = create();
  CHECK(CU(cuMemMap)(p, 2 * kPiece, 0, h, 0) == CUDA_ERROR_INVALID_VALUE);     // handle too small
  CHECK(CU(cuMemMap)(p, kPiece / 2, 0, h, 0) == CUDA_ERROR_INVALID_VALUE);     // granularity
  CHECK(CU(cuMemMap)(p + 4096, kPiece, 0, h, 0) == CUDA_ERROR_INVALID_VALUE);  // granularity
  CHECK(CU(cuMemMap)(p, kPiece, kPiece, h, 0) == CUDA_ERROR_INVALID_VALUE);    // offset
  CHECK(CU(cuMemMap)(p, kPiece, 0, h, 1) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemMap)(p, kPiece, 0, h + 16, 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemMap)(p + 2 * kPiece, kPiece, 0, h, 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemMap)(gpu.alloc(kPiece), kPiece, 0, h, 0) == CUDA_ERROR_INVALID_VALUE);
  REQUIRE(CU(cuMemMap)(p, kPiece, 0, h, 0) == CUDA_SUCCESS);
  CHECK(CU(cuMemMap)(p, kPiece, 0, h, 0) == CUDA_ERROR_INVALID_VALUE);  // mapped already
  CHECK(CU(cuMemUnmap)(p, 2 * kPiece) == CUDA_ERROR_INVALID_VALUE);     // half of it is not
  CHECK(CU(cuMemUnmap)(p, kPiece) == CUDA_SUCCESS);
  CHECK(CU(cuMemUnmap)(p, kPiece) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemRelease)(h) == CUDA_SUCCESS);
  CHECK(CU(cuMemRelease)(h) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemMap)(p, kPiece, 0, h, 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemAddressFree)(p, 2 * kPiece) == CUDA_SUCCESS);
}

TEST_CASE("cuMemUnmap takes whole mappings only") {
  const Gpu gpu;
  const CUdeviceptr p = reserve(2 * kPiece);
  const CUmemGenericAllocationHandle h = create(2 * kPiece);
  REQUIRE(CU(cuMemMap)(p, 2 * kPiece, 0, h, 0) == CUDA_SUCCESS);
  CHECK(CU(cuMemUnmap)(p, kPiece) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemUnmap)(p + kPiece, kPiece) == CUDA_ERROR_INVALID_VALUE);
  CHECK(allow(p, kPiece) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemUnmap)(p, 2 * kPiece) == CUDA_SUCCESS);
  CHECK(CU(cuMemRelease)(h) == CUDA_SUCCESS);
  CHECK(CU(cuMemAddressFree)(p, 2 * kPiece) == CUDA_SUCCESS);
}

TEST_CASE("cuMemCreate refuses what it cannot make") {
  const Gpu gpu;
  CUmemGenericAllocationHandle h = 0;
  CUmemAllocationProp p = device_memory();
  CHECK(CU(cuMemCreate)(&h, kPiece + 4096, &p, 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemCreate)(&h, 0, &p, 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemCreate)(&h, kPiece, &p, 1) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemCreate)(&h, kPiece, nullptr, 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemCreate)(nullptr, kPiece, &p, 0) == CUDA_ERROR_INVALID_VALUE);
  p.location.id = 99;
  CHECK(CU(cuMemCreate)(&h, kPiece, &p, 0) == CUDA_ERROR_INVALID_DEVICE);
  p = device_memory();
  p.type = CU_MEM_ALLOCATION_TYPE_INVALID;
  CHECK(CU(cuMemCreate)(&h, kPiece, &p, 0) == CUDA_ERROR_INVALID_VALUE);
  p = device_memory(CU_MEM_HANDLE_TYPE_FABRIC);
  CHECK(CU(cuMemCreate)(&h, kPiece, &p, 0) == CUDA_ERROR_NOT_SUPPORTED);
  p = device_memory();
  p.location.type = CU_MEM_LOCATION_TYPE_HOST_NUMA_CURRENT;
  CHECK(CU(cuMemCreate)(&h, kPiece, &p, 0) == CUDA_ERROR_INVALID_VALUE);
  p.location.type = CU_MEM_LOCATION_TYPE_HOST;
  CHECK(CU(cuMemCreate)(&h, kPiece, &p, 0) == CUDA_ERROR_NOT_SUPPORTED);
  p = device_memory();
  CHECK(CU(cuMemCreate)(&h, size_t{1} << 50, &p, 0) == CUDA_ERROR_OUT_OF_MEMORY);
}

TEST_CASE("physical memory counts until it is released and mapped nowhere") {
  const Gpu gpu;
  const size_t before = free_memory();
  const CUdeviceptr p = reserve(64 * kPiece);
  CHECK(free_memory() == before);  // addresses are no memory
  const CUmemGenericAllocationHandle h = create(8 * kPiece);
  CHECK(free_memory() == before - 8 * kPiece);
  REQUIRE(CU(cuMemMap)(p, 8 * kPiece, 0, h, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemMap)(p + 32 * kPiece, 8 * kPiece, 0, h, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemRelease)(h) == CUDA_SUCCESS);
  CHECK(free_memory() == before - 8 * kPiece);
  REQUIRE(CU(cuMemUnmap)(p, 8 * kPiece) == CUDA_SUCCESS);
  CHECK(free_memory() == before - 8 * kPiece);
  REQUIRE(CU(cuMemUnmap)(p + 32 * kPiece, 8 * kPiece) == CUDA_SUCCESS);
  CHECK(free_memory() == before);
  CHECK(CU(cuMemAddressFree)(p, 64 * kPiece) == CUDA_SUCCESS);
}

TEST_CASE("two mappings of one handle are the same memory") {
  const Gpu gpu;
  const CUdeviceptr p = reserve(3 * kPiece);
  const CUmemGenericAllocationHandle h = create();
  REQUIRE(CU(cuMemMap)(p, kPiece, 0, h, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemMap)(p + 2 * kPiece, kPiece, 0, h, 0) == CUDA_SUCCESS);
  REQUIRE(allow(p, kPiece) == CUDA_SUCCESS);
  REQUIRE(allow(p + 2 * kPiece, kPiece) == CUDA_SUCCESS);
  CHECK(fill(gpu, p, 42, 100) == CUDA_SUCCESS);
  CHECK(gpu.read<unsigned>(p + 2 * kPiece, 100) == std::vector<unsigned>(100, 42));
  REQUIRE(CU(cuMemsetD32_v2)(p + 2 * kPiece + 4, 1, 1) == CUDA_SUCCESS);
  CHECK(gpu.read<unsigned>(p, 2) == std::vector<unsigned>{42, 1});
  CHECK(CU(cuMemUnmap)(p, kPiece) == CUDA_SUCCESS);
  CHECK(CU(cuMemUnmap)(p + 2 * kPiece, kPiece) == CUDA_SUCCESS);
  CHECK(CU(cuMemRelease)(h) == CUDA_SUCCESS);
  CHECK(CU(cuMemAddressFree)(p, 3 * kPiece) == CUDA_SUCCESS);
}

TEST_CASE("memory keeps its bytes while it is mapped nowhere") {
  const Gpu gpu;
  const CUdeviceptr p = reserve(2 * kPiece);
  const CUmemGenericAllocationHandle h = create();
  REQUIRE(CU(cuMemMap)(p, kPiece, 0, h, 0) == CUDA_SUCCESS);
  REQUIRE(allow(p, kPiece) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemsetD8_v2)(p, 0x5A, kPiece) == CUDA_SUCCESS);
  REQUIRE(CU(cuCtxSynchronize)() == CUDA_SUCCESS);  // a fill is not waited for, nor does unmapping
  REQUIRE(CU(cuMemUnmap)(p, kPiece) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemMap)(p + kPiece, kPiece, 0, h, 0) == CUDA_SUCCESS);
  REQUIRE(allow(p + kPiece, kPiece) == CUDA_SUCCESS);
  const auto got = gpu.read<unsigned char>(p + kPiece, kPiece);
  CHECK(std::count(got.begin(), got.end(), 0x5A) == static_cast<long>(kPiece));
  CHECK(CU(cuMemUnmap)(p + kPiece, kPiece) == CUDA_SUCCESS);
  CHECK(CU(cuMemRelease)(h) == CUDA_SUCCESS);
  CHECK(CU(cuMemAddressFree)(p, 2 * kPiece) == CUDA_SUCCESS);
}

TEST_CASE("a handle is found again by an address, and keeps the memory") {
  const Gpu gpu;
  const size_t before = free_memory();
  const CUdeviceptr p = reserve(2 * kPiece);
  const CUmemGenericAllocationHandle h = create();
  REQUIRE(CU(cuMemMap)(p, kPiece, 0, h, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemRelease)(h) == CUDA_SUCCESS);
  CUmemGenericAllocationHandle again = 0;
  REQUIRE(CU(cuMemRetainAllocationHandle)(&again, reinterpret_cast<void*>(p + 12345)) ==
          CUDA_SUCCESS);
  CHECK(again == h);
  CHECK(CU(cuMemRetainAllocationHandle)(&again, reinterpret_cast<void*>(p + kPiece)) ==
        CUDA_ERROR_INVALID_VALUE);
  CUmemAllocationProp got{};
  REQUIRE(CU(cuMemGetAllocationPropertiesFromHandle)(&got, h) == CUDA_SUCCESS);
  CHECK(got.type == CU_MEM_ALLOCATION_TYPE_PINNED);
  CHECK(got.location.type == CU_MEM_LOCATION_TYPE_DEVICE);
  REQUIRE(CU(cuMemUnmap)(p, kPiece) == CUDA_SUCCESS);
  CHECK(free_memory() == before - kPiece);
  REQUIRE(CU(cuMemRelease)(h) == CUDA_SUCCESS);
  CHECK(free_memory() == before);
  CHECK(CU(cuMemGetAllocationPropertiesFromHandle)(&got, h) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemAddressFree)(p, 2 * kPiece) == CUDA_SUCCESS);
}

TEST_CASE("memory that is mapped and not opened faults") {
  const Gpu gpu;
  const CUdeviceptr p = reserve(kPiece);
  const CUmemGenericAllocationHandle h = create();
  REQUIRE(CU(cuMemMap)(p, kPiece, 0, h, 0) == CUDA_SUCCESS);
  unsigned long long flags = 99;
  CUmemLocation here{};
  here.type = CU_MEM_LOCATION_TYPE_DEVICE;
  REQUIRE(CU(cuMemGetAccess)(&flags, &here, p) == CUDA_SUCCESS);
  CHECK(flags == CU_MEM_ACCESS_FLAGS_PROT_NONE);
  CHECK(fill(gpu, p, 1, 1) == CUDA_ERROR_ILLEGAL_ADDRESS);
  CHECK(CU(cuMemUnmap)(p, kPiece) == CUDA_SUCCESS);
  CHECK(CU(cuMemRelease)(h) == CUDA_SUCCESS);
  CHECK(CU(cuMemAddressFree)(p, kPiece) == CUDA_SUCCESS);
}

TEST_CASE("memory that was closed again faults, also for a copy") {
  const Gpu gpu;
  const Range range(1);
  REQUIRE(allow(range.at, kPiece, CU_MEM_ACCESS_FLAGS_PROT_NONE) == CUDA_SUCCESS);
  int word = 0;
  CHECK(CU(cuMemcpyDtoH_v2)(&word, range.at, 4) == CUDA_ERROR_ILLEGAL_ADDRESS);
}

TEST_CASE("read-only memory can be read and not written") {
  const Gpu gpu;
  const Range range(2);
  REQUIRE(fill(gpu, range.at, 8, 4) == CUDA_SUCCESS);
  REQUIRE(allow(range.at, kPiece, CU_MEM_ACCESS_FLAGS_PROT_READ) == CUDA_SUCCESS);
  unsigned long long flags = 0;
  CUmemLocation here{};
  here.type = CU_MEM_LOCATION_TYPE_DEVICE;
  REQUIRE(CU(cuMemGetAccess)(&flags, &here, range.at) == CUDA_SUCCESS);
  CHECK(flags == CU_MEM_ACCESS_FLAGS_PROT_READ);
  CHECK(gpu.read<unsigned>(range.at, 4) == std::vector<unsigned>(4, 8));
  CHECK(fill(gpu, range.at + kPiece, 8, 4) == CUDA_SUCCESS);
  CHECK(fill(gpu, range.at, 9, 4) == CUDA_ERROR_ILLEGAL_ADDRESS);
}

TEST_CASE("unmapped memory faults, and its addresses take new memory") {
  const CUdeviceptr p = [] {
    const Gpu gpu;
    const CUdeviceptr at = reserve(2 * kPiece);
    const CUmemGenericAllocationHandle h = create();
    REQUIRE(CU(cuMemMap)(at, kPiece, 0, h, 0) == CUDA_SUCCESS);
    REQUIRE(allow(at, kPiece) == CUDA_SUCCESS);
    REQUIRE(fill(gpu, at, 3, 10) == CUDA_SUCCESS);
    REQUIRE(CU(cuMemUnmap)(at, kPiece) == CUDA_SUCCESS);
    REQUIRE(CU(cuMemRelease)(h) == CUDA_SUCCESS);
    int word = 0;
    CHECK(CU(cuMemcpyDtoH_v2)(&word, at, 4) == CUDA_ERROR_INVALID_VALUE);
    // Reserved addresses are no host memory either.
    CHECK(CU(cuMemcpy)(at, reinterpret_cast<CUdeviceptr>(&word), 4) == CUDA_ERROR_INVALID_VALUE);
    CHECK(fill(gpu, at, 3, 10) == CUDA_ERROR_ILLEGAL_ADDRESS);
    return at;
  }();
  const Gpu gpu;
  const CUmemGenericAllocationHandle h = create();
  REQUIRE(CU(cuMemMap)(p, kPiece, 0, h, 0) == CUDA_SUCCESS);
  // All mappings start without access, whatever the address had before.
  CUmemLocation here{};
  here.type = CU_MEM_LOCATION_TYPE_DEVICE;
  unsigned long long flags = 99;
  REQUIRE(CU(cuMemGetAccess)(&flags, &here, p) == CUDA_SUCCESS);
  CHECK(flags == CU_MEM_ACCESS_FLAGS_PROT_NONE);
  REQUIRE(allow(p, kPiece) == CUDA_SUCCESS);
  CHECK(gpu.read<unsigned>(p, 1)[0] == 0xCDCDCDCD);
  CHECK(CU(cuMemUnmap)(p, kPiece) == CUDA_SUCCESS);
  CHECK(CU(cuMemRelease)(h) == CUDA_SUCCESS);
  CHECK(CU(cuMemAddressFree)(p, 2 * kPiece) == CUDA_SUCCESS);
}

TEST_CASE("an access beyond the last mapping faults") {
  const Gpu gpu;
  const Range range(1);
  CHECK(fill(gpu, range.at + kPiece - 16, 1, 4) == CUDA_SUCCESS);
  CHECK(fill(gpu, range.at + kPiece - 16, 1, 5) == CUDA_ERROR_ILLEGAL_ADDRESS);
}

TEST_CASE("mapped memory belongs to no context") {
  const Gpu gpu;
  const Range range(1);
  CUcontext second = nullptr;
  REQUIRE(CU(cuCtxCreate_v2)(&second, 0, 0) == CUDA_SUCCESS);
  CHECK(fill(gpu, range.at, 77, 8) == CUDA_SUCCESS);
  REQUIRE(CU(cuCtxDestroy_v2)(second) == CUDA_SUCCESS);
  CHECK(gpu.read<unsigned>(range.at, 8) == std::vector<unsigned>(8, 77));
}

TEST_CASE("the host cannot touch mapped memory") {
  const Gpu gpu;
  const Range range(1);
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGSEGV, SIG_DFL);
    _exit(*reinterpret_cast<volatile char*>(range.at));
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGSEGV);
}

TEST_CASE("attributes of mapped pointers") {
  const Gpu gpu;
  const Range range(2);
  const CUdeviceptr p = range.at + kPiece + 100;
  const auto get = [&](CUpointer_attribute attribute, auto value) {
    REQUIRE(CU(cuPointerGetAttribute)(&value, attribute, p) == CUDA_SUCCESS);
    return value;
  };
  CHECK(get(CU_POINTER_ATTRIBUTE_MEMORY_TYPE, 0U) == CU_MEMORYTYPE_DEVICE);
  CHECK(get(CU_POINTER_ATTRIBUTE_MAPPED, 0) == 1);
  CHECK(get(CU_POINTER_ATTRIBUTE_RANGE_START_ADDR, CUdeviceptr{}) == range.at);
  CHECK(get(CU_POINTER_ATTRIBUTE_RANGE_SIZE, size_t{}) == 2 * kPiece);
  CHECK(get(CU_POINTER_ATTRIBUTE_MAPPING_BASE_ADDR, CUdeviceptr{}) == range.at + kPiece);
  CHECK(get(CU_POINTER_ATTRIBUTE_MAPPING_SIZE, size_t{}) == kPiece);
  CHECK(get(CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL, -1) == 0);
  CHECK(get(CU_POINTER_ATTRIBUTE_ACCESS_FLAGS, 0U) == CU_POINTER_ATTRIBUTE_ACCESS_FLAG_READWRITE);
  CHECK(get(CU_POINTER_ATTRIBUTE_IS_LEGACY_CUDA_IPC_CAPABLE, 1) == 0);
  void* host = nullptr;
  CHECK(CU(cuPointerGetAttribute)(&host, CU_POINTER_ATTRIBUTE_HOST_POINTER, p) ==
        CUDA_ERROR_INVALID_VALUE);
  CUdeviceptr base = 0;
  size_t size = 0;
  REQUIRE(CU(cuMemGetAddressRange_v2)(&base, &size, p) == CUDA_SUCCESS);
  CHECK(base == range.at + kPiece);
  CHECK(size == kPiece);
  // Reserved and not mapped.
  const CUdeviceptr empty = reserve(kPiece);
  int mapped = 1;
  REQUIRE(CU(cuPointerGetAttribute)(&mapped, CU_POINTER_ATTRIBUTE_MAPPED, empty) == CUDA_SUCCESS);
  CHECK(mapped == 0);
  CHECK(CU(cuMemGetAddressRange_v2)(&base, &size, empty) == CUDA_ERROR_NOT_FOUND);
  CHECK(CU(cuMemAddressFree)(empty, kPiece) == CUDA_SUCCESS);
  CHECK(CU(cuMemFree_v2)(range.at) == CUDA_ERROR_INVALID_VALUE);
}

// What PyTorch's expandable segments do: a range as large as the device's memory and an eighth
// more, pieces that come at its end and go from its middle, one access description for each growth.
TEST_CASE("a segment grows, gives pieces back from the middle and grows there again") {
  const Gpu gpu;
  size_t free = 0, total = 0;
  REQUIRE(CU(cuMemGetInfo_v2)(&free, &total) == CUDA_SUCCESS);
  const size_t piece = 10 * kPiece;
  const size_t size = (total + total / 8) / piece * piece;
  const CUdeviceptr segment = reserve(size);
  std::vector<CUmemGenericAllocationHandle> handles(6);
  const auto grow = [&](size_t i) {
    handles[i] = create(piece);
    REQUIRE(CU(cuMemMap)(segment + i * piece, piece, 0, handles[i], 0) == CUDA_SUCCESS);
    REQUIRE(allow(segment + i * piece, piece) == CUDA_SUCCESS);
  };
  const auto shrink = [&](size_t i) {
    REQUIRE(CU(cuCtxSynchronize)() == CUDA_SUCCESS);  // unmapping does not wait for what is queued
    REQUIRE(CU(cuMemUnmap)(segment + i * piece, piece) == CUDA_SUCCESS);
    REQUIRE(CU(cuMemRelease)(handles[i]) == CUDA_SUCCESS);
  };
  for (size_t i = 0; i < 6; ++i) grow(i);
  REQUIRE(CU(cuMemsetD8_v2)(segment, 1, 6 * piece) == CUDA_SUCCESS);
  shrink(2);
  shrink(3);
  CHECK(free_memory() == free - 4 * piece);
  CHECK(CU(cuMemsetD8_v2)(segment, 2, 3 * piece) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemsetD8_v2)(segment, 2, 2 * piece) == CUDA_SUCCESS);
  grow(3);
  grow(2);
  CHECK(fill(gpu, segment + 2 * piece - 4096, 3, 2048) == CUDA_SUCCESS);
  const auto got = gpu.read<unsigned>(segment + 2 * piece - 4096, 2048);
  CHECK(std::count(got.begin(), got.end(), 3U) == 2048);
  for (size_t i = 0; i < 6; ++i) shrink(i);
  CHECK(free_memory() == free);
  CHECK(CU(cuMemAddressFree)(segment, size) == CUDA_SUCCESS);
}

TEST_CASE("unmapping under a running kernel harms neither the process nor other memory") {
  const Gpu gpu;
  const Range flags(1);
  REQUIRE(CU(cuMemsetD32_v2)(flags.at, 0, 2) == CUDA_SUCCESS);
  const CUfunction f = gpu.function(ptx::kHandshake, "hand");
  const CUstream a = gpu.stream(CU_STREAM_NON_BLOCKING);
  unsigned mine = 0, other = 1;
  CUdeviceptr p = flags.at;
  void* arguments[] = {&p, &mine, &other};
  REQUIRE(CU(cuLaunchKernel)(f, 1, 1, 1, 1, 1, 1, 0, a, arguments, nullptr) == CUDA_SUCCESS);
  // The kernel runs once it has set its flag.
  const CUdeviceptr alias = reserve(kPiece);
  REQUIRE(CU(cuMemMap)(alias, kPiece, 0, flags.handles[0], 0) == CUDA_SUCCESS);
  REQUIRE(allow(alias, kPiece) == CUDA_SUCCESS);
  const CUstream b = gpu.stream(CU_STREAM_NON_BLOCKING);
  int* word = nullptr;
  REQUIRE(CU(cuMemAllocHost_v2)(reinterpret_cast<void**>(&word), 4) == CUDA_SUCCESS);
  do {
    REQUIRE(CU(cuMemcpyDtoHAsync_v2)(word, alias, 4, b) == CUDA_SUCCESS);
    REQUIRE(CU(cuStreamSynchronize)(b) == CUDA_SUCCESS);
  } while (*word == 0);
  REQUIRE(CU(cuMemUnmap)(flags.at, kPiece) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemMap)(flags.at, kPiece, 0, flags.handles[0], 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemsetD32Async)(alias + 4, 1, 1, b) == CUDA_SUCCESS);
  CHECK(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
  CHECK(CU(cuMemUnmap)(alias, kPiece) == CUDA_SUCCESS);
  CHECK(CU(cuMemAddressFree)(alias, kPiece) == CUDA_SUCCESS);
}

TEST_CASE("what is exported is imported as the same memory") {
  const Gpu gpu;
  const CUmemAllocationProp p = device_memory(CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR);
  CUmemGenericAllocationHandle h = 0, imported = 0;
  REQUIRE(CU(cuMemCreate)(&h, kPiece, &p, 0) == CUDA_SUCCESS);
  const CUdeviceptr at = reserve(2 * kPiece);
  REQUIRE(CU(cuMemMap)(at, kPiece, 0, h, 0) == CUDA_SUCCESS);
  REQUIRE(allow(at, kPiece) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemsetD8_v2)(at, 0x21, kPiece) == CUDA_SUCCESS);
  int fd = -1;
  REQUIRE(CU(cuMemExportToShareableHandle)(&fd, h, CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR, 0) ==
          CUDA_SUCCESS);
  CHECK(gpu.read<unsigned char>(at, 1)[0] == 0x21);
  REQUIRE(CU(cuMemImportFromShareableHandle)(
              &imported, reinterpret_cast<void*>(static_cast<intptr_t>(fd)),
              CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR) == CUDA_SUCCESS);
  close(fd);
  REQUIRE(CU(cuMemMap)(at + kPiece, kPiece, 0, imported, 0) == CUDA_SUCCESS);
  REQUIRE(allow(at + kPiece, kPiece) == CUDA_SUCCESS);
  CHECK(gpu.read<unsigned char>(at + kPiece, 1)[0] == 0x21);
  REQUIRE(CU(cuMemsetD8_v2)(at + kPiece + 5, 0x22, 1) == CUDA_SUCCESS);
  CHECK(gpu.read<unsigned char>(at + 5, 1)[0] == 0x22);
  // The memory outlives its first handle.
  REQUIRE(CU(cuMemUnmap)(at, kPiece) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemRelease)(h) == CUDA_SUCCESS);
  CHECK(gpu.read<unsigned char>(at + kPiece + 5, 1)[0] == 0x22);
  REQUIRE(CU(cuMemUnmap)(at + kPiece, kPiece) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemRelease)(imported) == CUDA_SUCCESS);
  CHECK(CU(cuMemAddressFree)(at, 2 * kPiece) == CUDA_SUCCESS);
}

TEST_CASE("only memory made for it is exported, only memory is imported") {
  const Gpu gpu;
  const CUmemGenericAllocationHandle h = create();
  int fd = -1;
  CHECK(CU(cuMemExportToShareableHandle)(&fd, h, CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR, 0) ==
        CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemExportToShareableHandle)(&fd, h, CU_MEM_HANDLE_TYPE_FABRIC, 0) ==
        CUDA_ERROR_NOT_SUPPORTED);
  CHECK(CU(cuMemRelease)(h) == CUDA_SUCCESS);
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const int file = memfd_create("not-ours", 0);
  REQUIRE(ftruncate(file, 1 << 21) == 0);
  CUmemGenericAllocationHandle out = 0;
  for (const int bad : {-1, ends[0], file})
    CHECK(CU(cuMemImportFromShareableHandle)(
              &out, reinterpret_cast<void*>(static_cast<intptr_t>(bad)),
              CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR) == CUDA_ERROR_INVALID_VALUE);
  for (const int fd_ : {ends[0], ends[1], file}) close(fd_);
  CHECK(CU(cuMemGetHandleForAddressRange)(&fd, gpu.alloc(4096), 4096,
                                          CU_MEM_RANGE_HANDLE_TYPE_DMA_BUF_FD,
                                          0) == CUDA_ERROR_NOT_SUPPORTED);
}
