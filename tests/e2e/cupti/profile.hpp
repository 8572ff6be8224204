// SPDX-License-Identifier: MIT
// What a profiler like Kineto does with libcupti: subscribes, collects activity for a while, stops.
//
//   Profile profile(api);
//   profile.start();  …launches…  profile.stop();
//   profile.print();                               // one line of what was recorded
#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "api.hpp"

inline constexpr CUpti_ActivityKind kKinds[] = {
    CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL, CUPTI_ACTIVITY_KIND_MEMCPY, CUPTI_ACTIVITY_KIND_MEMORY2};
// The size of the allocations whose records are counted: nobody else makes such.
inline constexpr uint64_t kCountedBytes = 4352;

class Profile {
 public:
  explicit Profile(const Api& api) : api_(api) { current() = this; }
  ~Profile() { current() = nullptr; }
  Profile(const Profile&) = delete;
  Profile& operator=(const Profile&) = delete;

  void start() {
    subscribed_ = timed([&] { return api_.Subscribe(&handle_, &ignore, nullptr); });
    second_ = timed([&] { return api_.Subscribe(&other_, &ignore, nullptr); });
    callback_ = api_.EnableCallback(1, handle_, CUPTI_CB_DOMAIN_DRIVER_API,
                                    CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel);
    api_.ActivityRegisterCallbacks(&requested, &completed);
    for (const CUpti_ActivityKind kind : kKinds)
      if (api_.ActivityEnable(kind) != CUPTI_SUCCESS) ++failures_;
  }
  void stop() {
    api_.ActivityFlushAll(0);
    for (const CUpti_ActivityKind kind : kKinds)
      if (api_.ActivityDisable(kind) != CUPTI_SUCCESS) ++failures_;
    unsubscribed_ = timed([&] { return api_.Unsubscribe(handle_); });
  }
  void finalize() {
    finalized_ = timed([&] { return api_.Finalize(); });
  }

  void print(const char* name) const {
    const std::lock_guard lock(mutex_);
    std::printf("%s subscribe %d second %d enable %d unsubscribe %d finalize %d failures %d", name,
                subscribed_, second_, callback_, unsubscribed_, finalized_, failures_);
    const auto square = kernels_.find("square");
    std::printf(" | square %zu distinct %zu copies %zu allocations %zu releases %zu\n",
                square == kernels_.end() ? 0 : square->second, correlations_.size(), copies_,
                allocations_, releases_);
    for (const auto& [kernel, count] : kernels_)
      if (kernel != "square") std::printf("also %s\n", kernel.c_str());
  }
  // Of a cuptiSubscribe, cuptiUnsubscribe or cuptiFinalize.
  static long longest_ms() { return longest(); }

 private:
  template <typename Call>
  static CUptiResult timed(Call call) {
    const auto begin = std::chrono::steady_clock::now();
    const CUptiResult result = call();
    const auto took = std::chrono::steady_clock::now() - begin;
    longest() = std::max<long>(longest(),
                               std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
    return result;
  }
  static long& longest() {
    static long milliseconds = 0;
    return milliseconds;
  }
  static Profile*& current() {
    static Profile* profile = nullptr;
    return profile;
  }
  static void CUPTIAPI ignore(void*, CUpti_CallbackDomain, CUpti_CallbackId, const void*) {}
  static void CUPTIAPI requested(uint8_t** buffer, size_t* size, size_t* most) {
    *size = 1 << 16;
    *most = 0;
    *buffer = static_cast<uint8_t*>(std::aligned_alloc(8, *size));
  }
  static void CUPTIAPI completed(CUcontext, uint32_t, uint8_t* buffer, size_t, size_t valid) {
    if (Profile* self = current()) self->read(buffer, valid);
    std::free(buffer);
  }
  void read(uint8_t* buffer, size_t valid) {
    const std::lock_guard lock(mutex_);
    CUpti_Activity* record = nullptr;
    while (api_.ActivityGetNextRecord(buffer, valid, &record) == CUPTI_SUCCESS) {
      if (record->kind == CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL) {
        // The fields read here stand at the same places in CUDA 12.
        const auto& kernel = *reinterpret_cast<const CUpti_ActivityKernel10*>(record);
        ++kernels_[kernel.name];
        if (std::string(kernel.name) == "square") correlations_.insert(kernel.correlationId);
      } else if (record->kind == CUPTI_ACTIVITY_KIND_MEMCPY) {
        ++copies_;
      } else if (record->kind == CUPTI_ACTIVITY_KIND_MEMORY2) {
        const auto& memory = *reinterpret_cast<const CUpti_ActivityMemory4*>(record);
        if (memory.bytes != kCountedBytes) continue;
        ++(memory.memoryOperationType == CUPTI_ACTIVITY_MEMORY_OPERATION_TYPE_ALLOCATION
               ? allocations_
               : releases_);
      }
    }
  }

  const Api& api_;
  CUpti_SubscriberHandle handle_ = nullptr, other_ = nullptr;
  int subscribed_ = -1, second_ = -1, callback_ = -1, unsubscribed_ = -1, finalized_ = -1;
  int failures_ = 0;
  mutable std::mutex mutex_;
  std::map<std::string, size_t> kernels_;
  std::set<uint32_t> correlations_;
  size_t copies_ = 0, allocations_ = 0, releases_ = 0;
};
