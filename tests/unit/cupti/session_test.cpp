// SPDX-License-Identifier: MIT
// The session and the one place: who has it, who gets it, and what is made of refusals.
#include "cupti/session.hpp"

#include <atomic>
#include <thread>

#include "cupti/fake_cupti.hpp"
#include "cupti/recording_receiver.hpp"
#include "cupti/slot.hpp"
#include "support/catch.hpp"

using namespace nonans::cupti;

namespace {

struct Case {
  fake::Cupti cupti;
  Recording receiver;
  Slot slot;
  bool there = true;  // is a libcupti mapped?
  std::string why;
  int looked = 0;
  Session session{receiver, slot, options()};

  SessionOptions options(bool launches = false) {
    return {.use = Use::mapped,
            .launches = launches,
            .driver_version = nullptr,
            .gives_up = nullptr,
            .find = [this](std::string& reason) -> std::optional<Library> {
              ++looked;
              reason = why;
              if (!there || !why.empty()) return std::nullopt;
              return cupti.library();
            }};
  }

  // As the exported cuptiSubscribe does it.
  CUptiResult program_subscribes(CUpti_SubscriberHandle& handle) {
    const Slot::Asking asking(slot);
    const CUptiResult result = fake::Cupti::subscribe(&handle, nullptr, nullptr);
    if (result == CUPTI_SUCCESS) slot.they_subscribed();
    return result;
  }
  CUptiResult program_unsubscribes(CUpti_SubscriberHandle handle) {
    const Slot::Asking asking(slot);
    const CUptiResult result = fake::Cupti::unsubscribe(handle);
    if (result == CUPTI_SUCCESS) slot.they_unsubscribed();
    return result;
  }
};

bool enables(const fake::Cupti& cupti, CUpti_CallbackDomain domain, CUpti_CallbackId id) {
  return cupti.enabled.count({domain, id}) == 1;
}

}  // namespace

TEST_CASE("a free place is taken, by name, with single callbacks of two domains") {
  Case c;
  CHECK(c.session.words() == "not loaded");
  c.session.look();
  CHECK(c.session.attached());
  CHECK(c.session.words() == "on");
  CHECK(c.cupti.subscriber_name == "NoNans");
  using enum CUpti_CallbackDomain;
  CHECK(enables(c.cupti, CUPTI_CB_DOMAIN_RESOURCE, CUPTI_CBID_RESOURCE_MODULE_LOADED));
  CHECK(enables(c.cupti, CUPTI_CB_DOMAIN_RESOURCE, CUPTI_CBID_RESOURCE_CONTEXT_DESTROY_STARTING));
  CHECK(enables(c.cupti, CUPTI_CB_DOMAIN_DRIVER_API, CUPTI_DRIVER_TRACE_CBID_cuMemAlloc_v2));
  CHECK(enables(c.cupti, CUPTI_CB_DOMAIN_DRIVER_API, CUPTI_DRIVER_TRACE_CBID_cuMemFreeAsync_ptsz));
  // Launches are the hooks' business: a callback there would cost every launch.
  CHECK_FALSE(enables(c.cupti, CUPTI_CB_DOMAIN_DRIVER_API, CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel));
  for (const auto& [domain, id] : c.cupti.enabled)
    CHECK((domain == CUPTI_CB_DOMAIN_RESOURCE || domain == CUPTI_CB_DOMAIN_DRIVER_API));
  c.session.look();
  CHECK(std::count(c.cupti.calls.begin(), c.cupti.calls.end(), "subscribe") == 1);
}

TEST_CASE("a libcupti without cuptiSubscribe_v2 is subscribed to by the first form") {
  fake::Cupti cupti;
  Recording receiver;
  Slot slot;
  Session session(receiver, slot, {.find = [&](std::string&) { return cupti.library(false); }});
  session.look();
  CHECK(session.attached());
  CHECK(cupti.subscriber_name.empty());
}

