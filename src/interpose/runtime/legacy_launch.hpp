// SPDX-License-Identifier: MIT
// Arguments as CUDA 3 passed them: set on the function, piece by piece, before cuLaunchGrid. The
// driver never gives them back, so they are kept here as they are set.
//
//   runtime.legacy.of(function, kernel)->set(offset, &pointer, sizeof pointer);   // cuParamSetv
//   …
//   LegacyLaunches::Reading reading(runtime.legacy.find(function), kernel);       // launch hook
//   if (reading.ok()) watch.launched({grid, reading.block()}, nullptr, reading.extra());
//
// A driver that is told to set arguments of one function from two threads at once launches
// something in between; we do not know what, and leave that function alone from then on.
//
// Bytes that were never set are what the driver makes of them: a launch with such a parameter is
// not understood. One object a function, 4.6 KiB, kept for ever since a launch may be looking; it
// starts afresh when its handle becomes another kernel's.
#pragma once

#include <cuda.h>

#include <array>
#include <atomic>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>

#include "interpose/runtime/handle_map.hpp"
#include "interpose/runtime/kernel_table.hpp"

namespace nonans::interpose {

class LegacyLaunch {
 public:
  static constexpr size_t kBytes = 4096;  // of all parameters, in those days

  void set(size_t offset, const void* from, size_t bytes) noexcept;
  void set_size(size_t bytes) noexcept;
  void set_block(uint32_t x, uint32_t y, uint32_t z) noexcept;

 private:
  friend class LegacyLaunches;
  template <typename Change>
  void change(Change what) noexcept;
  bool has(size_t offset, size_t bytes) const noexcept;

  std::atomic<bool> busy_{false};
  std::atomic<bool> mixed_{false};  // two threads at once
  const Kernel* kernel_ = nullptr;
  uint32_t block_[3] = {1, 1, 1};
  size_t size_ = 0;
  std::array<std::byte, kBytes> bytes_;
  std::bitset<kBytes> known_;
};

class LegacyLaunches {
 public:
  // For the setters. May throw std::bad_alloc. Null: more functions than are followed.
  LegacyLaunch* of(CUfunction function, const Kernel* kernel);
  LegacyLaunch* find(CUfunction function) const noexcept {
    return by_function_.find(handle_key(function));
  }

  // Holds the arguments still while a launch reads them. No lock: if they are being set at this
  // moment, ok() is false.
  class Reading {
   public:
    Reading(LegacyLaunch* launch, const Kernel* kernel) noexcept;
    ~Reading();
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;

    bool ok() const { return ok_; }
    const uint32_t* block() const { return launch_->block_; }
    void* const* extra() { return extra_; }  // as cuLaunchKernel takes it

   private:
    LegacyLaunch* launch_;
    bool held_ = false, ok_ = false;
    void* extra_[5] = {};
  };

 private:
  static constexpr size_t kFunctions = 4096;

  HandleMap<LegacyLaunch> by_function_;
  std::mutex mutex_;
  std::deque<LegacyLaunch> launches_;  // addresses stay
};

}  // namespace nonans::interpose
