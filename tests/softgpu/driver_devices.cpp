// SPDX-License-Identifier: MIT
// Several devices in one process (SOFTGPU_DEVICES=3): who they are, whose memory is whose, who may
// touch what. Expectations from the CUDA driver API reference, "Peer Context Memory Access" and
// "Unified Addressing".
#include <cstring>
#include <set>

#include "softgpu/driver_devices.hpp"
#include "softgpu/driver_kernels.hpp"

TEST_CASE("devices differ in who they are and in nothing else") {
  REQUIRE(CU(cuInit)(0) == CUDA_SUCCESS);
  int count = 0;
  REQUIRE(CU(cuDeviceGetCount)(&count) == CUDA_SUCCESS);
  REQUIRE(count == 3);
  std::set<std::string> uuids, buses;
  for (int i = 0; i < count; ++i) {
    CUdevice device = -1, found = -1;
    REQUIRE(CU(cuDeviceGet)(&device, i) == CUDA_SUCCESS);
    CHECK(device == i);
    CUuuid uuid{};
    REQUIRE(CU(cuDeviceGetUuid_v2)(&uuid, device) == CUDA_SUCCESS);
    uuids.insert(std::string(uuid.bytes, sizeof uuid.bytes));
    char bus[32] = {};
    REQUIRE(CU(cuDeviceGetPCIBusId)(bus, sizeof bus, device) == CUDA_SUCCESS);
    buses.insert(bus);
    REQUIRE(CU(cuDeviceGetByPCIBusId)(&found, bus) == CUDA_SUCCESS);
    CHECK(found == device);
    size_t total = 0;
    CHECK(CU(cuDeviceTotalMem_v2)(&total, device) == CUDA_SUCCESS);
    CHECK(total == size_t{8} << 30);
    int major = 0;
    CHECK(CU(cuDeviceGetAttribute)(&major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device) ==
          CUDA_SUCCESS);
    CHECK(major == 9);
  }
  CHECK(uuids.size() == 3);
  CHECK(buses.size() == 3);
  CUdevice none = 0;
  CHECK(CU(cuDeviceGet)(&none, 3) == CUDA_ERROR_INVALID_DEVICE);
  CHECK(CU(cuDeviceGet)(&none, -1) == CUDA_ERROR_INVALID_DEVICE);
  CHECK(CU(cuDeviceGetByPCIBusId)(&none, "0000:ff:00.0") == CUDA_ERROR_INVALID_DEVICE);
  size_t bytes = 0;
  CHECK(CU(cuDeviceTotalMem_v2)(&bytes, 3) == CUDA_ERROR_INVALID_DEVICE);
  CUcontext context = nullptr;
  CHECK(CU(cuCtxCreate_v2)(&context, 0, 3) == CUDA_ERROR_INVALID_DEVICE);
  CHECK(CU(cuDevicePrimaryCtxRetain)(&context, 3) == CUDA_ERROR_INVALID_DEVICE);
}

TEST_CASE("each device has a primary context, and contexts know their device") {
  REQUIRE(CU(cuInit)(0) == CUDA_SUCCESS);
  CUcontext primary[3] = {};
  for (int d = 0; d < 3; ++d) {
    REQUIRE(CU(cuDevicePrimaryCtxRetain)(&primary[d], d) == CUDA_SUCCESS);
    REQUIRE(CU(cuCtxSetCurrent)(primary[d]) == CUDA_SUCCESS);
    CUdevice device = -1;
    CHECK(CU(cuCtxGetDevice)(&device) == CUDA_SUCCESS);
    CHECK(device == d);
    CUstream s = nullptr;
    REQUIRE(CU(cuStreamCreate)(&s, 0) == CUDA_SUCCESS);
    CHECK(CU(cuStreamGetDevice)(s, &device) == CUDA_SUCCESS);
    CHECK(device == d);
  }
  CHECK(primary[0] != primary[1]);
  CUdevice device = -1;
  CHECK(CU(cuCtxGetDevice_v2)(&device, primary[1]) == CUDA_SUCCESS);
  CHECK(device == 1);
  CHECK(CU(cuDevicePrimaryCtxReset_v2)(1) == CUDA_SUCCESS);
  unsigned flags = 0;
  int active[3] = {};
  for (int d = 0; d < 3; ++d)
    CHECK(CU(cuDevicePrimaryCtxGetState)(d, &flags, &active[d]) == CUDA_SUCCESS);
  CHECK(active[0] == 1);
  CHECK(active[1] == 0);
  CHECK(active[2] == 1);
  for (int d : {0, 2}) CHECK(CU(cuDevicePrimaryCtxRelease_v2)(d) == CUDA_SUCCESS);
  CHECK(CU(cuCtxSetCurrent)(nullptr) == CUDA_SUCCESS);
}

