// SPDX-License-Identifier: MIT
// From a driver handle to what we know about it, for launch hooks: find() takes no lock and
// allocates nothing.
//
//   HandleMap<Kernel> kernels;
//   kernels.set(handle_key(function), kernel);        // get-function hook
//   Kernel* k = kernels.find(handle_key(function));   // launch hook; null if unknown or forgotten
//
// An open-addressed table of atomics. A key is written once and keeps its place; forgetting stores
// a null value. When three quarters of the places are taken, a table with room for twice what is
// live replaces the old one, which is freed when no reader is in it (memory/reader_epochs.hpp). A
// program that makes and forgets handles for ever therefore needs no more than its live handles do.
// Values are not owned and must live as long as the map.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "memory/reader_epochs.hpp"

namespace nonans::interpose {

template <typename T>
uint64_t handle_key(T* handle) noexcept {
  return reinterpret_cast<uint64_t>(handle);
}

template <typename Value>
class HandleMap {
 public:
  HandleMap() { replace(); }
  ~HandleMap() { delete current_.load(std::memory_order_relaxed); }
  HandleMap(const HandleMap&) = delete;
  HandleMap& operator=(const HandleMap&) = delete;

  Value* find(uint64_t key) const noexcept {
    const memory::ReaderEpochs::Guard reading(epochs_);
    const Slot* slot = place(*current_.load(std::memory_order_acquire), key);
    return slot ? slot->value.load(std::memory_order_acquire) : nullptr;
  }

  // Key 0 (a null handle) is not taken. May throw std::bad_alloc; nothing has changed then.
  void set(uint64_t key, Value* value) {
    if (key == 0) return;
    const std::lock_guard lock(mutex_);
    Table* table = current_.load(std::memory_order_relaxed);
    if (Slot* slot = place(*table, key)) {
      slot->value.store(value, std::memory_order_release);
      return;
    }
    if ((table->used + 1) * 4 > table->slots.size() * 3) table = replace();
    put(*table, key, value);
  }

  void forget(uint64_t key) noexcept {
    if (key == 0) return;
    const std::lock_guard lock(mutex_);
    if (Slot* slot = place(*current_.load(std::memory_order_relaxed), key))
      slot->value.store(nullptr, std::memory_order_release);
  }

  size_t capacity() const {
    const std::lock_guard lock(mutex_);
    return current_.load(std::memory_order_relaxed)->slots.size();
  }

 private:
  struct Slot {
    std::atomic<uint64_t> key{0};
    std::atomic<Value*> value{nullptr};
  };
  struct Table {
    explicit Table(size_t size) : slots(size) {}
    std::vector<Slot> slots;  // a power of two
    size_t used = 0;          // places with a key, live or forgotten
  };

  // Handles are pointers: their low bits say nothing, and neighbours are common.
  static size_t hash(uint64_t key) noexcept {
    return static_cast<size_t>((key >> 3) * 0x9e3779b97f4a7c15u >> 20);
  }

  template <typename AnyTable>
  static auto place(AnyTable& table, uint64_t key) noexcept -> decltype(&table.slots[0]) {
    for (size_t i = hash(key);; ++i) {
      auto& slot = table.slots[i & (table.slots.size() - 1)];
      const uint64_t there = slot.key.load(std::memory_order_acquire);
      if (there == key) return &slot;
      if (there == 0) return nullptr;
    }
  }
  static void put(Table& table, uint64_t key, Value* value) noexcept {
    size_t i = hash(key);
    const size_t mask = table.slots.size() - 1;
    while (table.slots[i & mask].key.load(std::memory_order_relaxed) != 0) ++i;
    Slot& slot = table.slots[i & mask];
    slot.value.store(value, std::memory_order_relaxed);
    slot.key.store(key, std::memory_order_release);  // who sees the key sees the value
    ++table.used;
  }

  // With the lock held (or before there are readers): a fresh table with what is live.
  Table* replace() {
    Table* old = current_.load(std::memory_order_relaxed);
    std::vector<std::pair<uint64_t, Value*>> live;
    if (old)
      for (const Slot& slot : old->slots)
        if (Value* value = slot.value.load(std::memory_order_relaxed))
          live.emplace_back(slot.key.load(std::memory_order_relaxed), value);
    size_t size = 64;
    while (size < 4 * live.size()) size *= 2;
    auto made = std::make_unique<Table>(size);
    for (const auto& [key, value] : live) put(*made, key, value);
    std::vector<std::unique_ptr<Table>>& limbo = limbo_[epochs_.current() & 1];
    limbo.reserve(limbo.size() + 1);
    current_.store(made.get(), std::memory_order_seq_cst);
    limbo.emplace_back(old);
    if (epochs_.try_advance()) limbo_[epochs_.current() & 1].clear();
    return made.release();
  }

  memory::ReaderEpochs epochs_;
  std::atomic<Table*> current_{nullptr};
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Table>> limbo_[2];
};

}  // namespace nonans::interpose
