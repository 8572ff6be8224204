// SPDX-License-Identifier: MIT
#include "interpose/runtime/context_state.hpp"

#include <cstring>
#include <exception>

#include "api/generated/real.hpp"
#include "interpose/runtime/relaxed_capture.hpp"
#include "resolve/device/images.hpp"

namespace nonans::interpose {
namespace {

using api::StreamFlavour;

// Calls `entry` if the driver has it.
template <typename Pfn, typename... Args>
CUresult call(Pfn entry, Args... args) noexcept {
  return entry ? entry(args...) : CUDA_ERROR_NOT_FOUND;
}

std::string with_code(const char* what, CUresult code) {
  return std::string(what) + " failed with error " + std::to_string(static_cast<int>(code));
}

int attribute(CUdevice device, CUdevice_attribute which) noexcept {
  int value = 0;
  return call(real::cuDeviceGetAttribute(), &value, which, device) == CUDA_SUCCESS ? value : 0;
}

// With a log buffer of our own: some drivers say on stderr what has no other place, and an image
// that does not fit is no fault of the program's.
bool load_image(const resolve::DeviceImage& image, CUmodule& module, std::string& failure) {
  char log[512] = "";
  CUjit_option options[] = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
  void* values[] = {log, reinterpret_cast<void*>(sizeof log)};
  const CUresult code =
      call(real::cuModuleLoadDataEx(), &module, image.bytes.data(), 2u, options, values);
  if (code == CUDA_SUCCESS) return true;
  log[sizeof log - 1] = '\0';
  failure = std::string(image.name) + ": error " + std::to_string(static_cast<int>(code));
  if (*log) failure += std::string(", ") + std::string(log, std::strcspn(log, "\n"));
  return false;
}

}  // namespace

bool ContextState::load_module(std::string& reason) {
  CUdevice device = 0;
  if (const CUresult code = call(real::cuCtxGetDevice_v1(), &device); code != CUDA_SUCCESS) {
    reason = with_code("cuCtxGetDevice", code);
    return false;
  }
  device_ = device;
  multiprocessors_ = static_cast<uint32_t>(
      std::max(1, attribute(device, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT)));
  CUdevResource share = {};
  if (call(real::cuCtxGetDevResource(), context_, &share, CU_DEV_RESOURCE_TYPE_SM) ==
          CUDA_SUCCESS &&
      share.sm.smCount != 0)
    multiprocessors_ = share.sm.smCount;
  int version = 0;
  call(real::cuDriverGetVersion(), &version);
  std::string last = "no image for this device";
  for (const resolve::DeviceImage& image : resolve::device_images(
           version, attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
           attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR))) {
    if (load_image(image, module_, last)) break;
    module_ = nullptr;
  }
  if (!module_) {
    reason = "none of the scan kernels in this library loads here (" + last + ")";
    return false;
  }
  if (const CUresult code = call(real::cuModuleGetFunction(), &scan_, module_, resolve::kScanEntry);
      code != CUDA_SUCCESS) {
    reason = with_code("looking up the scan kernel", code);
    return false;
  }
  // With lazy loading the first use of a function may synchronise the context or be refused in a
  // capture: have it now. cuFuncLoad is of 12.4; asking for an attribute does it on older drivers.
  call(real::cuFuncLoad(), scan_);
  int registers = 0;
  call(real::cuFuncGetAttribute(), &registers, CU_FUNC_ATTRIBUTE_NUM_REGS, scan_);
  return true;
}

