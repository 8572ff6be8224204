// SPDX-License-Identifier: MIT
// The registry of device buffers: which ranges of device memory are live, and what may be done to
// them.
//
//   BufferRegistry registry;
//   registry.add({.base = ptr, .size = bytes, .kind = BufferKind::device,
//                 .context = ctx, .device = dev});       // after a good cuMemAlloc
//   registry.remove(ptr);                                // before the real cuMemFree
//   if (std::optional<Buffer> b = registry.find(address)) …   // in a launch hook: no lock
//   BufferRegistry::View now = registry.view();          // several look-ups in one state
//
// Readers never block and never allocate; find() is O(log n). Writers (allocation hooks) take a
// short lock. A removed range is gone for find() before remove() returns; a range added at an old
// address is a new buffer with a new generation. Values are copied out: nothing dangles. Out of
// memory: the registry forgets rather than remember a range that is gone; what is unknown is never
// repaired.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "memory/reader_epochs.hpp"

namespace nonans::memory {

namespace tree {
struct Node;
using Retired = std::vector<const Node*>;
}  // namespace tree

enum class BufferKind : uint8_t {
  device,    // cuMemAlloc: plain memory of one context: may be repaired by its launches
  pool,      // stream-ordered: plain memory of one device: may be repaired by its launches
  managed,   // the rest is observed only
  host,      // pinned or registered host memory
  imported,  // IPC, external, exported
  mapped,    // VMM mapping
  module,    // a module's own variables
};

inline constexpr int32_t kUnknownDevice = -1;

struct Buffer {
  uint64_t base = 0;
  uint64_t size = 0;
  BufferKind kind = BufferKind::device;
  uint64_t context = 0;             // CUcontext as a number; 0 = unknown
  int32_t device = kUnknownDevice;  // the CUdevice in whose memory it is; of no meaning for host
  uint64_t generation = 0;          // unique per add(), set by the registry
  uint64_t end() const { return base + size; }
  bool repairable() const {
    return kind == BufferKind::device || kind == BufferKind::pool || kind == BufferKind::mapped;
  }
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

  std::optional<Buffer> find(uint64_t address) const;  // the live range that holds the address
  size_t size() const;
  uint64_t bytes() const;

  // One state of the registry, held while the View lives: cheaper than find() for several
  // addresses, and what they say belongs together. Keep it for one launch only: replaced nodes are
  // not freed while it lives.
  class View {
   public:
    std::optional<Buffer> find(uint64_t address) const noexcept;

   private:
    friend class BufferRegistry;
    View(const ReaderEpochs& epochs, const std::atomic<const tree::Node*>& root) noexcept
        : guard_(epochs), root_(root.load(std::memory_order_acquire)) {}
    ReaderEpochs::Guard guard_;
    const tree::Node* root_;
  };
  View view() const noexcept { return View(epochs_, root_); }

 private:
  struct Writer;  // mutex, retired nodes
  void publish(const tree::Node* next, tree::Retired&& retired) noexcept;
  void forget_everything() noexcept;

  ReaderEpochs epochs_;
  std::atomic<const tree::Node*> root_{nullptr};
  std::atomic<size_t> size_{0};
  std::atomic<uint64_t> bytes_{0};
  std::unique_ptr<Writer> writer_;
};

}  // namespace nonans::memory
