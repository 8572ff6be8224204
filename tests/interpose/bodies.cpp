// SPDX-License-Identifier: MIT
#include "bodies.hpp"

#include "api/generated/hooks.hpp"

namespace nonans::interpose::hooks {

namespace {
void note_call(const HookCall& call) {
  bodies::seen.function = call.function;
  bodies::seen.per_thread = call.per_thread_default_stream();
}
}  // namespace

CUresult cuInit(const HookCall& call, PFN_cuInit_v2000 real, unsigned int flags) {
  ++bodies::seen.inits;
  note_call(call);
  return real(flags);
}

CUresult cuLaunchKernel(const HookCall& call, PFN_cuLaunchKernel_v4000 real, CUfunction f,
                        unsigned int gx, unsigned int gy, unsigned int gz, unsigned int bx,
                        unsigned int by, unsigned int bz, unsigned int shared, CUstream stream,
                        void** params, void** extra) {
  ++bodies::seen.launches;
  note_call(call);
  // A driver function called by its exported name from inside a body: it must go straight through.
  int before = bodies::seen.allocations;
  ::cuMemAlloc_v2(nullptr, 0);
  bodies::seen.nested_passed = bodies::seen.allocations == before;
  return real(f, gx, gy, gz, bx, by, bz, shared, stream, params, extra);
}

CUresult cuMemAlloc_v2(const HookCall& call, PFN_cuMemAlloc_v3020 real, CUdeviceptr_v2* pointer,
                       size_t bytes) {
  ++bodies::seen.allocations;
  note_call(call);
  return real(pointer, bytes);
}

CUresult cuDevicePrimaryCtxRelease_v2(const HookCall& call,
                                      PFN_cuDevicePrimaryCtxRelease_v11000 real, CUdevice device) {
  ++bodies::seen.contexts;
  note_call(call);
  return real(device);
}

}  // namespace nonans::interpose::hooks
