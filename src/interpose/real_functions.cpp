// SPDX-License-Identifier: MIT
#include "interpose/real_functions.hpp"

#include "interpose/driver_library.hpp"
#include "interpose/real_dlsym.hpp"
#include "interpose/resolver.hpp"
#include "interpose/slots.hpp"

namespace nonans::interpose::real {

constinit std::atomic<void*> table[api::kFunctionCount] = {};

void* resolve(api::Fn fn) noexcept {
  void* handle = driver_handle();
  if (handle == nullptr) return nullptr;
  const api::DriverFunction& f = api::function(fn);
  void* found = lookup(handle, f.name);
  if (found == nullptr) {
    // Some drivers export little and answer for the rest.
    found = Resolver::of_driver(handle).ask_exactly(f);
  }
  if (found == nullptr || is_trampoline(found)) return nullptr;
  table[static_cast<uint16_t>(fn)].store(found, std::memory_order_release);
  return found;
}

void prepare(std::span<const api::Fn> functions) noexcept {
  for (api::Fn fn : functions) entry<void*>(fn);
}

}  // namespace nonans::interpose::real
