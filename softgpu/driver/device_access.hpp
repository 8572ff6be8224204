// SPDX-License-Identifier: MIT
// Which devices may touch a piece of memory.
//
//   DeviceAccess access(0);                                   // memory of device 0
//   access.set(1, CU_MEM_ACCESS_FLAGS_PROT_READWRITE);        // cuMemPoolSetAccess
//   access.of(1)
//
// Memory of cuMemAlloc belongs to a context, and the grant is between contexts
// (cuCtxEnablePeerAccess: peer_access.hpp). Memory of pools and of graphs belongs to a device, and
// the grant is the pool's: enabling peer access changes nothing there. A grant holds at once, also
// for what is allocated already. No locks: kernels ask at every access.
#pragma once

#include <atomic>
#include <cstdint>

#include "driver/cuda_api.hpp"
#include "driver/device_shape.hpp"

namespace softgpu::driver {

class DeviceAccess {
 public:
  explicit DeviceAccess(int owner) {
    for (auto& flags : of_) flags.store(CU_MEM_ACCESS_FLAGS_PROT_NONE, std::memory_order_relaxed);
    set(owner, CU_MEM_ACCESS_FLAGS_PROT_READWRITE);
  }
  CUmemAccess_flags of(int device) const {
    return static_cast<CUmemAccess_flags>(of_[device].load(std::memory_order_acquire));
  }
  void set(int device, CUmemAccess_flags flags) {
    of_[device].store(static_cast<uint8_t>(flags), std::memory_order_release);
  }

 private:
  std::atomic<uint8_t> of_[kMostDevices];
};

}  // namespace softgpu::driver
