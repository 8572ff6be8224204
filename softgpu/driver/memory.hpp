// SPDX-License-Identifier: MIT
// Every piece of memory the device knows: device allocations, pinned and registered host memory,
// managed memory.
//
//   Memory& m = memory();
//   Allocation* a = m.allocate_device(context, bytes, show_now);
//   if (auto found = m.find(pointer, n)) memcpy(found->host, …);
//
// Two views. The *host's*: a map under a mutex, exact about liveness, used to validate API calls.
// The *device's*: AddressWindow plus a snapshot of host ranges, lock-free, read by kernels through
// ContextSpace. An allocation of cuMemAllocAsync is in the first at once and in the second only
// when its stream gets there.
//
// Lifetime: Allocation objects taken out of the device's view may still be read by a running
// launch, so they are retired and freed when no launch runs (LaunchGuard counts).
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <vector>

#include "driver/address_window.hpp"
#include "driver/cuda_api.hpp"
#include "driver/vmm/mappings.hpp"

namespace softgpu::driver {

struct Context;
struct Pool;
class Operation;

// graph: memory of an allocation node. Its address is taken when the node is made; the device sees
// it from the node's execution until it is freed.
// mapped: by cuMemMap, then it belongs to no context; or opened from another process.
// vmm/mappings.hpp keeps it.
enum class MemoryKind : uint8_t {
  device,
  module,
  pooled,
  graph,
  mapped,
  pinned,
  registered,
  managed
};

uint64_t next_buffer_id();  // unique for the life of the process

struct Allocation : engine::Range {
  MemoryKind kind = MemoryKind::device;
  uint64_t context_id = 0;
  CUcontext context = nullptr;
  int device = 0;          // whose memory it takes; for host memory the context's
  unsigned flags = 0;      // of cuMemHostAlloc / cuMemHostRegister / cuMemAllocManaged
  uint64_t buffer_id = 0;  // unique for the life of the process
  uint64_t footprint = 0;  // device memory it takes; 0 for host memory
  uint64_t mapped = 0;     // bytes of our own host mapping (pinned, managed), to unmap
  bool sync_memops = false;
  // pooled, graph: which devices may touch it; empty: the rule is between contexts
  std::shared_ptr<const DeviceAccess> access;
  engine::Range read_only;           // the same, for a device that may only read it
  std::shared_ptr<Pool> pool;        // pooled
  std::shared_ptr<Operation> shown;  // pooled: the operation that makes it visible
  bool is_host() const { return kind == MemoryKind::pinned || kind == MemoryKind::registered; }
  bool device_only() const {
    return kind == MemoryKind::device || kind == MemoryKind::module || kind == MemoryKind::pooled ||
           kind == MemoryKind::graph || kind == MemoryKind::mapped;
  }
};

class Memory {
 public:
  // `capacity` bytes for each of so many devices.
  Memory(uint64_t capacity, int devices);
  bool ok() const { return window_.ok(); }

  // All give nullptr when there is no memory (or, for register_host, when the range overlaps a
  // registered one). Device memory is the context's device's, or the given one's.
  const Allocation* allocate_device(const Context& context, uint64_t size, MemoryKind kind,
                                    bool show_now);
  const Allocation* allocate_device(const Context& context, uint64_t size, MemoryKind kind,
                                    bool show_now, int device,
                                    std::shared_ptr<const DeviceAccess> access);
  const Allocation* allocate_host(const Context& context, uint64_t size, unsigned flags,
                                  MemoryKind kind);
  enum class Registration { done, overlaps, no_memory };
  Registration register_host(const Context& context, void* pointer, uint64_t size, unsigned flags);

  // Pooled memory. A *span* is what the pool took from the window; allocations live on it one after
  // the other.
  const Allocation* place_on_span(const Context& context, uint64_t address, uint64_t size,
                                  int device, std::shared_ptr<const DeviceAccess> access);
  void set_pool(uint64_t address, std::shared_ptr<Pool> pool, std::shared_ptr<Operation> shown);
  void show(const Allocation* allocation) { window_.show(allocation); }
  // Out of the host's view, still in the device's; nullptr if no pooled allocation starts there.
  std::unique_ptr<Allocation> detach(uint64_t address);
  // Out of the device's view too; the span is poisoned.
  void hide(std::unique_ptr<Allocation> allocation);
  void give_back_span(uint64_t address, uint64_t size, int device);

  // Graph memory goes in and out of the device's view and keeps its place in the host's.
  void conceal(const Allocation& allocation);
  void release_graph_memory(uint64_t address, uint64_t buffer_id);

