// SPDX-License-Identifier: MIT
// Virtual memory management: which mapping shows which allocation, and who may reach it.
//
//   VirtualMemory vm(registry);
//   vm.created(handle, {.device = 0});                        // after a good cuMemCreate
//   vm.mapped(address, size, offset, handle);                 // cuMemMap
//   vm.access(address, size, VirtualMemory::on_device(0), Access::read_write);  // cuMemSetAccess
//   auto gone = vm.unmapping(address, size);                  // before the real cuMemUnmap
//   if (refused) vm.put_back(std::move(gone));
//
// The domain in short. cuMemCreate makes physical memory and gives a handle, without a context.
// cuMemMap shows it at an address, cuMemSetAccess says which devices (or the host) may use that
// address; until then a touch is error 700. One allocation may be mapped several times, exported,
// bound to a multicast object. It lives until its last handle is released and its last mapping is
// gone, so the number of a released handle may come back for another allocation while mappings of
// the first are still there: mappings hold on to the allocation, not to the number.
//
// Mappings go to the registry as buffers of kind `mapped` (or imported, host), of no context and of
// the device of their allocation. Neighbours that are alike become one buffer: PyTorch's expandable
// segments are made of 2 MiB and 20 MiB pieces, and a tensor lies across many.
//
// Thread-safe; calls no driver function. A short lock; O(log n) in mappings, but for changes to an
// allocation, which visit its mappings.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "memory/buffer_registry.hpp"

namespace nonans::memory {

class VirtualMemory {
 public:
  enum class Access : uint8_t { none, read, read_write };
  // Who is given access: a device, or the host.
  using Accessor = int32_t;
  static constexpr Accessor kHost = -1;
  static constexpr Accessor on_device(int32_t device) { return device; }

  // What a handle stands for.
  struct Backing {
    BufferKind kind = BufferKind::mapped;
    int32_t device = kUnknownDevice;
    Sharing sharing = 0;
  };

  explicit VirtualMemory(BufferRegistry& buffers) : buffers_(buffers) {}

  // `handle` stands for new memory; what it stood for before is forgotten.
  void created(uint64_t handle, const Backing& backing);
  bool knows(uint64_t handle) const;
  // `handle` stands for what is mapped at `address` (cuMemRetainAllocationHandle).
  void retained(uint64_t handle, uint64_t address);

  struct Released;
  // Before the real release; put_back() if it is refused.
  std::shared_ptr<Released> releasing(uint64_t handle);
  void put_back(const std::shared_ptr<Released>& released);

  // The allocation behind the handle is shared from now on, at every address.
  void share_handle(uint64_t handle, Sharing set);
  // Every mapping that overlaps [begin, end).
  void share(uint64_t begin, uint64_t end, Sharing set);

  void mapped(uint64_t address, uint64_t size, uint64_t offset, uint64_t handle);
  void access(uint64_t address, uint64_t size, Accessor who, Access right);

  struct Unmapped;
  // Before the real unmap: all mappings that overlap the range. put_back() if it is refused.
  std::shared_ptr<Unmapped> unmapping(uint64_t address, uint64_t size);
  void put_back(const std::shared_ptr<Unmapped>& unmapped);

  size_t mappings() const;
  size_t handles() const;

 private:
  struct Allocation;
  struct Mapping {
    uint64_t base = 0, size = 0, offset = 0;
    std::shared_ptr<Allocation> of;
    uint64_t writers = 0, readers = 0;  // bit d: device d
    bool many = false;                  // a device beyond the bits was given access once
    bool host = false;
    Sharing sharing = 0;
    uint64_t end() const { return base + size; }
  };
  struct Allocation {
    Backing backing;
    std::vector<uint64_t> mapped_at;
  };
  using Mappings = std::map<uint64_t, Mapping>;

  Mappings::iterator first_in(uint64_t begin);
  Sharing sharing_of(const Mapping& mapping) const;
  bool has_alias(const Mapping& mapping) const;
  void publish(const Mapping& mapping);
  void publish_all(const Allocation& allocation);
  void insert(Mapping mapping);

  BufferRegistry& buffers_;
  mutable std::mutex mutex_;
  struct Handle {
    std::shared_ptr<Allocation> allocation;
    uint32_t references = 0;
  };
  std::unordered_map<uint64_t, Handle> handles_;
  Mappings mappings_;
};

}  // namespace nonans::memory
