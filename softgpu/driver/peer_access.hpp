// SPDX-License-Identifier: MIT
// Whose memory a context's kernels may touch beside its own.
//
// cuCtxEnablePeerAccess grants the current context, in one direction only, all memory of another
// context: what is allocated already and what will be. Every device of this driver can reach every
// other; contexts of one device cannot be peers (cuDeviceCanAccessPeer answers 0 for a device and
// itself). Kernels ask at every access that misses their cache of ranges, so the list is a few
// atomics: eight, the number of peer connections that the CUDA C++ Programming Guide gives a device
// without NVSwitch. The ninth is CUDA_ERROR_TOO_MANY_PEERS.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "driver/cuda_api.hpp"
#include "driver/device_access.hpp"

namespace softgpu::driver {

struct Allocation;
struct Context;

class PeerContexts {
 public:
  static constexpr size_t kMost = 8;
  bool holds(uint64_t context_id) const;
  // PEER_ACCESS_ALREADY_ENABLED, TOO_MANY_PEERS.
  CUresult add(uint64_t context_id);
  CUresult remove(uint64_t context_id);  // PEER_ACCESS_NOT_ENABLED

 private:
  std::array<std::atomic<uint64_t>, kMost> ids_{};  // 0: free. Changes under the mutex
};

// A context is going away: nobody's peer any more.
void forget_peer(const Context& context);

// The descriptors of cuMemPoolSetAccess and of allocation nodes, for memory of device `owner`,
// which itself keeps its access. INVALID_VALUE, INVALID_DEVICE; nothing is applied then.
CUresult apply(const CUmemAccessDesc* descriptors, size_t count, int owner, DeviceAccess& access);

// What kernels of `context` may do with memory that they can see.
CUmemAccess_flags access_to(const Allocation& allocation, const Context& context);

}  // namespace softgpu::driver
