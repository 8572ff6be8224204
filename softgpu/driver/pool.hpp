// SPDX-License-Identifier: MIT
// Memory pools: allocation and free in stream order.
//
// cuMemAllocAsync answers an address at once; the memory comes into the device's sight when the
// stream gets there, and goes out of it when cuMemFreeAsync is reached: a kernel of another stream
// that does not wait faults, deterministically. A freed block is kept by its pool and handed out
// again for the same footprint if that is in order: the free was in the same stream, or has been
// reached. At every synchronisation a pool keeps no more than its release threshold.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>

#include "driver/stream.hpp"
#include "driver/vmm/shared_file.hpp"

namespace softgpu::driver {

struct Pool {
  CUmemoryPool handle = nullptr;
  int device = 0;
  bool is_default = false;
  std::shared_ptr<DeviceAccess> access;  // cuMemPoolSetAccess; of all its allocations
  std::mutex mutex;
  uint64_t release_threshold = 0;
  uint64_t max_size = 0;  // 0 = the device's memory
  bool reuse_follow_dependencies = true, reuse_opportunistic = true,
       reuse_internal_dependencies = true;
  uint64_t used = 0, used_high = 0, reserved = 0, reserved_high = 0;

  struct Block {
    uint64_t address = 0, size = 0, footprint = 0;
    uint64_t context_id = 0;
    uint64_t stream_id = 0;
    OperationPtr freed;
  };
  std::list<Block> free_blocks;

  // Of a pool that other processes may import: its file, which carries nothing but a name.
  SharedFile shared;
  bool imported = false;  // and then nothing is allocated from it
};
using PoolPtr = std::shared_ptr<Pool>;
using PoolTable = HandleTable<Pool, CUmemoryPool, HandleKind::pool>;
PoolTable& pools();
PoolPtr make_pool(int device);
PoolPtr default_pool(int device);

// cuDeviceSetMemPool's choice; empty = the default pool.
struct CurrentPool {
  std::mutex mutex;
  PoolPtr pool;
};
CurrentPool& current_pool(int device);
PoolPtr device_pool(int device);  // what cuMemAllocAsync takes from

// Gives back blocks that no stream may still touch, down to `keep` bytes reserved.
void trim(Pool& pool, uint64_t keep);

// All pools, down to their release thresholds.
void trim_pools();
// A context goes away: its free blocks, and the accounts of what it still held.
void release_pooled_memory_of(const Context& context, const std::vector<Memory::Pooled>& held);
// cuMemFree of a pooled address, after synchronisation. False if it is not one.
bool free_pooled_now(uint64_t address);

}  // namespace softgpu::driver