TEST_CASE("switched off, the library is not even looked for") {
  Recording receiver;
  Slot slot;
  bool looked = false;
  Session session(receiver, slot, {.use = Use::off, .find = [&](std::string&) {
                                     looked = true;
                                     return std::optional<Library>();
                                   }});
  session.look();
  session.code_loaded();
  session.attend();
  CHECK_FALSE(looked);
  CHECK(session.words() == "off");
}

TEST_CASE("a libcupti that comes later is found when code is loaded or a context is new") {
  Case c;
  c.there = false;
  c.session.look();
  CHECK(c.session.words() == "not loaded");
  c.session.attend();  // nothing is due: not looked for
  CHECK(c.looked == 1);
  c.there = true;
  c.session.code_loaded();
  CHECK(c.session.attached());
}

TEST_CASE("a library of no use is said to be so, once, and not tried again") {
  Case c;
  c.why = "it has no cuptiEnableCallback";
  c.session.look();
  CHECK(c.session.words() == "of no use (it has no cuptiEnableCallback)");
  c.session.look();
  c.session.code_loaded();
  CHECK(c.looked == 1);
}

TEST_CASE("a place that could not be given up for the program is not taken") {
  fake::Cupti cupti;
  Recording receiver;
  Slot slot;
  Session session(receiver, slot,
                  {.gives_up = []() noexcept { return false; },
                   .find = [&](std::string&) { return std::optional(cupti.library()); }});
  session.look();
  CHECK(cupti.calls.empty());
  CHECK(session.words() == "of no use (the program's own profiler would not get it)");
}

TEST_CASE("a place that another tool has is asked for again with the next context") {
  Case c;
  CUpti_SubscriberHandle tool = nullptr;
  REQUIRE(fake::Cupti::subscribe(&tool, nullptr, nullptr) == CUPTI_SUCCESS);  // past our exports
  c.session.look();
  CHECK_FALSE(c.session.attached());
  CHECK(c.session.words() == "in use by another tool");
  c.session.code_loaded();
  c.session.attend();
  CHECK(c.cupti.calls.size() == 2);
  REQUIRE(fake::Cupti::unsubscribe(tool) == CUPTI_SUCCESS);
  c.session.look();
  CHECK(c.session.attached());
}

TEST_CASE("another refusal of the place is for good") {
  Case c;
  c.cupti.subscribe_answers = CUPTI_ERROR_NOT_INITIALIZED;
  c.session.look();
  CHECK(c.session.words() == "of no use (it answers error 15)");
  c.cupti.subscribe_answers = CUPTI_SUCCESS;
  c.session.look();
  CHECK_FALSE(c.session.attached());
}

TEST_CASE("an id that every version has and this one refuses: the place is given back") {
  Case c;
  const auto id = GENERATE(
      std::pair<int, CUpti_CallbackId>{CUPTI_CB_DOMAIN_RESOURCE, CUPTI_CBID_RESOURCE_MODULE_LOADED},
      std::pair<int, CUpti_CallbackId>{CUPTI_CB_DOMAIN_DRIVER_API,
                                       CUPTI_DRIVER_TRACE_CBID_cuMemFree_v2},
      std::pair<int, CUpti_CallbackId>{CUPTI_CB_DOMAIN_DRIVER_API, 0});
  c.cupti.refused.insert(id);
  c.session.look();
  CHECK_FALSE(c.session.attached());
  CHECK(c.cupti.holder() == nullptr);
  CHECK(c.session.words() == "of no use (it answers error 1)");
}

TEST_CASE("ids that an older version does not know are done without") {
  Case c;
  for (const CUpti_CallbackId id :
       {CUPTI_DRIVER_TRACE_CBID_cuLibraryLoadData, CUPTI_DRIVER_TRACE_CBID_cuMemAllocAsync_ptsz,
        CUPTI_DRIVER_TRACE_CBID_cuKernelGetFunction})
    c.cupti.refused.emplace(CUPTI_CB_DOMAIN_DRIVER_API, id);
  c.session.look();
  CHECK(c.session.attached());
}

