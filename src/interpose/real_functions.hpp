// SPDX-License-Identifier: MIT
// The table behind api/generated/real.hpp: one pointer per driver function, looked up in the driver
// on first use.
//
//   real::prepare({{api::Fn::cuStreamIsCapturing, api::Fn::cuLaunchKernel_ptsz}});   // when a
//   context is first seen
//
// A lookup is a dlsym in the already loaded driver, or, where the symbol is not exported, its own
// cuGetProcAddress. It takes the loader's lock: prepare() what a launch hook needs beforehand. Safe
// from any thread; two that race store the same pointer. Before the driver is in the process every
// entry is null, and is asked for again next time.
#pragma once

#include <atomic>
#include <span>

#include "api/function.hpp"

namespace nonans::interpose::real {

extern constinit std::atomic<void*> table[api::kFunctionCount];

void* resolve(api::Fn fn) noexcept;
void prepare(std::span<const api::Fn> functions) noexcept;

template <typename Pfn>
Pfn entry(api::Fn fn) noexcept {
  void* found = table[static_cast<uint16_t>(fn)].load(std::memory_order_acquire);
  return reinterpret_cast<Pfn>(found != nullptr ? found : resolve(fn));
}

}  // namespace nonans::interpose::real
