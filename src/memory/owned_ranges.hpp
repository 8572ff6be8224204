// SPDX-License-Identifier: MIT
// Ranges that go when something else goes: device addresses of pinned host memory, buffers of
// external memory and graphics resources, memory of a graph's allocation nodes.
//
//   owned.add(owner, base);                        // Buffer::owner of the range is `owner`
//   for (uint64_t base : owned.take(owner)) …      // the owner goes: forget what is still its own
//
// A range may have gone by itself and its address have come back for another: whoever takes the
// list compares Buffer::owner. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

namespace nonans::memory {

class OwnedRanges {
 public:
  void add(uint64_t owner, uint64_t base) {
    const std::lock_guard lock(mutex_);
    std::vector<uint64_t>& known = ranges_[owner];
    for (const uint64_t other : known)
      if (other == base) return;
    known.push_back(base);
  }
  std::vector<uint64_t> take(uint64_t owner) {
    const std::lock_guard lock(mutex_);
    const auto found = ranges_.find(owner);
    if (found == ranges_.end()) return {};
    std::vector<uint64_t> taken = std::move(found->second);
    ranges_.erase(found);
    return taken;
  }

 private:
  std::mutex mutex_;
  std::map<uint64_t, std::vector<uint64_t>> ranges_;
};

}  // namespace nonans::memory
