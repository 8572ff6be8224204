// SPDX-License-Identifier: MIT
// Stream-ordered memory and the pools that it comes from.
//
// An allocation is live from the call on for work queued behind it, which is all that we look at.
// Inside of a stream capture it is a node of the graph instead: its address is fixed at once, but
// there is memory behind it only while the graph runs (BufferKind::graph).
#include "api/generated/hooks.hpp"
#include "api/generated/real.hpp"
#include "interpose/hooks/remember.hpp"

namespace nonans::interpose::hooks {
namespace {

using memory::Buffer;
using memory::BufferKind;

struct Capture {
  bool active = false;
  CUgraph graph = nullptr;
};
Capture capture_of(CUstream stream, api::StreamFlavour flavour) noexcept {
  Capture capture;
  CUstreamCaptureStatus status = CU_STREAM_CAPTURE_STATUS_NONE;
  const auto is_capturing = real::cuStreamIsCapturing(flavour);
  if (!is_capturing || is_capturing(stream, &status) != CUDA_SUCCESS ||
      status == CU_STREAM_CAPTURE_STATUS_NONE)
    return capture;
  capture.active = true;
  const auto info = real::cuStreamGetCaptureInfo_v2(flavour);
  if (!info || info(stream, &status, nullptr, &capture.graph, nullptr, nullptr) != CUDA_SUCCESS)
    capture.graph = nullptr;
  return capture;
}

// Of the stream: a stream may be used while another context is current.
int32_t device_of_stream(CUstream stream, api::StreamFlavour flavour) noexcept {
  const auto context_of = real::cuStreamGetCtx_v1(flavour);
  CUcontext context = nullptr;
  if (!context_of || context_of(stream, &context) != CUDA_SUCCESS ||
      handle_key(context) != Runtime::current_context_key())
    return memory::kUnknownDevice;
  return Runtime::current_device();
}

// Whose a pool is that was not made by cuMemPoolCreate: the device that has it as its default.
void find_device_of(Runtime& runtime, CUmemoryPool pool) {
  if (runtime.pools.device_of(handle_key(pool)) != memory::kUnknownDevice) return;
  const auto count_devices = real::cuDeviceGetCount();
  const auto default_pool = real::cuDeviceGetDefaultMemPool();
  const auto device_of = real::cuDeviceGet();
  int count = 0;
  if (!count_devices || !default_pool || !device_of || count_devices(&count) != CUDA_SUCCESS)
    return;
  for (int i = 0; i < count; ++i) {
    CUdevice device = 0;
    CUmemoryPool found = nullptr;
    if (device_of(&device, i) == CUDA_SUCCESS && default_pool(&found, device) == CUDA_SUCCESS &&
        found == pool)
      return runtime.pools.found(handle_key(pool), device);
  }
}

void remember_from_pool(uint64_t base, uint64_t size, CUmemoryPool pool, CUstream stream,
                        api::StreamFlavour flavour) noexcept {
  quietly([&](Runtime& runtime) {
    runtime.see_context();
    if (!runtime.hooks_register()) return;
    Buffer buffer{.base = base, .size = size, .context = Runtime::current_context_key()};
    const Capture capture = capture_of(stream, flavour);
    if (capture.active) {
      buffer.kind = BufferKind::graph;
      const int32_t device = device_of_stream(stream, flavour);
      const auto current_pool = real::cuDeviceGetMemPool();
      if (!pool && (!current_pool || current_pool(&pool, device) != CUDA_SUCCESS)) pool = nullptr;
      // The node takes over what the pool is now: whose it is, and who reaches it.
      buffer.owner = handle_key(capture.graph);
      if (pool) find_device_of(runtime, pool);
      buffer.device = runtime.pools.device_of(handle_key(pool));
      buffer.sharing = runtime.buffers.sharing_of_home(runtime.pools.id_of(handle_key(pool)));
      if (buffer.owner != 0) runtime.owned_ranges.add(buffer.owner, base);
      runtime.buffers.add(buffer);
      return;
    }
    describe_pool_memory(runtime, buffer, pool);
    runtime.buffers.add(buffer);
  });
}

}  // namespace

CUresult cuMemAllocAsync(const HookCall& call, PFN_cuMemAllocAsync_v11020 real,
                         CUdeviceptr_v2* dptr, size_t bytesize, CUstream hStream) {
  const CUresult result = real(dptr, bytesize, hStream);
  if (result == CUDA_SUCCESS) remember_from_pool(*dptr, bytesize, nullptr, hStream, call.stream);
  return result;
}

CUresult cuMemAllocFromPoolAsync(const HookCall& call, PFN_cuMemAllocFromPoolAsync_v11020 real,
                                 CUdeviceptr_v2* dptr, size_t bytesize, CUmemoryPool pool,
                                 CUstream hStream) {
  const CUresult result = real(dptr, bytesize, pool, hStream);
  if (result == CUDA_SUCCESS) remember_from_pool(*dptr, bytesize, pool, hStream, call.stream);
  return result;
}

// A captured release becomes a node: the memory is there again at each launch of the graph.
CUresult cuMemFreeAsync(const HookCall& call, PFN_cuMemFreeAsync_v11020 real, CUdeviceptr_v2 dptr,
                        CUstream hStream) {
  bool captured = false;
  quietly_if_running([&](Runtime&) { captured = capture_of(hStream, call.stream).active; });
  if (captured) return real(dptr, hStream);
  return release(dptr, [&] { return real(dptr, hStream); });
}

CUresult cuMemPoolCreate(const HookCall&, PFN_cuMemPoolCreate_v11020 real, CUmemoryPool* pool,
                         const CUmemPoolProps* poolProps) {
  const CUresult result = real(pool, poolProps);
  if (result == CUDA_SUCCESS)
    quietly([&](Runtime& runtime) {
      runtime.pools.created(handle_key(*pool),
                            poolProps->location.type == CU_MEM_LOCATION_TYPE_DEVICE
                                ? poolProps->location.id
                                : memory::kUnknownDevice);
    });
  return result;
}

CUresult cuMemPoolDestroy(const HookCall&, PFN_cuMemPoolDestroy_v11020 real, CUmemoryPool pool) {
  std::optional<memory::Pools::Pool> gone;
  quietly([&](Runtime& runtime) { gone = runtime.pools.take(handle_key(pool)); });
  const CUresult result = real(pool);
  if (gone)
    quietly([&](Runtime& runtime) {
      if (result == CUDA_SUCCESS)
        runtime.pools.forget(*gone);
      else
        runtime.pools.put_back(handle_key(pool), std::move(*gone));
    });
  return result;
}

CUresult cuMemPoolSetAccess(const HookCall&, PFN_cuMemPoolSetAccess_v11020 real, CUmemoryPool pool,
                            const CUmemAccessDesc* map, size_t count) {
  const CUresult result = real(pool, map, count);
  if (result == CUDA_SUCCESS)
    quietly([&](Runtime& runtime) {
      find_device_of(runtime, pool);
      for (size_t i = 0; i < count; ++i)
        runtime.pools.access(handle_key(pool),
                             map[i].location.type == CU_MEM_LOCATION_TYPE_DEVICE
                                 ? map[i].location.id
                                 : memory::Pools::kHost,
                             map[i].flags != CU_MEM_ACCESS_FLAGS_PROT_NONE);
    });
  return result;
}

// Another process reaches an allocation of an exported pool once it has this.
CUresult cuMemPoolExportPointer(const HookCall&, PFN_cuMemPoolExportPointer_v11020 real,
                                CUmemPoolPtrExportData* shareData_out, CUdeviceptr_v2 ptr) {
  const CUresult result = real(shareData_out, ptr);
  if (result == CUDA_SUCCESS) share(ptr, ptr + 1, memory::kExported);
  return result;
}

CUresult cuMemPoolImportPointer(const HookCall&, PFN_cuMemPoolImportPointer_v11020 real,
                                CUdeviceptr_v2* ptr_out, CUmemoryPool pool,
                                CUmemPoolPtrExportData* shareData) {
  const CUresult result = real(ptr_out, pool, shareData);
  if (result == CUDA_SUCCESS)
    if (const Range range = range_of(*ptr_out); range.size != 0)
      remember(range.base, range.size, BufferKind::imported);
  return result;
}

}  // namespace nonans::interpose::hooks
