// SPDX-License-Identifier: MIT
#include "interpose/graphs/slot_returns.hpp"

#include <iterator>
#include <utility>

#include "api/generated/real.hpp"
#include "interpose/runtime/entered.hpp"
#include "interpose/runtime/relaxed_capture.hpp"
#include "interpose/runtime/stream_slots.hpp"

namespace nonans::interpose::graphs {
namespace {

using api::StreamFlavour;

template <typename Pfn, typename... Args>
CUresult call(Pfn pfn, Args... args) noexcept {
  return pfn ? pfn(args...) : CUDA_ERROR_NOT_FOUND;
}

// On a stream of our own, which the application's work does not wait for.
bool zero(const std::vector<NodeSlot>& slots) noexcept {
  CUstream stream = nullptr;
  if (call(real::cuStreamCreate(), &stream, static_cast<unsigned>(CU_STREAM_NON_BLOCKING)) !=
      CUDA_SUCCESS)
    return false;
  bool good = true;
  for (const NodeSlot& slot : slots)
    good = good && call(real::cuMemsetD8Async(StreamFlavour::legacy),
                        static_cast<CUdeviceptr>(slot.address), static_cast<unsigned char>(0),
                        static_cast<size_t>(NN_SLOT_BYTES(slot.room)), stream) == CUDA_SUCCESS;
  good = call(real::cuStreamSynchronize(StreamFlavour::legacy), stream) == CUDA_SUCCESS && good;
  call(real::cuStreamDestroy_v2(), stream);
  return good;
}

void give_back(const std::vector<NodeSlot>& slots) noexcept {
  for (const NodeSlot& slot : slots)
    if (slot.context->ready()) slot.context->node_slots().give_back(slot.address, slot.room);
}

}  // namespace

Fence record_fence(const LastLaunch& launch) noexcept {
  const ContextState* const state = launch.context.load(std::memory_order_acquire);
  const CUstream stream = launch.stream.load(std::memory_order_relaxed);
  const StreamFlavour flavour = launch.flavour.load(std::memory_order_relaxed);
  if (!state || !state->ready()) return nullptr;
  const RelaxedCapture relaxed;  // events are "unsafe" while another thread captures
  const Entered context(state->context());
  // A default stream per thread is only reached from its own thread.
  if (!context || stream_key(stream, flavour) != launch.stream_key.load(std::memory_order_relaxed))
    return nullptr;
  CUstreamCaptureStatus status{};
  if (call(real::cuStreamIsCapturing(flavour), stream, &status) != CUDA_SUCCESS ||
      status != CU_STREAM_CAPTURE_STATUS_NONE)
    return nullptr;
  CUevent event = nullptr;
  if (call(real::cuEventCreate(), &event, static_cast<unsigned>(CU_EVENT_DISABLE_TIMING)) !=
      CUDA_SUCCESS)
    return nullptr;
  Fence fence(event);
  if (call(real::cuEventRecord(flavour), event, stream) != CUDA_SUCCESS) return nullptr;
  return fence;
}

void DropFence::operator()(CUevent event) const noexcept {
  call(real::cuEventDestroy_v2(), event);
}

void SlotReturns::add(const std::vector<NodeSlot>& slots, Fence fence, bool ever_ran) {
  if (!ever_ran) give_back(slots);
  if (!ever_ran || !fence || slots.empty()) return;
  std::list<Waiting> one;
  one.push_back({std::move(fence), slots});
  const std::lock_guard lock(mutex_);
  waiting_.splice(waiting_.end(), one);
}

void SlotReturns::collect() noexcept {
  std::list<Waiting> waiting;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) return;
    waiting.swap(waiting_);
  }
  const RelaxedCapture relaxed;  // events are "unsafe" while another thread captures
  for (auto one = waiting.begin(); one != waiting.end();) {
    const auto next = std::next(one);
    const ContextState* const context = one->slots[0].context;
    if (context->ready()) {
      const Entered pushed(context->context());
      const CUresult passed = call(real::cuEventQuery(), one->fence.get());
      if (passed != CUDA_ERROR_NOT_READY) {
        if (passed == CUDA_SUCCESS && pushed && zero(one->slots)) give_back(one->slots);
        waiting.erase(one);
      }
    } else {
      static_cast<void>(one->fence.release());  // the event went with its context
      waiting.erase(one);
    }
    one = next;
  }
  const std::lock_guard lock(mutex_);
  waiting_.splice(waiting_.end(), waiting);
}

void SlotReturns::context_going(const ContextState& context) noexcept {
  std::list<Waiting> gone;  // given up after the lock
  const std::lock_guard lock(mutex_);
  for (auto one = waiting_.begin(); one != waiting_.end();) {
    const auto next = std::next(one);
    if (one->slots[0].context == &context) gone.splice(gone.end(), waiting_, one);
    one = next;
  }
}

}  // namespace nonans::interpose::graphs
