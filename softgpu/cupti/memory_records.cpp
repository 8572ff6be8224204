// SPDX-License-Identifier: MIT
// CUPTI_ACTIVITY_KIND_MEMORY2: one record for each allocation and each free, made from the call.
// A free is looked up before it happens, since afterwards nobody knows its size.
#include <unistd.h>

#include "cupti/buffers.hpp"
#include "cupti/driver.hpp"
#include "cupti/kinds.hpp"
#include "cupti/listener.hpp"

namespace softgpu::cupti {
namespace {

// What a call does to memory.
struct Operation {
  enum { none, allocation, release } what = none;
  uint64_t address = 0;
  bool async = false;
  CUstream stream = nullptr;
  bool per_thread = false;
};

template <typename Parameters>
const Parameters& of(const driver::ApiCall& call) {
  return *static_cast<const Parameters*>(call.parameters);
}

// Where the call puts an allocation's address, or the address that it frees.
template <typename Pointer>
Operation allocated(const Pointer* where, bool succeeded) {
  Operation o{Operation::allocation};
  if (where && succeeded) o.address = reinterpret_cast<uint64_t>(*where);
  return o;
}
Operation allocated(const CUdeviceptr* where, bool succeeded) {
  Operation o{Operation::allocation};
  if (where && succeeded) o.address = *where;
  return o;
}
Operation released(uint64_t address) {
  return {Operation::release, address};
}
Operation on(Operation o, CUstream stream, bool per_thread) {
  o.async = true;
  o.stream = stream;
  o.per_thread = per_thread;
  return o;
}

Operation read(const driver::ApiCall& call) {
  const bool ok = call.result && *call.result == CUDA_SUCCESS;
  switch (call.callback_id) {
    case CUPTI_DRIVER_TRACE_CBID_cuMemAlloc_v2:
      return allocated(of<cuMemAlloc_v2_params>(call).dptr, ok);
    case CUPTI_DRIVER_TRACE_CBID_cuMemAllocPitch_v2:
      return allocated(of<cuMemAllocPitch_v2_params>(call).dptr, ok);
    case CUPTI_DRIVER_TRACE_CBID_cuMemAllocManaged:
      return allocated(of<cuMemAllocManaged_params>(call).dptr, ok);
    case CUPTI_DRIVER_TRACE_CBID_cuMemAllocHost_v2:
      return allocated(of<cuMemAllocHost_v2_params>(call).pp, ok);
    case CUPTI_DRIVER_TRACE_CBID_cuMemHostAlloc:
      return allocated(of<cuMemHostAlloc_params>(call).pp, ok);
    case CUPTI_DRIVER_TRACE_CBID_cuMemFree_v2:
      return released(of<cuMemFree_v2_params>(call).dptr);
    case CUPTI_DRIVER_TRACE_CBID_cuMemFreeHost:
      return released(reinterpret_cast<uint64_t>(of<cuMemFreeHost_params>(call).p));
    case CUPTI_DRIVER_TRACE_CBID_cuMemAllocAsync:
    case CUPTI_DRIVER_TRACE_CBID_cuMemAllocAsync_ptsz: {
      const auto& p = of<cuMemAllocAsync_params>(call);
      return on(allocated(p.dptr, ok), p.hStream,
                call.callback_id == CUPTI_DRIVER_TRACE_CBID_cuMemAllocAsync_ptsz);
    }
    case CUPTI_DRIVER_TRACE_CBID_cuMemAllocFromPoolAsync:
    case CUPTI_DRIVER_TRACE_CBID_cuMemAllocFromPoolAsync_ptsz: {
      const auto& p = of<cuMemAllocFromPoolAsync_params>(call);
      return on(allocated(p.dptr, ok), p.hStream,
                call.callback_id == CUPTI_DRIVER_TRACE_CBID_cuMemAllocFromPoolAsync_ptsz);
    }
    case CUPTI_DRIVER_TRACE_CBID_cuMemFreeAsync:
    case CUPTI_DRIVER_TRACE_CBID_cuMemFreeAsync_ptsz: {
      const auto& p = of<cuMemFreeAsync_params>(call);
      return on(released(p.dptr), p.hStream,
                call.callback_id == CUPTI_DRIVER_TRACE_CBID_cuMemFreeAsync_ptsz);
    }
    default:
      return {};
  }
}

}  // namespace

void memory_before(driver::ApiCall& call) {
  if (!kind_enabled(CUPTI_ACTIVITY_KIND_MEMORY2, call.context_id)) return;
  const Operation o = read(call);
  driver::MemoryFacts facts;
  if (o.what != Operation::release || !trace_table()->memory(o.address, &facts)) return;
  call.notes[kFreedBytes] = facts.bytes;
  call.notes[kFreedKind] = facts.kind;
  call.notes[kFreedPool] = facts.pool;
  call.notes[kFreedContext] = facts.context_id;
}

void memory_after(const driver::ApiCall& call) {
  if (*call.result != CUDA_SUCCESS || !kind_enabled(CUPTI_ACTIVITY_KIND_MEMORY2, call.context_id))
    return;
  const Operation o = read(call);
  if (o.what == Operation::none || o.address == 0) return;
  driver::MemoryFacts facts;
  if (o.what == Operation::release) {
    facts.bytes = call.notes[kFreedBytes];
    facts.kind = static_cast<uint32_t>(call.notes[kFreedKind]);
    facts.pool = call.notes[kFreedPool];
    facts.context_id = static_cast<uint32_t>(call.notes[kFreedContext]);
  } else if (!trace_table()->memory(o.address, &facts)) {
    return;  // in a capture: nothing is allocated yet
  }
  if (facts.bytes == 0) return;
  CUpti_ActivityMemory4 r{};
  r.kind = CUPTI_ACTIVITY_KIND_MEMORY2;
  r.memoryOperationType = o.what == Operation::allocation
                              ? CUPTI_ACTIVITY_MEMORY_OPERATION_TYPE_ALLOCATION
                              : CUPTI_ACTIVITY_MEMORY_OPERATION_TYPE_RELEASE;
  r.memoryKind = static_cast<CUpti_ActivityMemoryKind>(facts.kind);
  r.correlationId = call.correlation;
  r.address = o.address;
  r.bytes = facts.bytes;
  r.timestamp = call.notes[kStart];
  r.processId = static_cast<uint32_t>(getpid());
  r.contextId = facts.context_id;
  r.streamId = CUPTI_INVALID_STREAM_ID;
  int device = 0;
  if (call.context) trace_table()->context_device(call.context, &device);
  r.deviceId = static_cast<uint32_t>(device);
  if (o.async) {
    r.isAsync = 1;
    uint32_t id = 0;
    if (trace_table()->stream_id(nullptr, o.stream, o.per_thread, &id) == CUDA_SUCCESS)
      r.streamId = id;
  }
  if (facts.pool != 0) {
    r.memoryPoolConfig.memoryPoolType = CUPTI_ACTIVITY_MEMORY_POOL_TYPE_LOCAL;
    r.memoryPoolConfig.address = facts.pool;
    r.memoryPoolConfig.releaseThreshold = facts.release_threshold;
    r.memoryPoolConfig.pool.size = facts.pool_size;
    r.memoryPoolConfig.utilizedSize = facts.pool_used;
  }
  append(r);
}

}  // namespace softgpu::cupti
