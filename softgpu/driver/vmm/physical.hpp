// SPDX-License-Identifier: MIT
// Physical memory: bytes that have no address until cuMemMap gives them one, or several.
//
//   auto p = PhysicalMemory::create(2 << 20, properties);
//   p->map(host, 0, p->size());       // the same bytes at every place where they are mapped
//
// The bytes are a piece of one sparse file of this process, so that a framework that makes
// thousands of pieces needs one descriptor and not thousands. A piece that is exported moves to a
// file of its own, whose life the kernel counts over all processes.
//
// Poison: as all device memory, a fresh piece holds 0xCD (address_window.hpp). Shared pages cannot
// be poisoned at no cost, as the others are, so the piece is written when it is created: what
// cuMemCreate gives is committed at once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "driver/cuda_api.hpp"
#include "driver/vmm/shared_file.hpp"

namespace softgpu::driver {

class PhysicalMemory {
 public:
  // nullptr when the host has no memory left.
  static std::shared_ptr<PhysicalMemory> create(uint64_t size,
                                                const CUmemAllocationProp& properties);
  // Of a file from another process, or of this one. Its size is the file's. It counts as memory of
  // `device`: numbers of devices mean nothing in another process.
  static std::shared_ptr<PhysicalMemory> import(SharedFile file, int device);
  ~PhysicalMemory();
  PhysicalMemory(const PhysicalMemory&) = delete;
  PhysicalMemory& operator=(const PhysicalMemory&) = delete;

  // Puts [offset, offset + size) of it at `at`, in place of whatever is mapped there.
  bool map(std::byte* at, uint64_t offset, uint64_t size) const;

  // Copies the bytes to a file of their own. The caller maps again whatever maps them, and lets
  // nobody write meanwhile.
  bool move_to_own_file();
  const SharedFile& own_file() const { return own_; }

  uint64_t size() const { return size_; }
  uint64_t id() const { return id_; }  // unique for the life of the process
  const CUmemAllocationProp& properties() const { return properties_; }
  bool imported() const { return imported_; }

  // What of the device's memory it takes; given back when it goes. Set by who created it.
  uint64_t footprint = 0;
  bool was_mapped = false;  // for mappings.cpp, under its lock

 private:
  PhysicalMemory() = default;

  uint64_t size_ = 0, id_ = 0;
  CUmemAllocationProp properties_{};
  bool imported_ = false;
  bool in_arena_ = false;
  uint64_t arena_offset_ = 0;
  SharedFile own_;
};
using PhysicalPtr = std::shared_ptr<PhysicalMemory>;

}  // namespace softgpu::driver
