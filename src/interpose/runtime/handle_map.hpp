// SPDX-License-Identifier: MIT
// From a driver handle to what we know about it, for launch hooks: find() takes no lock and allocates nothing.
//
//   HandleMap<Kernel> kernels;
//   kernels.set(handle_key(function), kernel);        // get-function hook
//   Kernel* k = kernels.find(handle_key(function));   // launch hook; null if never announced or forgotten
//
// An open-addressed table of atomics. Keys are written once and stay (a handle that comes back finds its old place);
// forgetting stores a null value. When it is three quarters full a table of twice the size is filled and published; the
// old ones are kept until the end, since a reader may be in them: together they are as large as the newest.
// Values are not owned and must live as long as the map.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace nonans::interpose {

template <typename T>
uint64_t handle_key(T* handle) noexcept {
  return reinterpret_cast<uint64_t>(handle);
}

template <typename Value>
class HandleMap {
 public:
  HandleMap() { grow(64); }

  Value* find(uint64_t key) const noexcept {
    const Table& table = *current_.load(std::memory_order_acquire);
    for (size_t i = hash(key);; ++i) {
      const Slot& slot = table.slots[i & table.mask];
      const uint64_t there = slot.key.load(std::memory_order_acquire);
      if (there == key) return slot.value.load(std::memory_order_acquire);
      if (there == 0) return nullptr;
    }
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
    if ((used_ + 1) * 4 > (table->mask + 1) * 3) table = grow((table->mask + 1) * 2);
    put(*table, key, value);
    ++used_;
  }

  void forget(uint64_t key) noexcept {
    if (key == 0) return;
    const std::lock_guard lock(mutex_);
    if (Slot* slot = place(*current_.load(std::memory_order_relaxed), key))
      slot->value.store(nullptr, std::memory_order_release);
  }

  // Every value that is not null; under the writers' lock.
  template <typename Visit>
  void for_each(Visit visit) const {
    const std::lock_guard lock(mutex_);
    const Table& table = *current_.load(std::memory_order_relaxed);
    for (size_t i = 0; i <= table.mask; ++i)
      if (Value* value = table.slots[i].value.load(std::memory_order_relaxed))
        visit(table.slots[i].key.load(std::memory_order_relaxed), *value);
  }

 private:
  struct Slot {
    std::atomic<uint64_t> key{0};
    std::atomic<Value*> value{nullptr};
  };
  struct Table {
    explicit Table(size_t size) : mask(size - 1), slots(new Slot[size]) {}
    size_t mask;
    std::unique_ptr<Slot[]> slots;
  };

  // Handles are pointers: the low bits say nothing, neighbours are common.
  static size_t hash(uint64_t key) noexcept { return static_cast<size_t>((key >> 3) * 0x9e3779b97f4a7c15u >> 20); }

  static Slot* place(const Table& table, uint64_t key) noexcept {
    for (size_t i = hash(key);; ++i) {
      Slot& slot = table.slots[i & table.mask];
      const uint64_t there = slot.key.load(std::memory_order_relaxed);
      if (there == key) return &slot;
      if (there == 0) return nullptr;
    }
  }
  static void put(const Table& table, uint64_t key, Value* value) noexcept {
    size_t i = hash(key);
    while (table.slots[i & table.mask].key.load(std::memory_order_relaxed) != 0) ++i;
    Slot& slot = table.slots[i & table.mask];
    slot.value.store(value, std::memory_order_relaxed);
    slot.key.store(key, std::memory_order_release);  // a reader that sees the key sees the value
  }
  Table* grow(size_t size) {
    auto made = std::make_unique<Table>(size);
    tables_.reserve(tables_.size() + 1);
    used_ = 0;
    if (const Table* old = current_.load(std::memory_order_relaxed))
      for (size_t i = 0; i <= old->mask; ++i)
        if (Value* value = old->slots[i].value.load(std::memory_order_relaxed)) {
          put(*made, old->slots[i].key.load(std::memory_order_relaxed), value);
          ++used_;
        }
    tables_.push_back(std::move(made));
    current_.store(tables_.back().get(), std::memory_order_release);
    return tables_.back().get();
  }

  std::atomic<Table*> current_{nullptr};
  mutable std::mutex mutex_;
  size_t used_ = 0;
  std::vector<std::unique_ptr<Table>> tables_;
};

}  // namespace nonans::interpose
