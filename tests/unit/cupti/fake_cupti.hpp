// SPDX-License-Identifier: MIT
// A libcupti of plain functions, with one place for a subscriber.
//
//   fake::Cupti cupti;                             // one at a time
//   cupti.subscribe_answers = CUPTI_ERROR_UNKNOWN;
//   Session session(receiver, slot, {.find = [&](std::string&) { return cupti.library(); }});
#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cupti/library.hpp"

namespace fake {

class Cupti {
 public:
  Cupti() { now = this; }
  ~Cupti() { now = nullptr; }
  Cupti(const Cupti&) = delete;
  Cupti& operator=(const Cupti&) = delete;

  CUptiResult subscribe_answers = CUPTI_SUCCESS;
  // What is done once inside a cuptiSubscribe, with the place already given.
  std::function<void()> during_subscribe;
  // What enabling an id answers, if not success; 0 stands for every id of the domain.
  std::set<std::pair<int, CUpti_CallbackId>> refused;

  std::set<std::pair<int, CUpti_CallbackId>> enabled;
  std::vector<std::string> calls;
  std::string subscriber_name;
  CUpti_CallbackFunc callback = nullptr;
  void* userdata = nullptr;
  bool domain_was_enabled = false;

  CUpti_SubscriberHandle holder() const {
    const std::lock_guard lock(mutex);
    return holder_;
  }

  nonans::cupti::Library library(bool v2 = true) const {
    return {.version = 28,
            .subscribe = &subscribe,
            .subscribe_v2 = v2 ? &subscribe_v2 : nullptr,
            .unsubscribe = &unsubscribe,
            .enable_callback = &enable,
            .get_last_error = nullptr};
  }

  static CUptiResult subscribe(CUpti_SubscriberHandle* handle, CUpti_CallbackFunc callback,
                               void* userdata) {
    std::function<void()> during;
    {
      const std::lock_guard lock(now->mutex);
      now->calls.push_back("subscribe");
      if (now->subscribe_answers != CUPTI_SUCCESS) return now->subscribe_answers;
      if (now->holder_) return CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED;
      now->holder_ = *handle = reinterpret_cast<CUpti_SubscriberHandle>(++now->handles_ * 16);
      now->callback = callback;
      now->userdata = userdata;
      during = std::exchange(now->during_subscribe, nullptr);
    }
    if (during) during();
    return CUPTI_SUCCESS;
  }
  static CUptiResult subscribe_v2(CUpti_SubscriberHandle* handle, CUpti_CallbackFunc callback,
                                  void* userdata, CUpti_SubscriberParams* params) {
    if (params && params->structSize < sizeof *params) return CUPTI_ERROR_INVALID_PARAMETER;
    if (params && params->subscriberName) now->subscriber_name = params->subscriberName;
    return subscribe(handle, callback, userdata);
  }
  static CUptiResult unsubscribe(CUpti_SubscriberHandle handle) {
    const std::lock_guard lock(now->mutex);
    now->calls.push_back("unsubscribe");
    if (!handle || handle != now->holder_) return CUPTI_ERROR_INVALID_PARAMETER;
    now->holder_ = nullptr;
    now->enabled.clear();
    return CUPTI_SUCCESS;
  }
  static CUptiResult enable(uint32_t on, CUpti_SubscriberHandle handle, CUpti_CallbackDomain domain,
                            CUpti_CallbackId id) {
    const std::lock_guard lock(now->mutex);
    if (handle != now->holder_ || on != 1) return CUPTI_ERROR_INVALID_PARAMETER;
    if (now->refused.count({domain, id}) || now->refused.count({domain, 0}))
      return CUPTI_ERROR_INVALID_PARAMETER;
    now->enabled.emplace(domain, id);
    return CUPTI_SUCCESS;
  }

 private:
  static inline Cupti* now = nullptr;
  mutable std::mutex mutex;
  CUpti_SubscriberHandle holder_ = nullptr;
  uintptr_t handles_ = 0;
};

}  // namespace fake
