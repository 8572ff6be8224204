// SPDX-License-Identifier: MIT
#include "cupti/observer.hpp"

#include <algorithm>

namespace nonans::cupti {
namespace {

std::string count_of(uint64_t n, const char* one, const char* many) {
  return std::to_string(n) + " " + (n == 1 ? one : many);
}

}  // namespace

void Observer::allocated(const Allocation& allocation) {
  const std::lock_guard lock(mutex_);
  ++allocations_;
  Live& live = live_[allocation.base];
  live_bytes_ += allocation.size - live.size;  // an address given out again was freed unseen
  live = {allocation.size, allocation.context};
  most_bytes_ = std::max(most_bytes_, live_bytes_);
}

void Observer::freeing(uint64_t base) {
  const std::lock_guard lock(mutex_);
  const auto found = live_.find(base);
  if (found == live_.end()) return;
  live_bytes_ -= found->second.size;
  live_.erase(found);
}

void Observer::context_going(CUcontext context) {
  const std::lock_guard lock(mutex_);
  std::erase_if(live_, [&](const auto& entry) {
    if (entry.second.context != context) return false;
    live_bytes_ -= entry.second.size;
    return true;
  });
}

void Observer::image_shown(CUcontext, uint32_t, const void*, size_t size) {
  images_.fetch_add(1, std::memory_order_relaxed);
  image_bytes_.fetch_add(size, std::memory_order_relaxed);
}

void Observer::launched(bool graph) {
  (graph ? graph_launches_ : launches_).fetch_add(1, std::memory_order_relaxed);
}

std::string Observer::summary() const {
  const std::lock_guard lock(mutex_);
  return count_of(launches_.load(), "launch", "launches") + ", " +
         count_of(graph_launches_.load(), "graph launch", "graph launches") + ", " +
         count_of(images_.load(), "image", "images") + " (" +
         count_of(image_bytes_.load(), "byte", "bytes") + "), " +
         count_of(allocations_, "allocation", "allocations") + " (at most " +
         count_of(most_bytes_, "byte", "bytes") + " live)";
}

}  // namespace nonans::cupti