TEST_CASE("each device has its own memory") {
  const Devices gpus(2);
  const auto free_of = [&](int d) {
    gpus.use(d);
    size_t free = 0, total = 0;
    REQUIRE(CU(cuMemGetInfo_v2)(&free, &total) == CUDA_SUCCESS);
    CHECK(total == size_t{8} << 30);
    return free;
  };
  const size_t before[2] = {free_of(0), free_of(1)};
  constexpr size_t kBytes = size_t{6} << 30;
  const CUdeviceptr a = gpus.alloc(0, kBytes), b = gpus.alloc(1, kBytes);
  CHECK(free_of(0) == before[0] - kBytes);
  CHECK(free_of(1) == before[1] - kBytes);
  CUdeviceptr more = 0;
  CHECK(CU(cuMemAlloc_v2)(&more, kBytes) == CUDA_ERROR_OUT_OF_MEMORY);
  int ordinal = -1;
  for (const auto& [pointer, owner] : {std::pair{a, 0}, std::pair{b, 1}}) {
    CHECK(CU(cuPointerGetAttribute)(&ordinal, CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL, pointer) ==
          CUDA_SUCCESS);
    CHECK(ordinal == owner);
  }
  // Freed from anywhere: the address says whose it is.
  gpus.use(0);
  CHECK(CU(cuMemFree_v2)(b) == CUDA_SUCCESS);
  CHECK(free_of(1) == before[1]);
  CHECK(free_of(0) == before[0] - kBytes);
  CHECK(CU(cuMemFree_v2)(a) == CUDA_SUCCESS);
}

TEST_CASE("peer access answers as documented") {
  const Devices gpus(2);
  int can = -1;
  CHECK(CU(cuDeviceCanAccessPeer)(&can, 0, 1) == CUDA_SUCCESS);
  CHECK(can == 1);
  CHECK(CU(cuDeviceCanAccessPeer)(&can, 1, 1) == CUDA_SUCCESS);
  CHECK(can == 0);
  CHECK(CU(cuDeviceCanAccessPeer)(&can, 0, 9) == CUDA_ERROR_INVALID_DEVICE);

  gpus.use(0);
  CHECK(CU(cuCtxDisablePeerAccess)(gpus[1]) == CUDA_ERROR_PEER_ACCESS_NOT_ENABLED);
  CHECK(CU(cuCtxEnablePeerAccess)(gpus[1], 1) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuCtxEnablePeerAccess)(gpus[0], 0) == CUDA_ERROR_INVALID_CONTEXT);
  CHECK(CU(cuCtxEnablePeerAccess)(nullptr, 0) == CUDA_ERROR_INVALID_CONTEXT);
  CHECK(CU(cuCtxEnablePeerAccess)(gpus[1], 0) == CUDA_SUCCESS);
  CHECK(CU(cuCtxEnablePeerAccess)(gpus[1], 0) == CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED);
  CHECK(CU(cuCtxDisablePeerAccess)(gpus[1]) == CUDA_SUCCESS);
  CHECK(CU(cuCtxDisablePeerAccess)(gpus[1]) == CUDA_ERROR_PEER_ACCESS_NOT_ENABLED);

  // A context of the same device is no peer.
  CUcontext sibling = nullptr;
  REQUIRE(CU(cuCtxCreate_v2)(&sibling, 0, 0) == CUDA_SUCCESS);
  gpus.use(0);
  CHECK(CU(cuCtxEnablePeerAccess)(sibling, 0) == CUDA_ERROR_PEER_ACCESS_UNSUPPORTED);
  CHECK(CU(cuCtxDestroy_v2)(sibling) == CUDA_SUCCESS);
  CHECK(CU(cuCtxEnablePeerAccess)(sibling, 0) == CUDA_ERROR_INVALID_CONTEXT);

  int value = -1;
  CHECK(CU(cuDeviceGetP2PAttribute)(&value, CU_DEVICE_P2P_ATTRIBUTE_ACCESS_SUPPORTED, 0, 1) ==
        CUDA_SUCCESS);
  CHECK(value == 1);
  CHECK(CU(cuDeviceGetP2PAttribute)(&value, CU_DEVICE_P2P_ATTRIBUTE_ACCESS_SUPPORTED, 1, 1) ==
        CUDA_ERROR_INVALID_DEVICE);
  CHECK(CU(cuDeviceGetP2PAttribute)(&value, static_cast<CUdevice_P2PAttribute>(7), 0, 1) ==
        CUDA_ERROR_INVALID_VALUE);
  const CUatomicOperation operation = CU_ATOMIC_OPERATION_INTEGER_ADD;
  unsigned capabilities = 0;
  CHECK(CU(cuDeviceGetP2PAtomicCapabilities)(&capabilities, &operation, 1, 0, 1) == CUDA_SUCCESS);
  CHECK((capabilities & CU_ATOMIC_CAPABILITY_SCALAR_32) != 0);
  CHECK(CU(cuDeviceGetP2PAtomicCapabilities)(&capabilities, &operation, 0, 0, 1) ==
        CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuDeviceGetP2PAtomicCapabilities)(&capabilities, &operation, 1, 0, 0) ==
        CUDA_ERROR_INVALID_DEVICE);
}

