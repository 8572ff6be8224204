// SPDX-License-Identifier: MIT
// Who may reach all the memory of a pool or of a context, as far as the program has said.
//
//   PoolAccess pools(registry);
//   pools.access(pool, home_device, device, true);    // after a good cuMemPoolSetAccess
//   PeerAccess peers(registry);
//   peers.enabled(from, to);     // cuCtxEnablePeerAccess(to) while `from` is current: kernels of
//                                // `from` may now touch everything in `to`
//
// Both are decided for many ranges at once, also for those that are allocated later; the registry
// keeps them by "home" (Buffer::home()). Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "memory/buffer_registry.hpp"

namespace nonans::memory {

class PoolAccess {
 public:
  explicit PoolAccess(BufferRegistry& buffers) : buffers_(buffers) {}

  static constexpr int32_t kHost = -1;  // as `who`

  // `who` may (or may no longer) use the memory of `pool`, which is on `home`.
  void access(uint64_t pool, int32_t home, int32_t who, bool allowed) {
    const std::lock_guard lock(mutex_);
    std::set<int32_t>& others = reached_by_[pool];
    if (who != home) {
      if (allowed)
        others.insert(who);
      else
        others.erase(who);
    }
    const bool host = others.count(kHost) != 0;
    Sharing sharing = host ? kHostReaches : Sharing{0};
    if (others.size() > (host ? 1u : 0u)) sharing |= kPeers;
    if (others.empty()) reached_by_.erase(pool);
    buffers_.share_home(pool, sharing);
  }
  // Memory that was allocated from it lives on; the handle may come back for another pool.
  void destroyed(uint64_t pool) {
    const std::lock_guard lock(mutex_);
    reached_by_.erase(pool);
    buffers_.disown(pool);
  }

 private:
  BufferRegistry& buffers_;
  std::mutex mutex_;
  std::map<uint64_t, std::set<int32_t>> reached_by_;
};

class PeerAccess {
 public:
  explicit PeerAccess(BufferRegistry& buffers) : buffers_(buffers) {}

  void enabled(uint64_t from, uint64_t to) {
    const std::lock_guard lock(mutex_);
    pairs_.emplace(to, from);
    buffers_.share_home(to, kPeers);
  }
  void disabled(uint64_t from, uint64_t to) {
    const std::lock_guard lock(mutex_);
    if (pairs_.erase({to, from}) != 0) settle(to);
  }
  // It reaches nothing any more, and nobody reaches it.
  void context_gone(uint64_t context) {
    const std::lock_guard lock(mutex_);
    for (auto pair = pairs_.begin(); pair != pairs_.end();) {
      const auto [to, from] = *pair;
      if (to != context && from != context) {
        ++pair;
        continue;
      }
      pair = pairs_.erase(pair);
      settle(to);
    }
  }

 private:
  void settle(uint64_t to) {
    const auto left = pairs_.lower_bound({to, 0});
    if (left == pairs_.end() || left->first != to) buffers_.share_home(to, 0);
  }

  BufferRegistry& buffers_;
  std::mutex mutex_;
  std::set<std::pair<uint64_t, uint64_t>> pairs_;  // (to, from)
};

}  // namespace nonans::memory
