// SPDX-License-Identifier: MIT
#include "mbarrier.hpp"

#include <cstring>

#include "fault.hpp"

namespace softgpu::engine {
namespace {

constexpr unsigned kExpectedAt = 20, kBytesAt = 40, kPhaseAt = 61;
constexpr u64 kBytesMask = (1ULL << 21) - 1;

}  // namespace

MBarrier MBarrier::unpack(u64 word) {
  const u64 raw = (word >> kBytesAt) & kBytesMask;
  const s64 bytes = static_cast<s64>(raw << 43) >> 43;  // sign of bit 20
  return {static_cast<u32>(word) & kMostArrivals,
          static_cast<u32>(word >> kExpectedAt) & kMostArrivals, static_cast<s32>(bytes),
          static_cast<u32>(word >> kPhaseAt) & 3U};
}

u64 MBarrier::pack() const {
  return kValidMBarrier | u64{phase & 3U} << kPhaseAt |
         (static_cast<u64>(bytes) & kBytesMask) << kBytesAt | u64{expected} << kExpectedAt |
         pending;
}

u64 change_mbarrier(const Warp& w, const Op& op, u32 lane, std::byte* host,
                    const MBarrierChange& change) {
  u64 before = 0;
  std::memcpy(&before, host, sizeof before);
  const auto wrong = [&](const std::string& what) {
    raise(w, op, lane, FaultKind::illegal_instruction, what);
  };
  if ((before & kValidMBarrier) == 0) wrong("there is no valid mbarrier object at the address");
  MBarrier barrier = MBarrier::unpack(before);
  const u64 pending = u64{barrier.pending} + change.announced;
  if (pending > kMostArrivals) wrong("the pending count of the mbarrier exceeds 2^20-1");
  if (change.arrivals > pending) {
    wrong(std::to_string(change.arrivals) + " arrivals at an mbarrier that expects " +
          std::to_string(pending) + " more");
  }
  if (change.dropped > barrier.expected) wrong("more threads drop out of an mbarrier than it has");
  const s64 bytes = barrier.bytes + change.bytes;
  if (bytes > s64{kMostArrivals} || bytes < -s64{kMostArrivals}) {
    wrong("the transaction count of the mbarrier leaves its range, 2^20-1");
  }
  barrier.pending = static_cast<u32>(pending - change.arrivals);
  barrier.expected -= change.dropped;
  barrier.bytes = static_cast<s32>(bytes);
  if (barrier.pending == 0 && barrier.bytes == 0) {
    if (!change.may_complete) wrong("mbarrier.arrive.noComplete completes the phase");
    barrier.pending = barrier.expected;
    ++barrier.phase;
  }
  const u64 after = barrier.pack();
  std::memcpy(host, &after, sizeof after);
  return before;
}

}  // namespace softgpu::engine
