// SPDX-License-Identifier: MIT
// Device addresses, and the bytes behind them.
//
// Two mappings of the same size. The *window* is PROT_NONE for ever: its addresses are what
// programs hold as CUdeviceptr, and a host thread that touches one dies of SIGSEGV as it would with
// a real device. The *bytes* are the other mapping; host = address + delta. Only the driver and the
// engine know it.
//
//   window  0x7e00'0000'0000 ┌──────────┐ PROT_NONE      bytes 0x7d00'0000'0000 ┌──────────┐
//                            │ alloc A  │  ── delta ──►                        │ A's bytes│
//                            └──────────┘                                      └──────────┘
//
// All memory that is not allocated holds the poison byte, so an allocation is poisoned at no cost:
// the bytes are private (copy-on-write) mappings of one 4 MiB file of poison, and dropping a page
// (MADV_DONTNEED) brings the poison back. A 6 GiB pool that a framework takes at start costs no
// memory until it is written.
//
// The poison is 0xCD. Read as f32 0xCDCDCDCD is −4.3e8, as f16 −23.2, as bf16 −4.3e8, as f64
// −6.3e65, as e4m3 −6.5: finite everywhere, and absurd enough to be noticed. It must not be a NaN:
// real devices hand out whatever was there, which is mostly finite, and a program that happens to
// work there must work here.
//
// find() is lock-free, two loads: the window is cut in 2 MiB chunks; a chunk is wholly one large
// allocation (its Range), or has a table with one Range pointer per 512-byte granule. Allocations
// of more than 1 MiB start on a chunk of their own, smaller ones are packed in 512-byte granules,
// as hardware drivers do. All devices share
// the window: an address says whose memory it is.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "driver/device_access.hpp"
#include "driver/vmm/shared_file.hpp"
#include "engine/engine.hpp"

namespace softgpu::driver {

inline constexpr uint64_t kChunk = uint64_t{2} << 20;
inline constexpr uint64_t kGranule = 512;
inline constexpr uint64_t kLargeFrom = uint64_t{1} << 20;
inline constexpr std::byte kPoison{0xCD};

class AddressWindow {
 public:
  // Reserves address space for `capacity` bytes of allocations and some room for fragmentation.
  // Check ok().
  explicit AddressWindow(uint64_t capacity);
  bool ok() const { return base_ != 0; }

  // A free span of at least `size` bytes, 512-byte aligned (2 MiB for large ones); 0 when there is
  // none. The span is taken but not yet visible to the device. Its chunks hold memory of `device`
  // alone, so that an access beyond an allocation never meets another device's.
  uint64_t reserve(uint64_t size, int device);
  // Gives the span back and restores its poison. It must not be visible.
  void give_back(uint64_t address);

  // Makes a range visible to kernels, or takes it away. The Range must stay where it is until it is
  // hidden and no launch runs any more.
  void show(const engine::Range* range);
  void hide(const engine::Range& range);
  const engine::Range* find(uint64_t address) const;
  // The chunk around `address` as a Range, if something on it is visible; else nullptr.
  const engine::Range* find_page(uint64_t address);
  // Whose memory the chunk around `address` holds; meaningful where something is reserved.
  int owner_of(uint64_t address) const { return chunks_[(address - base_) / kChunk].owner.load(); }

  void poison(uint64_t address, uint64_t size);

  // Moves the bytes of the allocation at `address` to a file that another process can map; for an
  // allocation that shares its chunk with others, those of the whole chunk, as hardware drivers do.
  // They stay there until the addresses are given back. No launch may run meanwhile (memory.hpp,
  // quiet()). nullopt: the host has no memory or no descriptor left.
  struct SharedPiece {
    int fd = -1;  // the window's
    std::array<uint64_t, 2> id{};
    uint64_t start = 0;  // the address that the file begins with
  };
  std::optional<SharedPiece> share(uint64_t address);
  bool contains(uint64_t address) const { return address - base_ < size_; }
  std::byte* host_of(uint64_t address) const { return bytes_ + (address - base_); }
  // What an allocation of `size` takes from the device's memory.
  static uint64_t footprint(uint64_t size);

 private:
  struct Table {
    std::atomic<const engine::Range*> granules[kChunk / kGranule];
  };
  struct Chunk {
    std::atomic<const engine::Range*> large{nullptr};
    std::atomic<Table*> table{nullptr};
    std::atomic<const engine::Range*> page{nullptr};  // made by the first find_page
    std::atomic<uint8_t> owner{0};
  };
  bool back(uint64_t end);  // makes the bytes up to `end` usable
  bool map_poison(uint64_t offset, uint64_t size);
  void unshare(uint64_t offset);
  bool is_shared(uint64_t offset);
  void set(const engine::Range& range, const engine::Range* value);

  uint64_t base_ = 0, size_ = 0;
  std::byte* bytes_ = nullptr;
  std::unique_ptr<Chunk[]> chunks_;

  std::mutex mutex_;
  int poison_file_ = -1;
  uint64_t backed_ = 0;  // bytes of the mapping that are usable
  // offset -> size; small spans lie inside chunks taken for them, of one device each
  std::map<uint64_t, uint64_t> free_small_[kMostDevices], free_large_;
  std::map<uint64_t, uint64_t> taken_;  // offset -> size

  std::mutex shared_mutex_;                // taken last
  std::map<uint64_t, SharedFile> shared_;  // offset, of whole chunks -> file
};

}  // namespace softgpu::driver