TEST_CASE("a kernel that touches another device's memory faults") {
  const Devices gpus(2);
  const CUdeviceptr theirs = gpus.alloc(1, 256);
  CHECK(gpus.fill(0, theirs, 7, 64) == CUDA_ERROR_ILLEGAL_ADDRESS);
  // The fault is device 0's alone, and stays.
  CUdeviceptr p = 0;
  CHECK(CU(cuMemAlloc_v2)(&p, 16) == CUDA_ERROR_ILLEGAL_ADDRESS);
  CHECK(gpus.fill(1, theirs, 7, 64) == CUDA_SUCCESS);
}

TEST_CASE("with peer access enabled it may, in one direction and until disabled") {
  const Devices gpus(2);
  const CUdeviceptr early = gpus.alloc(1, 256), mine = gpus.alloc(0, 256);
  gpus.use(0);
  REQUIRE(CU(cuCtxEnablePeerAccess)(gpus[1], 0) == CUDA_SUCCESS);
  const CUdeviceptr late = gpus.alloc(1, 256);
  CHECK(gpus.fill(0, early, 7, 64) == CUDA_SUCCESS);
  CHECK(gpus.fill(0, late, 8, 64) == CUDA_SUCCESS);
  CHECK(gpus.read(1, early, 64) == std::vector<uint32_t>(64, 7));
  CHECK(gpus.read(1, late, 64) == std::vector<uint32_t>(64, 8));

  gpus.use(0);
  CUdeviceptr seen = 0;
  CHECK(CU(cuPointerGetAttribute)(&seen, CU_POINTER_ATTRIBUTE_DEVICE_POINTER, early) ==
        CUDA_SUCCESS);
  CHECK(seen == early);
  REQUIRE(CU(cuCtxDisablePeerAccess)(gpus[1]) == CUDA_SUCCESS);
  CHECK(CU(cuPointerGetAttribute)(&seen, CU_POINTER_ATTRIBUTE_DEVICE_POINTER, early) ==
        CUDA_ERROR_INVALID_VALUE);
  CHECK(gpus.fill(1, mine, 9, 64) == CUDA_ERROR_ILLEGAL_ADDRESS);   // never the other way
  CHECK(gpus.fill(0, early, 9, 64) == CUDA_ERROR_ILLEGAL_ADDRESS);  // nor any more
}

TEST_CASE("a peer that is destroyed is a peer no more") {
  const Devices gpus(3);
  gpus.use(0);
  for (int round = 0; round < 10; ++round) {  // more often than a context has peers
    CUcontext other = nullptr;
    REQUIRE(CU(cuCtxCreate_v2)(&other, 0, 1) == CUDA_SUCCESS);
    gpus.use(0);
    REQUIRE(CU(cuCtxEnablePeerAccess)(other, 0) == CUDA_SUCCESS);
    REQUIRE(CU(cuCtxDestroy_v2)(other) == CUDA_SUCCESS);
    CHECK(CU(cuCtxDisablePeerAccess)(other) == CUDA_ERROR_INVALID_CONTEXT);
  }
}

