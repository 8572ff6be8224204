// SPDX-License-Identifier: MIT
// Streams that wait for, or write, a word in memory that goes away meanwhile. On hardware the
// access faults, and a fault is the context's end and not the process's. Only calls that do not
// wait for that stream can take the memory: cuMemUnmap waits for nobody, cuMemFreeAsync only for
// its own stream, and cuMemFree, cuMemFreeHost and cuMemHostUnregister for the memory's context,
// which need not be the stream's.
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>

#include "softgpu/driver_fixture.hpp"

namespace {

constexpr size_t kPiece = size_t{2} << 20;

struct Mapped {
  CUdeviceptr at = 0;
  CUmemGenericAllocationHandle handle = 0;
  explicit Mapped(CUmemAccess_flags flags = CU_MEM_ACCESS_FLAGS_PROT_READWRITE) {
    CUmemAllocationProp p{};
    p.type = CU_MEM_ALLOCATION_TYPE_PINNED;
    p.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
    REQUIRE(CU(cuMemCreate)(&handle, kPiece, &p, 0) == CUDA_SUCCESS);
    REQUIRE(CU(cuMemAddressReserve)(&at, kPiece, 0, 0, 0) == CUDA_SUCCESS);
    REQUIRE(CU(cuMemMap)(at, kPiece, 0, handle, 0) == CUDA_SUCCESS);
    allow(CU_MEM_ACCESS_FLAGS_PROT_READWRITE);
    zero(at);
    allow(flags);
  }
  static void zero(CUdeviceptr p) {
    REQUIRE(CU(cuMemsetD32_v2)(p, 0, 4) == CUDA_SUCCESS);
    REQUIRE(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
  }
  void allow(CUmemAccess_flags flags) const {
    CUmemAccessDesc d{};
    d.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
    d.flags = flags;
    REQUIRE(CU(cuMemSetAccess)(at, kPiece, &d, 1) == CUDA_SUCCESS);
  }
  ~Mapped() {
    CU(cuMemUnmap)(at, kPiece);
    CU(cuMemRelease)(handle);
    CU(cuMemAddressFree)(at, kPiece);
  }
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;
};

CUstreamBatchMemOpParams wait_for(CUdeviceptr p, bool wide) {
  CUstreamBatchMemOpParams o{};
  o.waitValue.operation = wide ? CU_STREAM_MEM_OP_WAIT_VALUE_64 : CU_STREAM_MEM_OP_WAIT_VALUE_32;
  o.waitValue.address = p;
  o.waitValue.value64 = 1;
  o.waitValue.flags = CU_STREAM_WAIT_VALUE_EQ;
  return o;
}

CUstreamBatchMemOpParams write_to(CUdeviceptr p, unsigned value) {
  CUstreamBatchMemOpParams o{};
  o.writeValue.operation = CU_STREAM_MEM_OP_WRITE_VALUE_32;
  o.writeValue.address = p;
  o.writeValue.value = value;
  return o;
}

// A pinned word that a stream sets when it begins to wait, and another that it would set behind the
// wait.
struct Marks {
  volatile unsigned* words = nullptr;
  Marks() {
    void* p = nullptr;
    REQUIRE(CU(cuMemAllocHost_v2)(&p, 64) == CUDA_SUCCESS);
    words = static_cast<volatile unsigned*>(p);
    words[0] = 0;
    words[1] = 0;
  }
  CUdeviceptr address(size_t i) const { return reinterpret_cast<CUdeviceptr>(words + i); }
  void await_beginning() const {
    while (words[0] == 0) sched_yield();
  }
};

std::array<CUstreamBatchMemOpParams, 3> marked_wait(const Marks& marks, CUdeviceptr p, bool wide) {
  return {write_to(marks.address(0), 1), wait_for(p, wide), write_to(marks.address(1), 1)};
}

// Of the current context: `s` waits for the word and has begun to.
void begin_waiting(CUstream s, const Marks& marks, CUdeviceptr p, bool wide = false) {
  auto operations = marked_wait(marks, p, wide);
  REQUIRE(CU(cuStreamBatchMemOp_v2)(s, 3, operations.data(), 0) == CUDA_SUCCESS);
  marks.await_beginning();
}

void check_broken(CUstream s) {
  CHECK(CU(cuStreamSynchronize)(s) == CUDA_ERROR_ILLEGAL_ADDRESS);
  CHECK(CU(cuCtxSynchronize)() == CUDA_ERROR_ILLEGAL_ADDRESS);  // and stays
}

// What the process writes on stderr while `body` runs.
template <typename Body>
std::string stderr_of(Body&& body) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), std::fclose);
  REQUIRE(file);
  std::fflush(stderr);
  const int saved = dup(2);
  dup2(fileno(file.get()), 2);
  body();
  std::fflush(stderr);
  dup2(saved, 2);
  close(saved);
  std::string out(4096, '\0');
  const ssize_t n = pread(fileno(file.get()), out.data(), out.size(), 0);
  out.resize(n > 0 ? static_cast<size_t>(n) : 0);
  return out;
}

}  // namespace

