// SPDX-License-Identifier: MIT
// Pools, managed ranges, pointers and what else concerns memory beyond plain allocation.
#include <cstdint>
#include <cstring>

#include "fixture.hpp"

TEST_CASE("memory is allocated and freed in a stream's order") {
  cudaStream_t stream = nullptr;
  OK(cudaStreamCreate(&stream));
  void* memory = nullptr;
  OK(cudaMallocAsync(&memory, 64 * sizeof(float), stream));
  OK(cudaMemsetAsync(memory, 0, 64 * sizeof(float), stream));
  kernels::add(static_cast<float*>(memory), 64, 6, 1, 64, stream);
  float result = 0;
  OK(cudaMemcpyAsync(&result, memory, sizeof result, cudaMemcpyDeviceToHost, stream));
  OK(cudaFreeAsync(memory, stream));
  OK(cudaStreamSynchronize(stream));
  CHECK(result == 6);
  OK(cudaStreamDestroy(stream));
}

TEST_CASE("a pool of one's own keeps what its threshold says") {
  cudaMemPoolProps properties{};
  properties.allocType = cudaMemAllocationTypePinned;
  properties.location = {cudaMemLocationTypeDevice, 0};
  cudaMemPool_t pool = nullptr;
  OK(cudaMemPoolCreate(&pool, &properties));
  uint64_t threshold = UINT64_MAX, used = 99;
  OK(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &threshold));
  void* memory = nullptr;
  OK(cudaMallocFromPoolAsync(&memory, 4096, pool, nullptr));
  OK(cudaMemPoolGetAttribute(pool, cudaMemPoolAttrUsedMemCurrent, &used));
  CHECK(used >= 4096);
  OK(cudaFreeAsync(memory, nullptr));
  OK(cudaDeviceSynchronize());
  OK(cudaMemPoolGetAttribute(pool, cudaMemPoolAttrUsedMemCurrent, &used));
  CHECK(used == 0);
  OK(cudaMemPoolTrimTo(pool, 0));
  cudaMemLocation location{cudaMemLocationTypeDevice, 0};
  cudaMemAccessFlags flags{};
  OK(cudaMemPoolGetAccess(&flags, pool, &location));
  CHECK(flags == cudaMemAccessFlagsProtReadWrite);
  OK(cudaMemPoolDestroy(pool));

  cudaMemPool_t own = nullptr, current = nullptr;
  OK(cudaDeviceGetDefaultMemPool(&own, 0));
  OK(cudaDeviceGetMemPool(&current, 0));
  CHECK(own == current);
}

TEST_CASE("pointers say what they point to") {
  cudaPointerAttributes a;
  std::memset(&a, 0xAB, sizeof a);
  Buffer<int> device(4);
  OK(cudaPointerGetAttributes(&a, device.get() + 1));
  CHECK(a.type == cudaMemoryTypeDevice);
  CHECK(a.device == 0);
  CHECK(a.devicePointer == device.get() + 1);
  CHECK(a.hostPointer == nullptr);

  void *pinned = nullptr, *managed = nullptr;
  OK(cudaHostAlloc(&pinned, 64, cudaHostAllocDefault));
  OK(cudaPointerGetAttributes(&a, pinned));
  CHECK(a.type == cudaMemoryTypeHost);
  CHECK(a.hostPointer == pinned);
  CHECK(a.devicePointer != nullptr);
  OK(cudaFreeHost(pinned));

  OK(cudaMallocManaged(&managed, 64, cudaMemAttachGlobal));
  OK(cudaPointerGetAttributes(&a, managed));
  CHECK(a.type == cudaMemoryTypeManaged);
  CHECK(a.hostPointer == managed);
  CHECK(a.devicePointer == managed);
  OK(cudaFree(managed));

  int local = 0;
  OK(cudaPointerGetAttributes(&a, &local));
  CHECK(a.type == cudaMemoryTypeUnregistered);
  CHECK(a.hostPointer == &local);
  CHECK(a.devicePointer == nullptr);
}

TEST_CASE("managed memory is advised on and prefetched") {
  void* managed = nullptr;
  OK(cudaMallocManaged(&managed, 4096, cudaMemAttachGlobal));
#if SOFTGPU_RUNTIME == 13
  const cudaMemLocation device{cudaMemLocationTypeDevice, 0}, host{cudaMemLocationTypeHost, 0};
  OK(cudaMemAdvise(managed, 4096, cudaMemAdviseSetReadMostly, device));
  OK(cudaMemPrefetchAsync(managed, 4096, device, 0, nullptr));
  OK(cudaMemPrefetchAsync(managed, 4096, host, 0, nullptr));
#else
  const cudaMemLocation device{cudaMemLocationTypeDevice, 0};
  OK(cudaMemAdvise(managed, 4096, cudaMemAdviseSetReadMostly, 0));
  OK(cudaMemAdvise_v2(managed, 4096, cudaMemAdviseUnsetReadMostly, device));
  OK(cudaMemAdvise(managed, 4096, cudaMemAdviseSetReadMostly, 0));
  OK(cudaMemPrefetchAsync(managed, 4096, 0, nullptr));
  OK(cudaMemPrefetchAsync(managed, 4096, cudaCpuDeviceId, nullptr));
  OK(cudaMemPrefetchAsync_v2(managed, 4096, device, 0, nullptr));
#endif
  OK(cudaDeviceSynchronize());
  OK(cudaFree(managed));
}
