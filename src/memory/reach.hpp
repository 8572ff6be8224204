// SPDX-License-Identifier: MIT
// Who may reach all the memory of a pool or of a context, as far as the program has said.
//
//   Pools pools(registry);
//   pools.created(pool, home_device);       // cuMemPoolCreate
//   pools.access(pool, device, true);       // after a good cuMemPoolSetAccess
//   registry.add({…, .owner = pools.id_of(pool)});
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
#include <optional>
#include <set>
#include <utility>

#include "memory/buffer_registry.hpp"

namespace nonans::memory {

class Pools {
 public:
  static constexpr int32_t kHost = -2;  // as `who`
  struct Pool {
    uint64_t id = 0;
    int32_t device = kUnknownDevice;
    std::set<int32_t> others;  // who else may use its memory
  };

  explicit Pools(BufferRegistry& buffers) : buffers_(buffers) {}

  // `handle` stands for a new pool on `device`.
  void created(uint64_t handle, int32_t device) {
    const std::lock_guard lock(mutex_);
    pools_[handle] = {kFirstId + ++ids_, device, {}};
  }
  // Where a pool is that the program did not make.
  void found(uint64_t handle, int32_t device) {
    const std::lock_guard lock(mutex_);
    find(handle).device = device;
  }
  // Buffer::owner of what is allocated from it; 0 for no pool. A number of our own: a destroyed
  // pool's memory lives on while its handle may come back for another pool.
  uint64_t id_of(uint64_t handle) {
    if (handle == 0) return 0;
    const std::lock_guard lock(mutex_);
    return find(handle).id;
  }
  int32_t device_of(uint64_t handle) const {
    const std::lock_guard lock(mutex_);
    const auto found = pools_.find(handle);
    return found == pools_.end() ? kUnknownDevice : found->second.device;
  }
  // `who` may (or may no longer) use its memory.
  void access(uint64_t handle, int32_t who, bool allowed) {
    const std::lock_guard lock(mutex_);
    Pool& pool = find(handle);
    if (who == pool.device) return;
    if (allowed)
      pool.others.insert(who);
    else
      pool.others.erase(who);
    const bool host = pool.others.count(kHost) != 0;
    Sharing sharing = host ? kHostReaches : Sharing{0};
    if (pool.others.size() > (host ? 1u : 0u)) sharing |= kPeers;
    buffers_.share_home(pool.id, sharing);
  }
  // Before a pool is destroyed; put_back() if that is refused.
  std::optional<Pool> take(uint64_t handle) {
    const std::lock_guard lock(mutex_);
    const auto found = pools_.find(handle);
    if (found == pools_.end()) return std::nullopt;
    Pool taken = std::move(found->second);
    pools_.erase(found);
    return taken;
  }
  void put_back(uint64_t handle, Pool pool) {
    const std::lock_guard lock(mutex_);
    pools_[handle] = std::move(pool);
  }
  // It is destroyed. What was allocated from it lives on until it is freed.
  void forget(const Pool& pool) { buffers_.forget_home(pool.id); }

 private:
  static constexpr uint64_t kFirstId = uint64_t{1} << 63;  // no address of a context or a graph

  Pool& find(uint64_t handle) {
    Pool& pool = pools_[handle];
    if (pool.id == 0) pool.id = kFirstId + ++ids_;
    return pool;
  }

  BufferRegistry& buffers_;
  mutable std::mutex mutex_;
  std::map<uint64_t, Pool> pools_;
  uint64_t ids_ = 0;
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
