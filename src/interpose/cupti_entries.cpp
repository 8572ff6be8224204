// SPDX-License-Identifier: MIT
#include "interpose/cupti_entries.hpp"

#include <cupti.h>
#include <dlfcn.h>

#include <atomic>
#include <cstring>

#include "cupti/library.hpp"
#include "cupti/slot.hpp"
#include "interpose/driver_library.hpp"
#include "interpose/real_dlsym.hpp"

#define NONANS_EXPORT extern "C" __attribute__((visibility("default")))

namespace nonans::interpose {
namespace {

enum Function : int { kSubscribe, kSubscribeV2, kUnsubscribe, kFinalize, kFunctions };
constexpr const char* kNames[kFunctions] = {"cuptiSubscribe", "cuptiSubscribe_v2",
                                            "cuptiUnsubscribe", "cuptiFinalize"};

// One libcupti may call its own functions by name, and then meets our exports: such a call is part
// of one that was seen already.
[[gnu::tls_model("initial-exec")]] thread_local constinit bool passing_on = false;

class PassingOn {
 public:
  PassingOn() noexcept : outermost_(!passing_on) { passing_on = true; }
  ~PassingOn() {
    if (outermost_) passing_on = false;
  }
  PassingOn(const PassingOn&) = delete;
  PassingOn& operator=(const PassingOn&) = delete;
  bool outermost() const noexcept { return outermost_; }