TEST_CASE("unmapping a word that a stream waits for breaks the context and says so") {
  const bool wide = GENERATE(false, true);
  const Gpu gpu;
  const Mapped mapped;
  const Marks marks;
  const CUstream s = gpu.stream(CU_STREAM_NON_BLOCKING);
  begin_waiting(s, marks, mapped.at + 8, wide);
  const std::string said = stderr_of([&] {
    CHECK(CU(cuMemUnmap)(mapped.at, kPiece) == CUDA_SUCCESS);
    check_broken(s);
  });
  CHECK(marks.words[1] == 0);  // what follows a wait that never ended is not done
  char address[32];
  std::snprintf(address, sizeof address, "0x%llx", mapped.at + 8);
  CHECK(said.find("wait") != std::string::npos);
  CHECK(said.find(address) != std::string::npos);
}

TEST_CASE("unmapping a word that a node of a graph waits for breaks the context") {
  const Gpu gpu;
  const Mapped mapped;
  const Marks marks;
  const CUstream s = gpu.stream(CU_STREAM_NON_BLOCKING);
  auto operations = marked_wait(marks, mapped.at, false);
  CUDA_BATCH_MEM_OP_NODE_PARAMS params{gpu.context, 3, operations.data(), 0};
  CUgraph graph = nullptr;
  CUgraphNode node = nullptr;
  CUgraphExec exec = nullptr;
  REQUIRE(CU(cuGraphCreate)(&graph, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphAddBatchMemOpNode)(&node, graph, nullptr, 0, &params) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphInstantiateWithFlags)(&exec, graph, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuGraphLaunch)(exec, s) == CUDA_SUCCESS);
  marks.await_beginning();
  CHECK(CU(cuMemUnmap)(mapped.at, kPiece) == CUDA_SUCCESS);
  check_broken(s);
  CHECK(marks.words[1] == 0);
  CU(cuGraphExecDestroy)(exec);
  CU(cuGraphDestroy)(graph);
}

TEST_CASE("a wait goes on when its word is unmapped for another address only") {
  const Gpu gpu;
  const Mapped mapped, elsewhere;
  const Marks marks;
  const CUstream s = gpu.stream(CU_STREAM_NON_BLOCKING);
  begin_waiting(s, marks, mapped.at);
  CHECK(CU(cuMemUnmap)(elsewhere.at, kPiece) == CUDA_SUCCESS);
  CHECK(CU(cuStreamQuery)(s) == CUDA_ERROR_NOT_READY);
  const CUstream other = gpu.stream(CU_STREAM_NON_BLOCKING);
  REQUIRE(CU(cuStreamWriteValue32_v2)(other, mapped.at, 1, 0) == CUDA_SUCCESS);
  CHECK(CU(cuStreamSynchronize)(s) == CUDA_SUCCESS);
  CHECK(marks.words[1] == 1);
}

