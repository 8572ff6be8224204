// SPDX-License-Identifier: MIT
// cuStream*: making, asking, waiting. Host functions are in host_function.cpp, value waits in
// memory_operation.cpp.
#include <algorithm>

#include "driver/capture/capture.hpp"
#include "driver/entry.hpp"
#include "driver/event.hpp"
#include "driver/green/green_context.hpp"
#include "driver/ipc/shared_event.hpp"
#include "driver/trace/resources.hpp"

namespace softgpu::driver {
namespace {

CUresult create(CUstream* out, unsigned flags, int priority) {
  return with_context([&](Context& context) -> CUresult {
    if (!out || (flags & ~static_cast<unsigned>(CU_STREAM_NON_BLOCKING)) != 0)
      return CUDA_ERROR_INVALID_VALUE;
    *out =
        make_stream(context.shared_from_this(), flags, priority, current_green_context())->handle;
    return CUDA_SUCCESS;
  });
}

// Work already submitted goes on; the handle is gone at once.
CUresult destroy(CUstream handle) {
  return with_context([&](Context&) -> CUresult {
    if (const StreamPtr going = streams().find(handle)) {
      if (going->green && going->green->destroyed) return CUDA_ERROR_CONTEXT_IS_DESTROYED;
      tell_going(*going);
    }
    const StreamPtr stream = streams().remove(handle);
    if (!stream) return CUDA_ERROR_INVALID_HANDLE;
    leave_capture(stream);
    Context& owner = *stream->context;
    const std::lock_guard lock(owner.submission);
    std::erase(owner.streams, stream);
    owner.drop_finished_orphans();
    if (stream->tail) owner.orphans.push_back(stream->tail);
    return CUDA_SUCCESS;
  });
}

template <DefaultStream V>
CUresult stream_synchronize(CUstream handle) {
  return with_stream(handle, V, [](Context&, const StreamPtr& stream) -> CUresult {
    const CUresult r = refuse_while_capturing(stream);
    return r == CUDA_SUCCESS ? synchronize(stream) : r;
  });
}

template <DefaultStream V>
CUresult query(CUstream handle) {
  return with_stream(handle, V, [](Context& context, const StreamPtr& stream) -> CUresult {
    if (const CUresult r = refuse_while_capturing(stream); r != CUDA_SUCCESS) return r;
    const std::lock_guard lock(context.submission);
    const auto busy = [](const StreamPtr& s) {
      if (!s->tail) return false;
      if (!s->tail->done()) return true;
      Scheduler::saw(*s->tail);
      return false;
    };
    bool any = busy(stream);
    if (stream->is_legacy) {
      for (const StreamPtr& other : context.streams)
        any = any || (other->blocking && other->green == stream->green && busy(other));
      if (!stream->green)
        for (const auto& [thread, other] : context.per_thread) any = any || busy(other);
    }
    return any ? CUDA_ERROR_NOT_READY : CUDA_SUCCESS;
  });
}

template <DefaultStream V>
CUresult wait_event(CUstream handle, CUevent event_handle, unsigned flags) {
  return with_stream(handle, V, [&](Context& context, const StreamPtr& stream) -> CUresult {
    if ((flags & ~static_cast<unsigned>(CU_EVENT_WAIT_EXTERNAL)) != 0)
      return CUDA_ERROR_INVALID_VALUE;
    const EventPtr event = events().find(event_handle);
    if (!event) return CUDA_ERROR_INVALID_HANDLE;
    bool in_capture = false;
    const CUresult r = wait_for_event(stream, event, flags == CU_EVENT_WAIT_EXTERNAL, in_capture);
    if (r != CUDA_SUCCESS || in_capture) return r;
    if (event->shared) {
      if (event->shared->latest() != 0)
        enqueue(stream, event->shared->make_wait(context.shared_from_this()));
      return CUDA_SUCCESS;
    }
    const OperationPtr recorded = event->recorded();
    if (!recorded) return CUDA_SUCCESS;  // never recorded: nothing to wait for
    class Wait final : public StreamOperation {
      using StreamOperation::StreamOperation;
      void run(Context&) override {}
    };
    enqueue(stream, std::make_shared<Wait>(context.shared_from_this()), Run::here_if_ready,
            {&recorded, 1});
    return CUDA_SUCCESS;
  });
}

template <DefaultStream V, typename T, typename Get>
CUresult ask(CUstream handle, T* out, Get&& get) {
  return with_stream(handle, V, [&](Context&, const StreamPtr& stream) -> CUresult {
    if (!out) return CUDA_ERROR_INVALID_VALUE;
    *out = get(*stream);
    return CUDA_SUCCESS;
  });
}

// The first version has no place for a green context: it gives the context converted from it, which
// is made if nobody has asked for it yet.
template <DefaultStream V>
CUresult get_context(CUstream handle, CUcontext* out) {
  return with_stream(handle, V, [&](Context& context, const StreamPtr& stream) -> CUresult {
    if (!out) return CUDA_ERROR_INVALID_VALUE;
    if (stream->green) return cuCtxFromGreenCtx(out, stream->green->handle);
    *out = context.handle;
    return CUDA_SUCCESS;
  });
}

template <DefaultStream V>
CUresult get_contexts(CUstream handle, CUcontext* out, CUgreenCtx* green) {
  return with_stream(handle, V, [&](Context& context, const StreamPtr& stream) -> CUresult {
    if (!out) return CUDA_ERROR_INVALID_VALUE;
    *out = context.handle;
    if (green) *green = stream->green ? stream->green->handle : nullptr;
    return CUDA_SUCCESS;
  });
}

template <DefaultStream V>
CUresult get_attribute(CUstream handle, CUstreamAttrID attribute, CUstreamAttrValue* value) {
  return with_stream(handle, V, [&](Context&, const StreamPtr& stream) -> CUresult {
    if (!value) return CUDA_ERROR_INVALID_VALUE;
    switch (attribute) {
      case CU_LAUNCH_ATTRIBUTE_SYNCHRONIZATION_POLICY:
        value->syncPolicy = stream->sync_policy;
        return CUDA_SUCCESS;
      case CU_LAUNCH_ATTRIBUTE_PRIORITY:
        value->priority = stream->priority;
        return CUDA_SUCCESS;
      case CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN:
        value->memSyncDomain = stream->memory_domain;
        return CUDA_SUCCESS;
      case CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN_MAP:
        value->memSyncDomainMap = {0, 1};
        return CUDA_SUCCESS;
      case CU_LAUNCH_ATTRIBUTE_ACCESS_POLICY_WINDOW:
        value->accessPolicyWindow = {};
        return CUDA_SUCCESS;
      default:
        return CUDA_ERROR_INVALID_VALUE;
    }
  });
}

template <DefaultStream V>
CUresult set_attribute(CUstream handle, CUstreamAttrID attribute, const CUstreamAttrValue* value) {
  return with_stream(handle, V, [&](Context&, const StreamPtr& stream) -> CUresult {
    if (!value) return CUDA_ERROR_INVALID_VALUE;
    switch (attribute) {
      case CU_LAUNCH_ATTRIBUTE_SYNCHRONIZATION_POLICY:
        stream->sync_policy = value->syncPolicy;
        return CUDA_SUCCESS;
      case CU_LAUNCH_ATTRIBUTE_PRIORITY:
        stream->priority = std::clamp(value->priority, kGreatestPriority, kLeastPriority);
        return CUDA_SUCCESS;
      case CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN:
        stream->memory_domain = value->memSyncDomain;
        return CUDA_SUCCESS;
      // Hints that change no result on this device.
      case CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN_MAP:
      case CU_LAUNCH_ATTRIBUTE_ACCESS_POLICY_WINDOW:
        return CUDA_SUCCESS;
      default:
        return CUDA_ERROR_INVALID_VALUE;
    }
  });
}

template <DefaultStream V>
CUresult copy_attributes(CUstream to, CUstream from) {
  return with_stream(from, V, [&](Context&, const StreamPtr& source) {
    return with_stream(to, V, [&](Context&, const StreamPtr& target) -> CUresult {
      target->sync_policy = source->sync_policy;
      target->priority = source->priority;
      target->memory_domain = source->memory_domain;
      return CUDA_SUCCESS;
    });
  });
}

constexpr auto kLegacy = DefaultStream::legacy;
constexpr auto kPerThread = DefaultStream::per_thread;

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuStreamCreate(CUstream* out, unsigned int flags) {
  return create(out, flags, 0);
}
CUresult cuStreamCreateWithPriority(CUstream* out, unsigned int flags, int priority) {
  return create(out, flags, priority);
}
CUresult cuStreamDestroy(CUstream s) {
  return destroy(s);
}
CUresult cuStreamDestroy_v2(CUstream s) {
  return destroy(s);
}

CUresult cuStreamSynchronize(CUstream s) {
  return stream_synchronize<kLegacy>(s);
}
CUresult cuStreamSynchronize_ptsz(CUstream s) {
  return stream_synchronize<kPerThread>(s);
}
CUresult cuStreamQuery(CUstream s) {
  return query<kLegacy>(s);
}
CUresult cuStreamQuery_ptsz(CUstream s) {
  return query<kPerThread>(s);
}
CUresult cuStreamWaitEvent(CUstream s, CUevent e, unsigned int flags) {
  return wait_event<kLegacy>(s, e, flags);
}
CUresult cuStreamWaitEvent_ptsz(CUstream s, CUevent e, unsigned int flags) {
  return wait_event<kPerThread>(s, e, flags);
}

CUresult cuStreamGetPriority(CUstream s, int* out) {
  return ask<kLegacy>(s, out, [](const Stream& stream) { return stream.priority; });
}
CUresult cuStreamGetPriority_ptsz(CUstream s, int* out) {
  return ask<kPerThread>(s, out, [](const Stream& stream) { return stream.priority; });
}
CUresult cuStreamGetFlags(CUstream s, unsigned int* out) {
  return ask<kLegacy>(s, out, [](const Stream& stream) { return stream.flags; });
}
CUresult cuStreamGetFlags_ptsz(CUstream s, unsigned int* out) {
  return ask<kPerThread>(s, out, [](const Stream& stream) { return stream.flags; });
}
CUresult cuStreamGetId(CUstream s, unsigned long long* out) {
  return ask<kLegacy>(s, out, [](const Stream& stream) { return stream.id; });
}
CUresult cuStreamGetId_ptsz(CUstream s, unsigned long long* out) {
  return ask<kPerThread>(s, out, [](const Stream& stream) { return stream.id; });
}
CUresult cuStreamGetDevice(CUstream s, CUdevice* out) {
  return ask<kLegacy>(s, out,
                      [](const Stream& stream) { return CUdevice{stream.context->device}; });
}
CUresult cuStreamGetDevice_ptsz(CUstream s, CUdevice* out) {
  return ask<kPerThread>(s, out,
                         [](const Stream& stream) { return CUdevice{stream.context->device}; });
}
CUresult cuStreamGetCtx(CUstream s, CUcontext* out) {
  return get_context<kLegacy>(s, out);
}
CUresult cuStreamGetCtx_ptsz(CUstream s, CUcontext* out) {
  return get_context<kPerThread>(s, out);
}
CUresult cuStreamGetCtx_v2(CUstream s, CUcontext* out, CUgreenCtx* green) {
  return get_contexts<kLegacy>(s, out, green);
}
CUresult cuStreamGetCtx_v2_ptsz(CUstream s, CUcontext* out, CUgreenCtx* green) {
  return get_contexts<kPerThread>(s, out, green);
}
CUresult cuStreamGetGreenCtx(CUstream s, CUgreenCtx* out) {
  return ask<kLegacy>(s, out, [](const Stream& stream) -> CUgreenCtx {
    return stream.green ? stream.green->handle : nullptr;
  });
}

CUresult cuStreamGetAttribute(CUstream s, CUstreamAttrID id, CUstreamAttrValue* value) {
  return get_attribute<kLegacy>(s, id, value);
}
CUresult cuStreamGetAttribute_ptsz(CUstream s, CUstreamAttrID id, CUstreamAttrValue* value) {
  return get_attribute<kPerThread>(s, id, value);
}
// softgpu-partial: the access policy window and the map of memory domains are not kept
CUresult cuStreamSetAttribute(CUstream s, CUstreamAttrID id, const CUstreamAttrValue* value) {
  return set_attribute<kLegacy>(s, id, value);
}
CUresult cuStreamSetAttribute_ptsz(CUstream s, CUstreamAttrID id, const CUstreamAttrValue* value) {
  return set_attribute<kPerThread>(s, id, value);
}
CUresult cuStreamCopyAttributes(CUstream to, CUstream from) {
  return copy_attributes<kLegacy>(to, from);
}
CUresult cuStreamCopyAttributes_ptsz(CUstream to, CUstream from) {
  return copy_attributes<kPerThread>(to, from);
}
