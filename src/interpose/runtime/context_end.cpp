// SPDX-License-Identifier: MIT
// Contexts that end.
//
// cuCtxDestroy ends a context for certain: what we have in it is given back before.
//
// A primary context ends with the last release, and the driver alone counts: the CUDA runtime of
// some versions retains through a private table, so that a release which looks like the last one to
// us may not be. Then other threads go on launching, and memory taken from under a scan would be an
// illegal access in the program's context. So nothing is given back before a release. Afterwards
// the driver is asked whether the context is still active; if not, our memory and module went with
// it, and only the ring of records, which is host memory, is ours to empty and unmap.
#include <optional>
#include <utility>

#include "api/generated/real.hpp"
#include "interpose/graphs/graph_watch.hpp"
#include "interpose/runtime/entered.hpp"
#include "interpose/runtime/runtime.hpp"

namespace nonans::interpose {
namespace {

// What is queued still writes records. The program waits here as it would in the end itself.
void finish_work() noexcept {
  if (const auto synchronize = real::cuCtxSynchronize_v1()) synchronize();
}

// None: the driver does not say.
std::optional<bool> is_active(CUdevice device) noexcept {
  const auto get_state = real::cuDevicePrimaryCtxGetState();
  unsigned flags = 0;
  int active = 0;
  if (!get_state || get_state(device, &flags, &active) != CUDA_SUCCESS) return std::nullopt;
  return active != 0;
}

// The handle of an active primary context. Retained and released, it is as it was: the caller knows
// that somebody holds it.
CUcontext ask_for_primary(CUdevice device) noexcept {
  const auto retain = real::cuDevicePrimaryCtxRetain();
  const auto release = real::cuDevicePrimaryCtxRelease_v2();
  CUcontext context = nullptr;
  if (!retain || !release || retain(&context, device) != CUDA_SUCCESS) return nullptr;
  release(device);
  return context;
}

}  // namespace

void Runtime::context_attached(CUcontext context) {
  const std::lock_guard lock(mutex_);
  ++attached_[handle_key(context)];
}

void Runtime::context_detaching(CUcontext context) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = attached_.find(handle_key(context));
    if (found != attached_.end() && found->second-- > 0) return;
  }
  context_going(context);
}

void Runtime::context_going(CUcontext context) {
  const uint64_t key = handle_key(context);
  if (ContextState* state = contexts_.find(key)) {
    contexts_.forget(key);
    if (state->ready()) {
      const Entered entered(context);
      if (entered) finish_work();
      drain_.remove_ring(state->ring());
      graphs_->context_going(*state);
      state->close();
      const std::lock_guard lock(mutex_);
      --open_contexts_;
    }
  }
  {
    const std::lock_guard lock(mutex_);
    attached_.erase(key);
  }
  forget_contents(key);
}

void Runtime::forget_contents(uint64_t context) {
  peer_access.context_gone(context);
  buffers.remove_context(context);
  discovery.forget();
  code.forget_context(context);
}

std::vector<ContextState*> Runtime::primary_states(CUdevice device) const {
  std::vector<ContextState*> found;
  const std::lock_guard lock(mutex_);
  const auto primary = primaries_.find(device);
  if (primary == primaries_.end() || !primary->second.context) return found;
  const uint64_t owner = handle_key(primary->second.context);
  for (const auto& state : states_) {
    const uint64_t key = handle_key(state->context());
    if (owner_of(key) == owner && contexts_.find(key) == state.get()) found.push_back(state.get());
  }
  return found;
}

void Runtime::primary_retained(CUdevice device, CUcontext context) {
  const std::lock_guard lock(mutex_);
  Primary& primary = primaries_[device];
  primary.context = context;
  ++primary.retained;
}

void Runtime::primary_releasing(CUdevice device) {
  {
    const std::lock_guard lock(mutex_);
    Primary& primary = primaries_[device];
    if (primary.retained > 0) --primary.retained;
    // Waiting is for those who may be the last, and not for those who turned out not to be.
    if (primary.retained > 0 || primary.held_by_others) return;
  }
  primary_ending(device);
}

void Runtime::primary_ending(CUdevice device) {
  bool known = false;
  {
    const std::lock_guard lock(mutex_);
    known = primaries_[device].context != nullptr;
  }
  if (!known && is_active(device).value_or(false)) {
    const CUcontext context = ask_for_primary(device);
    const std::lock_guard lock(mutex_);
    primaries_[device].context = context;
  }
  for (const ContextState* state : primary_states(device)) {
    if (!state->ready()) continue;
    const Entered entered(state->context());
    if (entered) finish_work();
  }
}

void Runtime::primary_released(CUdevice device) {
  const std::optional<bool> active = is_active(device);
  if (active.value_or(false)) {
    const std::lock_guard lock(mutex_);
    Primary& primary = primaries_[device];
    if (primary.retained == 0) primary.held_by_others = true;
    return;
  }
  {
    // The driver does not say: our own count has to do.
    const std::lock_guard lock(mutex_);
    if (!active && primaries_[device].retained > 0) return;
  }
  primary_gone(device, active.has_value());
}

// A reset takes all down that is in the context; who retained it holds an empty one. If it is not
// certain that the context is gone, its scans may still write to the ring of records.
void Runtime::primary_gone(CUdevice device, bool certain) {
  const std::vector<ContextState*> states = primary_states(device);
  CUcontext primary = nullptr;
  std::vector<CUcontext> converted;
  {
    const std::lock_guard lock(mutex_);
    primary = std::exchange(primaries_[device], {}).context;
    for (auto& [handle, green] : greens_)
      if (green.device == device && green.converted)
        converted.push_back(std::exchange(green.converted, nullptr));
  }
  for (ContextState* state : states) {
    contexts_.forget(handle_key(state->context()));
    if (!state->ready()) continue;
    drain_.remove_ring(state->ring());
    state->abandon(certain);
    graphs_->context_gone(*state);
    const std::lock_guard lock(mutex_);
    --open_contexts_;
  }
  for (const CUcontext context : converted) owners_.forget(handle_key(context));
  if (primary) forget_contents(handle_key(primary));
}

void Runtime::green_created(CUgreenCtx green, CUdevice device, CUcontext primary) {
  primary_retained(device, primary);
  const std::lock_guard lock(mutex_);
  greens_[green] = {device, primary, nullptr};
}

void Runtime::green_converted(CUgreenCtx green, CUcontext converted) {
  const std::lock_guard lock(mutex_);
  const auto found = greens_.find(green);
  if (found == greens_.end() || found->second.converted == converted) return;
  found->second.converted = converted;
  owners_.set(handle_key(converted), found->second.primary);
}

std::optional<CUdevice> Runtime::green_going(CUgreenCtx green) {
  Green going;
  {
    const std::lock_guard lock(mutex_);
    const auto found = greens_.find(green);
    if (found == greens_.end()) return std::nullopt;
    going = found->second;
    greens_.erase(found);
  }
  if (going.converted) {
    context_going(going.converted);
    owners_.forget(handle_key(going.converted));
  }
  primary_releasing(going.device);
  return going.device;
}

}  // namespace nonans::interpose
