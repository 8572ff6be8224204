// SPDX-License-Identifier: MIT
// What a hook body is told about the call it stands in for.
//
// The bodies are declared in api/generated/hooks.hpp (from src/api/hooked.txt) and defined in
// src/interpose/hooks/*.cpp:
//
//   namespace nonans::interpose::hooks {
//   CUresult cuMemFree_v2(const HookCall&, PFN_cuMemFree_v3020 real, CUdeviceptr_v2 dptr) {
//     runtime().buffers.remove(dptr);      // before the real call: the address may be handed out
//     again before it returns return real(dptr);
//   }
//   }
//
// Rules for a body
//  - `real` is the entry the application would have reached without us, never null. Call it exactly
//  once with the
//    application's arguments (only a STOP_ON setting may withhold it) and return what it returned.
//  - No exception leaves a body: the trampoline is a noexcept C function called from a stranger's
//  code.
//  - Launch bodies take no lock and allocate nothing.
//  - Other driver functions are reached through api/generated/real.hpp, never through the exported
//  cu* names. The guard
//    is held while the body runs, so what those functions do inside the driver is not hooked
//    either.
#pragma once

#include "api/function.hpp"
#include "interpose/guard.hpp"

namespace nonans::interpose {

struct HookCall {
  const Guard& guard;
  api::Fn function;           // the exact exported variant: Fn::cuLaunchKernel_ptsz
  api::StreamFlavour stream;  // what stream 0 means in this variant

  // True for _ptsz and _ptds: hStream == 0 is the calling thread's own default stream. Hand
  // call.stream to the accessors of real.hpp, so that our launch follows the application's on the
  // same stream.
  bool per_thread_default_stream() const { return stream == api::StreamFlavour::per_thread; }
};

}  // namespace nonans::interpose
