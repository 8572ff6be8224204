// SPDX-License-Identifier: MIT
// Which names (NVTX) were in force when a kernel was captured, by the node that it became.
//
//   labels.set(node, label);      // launch hook: no lock, no allocation
//   labels.find(node)             // when the graph is made executable; 0: none
//   labels.forget(node);          // its handle may be given to another node
//
// A table of fixed size. A node stands in one of kReach places that follow from its handle; where
// all are taken it goes without names, which costs a report its operator and nothing else. Any
// thread may call anything; one node is set by the one thread that captured it.
#pragma once

#include <cuda.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace nonans::interpose::graphs {

class NodeLabels {
 public:
  static constexpr size_t kPlaces = 16384;
  static constexpr size_t kReach = 32;

  // False if there was no place.
  bool set(CUgraphNode node, uint32_t label) noexcept {
    for (size_t i = 0; i < kReach; ++i) {
      Place& place = at(node, i);
      if (place.node.load(std::memory_order_acquire) != key(node)) continue;
      place.label.store(label, std::memory_order_release);
      return true;
    }
    for (size_t i = 0; i < kReach; ++i) {
      uint64_t empty = 0;
      Place& place = at(node, i);
      if (!place.node.compare_exchange_strong(empty, key(node), std::memory_order_acq_rel))
        continue;
      place.label.store(label, std::memory_order_release);
      used_.fetch_add(1, std::memory_order_relaxed);
      return true;
    }
    return false;
  }

  uint32_t find(CUgraphNode node) const noexcept {
    for (size_t i = 0; i < kReach; ++i) {
      const Place& place = at(node, i);
      if (place.node.load(std::memory_order_acquire) == key(node))
        return place.label.load(std::memory_order_acquire);
    }
    return 0;
  }

  void forget(CUgraphNode node) noexcept {
    for (size_t i = 0; i < kReach; ++i) {
      Place& place = at(node, i);
      if (place.node.load(std::memory_order_acquire) != key(node)) continue;
      place.label.store(0, std::memory_order_relaxed);
      place.node.store(0, std::memory_order_release);
      used_.fetch_sub(1, std::memory_order_relaxed);
      return;
    }
  }

  bool empty() const noexcept { return used_.load(std::memory_order_relaxed) == 0; }

 private:
  struct Place {
    std::atomic<uint64_t> node{0};
    std::atomic<uint32_t> label{0};
  };
  static uint64_t key(CUgraphNode node) noexcept { return reinterpret_cast<uint64_t>(node); }
  // Handles are pointers: their low bits say nothing.
  static size_t index(CUgraphNode node, size_t i) noexcept {
    return ((key(node) >> 3) * 0x9e3779b97f4a7c15u >> 32) % kPlaces + i;
  }
  Place& at(CUgraphNode node, size_t i) noexcept { return places_[index(node, i) % kPlaces]; }
  const Place& at(CUgraphNode node, size_t i) const noexcept {
    return places_[index(node, i) % kPlaces];
  }

  std::array<Place, kPlaces> places_;
  std::atomic<size_t> used_{0};
};

}  // namespace nonans::interpose::graphs
