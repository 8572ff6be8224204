// SPDX-License-Identifier: MIT
// CUmemGenericAllocationHandle: numbers with references.
//
//   const uint64_t number = vmm_handles().add(physical);     // one reference
//   vmm_handles().retain(handle); vmm_handles().release(number);
#pragma once

#include <map>
#include <mutex>

#include "driver/vmm/physical.hpp"

namespace softgpu::driver {

// What cuMemCreate and cuMemImportFromShareableHandle hand out. It stays known as long as it has
// references or is mapped: cuMemRetainAllocationHandle finds it again by an address.
struct VmmHandle {
  uint64_t number = 0;
  PhysicalPtr physical;
};
using VmmHandlePtr = std::shared_ptr<VmmHandle>;

class VmmHandles {
 public:
  uint64_t add(PhysicalPtr physical);
  VmmHandlePtr find(uint64_t number) const;  // nullptr: not a handle, or released
  // Also of a released handle whose memory is still mapped: it counts again.
  void retain(const VmmHandlePtr& handle);
  bool release(uint64_t number);  // false: not a handle

 private:
  struct Held {
    VmmHandlePtr handle;
    unsigned references = 0;
  };
  mutable std::mutex mutex_;
  std::map<uint64_t, Held> held_;
  uint64_t serial_ = 0;
};

VmmHandles& vmm_handles();

}  // namespace softgpu::driver
