// SPDX-License-Identifier: MIT
#include "interpose/runtime/cupti_receiver.hpp"

#include <utility>

#include "api/generated/real.hpp"
#include "interpose/guard.hpp"
#include "interpose/own_work.hpp"
#include "interpose/runtime/placement.hpp"
#include "interpose/runtime/runtime.hpp"

namespace nonans::interpose {
namespace {

using memory::Buffer;
using memory::BufferKind;

BufferKind kind_of(cupti::Memory memory) {
  switch (memory) {
    case cupti::Memory::device:
      return BufferKind::device;
    case cupti::Memory::pool:
      return BufferKind::pool;
    case cupti::Memory::managed:
      return BufferKind::managed;
    case cupti::Memory::host:
      return BufferKind::host;
  }
  return BufferKind::host;  // the kind that is never repaired
}

// In a capture an allocation is a node of the graph, with memory behind it only while the graph
// runs. The hook knows what to make of that (hooks/pools.cpp); here it is left unknown, as where
// the driver will not say.
bool in_capture(CUstream stream, bool per_thread) noexcept {
  const auto is_capturing = real::cuStreamIsCapturing(per_thread ? api::StreamFlavour::per_thread
                                                                 : api::StreamFlavour::legacy);
  CUstreamCaptureStatus status = CU_STREAM_CAPTURE_STATUS_ACTIVE;
  return !is_capturing || is_capturing(stream, &status) != CUDA_SUCCESS ||
         status != CU_STREAM_CAPTURE_STATUS_NONE;
}

}  // namespace

// A guard that is held means that a hook of ours is around this call.
bool CuptiReceiver::concerned() noexcept {
  if (Runtime::get() != &runtime_ || OwnWork::here()) return false;
  return !runtime_.hooks_register() || !Guard::inside();
}

void CuptiReceiver::allocated(const cupti::Allocation& allocation) {
  Buffer buffer{.base = allocation.base,
                .size = allocation.size,
                .kind = kind_of(allocation.memory),
                .context = handle_key(allocation.context)};
  if (buffer.kind == BufferKind::pool &&
      in_capture(allocation.stream, allocation.per_thread_default_stream))
    return;
  if (buffer.kind == BufferKind::pool)
    describe_pool_memory(runtime_, buffer);
  else
    buffer.device = Runtime::current_device();
  runtime_.buffers.add(buffer);
  buffers_.fetch_add(1, std::memory_order_relaxed);
}

void CuptiReceiver::freeing(uint64_t base) {
  runtime_.buffers.remove(base);
}

void CuptiReceiver::code_call_begins() {
  const std::lock_guard lock(mutex_);
  shown_.erase(std::this_thread::get_id());
}

// Of several (a library's module in each context) the first: they are of one image.
void CuptiReceiver::image_shown(CUcontext context, uint32_t module_id, const void* bytes,
                                size_t size) {
  Shown shown{std::string(static_cast<const char*>(bytes), size), handle_key(context), module_id};
  const std::lock_guard lock(mutex_);
  shown_.try_emplace(std::this_thread::get_id(), std::move(shown));
}

CuptiReceiver::Shown CuptiReceiver::take_shown() {
  const std::lock_guard lock(mutex_);
  const auto found = shown_.find(std::this_thread::get_id());
  if (found == shown_.end()) return {};
  Shown shown = std::move(found->second);
  shown_.erase(found);
  return shown;
}

void CuptiReceiver::module_returned(CUmodule module) {
  const Shown shown = take_shown();
  if (shown.bytes.empty()) return;
  images_.fetch_add(1, std::memory_order_relaxed);
  runtime_.code.loaded(handle_key(module), {.bytes = shown.bytes.data(),
                                            .size = shown.bytes.size(),
                                            .sm = Runtime::compute_capability(),
                                            .context = shown.context});
  const std::lock_guard lock(mutex_);
  modules_[shown.module_id] = handle_key(module);
}

// A library is of no context; its modules in each context are not its end.
void CuptiReceiver::library_returned(CUlibrary library) {
  const Shown shown = take_shown();
  if (shown.bytes.empty()) return;
  images_.fetch_add(1, std::memory_order_relaxed);
  runtime_.code.loaded(handle_key(library), {.bytes = shown.bytes.data(),
                                             .size = shown.bytes.size(),
                                             .sm = Runtime::compute_capability()});
}

void CuptiReceiver::kernel_used(CUkernel kernel) {
  const auto library_of = real::cuKernelGetLibrary();
  CUlibrary library = nullptr;
  if (library_of && library_of(&library, kernel) == CUDA_SUCCESS) library_returned(library);
}

void CuptiReceiver::forget_code(uint64_t handle) {
  runtime_.discovery.forget();
  for (const uint64_t variable : runtime_.code.unloading(handle)) runtime_.buffers.remove(variable);
}

void CuptiReceiver::module_going(CUmodule module) {
  forget_code(handle_key(module));
}

void CuptiReceiver::library_going(CUlibrary library) {
  forget_code(handle_key(library));
}

void CuptiReceiver::module_id_going(uint32_t module_id) {
  uint64_t handle = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto found = modules_.find(module_id);
    if (found == modules_.end()) return;
    handle = found->second;
    modules_.erase(found);
  }
  forget_code(handle);
}

// A new context may stand at the address of one whose end nobody told us of.
void CuptiReceiver::context_created(CUcontext context) {
  context_going(context);
}

void CuptiReceiver::context_going(CUcontext context) {
  if (!context) return;
  runtime_.discovery.forget();
  runtime_.peer_access.context_gone(handle_key(context));
  runtime_.buffers.remove_context(handle_key(context));
  runtime_.code.forget_context(handle_key(context));
}

}  // namespace nonans::interpose