 private:
  bool outermost_;
};

// Makes the program's call with the place out of our hands, and notes what came of it.
template <typename Real, typename Noted>
CUptiResult pass_on(Real real, Noted noted) noexcept {
  const PassingOn passing;
  // Inside a take() of our own, too: CUPTI calling itself.
  if (!passing.outermost() || cupti::Slot::busy_here()) return real();
  cupti::Slot& slot = cupti::process_slot();
  const cupti::Slot::Asking asking(slot);
  const CUptiResult result = real();
  if (result == CUPTI_SUCCESS) noted(slot);
  return result;
}

template <Function f>
struct Entry;

template <>
struct Entry<kSubscribe> {
  using Type = decltype(&::cuptiSubscribe);
  static CUptiResult call(Type real, CUpti_SubscriberHandle* subscriber,
                          CUpti_CallbackFunc callback, void* userdata) noexcept {
    return pass_on([&] { return real(subscriber, callback, userdata); },
                   [](cupti::Slot& slot) { slot.they_subscribed(); });
  }
};
template <>
struct Entry<kSubscribeV2> {
  using Type = decltype(&::cuptiSubscribe_v2);
  static CUptiResult call(Type real, CUpti_SubscriberHandle* subscriber,
                          CUpti_CallbackFunc callback, void* userdata,
                          CUpti_SubscriberParams* params) noexcept {
    return pass_on([&] { return real(subscriber, callback, userdata, params); },
                   [](cupti::Slot& slot) { slot.they_subscribed(); });
  }
};
template <>
struct Entry<kUnsubscribe> {
  using Type = decltype(&::cuptiUnsubscribe);
  static CUptiResult call(Type real, CUpti_SubscriberHandle subscriber) noexcept {
    return pass_on([&] { return real(subscriber); },
                   [](cupti::Slot& slot) { slot.they_unsubscribed(); });
  }
};
template <>
struct Entry<kFinalize> {
  using Type = decltype(&::cuptiFinalize);
  static CUptiResult call(Type real) noexcept {
    return pass_on([&] { return real(); }, [](cupti::Slot& slot) { slot.they_finalized(); });
  }
};

// Copies of libcupti beyond this many are passed on unwatched.
constexpr int kCopies = 4;
constinit std::atomic<void*> found_entries[kFunctions][kCopies] = {};

// The entry for one function of one copy.
template <Function f, int copy, typename Type>
struct OfCopy;
template <Function f, int copy, typename... Args>
struct OfCopy<f, copy, CUptiResult (*)(Args...)> {
  static CUptiResult CUPTIAPI call(Args... args) noexcept {
    void* real = found_entries[f][copy].load(std::memory_order_acquire);
    return Entry<f>::call(reinterpret_cast<typename Entry<f>::Type>(real), args...);
  }
};

#define ENTRY(f, copy) reinterpret_cast<void*>(&OfCopy<f, copy, Entry<f>::Type>::call)
#define ENTRIES(f) \
  { ENTRY(f, 0), ENTRY(f, 1), ENTRY(f, 2), ENTRY(f, 3) }
void* const kEntries[kFunctions][kCopies] = {ENTRIES(kSubscribe), ENTRIES(kSubscribeV2),
                                             ENTRIES(kUnsubscribe), ENTRIES(kFinalize)};
#undef ENTRIES
#undef ENTRY
void* const kExported[kFunctions] = {
    reinterpret_cast<void*>(&::cuptiSubscribe), reinterpret_cast<void*>(&::cuptiSubscribe_v2),
    reinterpret_cast<void*>(&::cuptiUnsubscribe), reinterpret_cast<void*>(&::cuptiFinalize)};

// Where the program's reference would have been bound to without us: the next definition in the
// global scope, or one in the dependencies of the caller, which an interpreter opens out of that
// scope. Failing both, the copy that is mapped.
void* linked(Function function, const void* caller) noexcept {
  static constinit std::atomic<void*> known[kFunctions] = {};
  if (void* entry = known[function].load(std::memory_order_acquire)) return entry;
  const auto take = [&](void* entry) {
    known[function].store(entry, std::memory_order_release);
    return entry;
  };
  const char* name = kNames[function];
  if (void* entry = lookup(RTLD_NEXT, name)) return take(entry);
  if (void* handle = handle_of(module_of(caller))) {
    void* entry = lookup(handle, name);
    dlclose(handle);
    if (entry && !is_cupti_entry(entry)) return take(entry);
  }
  void* handle = cupti::mapped_handle();
  void* entry = handle ? lookup(handle, name) : nullptr;
  return entry ? take(entry) : nullptr;
}

// Only a weak reference, with no libcupti in the process, leads to the error.
template <Function f, typename... Args>
CUptiResult call_linked(const void* caller, Args... args) noexcept {
  void* real = linked(f, caller);
  if (!real) return CUPTI_ERROR_NOT_INITIALIZED;
  return Entry<f>::call(reinterpret_cast<typename Entry<f>::Type>(real), args...);
}

}  // namespace

int cupti_entry_named(const char* name) noexcept {
  for (int f = 0; f < kFunctions; ++f)
    if (std::strcmp(name, kNames[f]) == 0) return f;
  return -1;
}

bool is_cupti_entry(const void* address) noexcept {
  for (int f = 0; f < kFunctions; ++f) {
    if (address == kExported[f]) return true;
    for (const void* entry : kEntries[f])
      if (address == entry) return true;
  }
  return false;
}

void* cupti_entry_for(int function, void* found) noexcept {
  if (is_cupti_entry(found)) return found;
  for (int copy = 0; copy < kCopies; ++copy) {
    void* there = nullptr;
    if (found_entries[function][copy].compare_exchange_strong(there, found) || there == found)
      return kEntries[function][copy];
  }
  return found;
}

}  // namespace nonans::interpose

using namespace nonans::interpose;

NONANS_EXPORT CUptiResult CUPTIAPI cuptiSubscribe(CUpti_SubscriberHandle* subscriber,
                                                  CUpti_CallbackFunc callback, void* userdata) {
  return call_linked<kSubscribe>(__builtin_return_address(0), subscriber, callback, userdata);
}
NONANS_EXPORT CUptiResult CUPTIAPI cuptiSubscribe_v2(CUpti_SubscriberHandle* subscriber,
                                                     CUpti_CallbackFunc callback, void* userdata,
                                                     CUpti_SubscriberParams* params) {
  return call_linked<kSubscribeV2>(__builtin_return_address(0), subscriber, callback, userdata,
                                   params);
}
NONANS_EXPORT CUptiResult CUPTIAPI cuptiUnsubscribe(CUpti_SubscriberHandle subscriber) {
  return call_linked<kUnsubscribe>(__builtin_return_address(0), subscriber);
}
NONANS_EXPORT CUptiResult CUPTIAPI cuptiFinalize(void) {
  return call_linked<kFinalize>(__builtin_return_address(0));
}
