// SPDX-License-Identifier: MIT
#include "interpose/graphs/slot_returns.hpp"

#include <utility>

#include "api/generated/real.hpp"
#include "interpose/runtime/relaxed_capture.hpp"
#include "interpose/runtime/stream_slots.hpp"

namespace nonans::interpose::graphs {
namespace {

using api::StreamFlavour;

template <typename Pfn, typename... Args>
CUresult call(Pfn pfn, Args... args) noexcept {
  return pfn ? pfn(args...) : CUDA_ERROR_NOT_FOUND;
}

class Pushed {
 public:
  explicit Pushed(CUcontext context) noexcept
      : good_(call(real::cuCtxPushCurrent_v2(), context) == CUDA_SUCCESS) {}
  ~Pushed() {
    CUcontext popped = nullptr;
    if (good_) call(real::cuCtxPopCurrent_v2(), &popped);
  }
  Pushed(const Pushed&) = delete;
  Pushed& operator=(const Pushed&) = delete;
  explicit operator bool() const { return good_; }

 private:
  bool good_;
};

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

CUevent record_fence(const LastLaunch& launch) noexcept {
  const ContextState* const state = launch.context.load(std::memory_order_acquire);
  const CUstream stream = launch.stream.load(std::memory_order_relaxed);
  const StreamFlavour flavour = launch.flavour.load(std::memory_order_relaxed);
  if (!state || !state->ready()) return nullptr;
  const RelaxedCapture relaxed;  // events are "unsafe" while another thread captures
  const Pushed context(state->context());
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
  if (call(real::cuEventRecord(flavour), event, stream) == CUDA_SUCCESS) return event;
  call(real::cuEventDestroy_v2(), event);
  return nullptr;
}

void drop_fence(CUevent fence) noexcept {
  if (fence) call(real::cuEventDestroy_v2(), fence);
}

void SlotReturns::add(const std::vector<NodeSlot>& slots, CUevent fence, bool ever_ran) {
  if (!ever_ran) give_back(slots);
  if (!ever_ran || !fence || slots.empty()) return drop_fence(fence);
  const std::lock_guard lock(mutex_);
  waiting_.push_back({fence, slots});
}

void SlotReturns::collect() {
  std::vector<Waiting> waiting;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) return;
    waiting = std::exchange(waiting_, {});
  }
  const RelaxedCapture relaxed;  // events are "unsafe" while another thread captures
  std::vector<Waiting> still;
  for (Waiting& one : waiting) {
    const ContextState* const context = one.slots.empty() ? nullptr : one.slots[0].context;
    if (!context || !context->ready()) continue;  // the event went with its context
    const Pushed pushed(context->context());
    const CUresult passed = call(real::cuEventQuery(), one.fence);
    if (passed == CUDA_ERROR_NOT_READY) {
      still.push_back(std::move(one));
      continue;
    }
    drop_fence(one.fence);
    if (passed == CUDA_SUCCESS && pushed && zero(one.slots)) give_back(one.slots);
  }
  const std::lock_guard lock(mutex_);
  for (Waiting& one : still) waiting_.push_back(std::move(one));
}

void SlotReturns::context_going(const ContextState& context) {
  std::vector<CUevent> fences;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(waiting_, [&](const Waiting& one) {
      if (one.slots.empty() || one.slots[0].context != &context) return false;
      fences.push_back(one.fence);
      return true;
    });
  }
  for (const CUevent fence : fences) drop_fence(fence);
}

}  // namespace nonans::interpose::graphs
