// SPDX-License-Identifier: MIT
#include "driver/green/green_context.hpp"

#include <algorithm>

#include "driver/capture/capture.hpp"
#include "driver/entry.hpp"

namespace softgpu::driver {
namespace {

uint64_t next_id() {
  static std::atomic<uint64_t> next{1};
  return next.fetch_add(1);
}

StreamPtr make_default_stream(const GreenContextPtr& green) {
  auto stream = std::make_shared<Stream>();
  stream->context = green->primary;
  stream->green = green;
  stream->handle = CU_STREAM_LEGACY;
  stream->is_legacy = true;
  stream->id = next_stream_id();
  const std::lock_guard lock(green->primary->submission);
  green->primary->streams.push_back(stream);
  return stream;
}

// Without the handle of the green context itself.
void retire(GreenContext& green) {
  green.destroyed = true;
  if (const CUcontext converted = green.converted.load()) contexts().remove(converted);
  const std::lock_guard lock(green.primary->submission);
  if (green.default_stream && green.default_stream->tail)
    green.primary->orphans.push_back(green.default_stream->tail);
  std::erase(green.primary->streams, green.default_stream);
  green.default_stream.reset();
}

}  // namespace

GreenContextTable& green_contexts() {
  static GreenContextTable* const table = new GreenContextTable;
  return *table;
}

GreenContextPtr green_context_of(CUcontext converted) {
  if (!converted) return nullptr;
  for (const GreenContextPtr& green : green_contexts().all())
    if (green->converted.load() == converted) return green;
  return nullptr;
}

GreenContextPtr current_green_context() {
  return green_contexts().empty() ? nullptr : green_context_of(current_handle());
}

void destroy_green_contexts_of(const Context& primary) {
  if (!primary.primary) return;
  for (const GreenContextPtr& green : green_contexts().all())
    if (green->primary.get() == &primary && !green->destroyed) retire(*green);
}

}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuGreenCtxCreate(CUgreenCtx* out, CUdevResourceDesc desc, CUdevice device,
                          unsigned int flags) {
  return entry([&]() -> CUresult {
    if (!out || flags != CU_GREEN_CTX_DEFAULT_STREAM) return CUDA_ERROR_INVALID_VALUE;
    if (!is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    const auto descriptor = resource_descriptors().find(desc);
    if (!descriptor || descriptor->device != device) return CUDA_ERROR_INVALID_VALUE;
    CUcontext primary = nullptr;
    if (const CUresult r = cuDevicePrimaryCtxRetain(&primary, device); r != CUDA_SUCCESS) return r;
    auto green = std::make_shared<GreenContext>();
    green->id = next_id();
    green->primary = contexts().find(primary);
    green->resource = descriptor->resource;
    green->default_stream = make_default_stream(green);
    *out = green->handle = green_contexts().insert(green);
    return CUDA_SUCCESS;
  });
}

CUresult cuGreenCtxDestroy(CUgreenCtx handle) {
  return entry([&]() -> CUresult {
    const GreenContextPtr green = green_contexts().find(handle);
    if (!green) return CUDA_ERROR_INVALID_CONTEXT;
    // Its primary context was reset.
    const bool gone = green->destroyed;
    green_contexts().remove(handle);
    if (gone) return CUDA_ERROR_CONTEXT_IS_DESTROYED;
    green->primary->synchronize();
    retire(*green);
    return cuDevicePrimaryCtxRelease_v2(green->primary->device);
  });
}

CUresult cuCtxFromGreenCtx(CUcontext* out, CUgreenCtx handle) {
  return entry([&]() -> CUresult {
    if (!out) return CUDA_ERROR_INVALID_VALUE;
    const GreenContextPtr green = green_contexts().find(handle);
    if (!green || green->destroyed) return CUDA_ERROR_INVALID_CONTEXT;
    static std::mutex converting;
    const std::lock_guard lock(converting);
    if (!green->converted.load()) green->converted = contexts().insert(green->primary);
    *out = green->converted.load();
    return CUDA_SUCCESS;
  });
}

CUresult cuGreenCtxStreamCreate(CUstream* out, CUgreenCtx handle, unsigned int flags,
                                int priority) {
  return entry([&]() -> CUresult {
    const GreenContextPtr green = green_contexts().find(handle);
    if (!green || green->destroyed) return CUDA_ERROR_INVALID_CONTEXT;
    if (!out || flags != CU_STREAM_NON_BLOCKING) return CUDA_ERROR_INVALID_VALUE;
    if (const CUresult r = green->primary->sticky(); r != CUDA_SUCCESS) return r;
    *out = make_stream(green->primary, flags, priority, green)->handle;
    return CUDA_SUCCESS;
  });
}

CUresult cuGreenCtxGetId(CUgreenCtx handle, unsigned long long* id) {
  return entry([&]() -> CUresult {
    const GreenContextPtr green = handle ? green_contexts().find(handle) : current_green_context();
    if (!green) return CUDA_ERROR_INVALID_CONTEXT;
    if (!id) return CUDA_ERROR_INVALID_VALUE;
    *id = green->id;
    return CUDA_SUCCESS;
  });
}
