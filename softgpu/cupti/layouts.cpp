// SPDX-License-Identifier: MIT
// What two sides have to agree on, checked when this is compiled.
//
// The driver packs the arguments of a call into a structure of its own making
// (driver/trace/entry_points.cpp); CUPTI's clients read them as generated_cuda_meta.h has them.
//
// Clients of CUDA 12 read records by the older structures. Each of those is the beginning of the
// one written here, so that they find every field; the size of a record is the library's business
// (cuptiActivityGetNextRecord).
#include <cstddef>

#include "cupti/api.hpp"

#include <cudaProfiler.h>
#include <cupti_activity_deprecated.h>

namespace {

// Not in NVIDIA's header; the call is reported all the same.
struct cuProfilerInitialize_params {
  const char *configFile, *outputFile;
  CUoutput_mode outputMode;
};

#define SOFTGPU_ENTRY(name, id, declared, passed, ...)                     \
  static_assert(static_cast<int>(CUPTI_DRIVER_TRACE_CBID_##name) == (id)); \
  __VA_OPT__(struct packed_##name{__VA_ARGS__};                            \
             static_assert(sizeof(packed_##name) == sizeof(name##_params));)
#include "driver/generated/entry_points.inc"
#undef SOFTGPU_ENTRY

#define SAME_PLACE(older, now, member) \
  static_assert(offsetof(older, member) == offsetof(now, member))
#define BEGINS(older, now, last)               \
  static_assert(sizeof(older) <= sizeof(now)); \
  SAME_PLACE(older, now, last)
BEGINS(CUpti_ActivityKernel9, CUpti_ActivityKernel10, maxActiveClusters);
SAME_PLACE(CUpti_ActivityKernel9, CUpti_ActivityKernel10, name);
SAME_PLACE(CUpti_ActivityKernel9, CUpti_ActivityKernel10, graphNodeId);
BEGINS(CUpti_ActivityMemcpy5, CUpti_ActivityMemcpy6, channelType);
SAME_PLACE(CUpti_ActivityMemcpy5, CUpti_ActivityMemcpy6, correlationId);
BEGINS(CUpti_ActivityMemset3, CUpti_ActivityMemset4, graphId);
BEGINS(CUpti_ActivityMemory3, CUpti_ActivityMemory4, memoryPoolConfig);
BEGINS(CUpti_ActivityContext2, CUpti_ActivityContext3, numMultiprocessors);
BEGINS(CUpti_ActivitySynchronization, CUpti_ActivitySynchronization2, cudaEventId);
#undef BEGINS
#undef SAME_PLACE

}  // namespace
