// SPDX-License-Identifier: MIT
// Identifiers, names of results and callbacks, what is supported, attributes.
#include <algorithm>
#include <atomic>
#include <cstring>
#include <iterator>
#include <mutex>

#include "cupti/driver.hpp"
#include "cupti/kinds.hpp"
#include "cupti/subscriber.hpp"

// After api.hpp, which makes these visible too.
#define CUPTI_LIB
#include <cupti_pcsampling.h>
#undef CUPTI_LIB

namespace softgpu::cupti {
namespace {

struct Callback {
  uint32_t id;
  const char* name;
};
// Ascending.
constexpr Callback kDriverCallbacks[] = {
#define SOFTGPU_CALLBACK(id, name) {id, name},
#include "cupti/generated/driver_callbacks.inc"
#undef SOFTGPU_CALLBACK
};

// Names of the other domains are those of their enumerators.
constexpr const char* kResourceNames[] = {nullptr,
                                          "CONTEXT_CREATED",
                                          "CONTEXT_DESTROY_STARTING",
                                          "STREAM_CREATED",
                                          "STREAM_DESTROY_STARTING",
                                          "CU_INIT_FINISHED",
                                          "MODULE_LOADED",
                                          "MODULE_UNLOAD_STARTING",
                                          "MODULE_PROFILED",
                                          "GRAPH_CREATED",
                                          "GRAPH_DESTROY_STARTING",
                                          "GRAPH_CLONED",
                                          "GRAPHNODE_CREATE_STARTING",
                                          "GRAPHNODE_CREATED",
                                          "GRAPHNODE_DESTROY_STARTING",
                                          "GRAPHNODE_DEPENDENCY_CREATED",
                                          "GRAPHNODE_DEPENDENCY_DESTROY_STARTING",
                                          "GRAPHEXEC_CREATE_STARTING",
                                          "GRAPHEXEC_CREATED",
                                          "GRAPHEXEC_DESTROY_STARTING",
                                          "GRAPHNODE_CLONED",
                                          "STREAM_ATTRIBUTE_CHANGED",
                                          "GRAPH_NODE_UPDATED",
                                          "GRAPH_NODE_SET_PARAMS"};
static_assert(std::size(kResourceNames) == CUPTI_CBID_RESOURCE_SIZE);
constexpr const char* kSynchronizeNames[] = {nullptr, "STREAM_SYNCHRONIZED",
                                             "CONTEXT_SYNCHRONIZED"};
static_assert(std::size(kSynchronizeNames) == CUPTI_CBID_SYNCHRONIZE_SIZE);

const char* name_of(CUpti_CallbackDomain domain, uint32_t id) {
  switch (domain) {
    case CUPTI_CB_DOMAIN_DRIVER_API: {
      const auto* const it =
          std::lower_bound(std::begin(kDriverCallbacks), std::end(kDriverCallbacks), id,
                           [](const Callback& c, uint32_t wanted) { return c.id < wanted; });
      return it != std::end(kDriverCallbacks) && it->id == id ? it->name : nullptr;
    }
    case CUPTI_CB_DOMAIN_RESOURCE:
      return id < std::size(kResourceNames) ? kResourceNames[id] : nullptr;
    case CUPTI_CB_DOMAIN_SYNCHRONIZE:
      return id < std::size(kSynchronizeNames) ? kSynchronizeNames[id] : nullptr;
    default:
      return nullptr;
  }
}

CUptiResult stream_id(CUcontext context, CUstream stream, bool per_thread, uint32_t* id) {
  if (!id) return CUPTI_ERROR_INVALID_PARAMETER;
  const driver::TraceTable* const table = trace_table();
  if (!table) return CUPTI_ERROR_NOT_INITIALIZED;
  return table->stream_id(context, stream, per_thread, id) == CUDA_SUCCESS
             ? CUPTI_SUCCESS
             : CUPTI_ERROR_INVALID_STREAM;
}

template <typename Number, typename Id, typename Handle>
CUptiResult number(Id (*driver::TraceTable::*get)(Handle), Handle handle, Number* out) {
  if (!handle || !out) return CUPTI_ERROR_INVALID_PARAMETER;
  const driver::TraceTable* const table = trace_table();
  if (!table) return CUPTI_ERROR_NOT_INITIALIZED;
  *out = static_cast<Number>((table->*get)(handle));
  return *out != 0 ? CUPTI_SUCCESS : CUPTI_ERROR_INVALID_PARAMETER;
}

}  // namespace
}  // namespace softgpu::cupti

