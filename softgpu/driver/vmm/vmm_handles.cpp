// SPDX-License-Identifier: MIT
#include "driver/vmm/vmm_handles.hpp"

namespace softgpu::driver {

VmmHandles& vmm_handles() {
  static VmmHandles* const handles = new VmmHandles;
  return *handles;
}

uint64_t VmmHandles::add(PhysicalPtr physical) {
  // Away from every other kind of handle (handles.hpp) and from addresses.
  constexpr uint64_t kBase = 0x5f00'0000'0000;
  const std::lock_guard lock(mutex_);
  auto handle = std::make_shared<VmmHandle>();
  handle->number = kBase | (++serial_ << 4);
  handle->physical = std::move(physical);
  held_.emplace(handle->number, Held{handle, 1});
  return handle->number;
}

VmmHandlePtr VmmHandles::find(uint64_t number) const {
  const std::lock_guard lock(mutex_);
  const auto it = held_.find(number);
  return it == held_.end() ? nullptr : it->second.handle;
}

void VmmHandles::retain(const VmmHandlePtr& handle) {
  const std::lock_guard lock(mutex_);
  Held& held = held_[handle->number];
  held.handle = handle;
  ++held.references;
}

bool VmmHandles::release(uint64_t number) {
  VmmHandlePtr gone;  // outlives the lock: its memory goes with it
  const std::lock_guard lock(mutex_);
  const auto it = held_.find(number);
  if (it == held_.end()) return false;
  if (--it->second.references > 0) return true;
  gone = std::move(it->second.handle);
  held_.erase(it);
  return true;
}

}  // namespace softgpu::driver
