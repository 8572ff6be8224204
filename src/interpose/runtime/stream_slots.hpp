// SPDX-License-Identifier: MIT
// One slot of scan counters (nn_slot, device memory) per stream, and who else is launching there.
//
//   StreamSlot* slot = slots.acquire(stream_key(stream, flavour));       // null: more streams than
//   slots StreamSlot::Launch launch(*slot);                                    // before the real
//   launch …real launch…  if (launch.raced()) …detect only…                     // another thread
//   launched in between
//
// Scans on one stream run one after the other, so they can share counters; scans on two streams
// cannot. A slot is therefore not given to another stream while scans of the old one may still run:
// release() hands it over only when the caller says that the stream is idle, else it stays out of
// use until reclaim().
//
// acquire() runs in launch hooks: no lock, no allocation. Two threads that race for a new stream
// may take a slot each; both are then used by one stream only, so nothing is lost but the slot.
#pragma once

#include <cuda.h>

#include <array>
#include <atomic>
#include <cstdint>

#include "api/function.hpp"

namespace nonans::interpose {

// What tells streams apart: the handle, or for default streams which one it is. Never 0.
inline uint64_t stream_key(CUstream stream, api::StreamFlavour flavour) noexcept {
  static constinit std::atomic<uint32_t> threads{0};
  [[gnu::tls_model("initial-exec")]] static thread_local constinit uint32_t thread = 0;
  const uint64_t handle = reinterpret_cast<uint64_t>(stream);
  const bool per_thread = handle == reinterpret_cast<uint64_t>(CU_STREAM_PER_THREAD) ||
                          (handle == 0 && flavour == api::StreamFlavour::per_thread);
  if (!per_thread) return handle == 0 ? reinterpret_cast<uint64_t>(CU_STREAM_LEGACY) : handle;
  // Each thread has a default stream of its own. No handle reaches bit 63.
  if (thread == 0) thread = threads.fetch_add(1, std::memory_order_relaxed) + 1;
  return uint64_t{1} << 63 | thread;
}

class StreamSlot {
 public:
  // One launch with its scan, from before the real launch until the scan is queued.
  class Launch {
   public:
    // The collisions are read before we count ourselves in: one that comes later is surely seen by
    // raced().
    explicit Launch(StreamSlot& slot) noexcept
        : slot_(slot), collisions_(slot.collisions_.load(std::memory_order_seq_cst)) {
      overlapped_ = slot_.active_.fetch_add(1, std::memory_order_seq_cst) != 0;
      // Tell those who are at it: our kernel may come between their launch and their scan.
      if (overlapped_) slot_.collisions_.fetch_add(1, std::memory_order_seq_cst);
    }
    ~Launch() { slot_.active_.fetch_sub(1, std::memory_order_acq_rel); }
    Launch(const Launch&) = delete;
    Launch& operator=(const Launch&) = delete;

    bool raced() const noexcept {
      return overlapped_ || slot_.collisions_.load(std::memory_order_seq_cst) != collisions_;
    }

   private:
    StreamSlot& slot_;
    uint32_t collisions_;
    bool overlapped_;
  };

 private:
  friend class StreamSlots;
  std::atomic<uint64_t> key_{0};  // 0 free, kLimbo released while busy
  std::atomic<uint32_t> active_{0};
  std::atomic<uint32_t> collisions_{0};
};

class StreamSlots {
 public:
  static constexpr uint32_t kCount = 120;

  StreamSlot* acquire(uint64_t key) noexcept {
    const uint32_t used = used_.load(std::memory_order_acquire);
    for (uint32_t i = 0; i < used; ++i)
      if (slots_[i].key_.load(std::memory_order_relaxed) == key) return &slots_[i];
    for (uint32_t i = 0; i < kCount; ++i) {
      uint64_t empty = 0;
      if (!slots_[i].key_.compare_exchange_strong(empty, key, std::memory_order_acq_rel)) continue;
      uint32_t high = used_.load(std::memory_order_relaxed);
      while (high <= i && !used_.compare_exchange_weak(high, i + 1, std::memory_order_release)) {
      }
      return &slots_[i];
    }
    return nullptr;
  }
  uint32_t index_of(const StreamSlot& slot) const noexcept {
    return static_cast<uint32_t>(&slot - slots_.data());
  }

  // The stream is going. `idle`: nothing that was queued on it still runs. Else `limbo(index)` is
  // called for each slot: it stays out of use until reclaim(index).
  template <typename Limbo>
  void release(uint64_t key, bool idle, Limbo limbo) {
    for (uint32_t i = 0; i < kCount; ++i) {
      uint64_t mine = key;
      if (slots_[i].key_.compare_exchange_strong(mine, idle ? 0 : kLimbo,
                                                 std::memory_order_acq_rel) &&
          !idle)
        limbo(i);
    }
  }
  void reclaim(uint32_t index) noexcept {
    uint64_t limbo = kLimbo;
    slots_[index].key_.compare_exchange_strong(limbo, 0, std::memory_order_acq_rel);
  }

 private:
  static constexpr uint64_t kLimbo = UINT64_MAX;
  std::array<StreamSlot, kCount> slots_;
  std::atomic<uint32_t> used_{0};
};

}  // namespace nonans::interpose
