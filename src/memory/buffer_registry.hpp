// SPDX-License-Identifier: MIT
// The registry of device buffers: which ranges of device memory are live, and what may be done to
// them.
//
//   BufferRegistry registry;
//   registry.add({.base = ptr, .size = bytes, .kind = BufferKind::device,
//                 .context = ctx, .device = dev});       // after a good cuMemAlloc
//   registry.remove(ptr);                                // before the real cuMemFree
//   registry.share(ptr, ptr + bytes, kExported);         // after a good cuIpcGetMemHandle
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

#include "memory/buffer.hpp"
#include "memory/reader_epochs.hpp"

namespace nonans::memory {

namespace tree {
struct Node;
using Retired = std::vector<const Node*>;
}  // namespace tree

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
  // The same, and what stood there, to be put back if the driver refuses to release it.
  std::optional<Buffer> take(uint64_t base);
  // As it was, generation included. Nothing has been put in its place meanwhile.
  void put_back(const Buffer& buffer);
  void remove_context(uint64_t context);
  void clear();

  // For mappings, which grow and shrink: a buffer whose end meets the base of its like (same kind,
  // device, context, owner and sharing) becomes one with it, so that an array across several
  // mappings lies in one buffer. What it overlaps is cut, not dropped.
  void map(Buffer buffer);
  // Cuts [begin, end) out. What was there, in pieces.
  std::vector<Buffer> unmap(uint64_t begin, uint64_t end);

  // Every range that overlaps [begin, end), as a whole: `set` is added to its sharing.
  void share(uint64_t begin, uint64_t end, Sharing set);
  // All that a context or an owner holds, now and in the future; replaces what was said before.
  void share_home(uint64_t home, Sharing sharing);
  Sharing sharing_of_home(uint64_t home) const;
  // The home is gone. Ranges that came from it live on, as shared as they are.
  void forget_home(uint64_t home);

  std::optional<Buffer> find(uint64_t address) const;  // the live range that holds the address
  size_t size() const;
  uint64_t bytes() const;
  // Goes up after every change that did more than add a range: who keeps what find() said need only
  // look again when it has.
  uint64_t losses() const noexcept;
  size_t memory() const;  // bytes of the heap that the live ranges take up

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
  class Edit;     // one change, from the lock to the new root
  template <typename Change>
  void edit(Change change) noexcept;
  Sharing sharing_of(uint64_t home) const;  // with the lock held
  void publish(const tree::Node* next, tree::Retired&& retired) noexcept;
  void forget_everything() noexcept;

  ReaderEpochs epochs_;
  std::atomic<const tree::Node*> root_{nullptr};
  std::atomic<size_t> size_{0};
  std::atomic<uint64_t> bytes_{0};
  std::atomic<uint64_t> losses_{0};
  std::unique_ptr<Writer> writer_;
};

}  // namespace nonans::memory
