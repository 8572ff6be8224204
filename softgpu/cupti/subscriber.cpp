// SPDX-License-Identifier: MIT
// cuptiSubscribe and what it enables.
//
// A subscriber is never changed once it is visible, and never freed, so that a callback that is
// about to be made while another thread unsubscribes finds a whole one: that callback may still run
// when cuptiUnsubscribe returns. (Waiting for it would hang a client that holds a lock which its
// callback takes.) A subscriber takes 48 bytes.
#include "cupti/subscriber.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>
#include <string>

#include "cupti/driver.hpp"

struct CUpti_Subscriber_st {
  CUpti_CallbackFunc callback = nullptr;
  void* userdata = nullptr;
  std::string name;
};

namespace softgpu::cupti {
namespace {

constexpr CUpti_CallbackDomain kDomains[] = {CUPTI_CB_DOMAIN_DRIVER_API, CUPTI_CB_DOMAIN_RESOURCE,
                                             CUPTI_CB_DOMAIN_SYNCHRONIZE};

// Callback ids of a domain are those below this; 0 for domains that this library does not have.
uint32_t ids_of(CUpti_CallbackDomain domain) {
  switch (domain) {
    case CUPTI_CB_DOMAIN_DRIVER_API:
      return CUPTI_DRIVER_TRACE_CBID_SIZE;
    case CUPTI_CB_DOMAIN_RESOURCE:
      return CUPTI_CBID_RESOURCE_SIZE;
    case CUPTI_CB_DOMAIN_SYNCHRONIZE:
      return CUPTI_CBID_SYNCHRONIZE_SIZE;
    default:
      return 0;
  }
}

std::mutex g_mutex;
std::atomic<CUpti_SubscriberHandle> g_subscriber{nullptr};
std::atomic<bool> g_enabled[CUPTI_CB_DOMAIN_SIZE][CUPTI_DRIVER_TRACE_CBID_SIZE];

// NOT_SUPPORTED for domains of CUPTI that are missing here, INVALID_PARAMETER for what is none.
CUptiResult check_domain(CUpti_CallbackDomain domain) {
  if (domain <= CUPTI_CB_DOMAIN_INVALID || domain >= CUPTI_CB_DOMAIN_SIZE)
    return CUPTI_ERROR_INVALID_PARAMETER;
  if (ids_of(domain) != 0) return CUPTI_SUCCESS;
  say_once("libcupti: callbacks of domain " + std::to_string(domain) + " are not supported");
  return CUPTI_ERROR_NOT_SUPPORTED;
}

CUptiResult check(CUpti_SubscriberHandle subscriber, CUpti_CallbackDomain domain) {
  if (!subscriber || subscriber != g_subscriber) return CUPTI_ERROR_INVALID_PARAMETER;
  return check_domain(domain);
}

void set_domain(CUpti_CallbackDomain domain, bool on) {
  for (uint32_t id = 1; id < ids_of(domain); ++id) g_enabled[domain][id] = on;
}

CUptiResult subscribe(CUpti_SubscriberHandle* out, CUpti_CallbackFunc callback, void* userdata,
                      CUpti_SubscriberParams* params) noexcept try {
  if (!out || (params && params->structSize < sizeof(CUpti_SubscriberParams)))
    return CUPTI_ERROR_INVALID_PARAMETER;
  if (!trace_table()) return CUPTI_ERROR_NOT_INITIALIZED;
  {
    const std::lock_guard lock(g_mutex);
    if (const CUpti_SubscriberHandle there = g_subscriber) {
      if (params && params->oldSubscriberName && params->oldSubscriberSize > 0) {
        const size_t n = std::min(there->name.size(), params->oldSubscriberSize - 1);
        std::memcpy(params->oldSubscriberName, there->name.data(), n);
        params->oldSubscriberName[n] = '\0';
      }
      return CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED;
    }
    auto* const subscriber = new CUpti_Subscriber_st{callback, userdata, "CUPTI"};
    if (params && params->subscriberName) {
      const size_t n = strnlen(params->subscriberName, CUPTI_SUBSCRIBER_NAME_MAX_LEN);
      subscriber->name = "CUPTI for " + std::string(params->subscriberName, n);
    }
    for (const CUpti_CallbackDomain domain : kDomains) set_domain(domain, false);
    *out = subscriber;
    g_subscriber = subscriber;
  }
  update_listening();
  return CUPTI_SUCCESS;
} catch (...) {
  return CUPTI_ERROR_OUT_OF_MEMORY;
}

}  // namespace

bool subscribed() {
  return g_subscriber.load(std::memory_order_relaxed) != nullptr;
}

bool wanted(CUpti_CallbackDomain domain, CUpti_CallbackId id) {
  return subscribed() && id < ids_of(domain) &&
         g_enabled[domain][id].load(std::memory_order_relaxed);
}

void deliver(CUpti_CallbackDomain domain, CUpti_CallbackId id, const void* data) {
  const CUpti_SubscriberHandle subscriber = g_subscriber.load(std::memory_order_acquire);
  if (subscriber && subscriber->callback)
    subscriber->callback(subscriber->userdata, domain, id, data);
}

void drop_subscriber() {
  {
    const std::lock_guard lock(g_mutex);
    g_subscriber = nullptr;
    for (const CUpti_CallbackDomain domain : kDomains) set_domain(domain, false);
  }
  update_listening();
}

}  // namespace softgpu::cupti