TEST_CASE("the program's subscription goes before ours, and ours comes back when it leaves") {
  Case c;
  c.session.look();
  REQUIRE(c.session.attached());
  for (int time = 0; time < 3; ++time) {
    CUpti_SubscriberHandle theirs = nullptr, second = nullptr;
    REQUIRE(c.program_subscribes(theirs) == CUPTI_SUCCESS);
    CHECK(c.cupti.holder() == theirs);
    CHECK_FALSE(c.session.attached());
    CHECK(c.session.words() == "left to the program");
    c.session.attend();
    c.session.look();
    CHECK(c.cupti.holder() == theirs);  // not a try
    CHECK(c.program_subscribes(second) == CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED);
    c.session.attend();
    CHECK(c.cupti.holder() == theirs);
    REQUIRE(c.program_unsubscribes(theirs) == CUPTI_SUCCESS);
    CHECK_FALSE(c.session.attached());  // never inside the program's own call
    c.session.attend();
    CHECK(c.session.attached());
  }
}

TEST_CASE("a call of the program's that fails leaves the place to be taken back") {
  Case c;
  c.session.look();
  c.cupti.subscribe_answers = CUPTI_ERROR_INVALID_PARAMETER;
  CUpti_SubscriberHandle theirs = nullptr;
  CHECK(c.program_subscribes(theirs) == CUPTI_ERROR_INVALID_PARAMETER);
  CHECK(c.cupti.holder() == nullptr);
  c.cupti.subscribe_answers = CUPTI_SUCCESS;
  c.session.attend();
  CHECK(c.session.attached());
}

TEST_CASE("a program that asks while we are at it has the place in the end") {
  Case c;
  std::thread program;
  CUpti_SubscriberHandle theirs = nullptr;
  CUptiResult result = CUPTI_ERROR_UNKNOWN;
  c.cupti.during_subscribe = [&] {
    program = std::thread([&] { result = c.program_subscribes(theirs); });
  };
  c.session.look();
  program.join();
  CHECK(result == CUPTI_SUCCESS);
  CHECK(c.cupti.holder() == theirs);
  CHECK_FALSE(c.session.attached());
}

TEST_CASE("after the program shut CUPTI down, it is left alone until the program used it again") {
  Case c;
  c.session.look();
  {
    const Slot::Asking asking(c.slot);
    CHECK(c.cupti.holder() == nullptr);  // ours is out before the call goes on
    c.slot.they_finalized();
  }
  c.session.attend();
  c.session.look();
  CHECK_FALSE(c.session.attached());
  CHECK(c.session.words() == "left to the program");
  CUpti_SubscriberHandle theirs = nullptr;
  REQUIRE(c.program_subscribes(theirs) == CUPTI_SUCCESS);
  REQUIRE(c.program_unsubscribes(theirs) == CUPTI_SUCCESS);
  c.session.attend();
  CHECK(c.session.attached());
}

TEST_CASE("threads that take, ask and leave all at once: the place is never lost or held twice") {
  Case c;
  std::atomic<int> refused{0}, granted{0}, overlaps{0};
  std::atomic<int> inside{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) c.session.look();
    });
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        CUpti_SubscriberHandle theirs = nullptr;
        const CUptiResult r = c.program_subscribes(theirs);
        if (r != CUPTI_SUCCESS) {
          ++refused;  // the other thread of the program has it
          continue;
        }
        ++granted;
        if (inside.fetch_add(1) != 0) ++overlaps;
        inside.fetch_sub(1);
        if (c.program_unsubscribes(theirs) != CUPTI_SUCCESS) ++overlaps;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(overlaps == 0);
  CHECK(granted > 0);
  c.session.attend();
  c.session.look();
  CHECK(c.session.attached());
}
