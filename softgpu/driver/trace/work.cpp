// SPDX-License-Identifier: MIT
#include "driver/trace/work.hpp"

namespace softgpu::driver {
namespace {

thread_local const Activity* t_running = nullptr;

Listener* interested() {
  Listener* const listener = g_listener.load(std::memory_order_acquire);
  return listener && listener->wants_activity.load(std::memory_order_relaxed) ? listener : nullptr;
}

}  // namespace

void TracedWork::remember(const Stream& stream) {
  Listener* const listener = interested();
  if (!listener) return;
  submitted_ = std::make_unique<Activity>();
  submitted_->context_id = static_cast<uint32_t>(stream.context->id);
  submitted_->stream_id = static_cast<uint32_t>(stream.id);
  submitted_->device = static_cast<uint32_t>(stream.context->device);
  if (const Call* const call = Call::current()) submitted_->correlation = call->correlation();
  submitted_->graph_exec = graph_exec_;
  submitted_->graph_node = graph_node_;
  submitted_->submitted = listener->now();
}

void remember_submission(Operation* operation, const Stream& stream) {
  if (!interested()) return;
  if (auto* const work = dynamic_cast<TracedWork*>(operation)) work->remember(stream);
}

TracedWork::Run::Run(const TracedWork& work) {
  const Activity* const from = work.submitted_ ? work.submitted_.get() : t_running;
  if (!from) return;
  Listener* const listener = interested();
  if (!listener) return;
  activity_ = std::make_unique<Activity>(*from);
  outer_ = t_running;
  t_running = activity_.get();
  if (!work.describe(*activity_)) activity_->kind = ActivityKind::none;
  activity_->start = listener->now();
}

TracedWork::Run::~Run() {
  if (!activity_) return;
  t_running = outer_;
  Listener* const listener = interested();
  if (!listener || activity_->kind == ActivityKind::none) return;
  activity_->end = listener->now();
  listener->activity(*activity_);
}

}  // namespace softgpu::driver
