// SPDX-License-Identifier: MIT
#include "driver/trace/resources.hpp"

#include "driver/trace/trace_table.hpp"

namespace softgpu::driver {
namespace {

ResourceEvent event_of(ResourceEventKind kind, const Context& context) {
  ResourceEvent event;
  event.kind = kind;
  event.context = context.handle;
  event.context_id = static_cast<uint32_t>(context.id);
  if (const Call* const call = Call::current()) event.correlation = call->correlation();
  return event;
}

ResourceEvent event_of(ResourceEventKind kind, const Stream& stream) {
  ResourceEvent event = event_of(kind, *stream.context);
  event.stream = stream.handle;
  event.stream_id = static_cast<uint32_t>(stream.id);
  event.stream_flags = stream.flags;
  event.stream_priority = stream.priority;
  return event;
}

// `names` has to live as long as the event.
ResourceEvent event_of(ResourceEventKind kind, const Module& module,
                       std::vector<const char*>& names) {
  ResourceEvent event = event_of(kind, *module.context);
  event.module_id = static_cast<uint32_t>(number_in(module.handle));
  if (module.image) {
    event.image = module.image->data();
    event.image_size = module.image->size();
  }
  for (const auto& kernel : module.program->kernels()) names.push_back(kernel->name.c_str());
  event.functions = names.data();
  event.function_count = static_cast<uint32_t>(names.size());
  return event;
}

// The call of this thread that a listener hears of.
Call* heard() {
  return tracing() ? Call::current() : nullptr;
}

}  // namespace

void tell_created(const std::shared_ptr<Context>& context) {
  if (Call* const call = heard())
    call->tell_later([context](Listener& listener) {
      listener.resource(event_of(ResourceEventKind::context_created, *context));
    });
}

void tell_created(const StreamPtr& stream) {
  if (Call* const call = heard())
    call->tell_later([stream](Listener& listener) {
      listener.resource(event_of(ResourceEventKind::stream_created, *stream));
    });
}

void tell_created(const ModulePtr& module) {
  if (Call* const call = heard())
    call->tell_later([module](Listener& listener) {
      std::vector<const char*> names;
      listener.resource(event_of(ResourceEventKind::module_loaded, *module, names));
    });
}

void tell_going(const Context& context) {
  Call* const call = heard();
  if (!call) return;
  call->tell_now(event_of(ResourceEventKind::context_destroy_starting, context));
  for (const ModulePtr& module : modules().all())
    if (module->context.get() == &context) tell_going(*module);
  for (const StreamPtr& stream : streams().all())
    if (stream->context.get() == &context) tell_going(*stream);
}

void tell_going(const Stream& stream) {
  if (Call* const call = heard())
    call->tell_now(event_of(ResourceEventKind::stream_destroy_starting, stream));
}

void tell_going(const Module& module) {
  Call* const call = heard();
  if (!call) return;
  std::vector<const char*> names;
  call->tell_now(event_of(ResourceEventKind::module_unload_starting, module, names));
}

}  // namespace softgpu::driver
