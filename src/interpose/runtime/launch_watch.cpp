// SPDX-License-Identifier: MIT
#include "interpose/runtime/launch_watch.hpp"

#include <time.h>

#include "api/generated/real.hpp"
#include "interpose/graphs/graph_watch.hpp"
#include "interpose/runtime/argument_block.hpp"
#include "interpose/runtime/scan_launch.hpp"
#include "nvtx/labels.hpp"

namespace nonans::interpose {
namespace {

// Reading the clock four times costs as much as the rest of a hook: one launch in this many is
// timed.
constexpr uint64_t kTimeEvery = 16;

uint64_t now_ns() noexcept {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(now.tv_nsec);
}

}  // namespace

LaunchWatch::LaunchWatch(const HookCall& call, CUfunction function, CUstream stream) noexcept
    : runtime_(Runtime::get()), function_(function), flavour_(call.stream), stream_(stream) {
  if (runtime_) begin(runtime_->current_context());
}

LaunchWatch::LaunchWatch(const HookCall& call, CUfunction function, CUstream stream,
                         CUcontext context) noexcept
    : runtime_(Runtime::get()), function_(function), flavour_(call.stream), stream_(stream) {
  if (runtime_) begin(runtime_->known_context(context));
}

void LaunchWatch::begin(ContextState* context) noexcept {
  timed_ = runtime_->statistics.launches.load(std::memory_order_relaxed) % kTimeEvery == 0;
  const uint64_t begin = timed_ ? now_ns() : 0;
  kernel_ = runtime_->kernels.find(handle_key(function_));
  context_ = context;
  // Unknown kernels take their turn too: they may come between a known one and its scan.
  if (context_) slot_ = context_->slots().acquire(stream_key(stream_, flavour_));
  if (slot_) turn_.emplace(*slot_);
  if (timed_) host_ns_ = now_ns() - begin;
}

void LaunchWatch::launched(const LaunchGeometry& geometry, void* const* kernel_params,
                           void* const* extra) noexcept {
  if (!runtime_) return;
  const uint64_t begin = timed_ ? now_ns() : 0;
  Statistics& statistics = runtime_->statistics;
  const std::optional<CUstreamCaptureStatus> capture = capture_status();
  if (capture && *capture != CU_STREAM_CAPTURE_STATUS_NONE) return became_node();
  may_follow_ = capture.has_value();
  const uint64_t launch_id = statistics.launches.fetch_add(1, std::memory_order_relaxed) + 1;
  const uint32_t step = runtime_->steps.on_launch(kernel_ && kernel_->profile.optimiser_like);
  if (!kernel_) {
    if (!runtime_->kernels.is_announced(handle_key(function_)))
      runtime_->discovery.offer(function_);
    Statistics::add(statistics.unknown_kernels);
    Statistics::add(statistics.unprovable);
  } else {
    scan_behind(geometry, kernel_params, extra, launch_id, step);
  }
  if (timed_) {
    Statistics::add(statistics.host_ns, host_ns_ + (now_ns() - begin));
    Statistics::add(statistics.host_launches);
  }
}

// Asking does not disturb a capture, not even of another stream (cuStreamIsCapturing on the legacy
// stream then answers with an error and leaves the capture valid).
std::optional<CUstreamCaptureStatus> LaunchWatch::capture_status() noexcept {
  const auto is_capturing = real::cuStreamIsCapturing(flavour_);
  CUstreamCaptureStatus status = CU_STREAM_CAPTURE_STATUS_NONE;
  if (!is_capturing || is_capturing(stream_, &status) != CUDA_SUCCESS) return std::nullopt;
  return status;
}

// Nothing has run yet. The node gets its scan with all others, when the graph is made executable;
// only the names that are in force now are not known then.
void LaunchWatch::became_node() noexcept {
  Statistics::add(runtime_->statistics.captured);
  if (!kernel_ && !runtime_->kernels.is_announced(handle_key(function_)))
    runtime_->discovery.offer(function_);
  if (const uint32_t label = nvtx::lasting_label())
    runtime_->graphs().captured(stream_, flavour_, label);
}

void LaunchWatch::scan_behind(const LaunchGeometry& geometry, void* const* kernel_params,
                              void* const* extra, uint64_t launch_id, uint32_t step) noexcept {
  Statistics& statistics = runtime_->statistics;
  if (kernel_->left_alone) return Statistics::add(statistics.left_by_rule);
  const uint64_t ordinal = kernel_->launches.fetch_add(1, std::memory_order_relaxed) + 1;
  const resolve::Decision decision = runtime_->governor().decide(kernel_->id, ordinal);
  if (decision.what == resolve::Decision::What::skip) return;
  if (!context_) return Statistics::add(statistics.no_context);
  if (!slot_) return Statistics::add(statistics.no_slot);

  const ArgumentBlock arguments(kernel_->profile, kernel_params, extra);
  if (!arguments.ok()) return Statistics::add(statistics.unprovable);
  nn_scan_params scan = {};
  const resolve::Plan plan =
      plan_for(*runtime_, *kernel_, *context_, geometry, arguments.bytes(), decision, scan);
  statistics.count(plan);
  if (plan.outputs == 0) return;
  if (!may_follow_) return Statistics::add(statistics.scan_failed);

  scan.slot = context_->slot_address(context_->slots().index_of(*slot_));
  scan.launch_id = launch_id;
  scan.step = step;
  scan.label = nvtx::current_label();
  scan.raced = turn_->raced() || releases_early(geometry.config) ? 1 : 0;
  if (launch_scan(context_->scan(), plan.blocks, stream_, flavour_, geometry.config, scan) !=
      CUDA_SUCCESS)
    return Statistics::add(statistics.scan_failed);
  statistics.count_scanned(plan);
}

}  // namespace nonans::interpose
