// SPDX-License-Identifier: MIT
// Green contexts: the primary context of a device with a part of its multiprocessors.
//
// Memory, modules, functions and events are the primary context's. cuCtxFromGreenCtx gives a
// CUcontext that names the primary context too; while that handle is current, streams are made in
// the green context, and the default stream is the green context's own. Kernels run on any worker
// of the software device; the number of multiprocessors bounds cooperative launches and is what is
// told to those who ask.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "driver/context.hpp"
#include "driver/cuda_api.hpp"
#include "driver/handles.hpp"

namespace softgpu::driver {

struct GreenContext {
  CUgreenCtx handle = nullptr;
  uint64_t id = 0;
  std::shared_ptr<Context> primary;
  CUdevResource resource = {};
  std::atomic<CUcontext> converted{nullptr};  // once cuCtxFromGreenCtx was called
  std::shared_ptr<Stream> default_stream;
  std::atomic<bool> destroyed{false};

  int multiprocessors() const { return static_cast<int>(resource.sm.smCount); }
};
using GreenContextPtr = std::shared_ptr<GreenContext>;
using GreenContextTable = HandleTable<GreenContext, CUgreenCtx, HandleKind::green_context>;
GreenContextTable& green_contexts();

// Of the calling thread: if its current context was converted from one. Null otherwise.
GreenContextPtr current_green_context();
// The one that this handle was converted from, or null.
GreenContextPtr green_context_of(CUcontext converted);

// The primary context goes, and with it what was made of it.
void destroy_green_contexts_of(const Context& primary);

// The multiprocessors of the device, as a resource to split. `device` must be one.
CUdevResource device_resource(CUdevice device);
// INVALID_VALUE for null; INVALID_RESOURCE_CONFIGURATION for what no function of this driver wrote.
struct ResourceOrigin {
  CUdevice device;
  bool split;         // by cuDevSmResourceSplitByCount: not to be split again
  uint32_t instance;  // which call did
};
CUresult origin_of(const CUdevResource* resource, ResourceOrigin& out);

struct ResourceDescriptor {
  CUdevice device;
  CUdevResource resource;
};
using DescriptorTable =
    HandleTable<ResourceDescriptor, CUdevResourceDesc, HandleKind::resource_descriptor>;
DescriptorTable& resource_descriptors();

}  // namespace softgpu::driver
