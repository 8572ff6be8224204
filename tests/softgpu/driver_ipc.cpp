// SPDX-License-Identifier: MIT
// Memory and events of one process in another: from cuda.h on cuIpc*, exported handles and pools.
#include <sys/wait.h>

#include "softgpu/driver_fixture.hpp"
#include "softgpu/driver_kernels.hpp"
#include "softgpu/peer_protocol.hpp"

namespace {

using peer::Ask;

class Peer {
 public:
  Peer() {
    int ends[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    process_ = fork();
    if (process_ == 0) {
      alarm(60);  // one that hangs is a failure, not a wait
      dup2(ends[1], 3);
      if (ends[1] == 3) fcntl_clear(3);
      execl(SOFTGPU_DRIVER_PEER, SOFTGPU_DRIVER_PEER, nullptr);
      _exit(127);
    }
    close(ends[1]);
    socket_ = ends[0];
  }
  ~Peer() {
    peer::send(socket_, {});
    close(socket_);
    int status = 0;
    waitpid(process_, &status, 0);
    CHECK(status == 0);
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  peer::Answer ask(Ask what, uint64_t a = 0, uint64_t b = 0) const {
    peer::Request q{what, a, b, {}};
    return send(q, -1);
  }
  template <typename Handle>
  peer::Answer ask_with(Ask what, const Handle& handle, uint64_t a = 0) const {
    static_assert(sizeof handle == sizeof peer::Request::data);
    peer::Request q{what, a, 0, {}};
    std::memcpy(q.data, &handle, sizeof handle);
    return send(q, -1);
  }
  peer::Answer ask_about(Ask what, int descriptor, uint64_t a = 0) const {
    return send({what, a, 0, {}}, descriptor);
  }

 private:
  static void fcntl_clear(int fd);
  peer::Answer send(const peer::Request& q, int descriptor) const {
    peer::Answer answer{-1, 0};
    REQUIRE(peer::send(socket_, q, descriptor));
    REQUIRE(recv(socket_, &answer, sizeof answer, MSG_WAITALL) == sizeof answer);
    return answer;
  }
  int socket_ = -1;
  pid_t process_ = -1;
};

void Peer::fcntl_clear(int fd) {
  const int moved = dup(fd);  // dup2 of a descriptor to itself leaves CLOEXEC set
  dup2(moved, fd);
}

CUipcMemHandle handle_of(CUdeviceptr p) {
  CUipcMemHandle handle{};
  REQUIRE(CU(cuIpcGetMemHandle)(&handle, p) == CUDA_SUCCESS);
  return handle;
}

constexpr uint64_t kLazy = CU_IPC_MEM_LAZY_ENABLE_PEER_ACCESS;

}  // namespace

TEST_CASE("two processes see each other's writes, in large and in packed allocations") {
  const Gpu gpu;
  const Peer other;
  for (const size_t size : {size_t{64}, size_t{3} << 20}) {
    const CUdeviceptr neighbour = gpu.alloc(64);
    const CUdeviceptr p = gpu.alloc(size);
    REQUIRE(CU(cuMemsetD8_v2)(neighbour, 0x33, 64) == CUDA_SUCCESS);
    REQUIRE(CU(cuMemsetD32_v2)(p, 11, size / 4) == CUDA_SUCCESS);
    REQUIRE(CU(cuCtxSynchronize)() == CUDA_SUCCESS);  // the other process is in no stream of ours
    const peer::Answer opened = other.ask_with(Ask::open_memory, handle_of(p), kLazy);
    REQUIRE(opened.result == CUDA_SUCCESS);
    CHECK(other.ask(Ask::read, opened.value).value == 11);
    CHECK(other.ask(Ask::fill, opened.value, 12).result == CUDA_SUCCESS);
    CHECK(gpu.read<unsigned>(p, 5) == std::vector<unsigned>{12, 12, 12, 12, 11});
    REQUIRE(CU(cuMemsetD32_v2)(p, 13, 1) == CUDA_SUCCESS);
    REQUIRE(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
    CHECK(other.ask(Ask::read, opened.value).value == 13);
    // The neighbour shares a page of memory, and is not to be seen.
    CHECK(other.ask(Ask::read, opened.value + size).result == CUDA_ERROR_INVALID_VALUE);
    CHECK(gpu.read<unsigned char>(neighbour, 64) == std::vector<unsigned char>(64, 0x33));
    CHECK(other.ask(Ask::close_memory, opened.value).result == CUDA_SUCCESS);
    CHECK(other.ask(Ask::read, opened.value).result == CUDA_ERROR_INVALID_VALUE);
    CHECK(gpu.read<unsigned>(p, 1)[0] == 13);
  }
}

TEST_CASE("memory opened twice has one address and is closed twice") {
  const Gpu gpu;
  const Peer other;
  const CUipcMemHandle handle = handle_of(gpu.alloc(4096));
  const peer::Answer first = other.ask_with(Ask::open_memory, handle, kLazy);
  const peer::Answer second = other.ask_with(Ask::open_memory, handle, kLazy);
  REQUIRE(first.result == CUDA_SUCCESS);
  REQUIRE(second.result == CUDA_SUCCESS);
  CHECK(first.value == second.value);
  CHECK(other.ask(Ask::close_memory, first.value).result == CUDA_SUCCESS);
  CHECK(other.ask(Ask::read, first.value).result == CUDA_SUCCESS);
  CHECK(other.ask(Ask::free, first.value).result == CUDA_ERROR_INVALID_VALUE);
  CHECK(other.ask(Ask::close_memory, first.value).result == CUDA_SUCCESS);
  CHECK(other.ask(Ask::close_memory, first.value).result == CUDA_ERROR_INVALID_VALUE);
}

// Closing waits for the current context, which need not be the one that opened the memory.
TEST_CASE("closing memory that a stream waits for breaks the context that opened it") {
  const Gpu gpu;
  const Peer other;
  const CUdeviceptr p = gpu.alloc(4096);
  REQUIRE(CU(cuMemsetD32_v2)(p, 0, 1024) == CUDA_SUCCESS);
  REQUIRE(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
  const peer::Answer opened = other.ask_with(Ask::open_memory, handle_of(p), kLazy);
  REQUIRE(opened.result == CUDA_SUCCESS);
  REQUIRE(other.ask(Ask::wait_for_word, opened.value, 1).result == CUDA_SUCCESS);
  CHECK(other.ask(Ask::query_stream).result == CUDA_ERROR_NOT_READY);
  REQUIRE(other.ask(Ask::second_context).result == CUDA_SUCCESS);
  CHECK(other.ask(Ask::close_memory, opened.value).result == CUDA_SUCCESS);
  CHECK(other.ask(Ask::wait_for_stream).result == CUDA_ERROR_ILLEGAL_ADDRESS);
}

TEST_CASE("handles are refused in their own process, with other flags, and in a second context") {
  const Gpu gpu;
  const Peer other;
  const CUdeviceptr p = gpu.alloc(4096);
  const CUipcMemHandle handle = handle_of(p + 100);  // means the whole allocation
  CUdeviceptr mine = 0;
  CHECK(CU(cuIpcOpenMemHandle_v2)(&mine, handle, CU_IPC_MEM_LAZY_ENABLE_PEER_ACCESS) ==
        CUDA_ERROR_INVALID_CONTEXT);
  CHECK(other.ask_with(Ask::open_memory, handle, 0).result == CUDA_ERROR_INVALID_VALUE);
  CHECK(other.ask_with(Ask::open_memory, CUipcMemHandle{}, kLazy).result ==
        CUDA_ERROR_INVALID_VALUE);
  REQUIRE(other.ask_with(Ask::open_memory, handle, kLazy).result == CUDA_SUCCESS);
  REQUIRE(other.ask(Ask::second_context).result == CUDA_SUCCESS);
  CHECK(other.ask_with(Ask::open_memory, handle_of(gpu.alloc(64)), kLazy).result ==
        CUDA_ERROR_INVALID_CONTEXT);
}

TEST_CASE("only memory of cuMemAlloc has an IPC handle") {
  const Gpu gpu;
  CUipcMemHandle handle{};
  CUdeviceptr p = 0;
  void* host = nullptr;
  REQUIRE(CU(cuMemAllocManaged)(&p, 64, CU_MEM_ATTACH_GLOBAL) == CUDA_SUCCESS);
  CHECK(CU(cuIpcGetMemHandle)(&handle, p) == CUDA_ERROR_INVALID_VALUE);
  REQUIRE(CU(cuMemAllocHost_v2)(&host, 64) == CUDA_SUCCESS);
  CHECK(CU(cuIpcGetMemHandle)(&handle, reinterpret_cast<CUdeviceptr>(host)) ==
        CUDA_ERROR_INVALID_VALUE);
  REQUIRE(CU(cuMemAllocAsync)(&p, 64, nullptr) == CUDA_SUCCESS);
  CHECK(CU(cuIpcGetMemHandle)(&handle, p) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuIpcGetMemHandle)(&handle, 0) == CUDA_ERROR_INVALID_VALUE);
  int capable = -1;
  REQUIRE(CU(cuPointerGetAttribute)(&capable, CU_POINTER_ATTRIBUTE_IS_LEGACY_CUDA_IPC_CAPABLE, p) ==
          CUDA_SUCCESS);
  CHECK(capable == 0);
  p = gpu.alloc(64);
  REQUIRE(CU(cuPointerGetAttribute)(&capable, CU_POINTER_ATTRIBUTE_IS_LEGACY_CUDA_IPC_CAPABLE, p) ==
          CUDA_SUCCESS);
  CHECK(capable == 1);
}

TEST_CASE("memory that was shared is poisoned for its next owner") {
  const Gpu gpu;
  for (const size_t size : {size_t{200} << 10, size_t{4} << 20}) {
    const CUdeviceptr p = gpu.alloc(size);
    handle_of(p);
    REQUIRE(CU(cuMemsetD8_v2)(p, 1, size) == CUDA_SUCCESS);
    REQUIRE(CU(cuMemFree_v2)(p) == CUDA_SUCCESS);
    const CUdeviceptr q = gpu.alloc(size);
    CHECK(q == p);
    const auto bytes = gpu.read<unsigned char>(q, size);
    CHECK(std::count(bytes.begin(), bytes.end(), 0xCD) == static_cast<long>(size));
    REQUIRE(CU(cuMemFree_v2)(q) == CUDA_SUCCESS);
  }
}

TEST_CASE("a handle whose memory was freed is not opened") {
  const Gpu gpu;
  const Peer other;
  const CUdeviceptr p = gpu.alloc(size_t{4} << 20);
  const CUipcMemHandle handle = handle_of(p);
  REQUIRE(CU(cuMemFree_v2)(p) == CUDA_SUCCESS);
  CHECK(other.ask_with(Ask::open_memory, handle, kLazy).result == CUDA_ERROR_MAP_FAILED);
}

TEST_CASE("one process waits for an event that another records") {
  const Gpu gpu;
  const Peer other;
  const CUevent event = gpu.event(CU_EVENT_INTERPROCESS | CU_EVENT_DISABLE_TIMING);
  CUipcEventHandle handle{};
  REQUIRE(CU(cuIpcGetEventHandle)(&handle, event) == CUDA_SUCCESS);
  CUevent mine = nullptr;
  CHECK(CU(cuIpcOpenEventHandle)(&mine, handle) == CUDA_ERROR_INVALID_CONTEXT);
  const peer::Answer opened = other.ask_with(Ask::open_event, handle);
  REQUIRE(opened.result == CUDA_SUCCESS);
  CHECK(other.ask(Ask::query_event, opened.value).result == CUDA_SUCCESS);  // never recorded

  const CUstream s = gpu.stream(CU_STREAM_NON_BLOCKING);
  Gate gate;
  gate.put_on(s);
  REQUIRE(CU(cuEventRecord)(event, s) == CUDA_SUCCESS);
  CHECK(other.ask(Ask::query_event, opened.value).result == CUDA_ERROR_NOT_READY);
  REQUIRE(other.ask(Ask::wait_event, opened.value).result == CUDA_SUCCESS);
  CHECK(other.ask(Ask::query_stream).result == CUDA_ERROR_NOT_READY);
  CHECK(CU(cuEventQuery)(event) == CUDA_ERROR_NOT_READY);
  gate.open();
  CHECK(other.ask(Ask::wait_for_event, opened.value).result == CUDA_SUCCESS);
  CHECK(other.ask(Ask::wait_for_stream).result == CUDA_SUCCESS);

  // And the other way: the peer records.
  REQUIRE(other.ask(Ask::record_event, opened.value).result == CUDA_SUCCESS);
  CHECK(CU(cuEventSynchronize)(event) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamWaitEvent)(s, event, 0) == CUDA_SUCCESS);
  CHECK(CU(cuStreamSynchronize)(s) == CUDA_SUCCESS);
}

TEST_CASE("a handle is made of interprocess events only, and these carry no time") {
  const Gpu gpu;
  CUipcEventHandle handle{};
  CHECK(CU(cuIpcGetEventHandle)(&handle, gpu.event(CU_EVENT_DISABLE_TIMING)) ==
        CUDA_ERROR_INVALID_HANDLE);
  CUevent event = nullptr;
  CHECK(CU(cuEventCreate)(&event, CU_EVENT_INTERPROCESS) == CUDA_ERROR_INVALID_VALUE);
  int value = 0;
  REQUIRE(CU(cuDeviceGetAttribute)(&value, CU_DEVICE_ATTRIBUTE_IPC_EVENT_SUPPORTED, 0) ==
          CUDA_SUCCESS);
  CHECK(value == 1);
}

TEST_CASE("physical memory is exported to another process as a descriptor") {
  const Gpu gpu;
  const Peer other;
  constexpr size_t kPiece = size_t{2} << 20;
  CUmemAllocationProp p{};
  p.type = CU_MEM_ALLOCATION_TYPE_PINNED;
  p.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
  p.requestedHandleTypes = CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR;
  CUmemAccessDesc access{};
  access.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
  access.flags = CU_MEM_ACCESS_FLAGS_PROT_READWRITE;
  CUmemGenericAllocationHandle h = 0;
  CUdeviceptr at = 0;
  int fd = -1;
  REQUIRE(CU(cuMemCreate)(&h, kPiece, &p, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemAddressReserve)(&at, kPiece, 0, 0, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemMap)(at, kPiece, 0, h, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemSetAccess)(at, kPiece, &access, 1) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemsetD32_v2)(at, 5, kPiece / 4) == CUDA_SUCCESS);
  REQUIRE(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
  REQUIRE(CU(cuMemExportToShareableHandle)(&fd, h, CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR, 0) ==
          CUDA_SUCCESS);
  const peer::Answer imported = other.ask_about(Ask::import_memory, fd, kPiece);
  close(fd);
  REQUIRE(imported.result == CUDA_SUCCESS);
  CHECK(other.ask(Ask::read, imported.value + kPiece - 4).value == 5);
  CHECK(other.ask(Ask::fill, imported.value, 6).result == CUDA_SUCCESS);
  CHECK(gpu.read<unsigned>(at, 5) == std::vector<unsigned>{6, 6, 6, 6, 5});
  REQUIRE(CU(cuMemUnmap)(at, kPiece) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemRelease)(h) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemAddressFree)(at, kPiece) == CUDA_SUCCESS);
  CHECK(other.ask(Ask::read, imported.value).value == 6);  // the importer still holds it
}