bool ContextState::make_memory(std::string& reason) {
  if (const CUresult code = call(real::cuMemAlloc_v2(), &memory_, kDeviceBytes);
      code != CUDA_SUCCESS) {
    memory_ = 0;
    reason = with_code("allocating 4 MiB of device memory", code);
    return false;
  }
  // On a stream of our own: the application's legacy stream is not ours to wait for.
  CUstream stream = nullptr;
  CUresult code =
      call(real::cuStreamCreate(), &stream, static_cast<unsigned>(CU_STREAM_NON_BLOCKING));
  if (code == CUDA_SUCCESS) {
    code = call(real::cuMemsetD8Async(StreamFlavour::legacy), memory_,
                static_cast<unsigned char>(0), static_cast<size_t>(kDeviceBytes), stream);
    if (code == CUDA_SUCCESS) code = call(real::cuStreamSynchronize(StreamFlavour::legacy), stream);
    call(real::cuStreamDestroy_v2(), stream);
  }
  if (code != CUDA_SUCCESS) {
    reason = with_code("clearing the scan's counters", code);
    return false;
  }
  if (!ring_.open()) {
    reason = "no memory for the ring of records";
    return false;
  }
  code = call(real::cuMemHostRegister_v2(), static_cast<void*>(ring_.get()),
              static_cast<size_t>(SharedRing::kBytes),
              static_cast<unsigned>(CU_MEMHOSTREGISTER_DEVICEMAP | CU_MEMHOSTREGISTER_PORTABLE));
  registered_ = code == CUDA_SUCCESS;
  CUdeviceptr mapped = 0;
  if (registered_)
    code = call(real::cuMemHostGetDevicePointer_v2(), &mapped, static_cast<void*>(ring_.get()), 0u);
  if (code != CUDA_SUCCESS) {
    reason = with_code("mapping the ring of records into the device", code);
    return false;
  }
  ring_mapped_ = mapped;
  return true;
}

bool ContextState::open(std::string& reason) {
  const RelaxedCapture relaxed;
  bool good = false;
  try {
    good = load_module(reason) && make_memory(reason);
    if (good) {
      node_slots_.open(memory_ + kNodeSlotsOffset, kDeviceBytes - kNodeSlotsOffset);
      idle_slot_ = node_slots_.take(1);
    }
  } catch (const std::exception& failure) {  // out of memory: nothing must be left behind
    good = false;
    reason = failure.what();
  }
  if (!good) close();
  if (good) ready_.store(true, std::memory_order_release);
  return good;
}

void ContextState::close() noexcept {
  ready_.store(false, std::memory_order_release);
  for (CUevent& event : limbo_) {
    if (event) call(real::cuEventDestroy_v2(), event);
    event = nullptr;
  }
  if (registered_) call(real::cuMemHostUnregister(), static_cast<void*>(ring_.get()));
  registered_ = false;
  if (memory_) call(real::cuMemFree_v2(), memory_);
  memory_ = 0;
  if (module_) call(real::cuModuleUnload(), module_);
  module_ = nullptr;
  ring_.close();
}

void ContextState::abandon(bool unmap) noexcept {
  // Handles and addresses stay as they are: a launch on another thread may be about to use them.
  // The driver refuses it, as it refused the program's own.
  ready_.store(false, std::memory_order_release);
  if (unmap) ring_.close();
}

void ContextState::release_stream(CUstream stream, StreamFlavour flavour) {
  // Those whose work has finished in the meantime.
  for (uint32_t i = 0; i < StreamSlots::kCount; ++i) {
    if (!limbo_[i] || call(real::cuEventQuery(), limbo_[i]) != CUDA_SUCCESS) continue;
    call(real::cuEventDestroy_v2(), limbo_[i]);
    limbo_[i] = nullptr;
    slots_.reclaim(i);
  }
  CUstreamCaptureStatus capture = CU_STREAM_CAPTURE_STATUS_NONE;
  const bool capturing =
      call(real::cuStreamIsCapturing(flavour), stream, &capture) != CUDA_SUCCESS ||
      capture != CU_STREAM_CAPTURE_STATUS_NONE;
  // A stream in capture must not be asked; nothing of ours is in its graph, and what ran before it
  // began is unknown.
  const bool idle = !capturing && call(real::cuStreamQuery(flavour), stream) == CUDA_SUCCESS;
  slots_.release(stream_key(stream, flavour), idle, [&](uint32_t index) {
    CUevent event = nullptr;
    if (capturing || call(real::cuEventCreate(), &event,
                          static_cast<unsigned>(CU_EVENT_DISABLE_TIMING)) != CUDA_SUCCESS)
      return;  // the slot stays out of use: fewer streams are watched, no counter is shared
    if (call(real::cuEventRecord(flavour), event, stream) == CUDA_SUCCESS)
      limbo_[index] = event;
    else
      call(real::cuEventDestroy_v2(), event);
  });
}

}  // namespace nonans::interpose
