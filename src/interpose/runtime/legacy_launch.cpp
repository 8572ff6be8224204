// SPDX-License-Identifier: MIT
#include "interpose/runtime/legacy_launch.hpp"

#include <cstring>

namespace nonans::interpose {

template <typename Change>
void LegacyLaunch::change(Change what) noexcept {
  if (busy_.exchange(true, std::memory_order_acquire)) {
    mixed_.store(true, std::memory_order_relaxed);
    return;
  }
  what();
  busy_.store(false, std::memory_order_release);
}

void LegacyLaunch::set(size_t offset, const void* from, size_t bytes) noexcept {
  if (from == nullptr || offset > kBytes || bytes > kBytes - offset) return;
  change([&] {
    std::memcpy(bytes_.data() + offset, from, bytes);
    for (size_t i = 0; i < bytes; ++i) known_.set(offset + i);
  });
}

void LegacyLaunch::set_size(size_t bytes) noexcept {
  change([&] { size_ = bytes < kBytes ? bytes : kBytes; });
}

void LegacyLaunch::set_block(uint32_t x, uint32_t y, uint32_t z) noexcept {
  change([&] {
    block_[0] = x;
    block_[1] = y;
    block_[2] = z;
  });
}

bool LegacyLaunch::has(size_t offset, size_t bytes) const noexcept {
  for (size_t i = 0; i < bytes; ++i)
    if (offset + i >= kBytes || !known_.test(offset + i)) return false;
  return true;
}

LegacyLaunch* LegacyLaunches::of(CUfunction function, const Kernel* kernel) {
  LegacyLaunch* launch = find(function);
  if (launch == nullptr) {
    const std::lock_guard lock(mutex_);
    launch = find(function);
    if (launch == nullptr) {
      if (launches_.size() == kFunctions) return nullptr;
      launch = &launches_.emplace_back();
      by_function_.set(handle_key(function), launch);
    }
  }
  launch->change([&] {
    if (launch->kernel_ == kernel) return;
    launch->kernel_ = kernel;
    launch->size_ = 0;
    launch->known_.reset();
  });
  return launch;
}

LegacyLaunches::Reading::Reading(LegacyLaunch* launch, const Kernel* kernel) noexcept
    : launch_(launch) {
  if (launch == nullptr || kernel == nullptr) return;
  held_ = !launch->busy_.exchange(true, std::memory_order_acquire);
  if (!held_ || launch->mixed_.load(std::memory_order_relaxed) || launch->kernel_ != kernel) return;
  ok_ = launch->size_ >= kernel->profile.param_bytes;
  for (const image::ptx::Variable& param : kernel->profile.params)
    ok_ = ok_ && launch->has(param.offset, param.size);
  extra_[0] = CU_LAUNCH_PARAM_BUFFER_POINTER;
  extra_[1] = launch->bytes_.data();
  extra_[2] = CU_LAUNCH_PARAM_BUFFER_SIZE;
  extra_[3] = &launch->size_;
  extra_[4] = CU_LAUNCH_PARAM_END;
}

LegacyLaunches::Reading::~Reading() {
  if (held_) launch_->busy_.store(false, std::memory_order_release);
}

}  // namespace nonans::interpose
