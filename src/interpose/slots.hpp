// SPDX-License-Identifier: MIT
// One slot per trampoline: the driver entry behind it.
//
// A slot holds what the application itself would call: the pointer that its last lookup of that
// function was answered with. Which one matters where they differ: a driver's cuGetProcAddress may
// hand out private addresses that are not its exports, and a driver that was unloaded and loaded
// again has moved. Set with a release store by routing.cpp before the trampoline's address is
// handed out.
#pragma once

#include <atomic>

#include "api/function.hpp"

namespace nonans::interpose {

// Generated: the exported entries, and which function each stands for.
extern void* const kTrampolines[api::kHookCount];
extern const api::Fn kHookedFunctions[api::kHookCount];

extern constinit std::atomic<void*> slots[api::kHookCount];

// For an application that links libcuda and so reached the trampoline without a lookup: the entry
// that the loader would have bound it to. Null (and a notice) if no driver in the process has it.
void* resolve_slot(int hook) noexcept;

inline void* slot(int hook) noexcept {
  void* real = slots[hook].load(std::memory_order_acquire);
  return real != nullptr ? real : resolve_slot(hook);
}

// Ours? Then it must never be stored as somebody's real entry: the trampoline would call itself.
bool is_trampoline(const void* address) noexcept;

}  // namespace nonans::interpose
