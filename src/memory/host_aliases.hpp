// SPDX-License-Identifier: MIT
// Device addresses of pinned host memory that differ from the host's own (cuMemHostGetDevicePointer
// without unified addressing of registered memory).
//
//   aliases.add(host_base, device_base);
//   for (uint64_t base : aliases.take(host_base)) registry.remove(base);   // host memory goes
//
// Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

namespace nonans::memory {

class HostAliases {
 public:
  void add(uint64_t host, uint64_t device) {
    const std::lock_guard lock(mutex_);
    std::vector<uint64_t>& known = aliases_[host];
    for (const uint64_t other : known)
      if (other == device) return;
    known.push_back(device);
  }
  std::vector<uint64_t> take(uint64_t host) {
    const std::lock_guard lock(mutex_);
    const auto found = aliases_.find(host);
    if (found == aliases_.end()) return {};
    std::vector<uint64_t> taken = std::move(found->second);
    aliases_.erase(found);
    return taken;
  }

 private:
  std::mutex mutex_;
  std::map<uint64_t, std::vector<uint64_t>> aliases_;
};

}  // namespace nonans::memory
