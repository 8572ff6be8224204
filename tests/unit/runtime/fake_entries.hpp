// SPDX-License-Identifier: MIT
// Driver entries for the runtime's own calls, as plain functions that note what they were asked.
//
//   fake::Driver driver;                 // in real::table until it goes
//   driver.current = context(1);
//   …call a hook body with a real function of the test's own…
//   REQUIRE(driver.launches.size() == 1);
#pragma once

#include <cuda.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "interpose/hook_call.hpp"
#include "resolve/scan_abi.h"

namespace fake {

struct ScanLaunch {
  nn_scan_params params;
  CUfunction function;
  CUstream stream;
  unsigned blocks, threads;
  bool per_thread_entry;                      // through the _ptsz twin
  std::vector<CUlaunchAttribute> attributes;  // through cuLaunchKernelEx
  CUcontext current;
};

class Driver {
 public:
  Driver();
  ~Driver();

  CUcontext current = nullptr;
  std::map<std::string, CUresult> failures;  // by name: what the entry answers
  std::vector<ScanLaunch> launches;
  std::vector<std::string> calls;  // in order, names only
  CUstreamCaptureStatus capture = CU_STREAM_CAPTURE_STATUS_NONE;
  uint64_t memory_held = 0, modules_held = 0, registered = 0;
  bool stream_busy = false;
  // What cuPointerGetAttributes answers for any pointer.
  unsigned pointer_type = CU_MEMORYTYPE_DEVICE, pointer_managed = 0;
  int pointer_ordinal = 0;
  // What cuFuncGetModule, cuFuncGetName and cuFuncIsLoaded answer for any function.
  CUmodule function_module = nullptr;
  const char* function_name = nullptr;
  CUfunctionLoadingState function_state = CU_FUNCTION_LOADING_STATE_LOADED;
  std::map<CUstream, CUcontext> stream_contexts;  // cuStreamGetCtx; others are of `current`
  int devices = 1;
  std::vector<CUcontext> pushed;  // below the current one
  CUcontext pointer_context = nullptr;
  CUmemoryPool pointer_pool = reinterpret_cast<CUmemoryPool>(0x9000);
  // What cuMemGetAddressRange answers for any pointer.
  CUdeviceptr range_base = 0;
  size_t range_size = 0;
  CUgraph captured_graph = nullptr;
};

inline CUcontext context(uint64_t n) {
  return reinterpret_cast<CUcontext>(0xc0000000 + n * 0x1000);
}

// What cuDeviceGetMemPool and cuDeviceGetDefaultMemPool answer.
inline CUmemoryPool device_pool(int device) {
  return reinterpret_cast<CUmemoryPool>(0x9000 + static_cast<uintptr_t>(device) * 0x100);
}

// A call as the trampoline makes it.
struct Call {
  nonans::interpose::Guard guard;
  nonans::interpose::HookCall call;
  explicit Call(nonans::api::Fn fn = nonans::api::Fn::cuLaunchKernel,
                nonans::api::StreamFlavour flavour = nonans::api::StreamFlavour::legacy)
      : call{guard, fn, flavour} {}
  operator const nonans::interpose::HookCall&() const { return call; }
};

}  // namespace fake
