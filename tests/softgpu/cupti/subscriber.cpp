// SPDX-License-Identifier: MIT
// The one subscriber; states, names and errors.
#include <cstring>

#include "fixture.hpp"

namespace {
void CUPTIAPI ignore(void*, CUpti_CallbackDomain, CUpti_CallbackId, const void*) {}
}  // namespace

TEST_CASE("there is one subscriber, and the second is told of the first") {
  driver_symbol("cuInit");
  CUpti_SubscriberHandle first = nullptr, second = nullptr;
  CUpti_SubscriberParams params{};
  params.structSize = CUpti_SubscriberParams_STRUCT_SIZE;
  params.subscriberName = "first of all";
  REQUIRE(cuptiSubscribe_v2(&first, ignore, nullptr, &params) == CUPTI_SUCCESS);

  CHECK(cuptiSubscribe(&second, ignore, nullptr) == CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED);
  char name[CUPTI_OLD_SUBSCRIBER_NAME_MIN_LEN] = "";
  params.oldSubscriberName = name;
  params.oldSubscriberSize = sizeof name;
  CHECK(cuptiSubscribe_v2(&second, ignore, nullptr, &params) ==
        CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED);
  CHECK(std::string(name) == "CUPTI for first of all");

  CHECK(cuptiUnsubscribe(first) == CUPTI_SUCCESS);
  CHECK(cuptiUnsubscribe(first) == CUPTI_ERROR_INVALID_PARAMETER);
  CHECK(cuptiUnsubscribe(nullptr) == CUPTI_ERROR_INVALID_PARAMETER);
  REQUIRE(cuptiSubscribe(&second, ignore, nullptr) == CUPTI_SUCCESS);
  CHECK(cuptiUnsubscribe(second) == CUPTI_SUCCESS);
}

TEST_CASE("parameters of subscribing are checked") {
  driver_symbol("cuInit");
  CUpti_SubscriberHandle handle = nullptr;
  CHECK(cuptiSubscribe(nullptr, ignore, nullptr) == CUPTI_ERROR_INVALID_PARAMETER);
  CUpti_SubscriberParams params{};  // structSize is not filled in
  CHECK(cuptiSubscribe_v2(&handle, ignore, nullptr, &params) == CUPTI_ERROR_INVALID_PARAMETER);
}

TEST_CASE("nothing is enabled at first; states are those that were set") {
  Tool tool;
  const auto state = [&](CUpti_CallbackDomain domain, CUpti_CallbackId id) {
    uint32_t enabled = 99;
    CHECK(cuptiGetCallbackState(&enabled, tool.handle, domain, id) == CUPTI_SUCCESS);
    return enabled;
  };
  constexpr auto kLoaded = CUPTI_CBID_RESOURCE_MODULE_LOADED;
  CHECK(state(CUPTI_CB_DOMAIN_RESOURCE, kLoaded) == 0);
  tool.enable(CUPTI_CB_DOMAIN_RESOURCE, kLoaded);
  CHECK(state(CUPTI_CB_DOMAIN_RESOURCE, kLoaded) == 1);
  CHECK(state(CUPTI_CB_DOMAIN_RESOURCE, CUPTI_CBID_RESOURCE_CONTEXT_CREATED) == 0);
  REQUIRE(cuptiEnableDomain(0, tool.handle, CUPTI_CB_DOMAIN_RESOURCE) == CUPTI_SUCCESS);
  CHECK(state(CUPTI_CB_DOMAIN_RESOURCE, kLoaded) == 0);
  REQUIRE(cuptiEnableAllDomains(1, tool.handle) == CUPTI_SUCCESS);
  CHECK(state(CUPTI_CB_DOMAIN_RESOURCE, kLoaded) == 1);
  CHECK(state(CUPTI_CB_DOMAIN_DRIVER_API, CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel) == 1);
  CHECK(state(CUPTI_CB_DOMAIN_SYNCHRONIZE, CUPTI_CBID_SYNCHRONIZE_STREAM_SYNCHRONIZED) == 1);
}