using namespace softgpu::cupti;

CUptiResult cuptiSupportedDomains(size_t* count, CUpti_DomainTable* table) {
  static CUpti_CallbackDomain domains[std::size(kDomains)];
  if (!count || !table) return answer(CUPTI_ERROR_INVALID_PARAMETER);
  std::copy(std::begin(kDomains), std::end(kDomains), domains);
  *count = std::size(domains);
  *table = domains;
  return answer(CUPTI_SUCCESS);
}

CUptiResult cuptiSubscribe(CUpti_SubscriberHandle* subscriber, CUpti_CallbackFunc callback,
                           void* userdata) {
  return answer(subscribe(subscriber, callback, userdata, nullptr));
}

CUptiResult cuptiSubscribe_v2(CUpti_SubscriberHandle* subscriber, CUpti_CallbackFunc callback,
                              void* userdata, CUpti_SubscriberParams* params) {
  return answer(subscribe(subscriber, callback, userdata, params));
}

CUptiResult cuptiUnsubscribe(CUpti_SubscriberHandle subscriber) {
  if (!subscriber || subscriber != g_subscriber) return answer(CUPTI_ERROR_INVALID_PARAMETER);
  drop_subscriber();
  return answer(CUPTI_SUCCESS);
}

CUptiResult cuptiGetCallbackState(uint32_t* enable, CUpti_SubscriberHandle subscriber,
                                  CUpti_CallbackDomain domain, CUpti_CallbackId id) {
  if (!enable) return answer(CUPTI_ERROR_INVALID_PARAMETER);
  if (const CUptiResult r = check(subscriber, domain); r != CUPTI_SUCCESS) return answer(r);
  if (id == 0 || id >= ids_of(domain)) return answer(CUPTI_ERROR_INVALID_PARAMETER);
  *enable = g_enabled[domain][id] ? 1 : 0;
  return answer(CUPTI_SUCCESS);
}

// softgpu-partial(cuptiEnableCallback, cuptiEnableDomain): domains DRIVER_API, RESOURCE and
// SYNCHRONIZE; not RUNTIME_API, NVTX and STATE. MODULE_PROFILED and GRAPH_NODE_UPDATED never come
CUptiResult cuptiEnableCallback(uint32_t enable, CUpti_SubscriberHandle subscriber,
                                CUpti_CallbackDomain domain, CUpti_CallbackId id) {
  if (const CUptiResult r = check(subscriber, domain); r != CUPTI_SUCCESS) return answer(r);
  if (id == 0 || id >= ids_of(domain)) return answer(CUPTI_ERROR_INVALID_PARAMETER);
  g_enabled[domain][id] = enable != 0;
  return answer(CUPTI_SUCCESS);
}

CUptiResult cuptiEnableDomain(uint32_t enable, CUpti_SubscriberHandle subscriber,
                              CUpti_CallbackDomain domain) {
  if (const CUptiResult r = check(subscriber, domain); r != CUPTI_SUCCESS) return answer(r);
  set_domain(domain, enable != 0);
  return answer(CUPTI_SUCCESS);
}

// The domains of cuptiSupportedDomains.
CUptiResult cuptiEnableAllDomains(uint32_t enable, CUpti_SubscriberHandle subscriber) {
  if (!subscriber || subscriber != g_subscriber) return answer(CUPTI_ERROR_INVALID_PARAMETER);
  for (const CUpti_CallbackDomain domain : kDomains) set_domain(domain, enable != 0);
  return answer(CUPTI_SUCCESS);
}
