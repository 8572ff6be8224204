// SPDX-License-Identifier: MIT
// The registry of device buffers: which ranges of device memory are live, and what may be done to them.
//
//   BufferRegistry registry;
//   registry.add({.base = ptr, .size = bytes, .kind = BufferKind::device, .context = ctx});   // after a good cuMemAlloc
//   registry.remove(ptr);                                                   // before the real cuMemFree
//   if (std::optional<Buffer> b = registry.find(address)) …                 // in a launch hook: no lock, no allocation
//
// Readers never block and never allocate; find() is O(log n). Writers (allocation hooks) take a short lock.
// A removed range is gone for find() before remove() returns; a range added at an old address is a new buffer with a
// new generation. Values are copied out: nothing dangles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace nonans::memory {

enum class BufferKind : uint8_t {
  device,      // cuMemAlloc, pools, async: plain memory of one device: may be repaired
  managed,     // the rest is observed only
  host,        // pinned or registered host memory
  imported,    // IPC, external, exported
  mapped,      // VMM mapping
  module,      // a module's own variables
};

struct Buffer {
  uint64_t base = 0;
  uint64_t size = 0;
  BufferKind kind = BufferKind::device;
  uint64_t context = 0;      // CUcontext as a number; 0 = unknown
  uint64_t generation = 0;   // unique per add(), set by the registry
  uint64_t end() const { return base + size; }
  bool repairable() const { return kind == BufferKind::device || kind == BufferKind::mapped; }
};

class BufferRegistry {
 public:
  BufferRegistry();
  ~BufferRegistry();
  BufferRegistry(const BufferRegistry&) = delete;
  BufferRegistry& operator=(const BufferRegistry&) = delete;

  // Overlapping live ranges are dropped first: the driver reused the addresses, so they are gone.
  void add(Buffer buffer);
  // By base address. False if nothing stood there.
  bool remove(uint64_t base);
  void remove_context(uint64_t context);
  void clear();

  std::optional<Buffer> find(uint64_t address) const;   // the live range that holds the address
  size_t size() const;
  uint64_t bytes() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nonans::memory
