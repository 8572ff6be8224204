// SPDX-License-Identifier: MIT
// A launch's arguments in device layout, from either form that the driver takes.
//
//   ArgumentBlock block(profile, kernelParams, extra);
//   if (!block.ok()) …count, no scan…
//   shape.params = block.bytes();
//
// kernelParams: one pointer per parameter, copied to the offsets that the profile gives. extra: a
// list of (name, value) pairs with CU_LAUNCH_PARAM_BUFFER_POINTER and CU_LAUNCH_PARAM_BUFFER_SIZE
// up to CU_LAUNCH_PARAM_END; the buffer is in device layout already and is used where it stands
// (cuda.h, cuLaunchKernel). Runs after the real launch was accepted, so what the driver would
// refuse does not get here.
//
// No allocation. Up to 4,096 bytes, as all launches had before CUDA 12.1, are rebuilt on the stack;
// a launch may have 32,764, which is more than a thread's stack should be asked for: those come
// from a few buffers that belong to the library. If all are in use at this moment, the block is not
// ok.
#pragma once

#include <cuda.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <span>

#include "analyze/profile.hpp"

namespace nonans::interpose {

// The buffers for large blocks: zero pages until one is used.
class LargeBlocks {
 public:
  static constexpr size_t kBytes = 32764;  // cuda.h: the most that a kernel's parameters may take

  static std::byte* take() noexcept {
    for (Buffer& buffer : buffers_)
      if (!buffer.taken.exchange(true, std::memory_order_acquire)) return buffer.bytes;
    return nullptr;
  }
  static void give_back(const std::byte* bytes) noexcept {
    for (Buffer& buffer : buffers_)
      if (buffer.bytes == bytes) buffer.taken.store(false, std::memory_order_release);
  }

 private:
  struct Buffer {
    std::atomic<bool> taken;
    alignas(16) std::byte bytes[kBytes];
  };
  static inline constinit Buffer buffers_[8] = {};
};

class ArgumentBlock {
 public:
  static constexpr size_t kCapacity = 4096;

  ArgumentBlock(const analyze::KernelProfile& profile, void* const* kernel_params,
                void* const* extra) noexcept {
    if (extra != nullptr && kernel_params == nullptr) {
      from_extra(profile, extra);
    } else if (profile.params.empty()) {
      ok_ = true;
    } else if (kernel_params != nullptr) {
      from_pointers(profile, kernel_params);
    }
  }
  ~ArgumentBlock() {
    if (large_) LargeBlocks::give_back(large_);
  }
  ArgumentBlock(const ArgumentBlock&) = delete;
  ArgumentBlock& operator=(const ArgumentBlock&) = delete;

  bool ok() const { return ok_; }
  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  void from_pointers(const analyze::KernelProfile& profile, void* const* kernel_params) noexcept {
    if (profile.param_bytes > LargeBlocks::kBytes) return;
    if (profile.param_bytes > kCapacity && (large_ = LargeBlocks::take()) == nullptr) return;
    std::byte* const block = large_ ? large_ : storage_.data();
    for (size_t i = 0; i < profile.params.size(); ++i) {
      const image::ptx::Variable& param = profile.params[i];
      if (param.offset + param.size > profile.param_bytes || kernel_params[i] == nullptr) return;
      std::memcpy(block + param.offset, kernel_params[i], param.size);
    }
    bytes_ = {block, static_cast<size_t>(profile.param_bytes)};
    ok_ = true;
  }

  void from_extra(const analyze::KernelProfile& profile, void* const* extra) noexcept {
    const void* buffer = nullptr;
    size_t size = 0;
    for (size_t i = 0; extra[i] != CU_LAUNCH_PARAM_END; i += 2) {
      if (extra[i] == CU_LAUNCH_PARAM_BUFFER_POINTER)
        buffer = extra[i + 1];
      else if (extra[i] == CU_LAUNCH_PARAM_BUFFER_SIZE && extra[i + 1])
        size = *static_cast<const size_t*>(extra[i + 1]);
      else
        return;  // a name that cuda.h of today does not have: what follows cannot be understood
    }
    if (profile.param_bytes != 0 && (buffer == nullptr || size < profile.param_bytes)) return;
    bytes_ = {static_cast<const std::byte*>(buffer), size};
    ok_ = true;
  }

  bool ok_ = false;
  std::byte* large_ = nullptr;
  std::span<const std::byte> bytes_;
  std::array<std::byte, kCapacity> storage_;  // not initialised: padding is never read
};

}  // namespace nonans::interpose
