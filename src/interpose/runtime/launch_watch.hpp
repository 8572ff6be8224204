// SPDX-License-Identifier: MIT
// One launch, from before the real call to the scan queued behind it (DESIGN: "One launch, end to
// end").
//
//   LaunchWatch watch(call, f, stream);
//   const CUresult result = real(…);
//   if (result == CUDA_SUCCESS) watch.launched({grid, block}, kernelParams, extra);
//   return result;
//
// Runs in the launch hook: no lock, no allocation, no synchronisation, nothing that can block or
// throw. Whatever is missing (no runtime, no context, no profile, no slot) means that the launch is
// counted and left alone.
#pragma once

#include <cuda.h>

#include <cstdint>
#include <optional>

#include "interpose/hook_call.hpp"
#include "interpose/runtime/scan_plan.hpp"

namespace nonans::interpose {

class LaunchWatch {
 public:
  LaunchWatch(const HookCall& call, CUfunction function, CUstream stream) noexcept;
  // On a stream of another context than the current one, which must be current for launched().
  LaunchWatch(const HookCall& call, CUfunction function, CUstream stream,
              CUcontext context) noexcept;
  LaunchWatch(const LaunchWatch&) = delete;
  LaunchWatch& operator=(const LaunchWatch&) = delete;

  void launched(const LaunchGeometry& geometry, void* const* kernel_params,
                void* const* extra) noexcept;

 private:
  void begin(ContextState* context) noexcept;
  void scan_behind(const LaunchGeometry& geometry, void* const* kernel_params, void* const* extra,
                   uint64_t launch_id, uint32_t step) noexcept;
  // Nothing: the stream cannot be asked, a scan may not follow.
  std::optional<CUstreamCaptureStatus> capture_status() noexcept;
  void became_node() noexcept;

  Runtime* runtime_;
  CUfunction function_;
  api::StreamFlavour flavour_;
  CUstream stream_;
  Kernel* kernel_ = nullptr;
  ContextState* context_ = nullptr;
  StreamSlot* slot_ = nullptr;
  std::optional<StreamSlot::Launch> turn_;
  uint64_t host_ns_ = 0;
  bool timed_ = false;
  bool may_follow_ = false;
};

}  // namespace nonans::interpose