TEST_CASE("a write of a word that is unmapped before its turn breaks the context") {
  const Gpu gpu;
  const Mapped mapped;
  const CUstream s = gpu.stream(CU_STREAM_NON_BLOCKING);
  Gate gate;
  gate.put_on(s);
  REQUIRE(CU(cuStreamWriteValue32_v2)(s, mapped.at, 1, 0) == CUDA_SUCCESS);
  CHECK(CU(cuMemUnmap)(mapped.at, kPiece) == CUDA_SUCCESS);
  gate.open();
  check_broken(s);
}

TEST_CASE("memory that may only be read can be waited for and not written") {
  const Gpu gpu;
  const Mapped mapped(CU_MEM_ACCESS_FLAGS_PROT_READ);
  const CUstream s = gpu.stream(CU_STREAM_NON_BLOCKING);
  REQUIRE(CU(cuStreamWaitValue32_v2)(s, mapped.at, 0, CU_STREAM_WAIT_VALUE_EQ) == CUDA_SUCCESS);
  CHECK(CU(cuStreamSynchronize)(s) == CUDA_SUCCESS);
  CU(cuStreamWriteValue32_v2)(s, mapped.at, 1, 0);
  check_broken(s);
}

TEST_CASE("memory freed in another stream breaks the context whose stream waits for it") {
  const Gpu gpu;
  const Marks marks;
  const CUstream a = gpu.stream(CU_STREAM_NON_BLOCKING), b = gpu.stream(CU_STREAM_NON_BLOCKING);
  CUdeviceptr p = 0;
  REQUIRE(CU(cuMemAllocAsync)(&p, 64, b) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemsetD32Async)(p, 0, 16, b) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamSynchronize)(b) == CUDA_SUCCESS);
  begin_waiting(a, marks, p);
  REQUIRE(CU(cuMemFreeAsync)(p, b) == CUDA_SUCCESS);
  check_broken(a);
}

TEST_CASE(
    "pinned memory of another context, freed, breaks the context that waits and not its own") {
  const Gpu owner;
  void* p = nullptr;
  REQUIRE(CU(cuMemAllocHost_v2)(&p, 64) == CUDA_SUCCESS);
  *static_cast<unsigned*>(p) = 0;
  const Gpu gpu;
  const Marks marks;
  const CUstream s = gpu.stream(CU_STREAM_NON_BLOCKING);
  begin_waiting(s, marks, reinterpret_cast<CUdeviceptr>(p));
  REQUIRE(CU(cuCtxPushCurrent_v2)(owner.context) == CUDA_SUCCESS);
  CHECK(CU(cuMemFreeHost)(p) == CUDA_SUCCESS);
  CHECK(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
  REQUIRE(CU(cuCtxPopCurrent_v2)(nullptr) == CUDA_SUCCESS);
  check_broken(s);
}

TEST_CASE(
    "registered memory of another context, unregistered and unmapped, breaks the context that "
    "waits") {
  const Gpu owner;
  void* const p = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  REQUIRE(p != MAP_FAILED);
  REQUIRE(CU(cuMemHostRegister_v2)(p, 4096, 0) == CUDA_SUCCESS);
  const Gpu gpu;
  const Marks marks;
  const CUstream s = gpu.stream(CU_STREAM_NON_BLOCKING);
  begin_waiting(s, marks, reinterpret_cast<CUdeviceptr>(p));
  REQUIRE(CU(cuCtxPushCurrent_v2)(owner.context) == CUDA_SUCCESS);
  CHECK(CU(cuMemHostUnregister)(p) == CUDA_SUCCESS);
  munmap(p, 4096);  // allowed from here on: the driver has let go of it
  REQUIRE(CU(cuCtxPopCurrent_v2)(nullptr) == CUDA_SUCCESS);
  check_broken(s);
}

TEST_CASE("device memory of another context can be waited for only with peer access") {
  const Gpu owner;
  const CUdeviceptr p = owner.alloc(64);
  Mapped::zero(p);
  const Gpu gpu;
  const CUstream s = gpu.stream(CU_STREAM_NON_BLOCKING);
  // Two contexts of one device cannot be peers.
  CU(cuStreamWaitValue32_v2)(s, p, 0, CU_STREAM_WAIT_VALUE_EQ);
  check_broken(s);
}
