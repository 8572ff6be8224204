// SPDX-License-Identifier: MIT
// What the generated trampolines (api/generated/trampolines.cpp) do. The fast path is one load of
// the slot, one of the thread's guard and one of the state; about a nanosecond in front of the hook
// body.
#pragma once

#include <cuda.h>

#include <type_traits>

#include "interpose/hook_call.hpp"
#include "interpose/lifecycle.hpp"
#include "interpose/slots.hpp"

#define NONANS_TRAMPOLINE __attribute__((visibility("default"))) CUresult CUDAAPI

namespace nonans::interpose {

// noexcept: the caller is a stranger's C code. A body keeps its exceptions to itself
// (hook_call.hpp).
template <typename Pfn, typename... Args>
CUresult trampoline(int hook, api::Fn function, api::StreamFlavour stream,
                    CUresult (*body)(const HookCall&, Pfn, Args...),
                    std::type_identity_t<Args>... args) noexcept {
  auto real = reinterpret_cast<Pfn>(slot(hook));
  // Only a process that reached us by a weak reference, with no driver loaded, gets here: its call
  // had nowhere to go.
  if (real == nullptr) [[unlikely]]
    return CUDA_ERROR_SHARED_OBJECT_SYMBOL_NOT_FOUND;
  Guard guard;
  if (!guard.entered()) return real(args...);
  if (!lifecycle::on() && !lifecycle::begin()) [[unlikely]]
    return real(args...);
  return body(HookCall{guard, function, stream}, real, args...);
}

}  // namespace nonans::interpose
