// SPDX-License-Identifier: MIT
#include "memory/buffer_registry.hpp"

#include <mutex>
#include <new>
#include <utility>

#include "memory/buffer_tree.hpp"

namespace nonans::memory {

// Everything only writers touch. Nodes unlinked in epoch E wait in limbo[E & 1] until epoch E+2
// (reader_epochs.hpp).
struct BufferRegistry::Writer {
  std::mutex mutex;
  uint64_t generations = 0;
  tree::Retired limbo[2];
};

BufferRegistry::BufferRegistry() : writer_(std::make_unique<Writer>()) {}

BufferRegistry::~BufferRegistry() {
  tree::destroy_all(root_.load(std::memory_order_relaxed));
  for (tree::Retired& nodes : writer_->limbo)
    for (const tree::Node* node : nodes) tree::destroy(node);
}

// Called with the lock held. Never throws: if there is no memory to remember what to free, it is
// leaked.
void BufferRegistry::publish(const tree::Node* next, tree::Retired&& retired) noexcept {
  root_.store(next, std::memory_order_seq_cst);
  tree::Retired& limbo = writer_->limbo[epochs_.current() & 1];
  try {
    if (limbo.empty())
      limbo = std::move(retired);
    else
      limbo.insert(limbo.end(), retired.begin(), retired.end());
  } catch (const std::bad_alloc&) {
  }
  if (!epochs_.try_advance()) return;
  // Now in epoch E+2 seen from what is left in the list of this parity.
  tree::Retired& free_now = writer_->limbo[epochs_.current() & 1];
  for (const tree::Node* node : free_now) tree::destroy(node);
  free_now.clear();
}

void BufferRegistry::forget_everything() noexcept {
  tree::Retired all;
  try {
    tree::retire_all(root_.load(std::memory_order_relaxed), all);
  } catch (const std::bad_alloc&) {
    all.clear();  // leaked
  }
  size_.store(0, std::memory_order_relaxed);
  bytes_.store(0, std::memory_order_relaxed);
  publish(nullptr, std::move(all));
}

void BufferRegistry::add(Buffer buffer) {
  if (buffer.size == 0 || buffer.base + buffer.size < buffer.base) return;
  const std::lock_guard lock(writer_->mutex);
  buffer.generation = ++writer_->generations;
  size_t count = size_.load(std::memory_order_relaxed);
  uint64_t total = bytes_.load(std::memory_order_relaxed);
  const tree::Node* root = root_.load(std::memory_order_relaxed);
  tree::Retired retired;
  try {
    const auto drop = [&](const Buffer& gone) {
      root = tree::erase(root, gone.base, retired);
      --count;
      total -= gone.size;
    };
    Buffer other;
    if (tree::at_or_below(root, buffer.base, other) && other.end() > buffer.base) drop(other);
    while (tree::above(root, buffer.base, other) && other.base < buffer.end()) drop(other);
    root = tree::insert(root, buffer, retired);
  } catch (const std::bad_alloc&) {
    // The old ranges may overlap the new one: none of what is known here can be trusted.
    forget_everything();
    return;
  }
  size_.store(count + 1, std::memory_order_relaxed);
  bytes_.store(total + buffer.size, std::memory_order_relaxed);
  publish(root, std::move(retired));
}

bool BufferRegistry::remove(uint64_t base) {
  const std::lock_guard lock(writer_->mutex);
  const tree::Node* root = root_.load(std::memory_order_relaxed);
  Buffer gone;
  if (!tree::at_or_below(root, base, gone) || gone.base != base) return false;
  tree::Retired retired;
  try {
    root = tree::erase(root, base, retired);
  } catch (const std::bad_alloc&) {
    forget_everything();
    return true;
  }
  size_.fetch_sub(1, std::memory_order_relaxed);
  bytes_.fetch_sub(gone.size, std::memory_order_relaxed);
  publish(root, std::move(retired));
  return true;
}

void BufferRegistry::remove_context(uint64_t context) {
  const std::lock_guard lock(writer_->mutex);
  const tree::Node* root = root_.load(std::memory_order_relaxed);
  try {
    std::vector<Buffer> all, kept;
    tree::collect(root, all);
    uint64_t total = 0;
    for (const Buffer& buffer : all) {
      if (buffer.context == context) continue;
      kept.push_back(buffer);
      total += buffer.size;
    }
    if (kept.size() == all.size()) return;
    tree::Retired retired;
    tree::retire_all(root, retired);
    const tree::Node* next = tree::build(kept);
    size_.store(kept.size(), std::memory_order_relaxed);
    bytes_.store(total, std::memory_order_relaxed);
    publish(next, std::move(retired));
  } catch (const std::bad_alloc&) {
    forget_everything();
  }
}

void BufferRegistry::clear() {
  const std::lock_guard lock(writer_->mutex);
  forget_everything();
}

std::optional<Buffer> BufferRegistry::View::find(uint64_t address) const noexcept {
  Buffer found;
  if (!tree::at_or_below(root_, address, found) || address >= found.end()) return std::nullopt;
  return found;
}

std::optional<Buffer> BufferRegistry::find(uint64_t address) const {
  return view().find(address);
}

size_t BufferRegistry::size() const {
  return size_.load(std::memory_order_relaxed);
}

uint64_t BufferRegistry::bytes() const {
  return bytes_.load(std::memory_order_relaxed);
}

}  // namespace nonans::memory