TEST_CASE("what a subscriber enabled ends with it") {
  {
    Tool tool;
    tool.enable(CUPTI_CB_DOMAIN_DRIVER_API);
  }
  Tool next;
  uint32_t enabled = 99;
  REQUIRE(cuptiGetCallbackState(&enabled, next.handle, CUPTI_CB_DOMAIN_DRIVER_API,
                                CUPTI_DRIVER_TRACE_CBID_cuInit) == CUPTI_SUCCESS);
  CHECK(enabled == 0);
}

TEST_CASE("unknown domains and ids are invalid, missing ones are not supported") {
  Tool tool;
  const auto enable = [&](int domain, CUpti_CallbackId id) {
    return cuptiEnableCallback(1, tool.handle, static_cast<CUpti_CallbackDomain>(domain), id);
  };
  CHECK(enable(0, 1) == CUPTI_ERROR_INVALID_PARAMETER);
  CHECK(enable(77, 1) == CUPTI_ERROR_INVALID_PARAMETER);
  CHECK(enable(CUPTI_CB_DOMAIN_DRIVER_API, 0) == CUPTI_ERROR_INVALID_PARAMETER);
  CHECK(enable(CUPTI_CB_DOMAIN_DRIVER_API, CUPTI_DRIVER_TRACE_CBID_SIZE) ==
        CUPTI_ERROR_INVALID_PARAMETER);
  CHECK(enable(CUPTI_CB_DOMAIN_RESOURCE, CUPTI_CBID_RESOURCE_SIZE) ==
        CUPTI_ERROR_INVALID_PARAMETER);
  CHECK(enable(CUPTI_CB_DOMAIN_NVTX, 1) == CUPTI_ERROR_NOT_SUPPORTED);
  CHECK(cuptiEnableDomain(1, nullptr, CUPTI_CB_DOMAIN_DRIVER_API) == CUPTI_ERROR_INVALID_PARAMETER);

  size_t count = 0;
  CUpti_DomainTable domains = nullptr;
  REQUIRE(cuptiSupportedDomains(&count, &domains) == CUPTI_SUCCESS);
  for (size_t i = 0; i < count; ++i)
    CHECK(cuptiEnableDomain(1, tool.handle, domains[i]) == CUPTI_SUCCESS);
}

TEST_CASE("the last error is that of this thread and is reset by reading it") {
  CHECK(cuptiGetTimestamp(nullptr) == CUPTI_ERROR_INVALID_PARAMETER);
  uint64_t time = 0;
  CHECK(cuptiGetTimestamp(&time) == CUPTI_SUCCESS);
  CHECK(cuptiGetLastError() == CUPTI_ERROR_INVALID_PARAMETER);
  CHECK(cuptiGetLastError() == CUPTI_SUCCESS);
}

TEST_CASE("callbacks and results have names") {
  const char* text = nullptr;
  REQUIRE(cuptiGetCallbackName(CUPTI_CB_DOMAIN_DRIVER_API,
                               CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel_ptsz,
                               &text) == CUPTI_SUCCESS);
  CHECK(std::string(text) == "cuLaunchKernel_ptsz");
  CHECK(cuptiGetCallbackName(CUPTI_CB_DOMAIN_DRIVER_API, 100'000, &text) ==
        CUPTI_ERROR_INVALID_PARAMETER);
  REQUIRE(cuptiGetResultString(CUPTI_ERROR_QUEUE_EMPTY, &text) == CUPTI_SUCCESS);
  CHECK(std::string(text) == "CUPTI_ERROR_QUEUE_EMPTY");
  REQUIRE(cuptiGetErrorMessage(CUPTI_ERROR_QUEUE_EMPTY, &text) == CUPTI_SUCCESS);
  CHECK(std::strlen(text) > 0);
  CHECK(cuptiGetResultString(static_cast<CUptiResult>(500), &text) ==
        CUPTI_ERROR_INVALID_PARAMETER);
}
