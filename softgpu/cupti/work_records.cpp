// SPDX-License-Identifier: MIT
// Records of kernels, copies and fills that have run.
#include <algorithm>
#include <atomic>

#include "cupti/buffers.hpp"
#include "cupti/kinds.hpp"
#include "cupti/listener.hpp"

namespace softgpu::cupti {
namespace {

using driver::Activity;
using driver::ActivityKind;
using driver::MemoryPlace;

std::atomic<bool> g_latency_timestamps{false};

uint8_t memory_kind(MemoryPlace place) {
  switch (place) {
    case MemoryPlace::pageable:
      return CUPTI_ACTIVITY_MEMORY_KIND_PAGEABLE;
    case MemoryPlace::pinned:
      return CUPTI_ACTIVITY_MEMORY_KIND_PINNED;
    case MemoryPlace::device:
      return CUPTI_ACTIVITY_MEMORY_KIND_DEVICE;
    case MemoryPlace::managed:
      return CUPTI_ACTIVITY_MEMORY_KIND_MANAGED;
  }
  return CUPTI_ACTIVITY_MEMORY_KIND_UNKNOWN;
}

// Managed memory counts as the device's.
uint8_t copy_kind(MemoryPlace from, MemoryPlace to) {
  const auto on_host = [](MemoryPlace p) {
    return p == MemoryPlace::pageable || p == MemoryPlace::pinned;
  };
  if (on_host(from))
    return on_host(to) ? CUPTI_ACTIVITY_MEMCPY_KIND_HTOH : CUPTI_ACTIVITY_MEMCPY_KIND_HTOD;
  return on_host(to) ? CUPTI_ACTIVITY_MEMCPY_KIND_DTOH : CUPTI_ACTIVITY_MEMCPY_KIND_DTOD;
}

// What the three have in common.
template <typename Record>
Record begin(const Activity& a, CUpti_ActivityKind kind) {
  Record r{};
  r.kind = kind;
  r.start = a.start;
  r.end = a.end;
  r.deviceId = a.device;
  r.contextId = a.context_id;
  r.streamId = a.stream_id;
  r.correlationId = a.correlation;
  r.graphId = static_cast<uint32_t>(a.graph_exec);
  r.graphNodeId = a.graph_node;
  r.channelType = CUPTI_CHANNEL_TYPE_INVALID;
  return r;
}

void record_kernel(const Activity& a, CUpti_ActivityKind kind) {
  auto r = begin<CUpti_ActivityKernel10>(a, kind);
  r.completed = a.end;
  r.registersPerThread = static_cast<uint16_t>(std::min<uint32_t>(a.registers, 0xffff));
  r.gridX = static_cast<int32_t>(a.grid[0]);
  r.gridY = static_cast<int32_t>(a.grid[1]);
  r.gridZ = static_cast<int32_t>(a.grid[2]);
  r.blockX = static_cast<int32_t>(a.block[0]);
  r.blockY = static_cast<int32_t>(a.block[1]);
  r.blockZ = static_cast<int32_t>(a.block[2]);
  r.staticSharedMemory = static_cast<int32_t>(a.static_shared);
  r.dynamicSharedMemory = static_cast<int32_t>(a.dynamic_shared);
  r.sharedMemoryExecuted = a.static_shared + a.dynamic_shared;
  r.localMemoryPerThread = a.local_bytes;
  r.gridId = static_cast<int64_t>(a.grid_id);
  r.name = lasting(a.name);
  if (g_latency_timestamps) r.queued = r.submitted = a.submitted;
  r.launchType = a.cooperative ? CUPTI_ACTIVITY_LAUNCH_TYPE_COOPERATIVE_SINGLE_DEVICE
                               : CUPTI_ACTIVITY_LAUNCH_TYPE_REGULAR;
  append(r);
}

void record_copy(const Activity& a) {
  auto r = begin<CUpti_ActivityMemcpy6>(a, CUPTI_ACTIVITY_KIND_MEMCPY);
  r.copyKind = copy_kind(a.from, a.to);
  r.srcKind = memory_kind(a.from);
  r.dstKind = memory_kind(a.to);
  r.flags = a.async ? CUPTI_ACTIVITY_FLAG_MEMCPY_ASYNC : 0;
  r.bytes = a.bytes;
  r.copyCount = 1;
  append(r);
}

void record_fill(const Activity& a) {
  auto r = begin<CUpti_ActivityMemset4>(a, CUPTI_ACTIVITY_KIND_MEMSET);
  r.value = a.value;
  r.bytes = a.bytes;
  r.flags = a.async ? CUPTI_ACTIVITY_FLAG_MEMSET_ASYNC : 0;
  r.memoryKind = memory_kind(a.to);
  append(r);
}

}  // namespace

void on_activity(const Activity& a) {
  switch (a.kind) {
    case ActivityKind::kernel:
      for (const auto kind : {CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL, CUPTI_ACTIVITY_KIND_KERNEL})
        if (kind_enabled(kind, a.context_id)) {
          record_kernel(a, kind);
          return;
        }
      return;
    case ActivityKind::copy:
      if (kind_enabled(CUPTI_ACTIVITY_KIND_MEMCPY, a.context_id)) record_copy(a);
      return;
    case ActivityKind::fill:
      if (kind_enabled(CUPTI_ACTIVITY_KIND_MEMSET, a.context_id)) record_fill(a);
      return;
    case ActivityKind::none:
      return;
  }
}

}  // namespace softgpu::cupti

// softgpu-partial: queued and submitted are one time: there is no command buffer
CUptiResult cuptiActivityEnableLatencyTimestamps(uint8_t enable) {
  softgpu::cupti::g_latency_timestamps = enable != 0;
  return softgpu::cupti::answer(CUPTI_SUCCESS);
}