TEST_CASE("a pool is imported, and single allocations of it") {
  const Gpu gpu;
  const Peer other;
  CUmemPoolProps properties{};
  properties.allocType = CU_MEM_ALLOCATION_TYPE_PINNED;
  properties.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
  properties.handleTypes = CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR;
  CUmemoryPool pool = nullptr;
  int fd = -1;
  REQUIRE(CU(cuMemPoolCreate)(&pool, &properties) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemPoolExportToShareableHandle)(&fd, pool, CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR,
                                               0) == CUDA_SUCCESS);
  const peer::Answer imported = other.ask_about(Ask::import_pool, fd);
  close(fd);
  REQUIRE(imported.result == CUDA_SUCCESS);
  CHECK(other.ask(Ask::allocate, imported.value).result == CUDA_ERROR_INVALID_VALUE);

  CUdeviceptr p = 0, outside = 0;
  REQUIRE(CU(cuMemAllocFromPoolAsync)(&p, 4096, pool, nullptr) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemAllocAsync)(&outside, 4096, nullptr) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemsetD32_v2)(p, 21, 1024) == CUDA_SUCCESS);
  REQUIRE(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
  CUmemPoolPtrExportData data{};
  CHECK(CU(cuMemPoolExportPointer)(&data, outside) == CUDA_ERROR_INVALID_VALUE);
  REQUIRE(CU(cuMemPoolExportPointer)(&data, p) == CUDA_SUCCESS);
  for (const Ask how : {Ask::free, Ask::free_async}) {
    const peer::Answer opened = other.ask_with(Ask::import_pointer, data, imported.value);
    REQUIRE(opened.result == CUDA_SUCCESS);
    CHECK(other.ask(Ask::read, opened.value).value == 21);
    CHECK(other.ask(how, opened.value).result == CUDA_SUCCESS);
    CHECK(other.ask(Ask::read, opened.value).result == CUDA_ERROR_INVALID_VALUE);
  }
  CHECK(CU(cuMemFreeAsync)(p, nullptr) == CUDA_SUCCESS);
  CHECK(CU(cuMemFreeAsync)(outside, nullptr) == CUDA_SUCCESS);
  CHECK(CU(cuMemPoolDestroy)(pool) == CUDA_SUCCESS);
}

TEST_CASE("only pools made for it are exported") {
  const Gpu gpu;
  CUmemPoolProps properties{};
  properties.allocType = CU_MEM_ALLOCATION_TYPE_PINNED;
  properties.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
  CUmemoryPool pool = nullptr;
  int fd = -1;
  REQUIRE(CU(cuMemPoolCreate)(&pool, &properties) == CUDA_SUCCESS);
  CHECK(CU(cuMemPoolExportToShareableHandle)(&fd, pool, CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR,
                                             0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuMemPoolDestroy)(pool) == CUDA_SUCCESS);
}
