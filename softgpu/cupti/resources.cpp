// SPDX-License-Identifier: MIT
// Contexts, streams and modules: callbacks of the resource domain, and their records.
#include "cupti/buffers.hpp"
#include "cupti/driver.hpp"
#include "cupti/kinds.hpp"
#include "cupti/listener.hpp"
#include "cupti/subscriber.hpp"

namespace softgpu::cupti {
namespace {

using driver::ResourceEvent;
using driver::ResourceEventKind;

void call_subscriber(const ResourceEvent& event) {
  const auto id = static_cast<CUpti_CallbackId>(event.kind);
  if (!wanted(CUPTI_CB_DOMAIN_RESOURCE, id)) return;
  CUpti_ResourceData data{};
  data.context = event.context;
  data.resourceHandle.stream = event.stream;
  CUpti_ModuleResourceData module{};
  if (event.kind == ResourceEventKind::module_loaded ||
      event.kind == ResourceEventKind::module_unload_starting) {
    module.moduleId = event.module_id;
    module.cubinSize = event.image_size;
    module.pCubin = static_cast<const char*>(event.image);
    data.resourceDescriptor = &module;
  }
  deliver(CUPTI_CB_DOMAIN_RESOURCE, id, &data);
}

int device_of(CUcontext context) {
  int device = 0;
  const driver::TraceTable* const table = trace_table();
  if (table) table->context_device(context, &device);
  return device;
}

void record_context(const ResourceEvent& event) {
  if (!kind_enabled(CUPTI_ACTIVITY_KIND_CONTEXT, event.context_id)) return;
  CUpti_ActivityContext3 r{};
  r.kind = CUPTI_ACTIVITY_KIND_CONTEXT;
  r.contextId = event.context_id;
  r.deviceId = static_cast<uint32_t>(device_of(event.context));
  r.computeApiKind = CUPTI_ACTIVITY_COMPUTE_API_CUDA;
  uint32_t id = 0;
  if (trace_table()->stream_id(event.context, CU_STREAM_LEGACY, false, &id) == CUDA_SUCCESS)
    r.nullStreamId = static_cast<uint16_t>(id);
  append(r);
}

void record_stream(const ResourceEvent& event) {
  if (!kind_enabled(CUPTI_ACTIVITY_KIND_STREAM, event.context_id)) return;
  CUpti_ActivityStream r{};
  r.kind = CUPTI_ACTIVITY_KIND_STREAM;
  r.contextId = event.context_id;
  r.streamId = event.stream_id;
  r.priority = static_cast<uint32_t>(event.stream_priority);
  r.flag = (event.stream_flags & CU_STREAM_NON_BLOCKING) != 0
               ? CUPTI_ACTIVITY_STREAM_CREATE_FLAG_NON_BLOCKING
               : CUPTI_ACTIVITY_STREAM_CREATE_FLAG_DEFAULT;
  r.correlationId = event.correlation;
  append(r);
}

// One for each kernel, in the order of the module.
void record_functions(const ResourceEvent& event) {
  if (!kind_enabled(CUPTI_ACTIVITY_KIND_FUNCTION, event.context_id)) return;
  static std::atomic<uint32_t> next{1};
  for (uint32_t i = 0; i < event.function_count; ++i) {
    CUpti_ActivityFunction r{};
    r.kind = CUPTI_ACTIVITY_KIND_FUNCTION;
    r.id = next.fetch_add(1);
    r.contextId = event.context_id;
    r.moduleId = event.module_id;
    r.functionIndex = i;
    r.name = lasting(event.functions[i]);
    append(r);
  }
}

}  // namespace

void on_resource(const ResourceEvent& event) {
  if (event.kind == ResourceEventKind::context_created) record_context(event);
  if (event.kind == ResourceEventKind::stream_created) record_stream(event);
  if (event.kind == ResourceEventKind::module_loaded) record_functions(event);
  call_subscriber(event);
}

}  // namespace softgpu::cupti