using namespace softgpu::cupti;

CUptiResult cuptiGetCallbackName(CUpti_CallbackDomain domain, uint32_t id, const char** name) {
  const char* const found = name_of(domain, id);
  if (!name || !found) return answer(CUPTI_ERROR_INVALID_PARAMETER);
  *name = found;
  return answer(CUPTI_SUCCESS);
}

CUptiResult cuptiGetContextId(CUcontext context, uint32_t* id) {
  if (!id) return answer(CUPTI_ERROR_INVALID_PARAMETER);
  const softgpu::driver::TraceTable* const table = trace_table();
  if (!table) return answer(CUPTI_ERROR_NOT_INITIALIZED);
  return answer(context && table->context_id(context, id) == CUDA_SUCCESS
                    ? CUPTI_SUCCESS
                    : CUPTI_ERROR_INVALID_CONTEXT);
}

CUptiResult cuptiGetStreamId(CUcontext context, CUstream stream, uint32_t* id) {
  return answer(stream_id(context, stream, false, id));
}
CUptiResult cuptiGetStreamIdEx(CUcontext context, CUstream stream, uint8_t per_thread,
                               uint32_t* id) {
  return answer(stream_id(context, stream, per_thread != 0, id));
}

CUptiResult cuptiGetDeviceId(CUcontext context, uint32_t* id) {
  if (!id) return answer(CUPTI_ERROR_INVALID_PARAMETER);
  const softgpu::driver::TraceTable* const table = trace_table();
  if (!table) return answer(CUPTI_ERROR_NOT_INITIALIZED);
  int device = 0;
  if (table->context_device(context, &device) != CUDA_SUCCESS)
    return answer(CUPTI_ERROR_INVALID_DEVICE);
  *id = static_cast<uint32_t>(device);
  return answer(CUPTI_SUCCESS);
}

CUptiResult cuptiGetGraphId(CUgraph graph, uint32_t* id) {
  return answer(number(&softgpu::driver::TraceTable::graph_id, graph, id));
}
CUptiResult cuptiGetGraphNodeId(CUgraphNode node, uint64_t* id) {
  return answer(number(&softgpu::driver::TraceTable::node_id, node, id));
}
CUptiResult cuptiGetGraphExecId(CUgraphExec exec, uint32_t* id) {
  return answer(number(&softgpu::driver::TraceTable::exec_id, exec, id));
}

// What PTX can be compiled for runs here.
CUptiResult cuptiComputeCapabilitySupported(int major, int, int* support) {
  if (!support) return answer(CUPTI_ERROR_INVALID_PARAMETER);
  *support = major >= 7 ? 1 : 0;
  return answer(CUPTI_SUCCESS);
}

// softgpu-partial: the CRC-32 of IEEE 802.3; NVIDIA does not say which one is theirs
CUptiResult cuptiGetCubinCrc(CUpti_GetCubinCrcParams* params) {
  if (!params || params->size < CUpti_GetCubinCrcParamsSize || !params->cubin ||
      params->cubinSize == 0)
    return answer(CUPTI_ERROR_INVALID_PARAMETER);
  uint32_t crc = 0xffff'ffff;
  const auto* const bytes = static_cast<const uint8_t*>(params->cubin);
  for (size_t i = 0; i < params->cubinSize; ++i) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb8'8320u : 0u);
  }
  params->cubinCrc = ~crc;
  return answer(CUPTI_SUCCESS);
}

// May be called from a callback. Records that were not flushed before stay where they are.
CUptiResult cuptiFinalize() {
  disable_all_kinds();
  drop_subscriber();
  return answer(CUPTI_SUCCESS);
}
