// SPDX-License-Identifier: MIT
// Driver API calls: callbacks of the driver domain, and API records.
#include <sys/syscall.h>
#include <unistd.h>

#include <pthread.h>

#include "cupti/buffers.hpp"
#include "cupti/driver.hpp"
#include "cupti/kinds.hpp"
#include "cupti/listener.hpp"
#include "cupti/subscriber.hpp"

namespace softgpu::cupti {
namespace {

std::atomic<CUpti_ActivityThreadIdType> g_thread_id_type{CUPTI_ACTIVITY_THREAD_ID_TYPE_DEFAULT};

uint32_t thread_id() {
  if (g_thread_id_type == CUPTI_ACTIVITY_THREAD_ID_TYPE_SYSTEM)
    return static_cast<uint32_t>(syscall(SYS_gettid));
  return static_cast<uint32_t>(pthread_self());
}

void call_subscriber(driver::ApiCall& call) {
  if (!wanted(CUPTI_CB_DOMAIN_DRIVER_API, call.callback_id)) return;
  CUpti_CallbackData data{};
  data.callbackSite = call.site == driver::Site::enter ? CUPTI_API_ENTER : CUPTI_API_EXIT;
  data.functionName = call.function;
  data.functionParams = call.parameters;
  data.functionReturnValue = call.result;
  data.symbolName = call.symbol;
  data.context = call.context;
  data.contextUid = call.context_id;
  data.correlationData = &call.user;
  data.correlationId = call.correlation;
  deliver(CUPTI_CB_DOMAIN_DRIVER_API, call.callback_id, &data);
}

void record(const driver::ApiCall& call) {
  if (!api_record_wanted(call.callback_id, call.context_id)) return;
  external_correlation_of(call);
  CUpti_ActivityAPI r{};
  r.kind = CUPTI_ACTIVITY_KIND_DRIVER;
  r.cbid = call.callback_id;
  r.start = call.notes[kStart];
  r.end = now();
  r.processId = static_cast<uint32_t>(getpid());
  r.threadId = thread_id();
  r.correlationId = call.correlation;
  r.returnValue = static_cast<uint32_t>(*call.result);
  append(r);
}

void cu_init_finished(const driver::ApiCall& call) {
  if (call.callback_id != CUPTI_DRIVER_TRACE_CBID_cuInit || *call.result != CUDA_SUCCESS) return;
  const CUpti_ResourceData none{};
  if (wanted(CUPTI_CB_DOMAIN_RESOURCE, CUPTI_CBID_RESOURCE_CU_INIT_FINISHED))
    deliver(CUPTI_CB_DOMAIN_RESOURCE, CUPTI_CBID_RESOURCE_CU_INIT_FINISHED, &none);
}

}  // namespace

void on_call(driver::ApiCall& call) {
  if (call.site == driver::Site::enter) {
    call.notes[kStart] = now();
    memory_before(call);
    call_subscriber(call);
    graphs_before(call);
    return;
  }
  cu_init_finished(call);
  graphs_after(call);
  memory_after(call);
  synchronization_after(call);
  call_subscriber(call);
  record(call);
}

}  // namespace softgpu::cupti

using namespace softgpu::cupti;

CUptiResult cuptiSetThreadIdType(CUpti_ActivityThreadIdType type) {
  if (type != CUPTI_ACTIVITY_THREAD_ID_TYPE_DEFAULT && type != CUPTI_ACTIVITY_THREAD_ID_TYPE_SYSTEM)
    return answer(CUPTI_ERROR_NOT_SUPPORTED);
  g_thread_id_type = type;
  return answer(CUPTI_SUCCESS);
}

CUptiResult cuptiGetThreadIdType(CUpti_ActivityThreadIdType* type) {
  if (!type) return answer(CUPTI_ERROR_INVALID_PARAMETER);
  *type = g_thread_id_type;
  return answer(CUPTI_SUCCESS);
}