  // Removes the allocation that starts at `address` if `accepts(kind)`; false if there is none
  // such.
  bool release(uint64_t address, bool (*accepts)(MemoryKind));
  // Everything a context owns. Answers the pooled ones among it, for their pools' accounts.
  struct Pooled {
    std::shared_ptr<Pool> pool;
    uint64_t footprint = 0;
  };
  std::vector<Pooled> release_context(uint64_t context_id);

  // The live allocation that holds [address, address + size), a copy; nullopt if there is none or
  // it is too short.
  std::optional<Allocation> find(uint64_t address, uint64_t size = 1) const;
  bool set_sync_memops(uint64_t address, bool value);

  // The view of a device. May be called from any number of threads, never blocks.
  const Allocation* find_visible(uint64_t address, int device) const;

  // The 2 MiB page around a device address if any visible allocation lies on it.
  const engine::Range* find_page(uint64_t address) { return window_.find_page(address); }
  // Whose page that is.
  int owner_of(uint64_t address) const { return window_.owner_of(address); }

  uint64_t capacity() const { return capacity_; }  // of each device
  uint64_t used(int device) const { return used_[device].load(std::memory_order_relaxed); }
  // Counts bytes as taken, or as free again. False when there are not that many.
  bool take_capacity(int device, uint64_t bytes);
  void give_capacity(int device, uint64_t bytes) { used_[device].fetch_sub(bytes); }
  bool is_device_address(uint64_t address) const {
    return window_.contains(address) || mappings_.reserved(address);
  }
  // Of cuMemAlloc and its kin, not of cuMemAddressReserve.
  bool is_window_address(uint64_t address) const { return window_.contains(address); }
  Mappings& mappings() { return mappings_; }
  std::byte* host_of(uint64_t device_address) const { return window_.host_of(device_address); }
  void poison(uint64_t address, uint64_t size) { window_.poison(address, size); }
  // See AddressWindow. Waits until no launch runs.
  std::optional<AddressWindow::SharedPiece> share(uint64_t address) {
    const auto lock = quiet();
    return window_.share(address);
  }

  void launch_begins() {
    quiet_.lock_shared();
    launches_.fetch_add(1, std::memory_order_seq_cst);
  }
  void launch_ends() {
    launches_.fetch_sub(1, std::memory_order_acq_rel);
    quiet_.unlock_shared();
  }
  // While it is held no memory of the host is freed or unregistered. Not to be held for long; none
  // of the calls above may be made with it, but find_visible().
  std::shared_lock<std::shared_mutex> keep_host_memory() const { return std::shared_lock(mutex_); }

  // Waits until no launch or copy runs, and lets none begin while the lock is held.
  std::unique_lock<std::shared_mutex> quiet() { return std::unique_lock(quiet_); }

 private:
  using HostRanges = std::vector<const Allocation*>;  // by address
  const Allocation* add(std::unique_ptr<Allocation> allocation);
  void publish_host_ranges();
  void retire(std::unique_ptr<Allocation> allocation);
  void remove(std::map<uint64_t, std::unique_ptr<Allocation>>::iterator it);

  AddressWindow window_;
  uint64_t capacity_;
  std::atomic<uint64_t> used_[kMostDevices] = {};
  std::atomic<unsigned> launches_{0};
  std::shared_mutex quiet_;
  Mappings mappings_{launches_};
  mutable std::shared_mutex mutex_;
  std::map<uint64_t, std::unique_ptr<Allocation>> live_;
  std::atomic<const HostRanges*> host_ranges_{nullptr};
  std::vector<std::unique_ptr<Allocation>> retired_;
  std::vector<std::unique_ptr<const HostRanges>> retired_ranges_;
};

// What one context's kernels see: its own device memory, that of contexts it enabled peer access
// to, pooled memory that its device has access to, and all host and managed memory. Everything else
// is another address space on hardware, so touching it faults.
class ContextSpace : public engine::AddressSpace {
 public:
  ContextSpace(Memory& memory, const Context& context);
  const engine::Range* find(uint64_t address) const override;
  uint64_t allocate(uint64_t size) override;
  void release(uint64_t address) override;

 private:
  bool on_own_page(uint64_t address) const;

  Memory& memory_;
  const Context& context_;
  const bool pages_;  // bounds as exact as hardware's: SOFTGPU_BOUNDS=page
};

class LaunchGuard {
 public:
  explicit LaunchGuard(Memory& memory) : memory_(memory) { memory_.launch_begins(); }
  ~LaunchGuard() { memory_.launch_ends(); }
  LaunchGuard(const LaunchGuard&) = delete;
  LaunchGuard& operator=(const LaunchGuard&) = delete;

 private:
  Memory& memory_;
};

}  // namespace softgpu::driver
