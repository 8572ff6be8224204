// SPDX-License-Identifier: MIT
// Reserved address ranges, and the physical memory mapped into them.
//
//   Mappings& m = memory().mappings();
//   CUdeviceptr at = m.reserve(1 << 30, 0, 0);
//   m.map(at, 2 << 20, 0, handle);                            // there, but nobody may touch it
//   m.set_access(at, 2 << 20, 0, CU_MEM_ACCESS_FLAGS_PROT_READWRITE);   // kernels of device 0 may
//
// A reservation is two pieces of address space, as in address_window.hpp: the *addresses*,
// PROT_NONE for ever, which programs hold, and the *bytes*, where physical memory is mapped and the
// engine reaches it. Bytes lie a fixed distance away from their addresses where the process has
// room there. So reservations that touch each other have bytes that touch, and a copy or a bulk
// access runs across them, as it does on hardware.
//
// What kernels may touch are *runs*: neighbouring mappings with the same access, whose bytes are
// neighbours too, are one range, and only the end of the run is a bound. Each device has its
// runs, an immutable sorted vector, replaced as a whole whenever access changes; find_visible() is
// one load and a binary search.
//
// Unmapping waits for nobody, as on hardware. Launches that start afterwards fault on the range;
// one that runs may have found it before, so its bytes become pages that nobody else sees until no
// launch is left.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <vector>

#include "driver/device_shape.hpp"
#include "driver/vmm/vmm_handles.hpp"
#include "engine/engine.hpp"

namespace softgpu::driver {

struct Allocation;
struct Context;

inline constexpr uint64_t kVmmGranularity = uint64_t{2} << 20;

using AccessFlags = std::array<uint8_t, kMostDevices>;  // CUmemAccess_flags of each device

class Mappings {
 public:
  // `launches`: how many launches and copies run (memory.hpp).
  explicit Mappings(const std::atomic<unsigned>& launches);
  ~Mappings();

  // 0: no room. `hint` is where it should begin; elsewhere if that is taken.
  uint64_t reserve(uint64_t size, uint64_t alignment, uint64_t hint);
  // INVALID_VALUE unless the two are those of a reservation in which nothing is mapped.
  CUresult free(uint64_t address, uint64_t size);
  CUresult map(uint64_t address, uint64_t size, uint64_t offset, const VmmHandlePtr& handle);
  // One or more whole mappings, without holes.
  CUresult unmap(uint64_t address, uint64_t size);
  CUresult set_access(uint64_t address, uint64_t size, int device, CUmemAccess_flags flags);

  // Memory of another process: [offset, offset + size) of it, to be seen by one context. 0: no
  // room.
  uint64_t open(const PhysicalPtr& physical, uint64_t offset, uint64_t size,
                const Context& context);
  bool close(uint64_t address);  // what open() gave

  // What is at an address. Not of opened memory.
  struct Description {
    uint64_t reservation = 0, reservation_size = 0;
    uint64_t mapping = 0, mapping_size = 0;  // 0: nothing is mapped there
    uint64_t buffer_id = 0;
    VmmHandlePtr handle;
    AccessFlags access{};
  };
  std::optional<Description> describe(uint64_t address) const;  // nullopt: not reserved
  bool reserved(uint64_t address) const;

  // As Memory::find, for host calls: the mapping that holds the bytes; or, when they reach over
  // several that are neighbours, all of these as one.
  std::optional<Allocation> find(uint64_t address, uint64_t size) const;
  // The run that holds the address; nullptr where the device has no access. Never blocks.
  const Allocation* find_visible(uint64_t address, int device) const;

  // Gives exported memory a file of its own. No launch may run.
  bool move_to_own_file(PhysicalMemory& physical);

 private:
  struct Reservation {
    uint64_t size = 0;
    std::byte* bytes = nullptr;
  };
  struct Mapping {
    uint64_t size = 0, offset = 0;
    std::byte* bytes = nullptr;
    VmmHandlePtr handle;
    uint64_t buffer_id = 0;
    bool watched = false;  // observers were told that it is fresh
    bool opened = false;
    CUcontext context = nullptr;  // opened: whose it is
    uint64_t context_id = 0;
    AccessFlags access{};
  };
  using Runs = std::vector<Allocation>;
  using MappingMap = std::map<uint64_t, Mapping>;

  const Reservation* reservation_of(uint64_t address, uint64_t size, uint64_t& start) const;
  // The mappings that are exactly [address, address + size); false if there are holes or others.
  bool cover(uint64_t address, uint64_t size, MappingMap::iterator& first,
             MappingMap::iterator& last);
  static Allocation range_of(uint64_t address, const Mapping& mapping);
  void release(MappingMap::iterator first, MappingMap::iterator last,
               std::vector<VmmHandlePtr>& let_go);
  void watch(uint64_t address, Mapping& mapping);
  void publish(int device);
  void clear_bytes(std::byte* at, uint64_t size);
  void sweep();

  const std::atomic<unsigned>& launches_;
  mutable std::shared_mutex mutex_;
  std::map<uint64_t, Reservation> reservations_;
  MappingMap mappings_;
  std::atomic<const Runs*> runs_[kMostDevices] = {};

  // Waiting until no launch runs.
  std::vector<std::unique_ptr<const Runs>> retired_runs_;
  std::vector<std::pair<std::byte*, uint64_t>> retired_bytes_;
};

}  // namespace softgpu::driver
