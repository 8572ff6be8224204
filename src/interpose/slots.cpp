// SPDX-License-Identifier: MIT
#include "interpose/slots.hpp"

#include <dlfcn.h>

#include <algorithm>

#include "interpose/notice.hpp"
#include "interpose/real_dlsym.hpp"
#include "interpose/real_functions.hpp"

namespace nonans::interpose {

constinit std::atomic<void*> slots[api::kHookCount] = {};

void* resolve_slot(int hook) noexcept {
  const api::DriverFunction& f = api::function(kHookedFunctions[hook]);
  // The next definition after ours is what the application's reference would have been bound to:
  // the driver, or another tool's wrapper around it.
  void* found = lookup(RTLD_NEXT, f.name);
  // The driver was opened out of the global scope.
  if (found == nullptr) found = real::entry<void*>(kHookedFunctions[hook]);
  if (found == nullptr || is_trampoline(found)) {
    note(Notice::missing_entry, f.name);
    return nullptr;
  }
  void* empty = nullptr;
  slots[hook].compare_exchange_strong(empty, found, std::memory_order_acq_rel);
  return slots[hook].load(std::memory_order_acquire);
}

bool is_trampoline(const void* address) noexcept {
  return std::find(std::begin(kTrampolines), std::end(kTrampolines), address) !=
         std::end(kTrampolines);
}

}  // namespace nonans::interpose