TEST_CASE("a pool grants access to devices, whatever contexts grant each other") {
  const Devices gpus(2);
  gpus.use(1);
  CUmemoryPool pool = nullptr;
  REQUIRE(CU(cuDeviceGetDefaultMemPool)(&pool, 1) == CUDA_SUCCESS);
  CUmemoryPool of_zero = nullptr;
  REQUIRE(CU(cuDeviceGetDefaultMemPool)(&of_zero, 0) == CUDA_SUCCESS);
  CHECK(pool != of_zero);
  CHECK(CU(cuDeviceSetMemPool)(0, pool) == CUDA_ERROR_INVALID_VALUE);  // another device's
  CUdeviceptr p = 0;
  REQUIRE(CU(cuMemAllocAsync)(&p, 256, nullptr) == CUDA_SUCCESS);
  REQUIRE(CU(cuCtxSynchronize)() == CUDA_SUCCESS);

  CUmemAccessDesc grant{{CU_MEM_LOCATION_TYPE_DEVICE, 0}, CU_MEM_ACCESS_FLAGS_PROT_READWRITE};
  CUmemAccess_flags flags{};
  CHECK(CU(cuMemPoolGetAccess)(&flags, pool, &grant.location) == CUDA_SUCCESS);
  CHECK(flags == CU_MEM_ACCESS_FLAGS_PROT_NONE);
  REQUIRE(CU(cuMemPoolSetAccess)(pool, &grant, 1) == CUDA_SUCCESS);
  CHECK(CU(cuMemPoolGetAccess)(&flags, pool, &grant.location) == CUDA_SUCCESS);
  CHECK(flags == CU_MEM_ACCESS_FLAGS_PROT_READWRITE);
  CHECK(gpus.fill(0, p, 5, 64) == CUDA_SUCCESS);
  CHECK(gpus.read(1, p, 64) == std::vector<uint32_t>(64, 5));

  CUmemAccessDesc wrong = grant;
  wrong.location.id = 3;
  CHECK(CU(cuMemPoolSetAccess)(pool, &wrong, 1) == CUDA_ERROR_INVALID_DEVICE);
  wrong = {{CU_MEM_LOCATION_TYPE_DEVICE, 1}, CU_MEM_ACCESS_FLAGS_PROT_NONE};
  CHECK(CU(cuMemPoolSetAccess)(pool, &wrong, 1) == CUDA_ERROR_INVALID_VALUE);  // its own device

  grant.flags = CU_MEM_ACCESS_FLAGS_PROT_READ;
  REQUIRE(CU(cuMemPoolSetAccess)(pool, &grant, 1) == CUDA_SUCCESS);
  CHECK(gpus.fill(0, p, 6, 64) == CUDA_ERROR_ILLEGAL_ADDRESS);  // reading only
  CHECK(gpus.read(1, p, 64) == std::vector<uint32_t>(64, 5));
  grant.flags = CU_MEM_ACCESS_FLAGS_PROT_NONE;
  REQUIRE(CU(cuMemPoolSetAccess)(pool, &grant, 1) == CUDA_SUCCESS);
}

TEST_CASE("peer access between contexts does not reach pools") {
  const Devices gpus(2);
  gpus.use(1);
  CUdeviceptr p = 0;
  REQUIRE(CU(cuMemAllocAsync)(&p, 256, nullptr) == CUDA_SUCCESS);
  REQUIRE(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
  gpus.use(0);
  REQUIRE(CU(cuCtxEnablePeerAccess)(gpus[1], 0) == CUDA_SUCCESS);
  CHECK(gpus.fill(0, p, 5, 64) == CUDA_ERROR_ILLEGAL_ADDRESS);
}

TEST_CASE("a stream of one device may allocate from the pool of another") {
  const Devices gpus(2);
  CUmemPoolProps props{};
  props.allocType = CU_MEM_ALLOCATION_TYPE_PINNED;
  props.location = {CU_MEM_LOCATION_TYPE_DEVICE, 1};
  CUmemoryPool pool = nullptr;
  gpus.use(0);
  REQUIRE(CU(cuMemPoolCreate)(&pool, &props) == CUDA_SUCCESS);
  CUdeviceptr p = 0;
  REQUIRE(CU(cuMemAllocFromPoolAsync)(&p, size_t{5} << 30, pool, nullptr) == CUDA_SUCCESS);
  REQUIRE(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
  int ordinal = -1;
  CHECK(CU(cuPointerGetAttribute)(&ordinal, CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL, p) ==
        CUDA_SUCCESS);
  CHECK(ordinal == 1);
  const CUdeviceptr q = gpus.alloc(0, size_t{5} << 30);  // device 0's memory is untouched
  CHECK(CU(cuMemFree_v2)(q) == CUDA_SUCCESS);
  CHECK(CU(cuMemFreeAsync)(p, nullptr) == CUDA_SUCCESS);
  CHECK(CU(cuCtxSynchronize)() == CUDA_SUCCESS);
  CHECK(CU(cuMemPoolDestroy)(pool) == CUDA_SUCCESS);
  props.location.id = 3;
  CHECK(CU(cuMemPoolCreate)(&pool, &props) == CUDA_ERROR_INVALID_VALUE);
}
