// SPDX-License-Identifier: MIT
#include "driver/trace/call.hpp"

#include "driver/context.hpp"
#include "driver/module.hpp"

namespace softgpu::driver {

std::atomic<Listener*> g_listener{nullptr};

namespace {

// Plain data, as every thread-local of this library: calls come from destructors too.
thread_local Call* t_call = nullptr;

uint32_t next_correlation() {
  static std::atomic<uint32_t> next{1};
  return next.fetch_add(1, std::memory_order_relaxed);
}

// The name of the kernel that a launch means. It is not resolved: a kernel whose module is not
// loaded yet would be loaded by that.
const char* name_of(CUfunction handle) {
  if (const FunctionPtr function = functions().find(handle)) return function->kernel->name.c_str();
  const KernelPtr kernel = kernels().find(reinterpret_cast<CUkernel>(handle));
  return kernel ? kernel->name.c_str() : nullptr;
}

}  // namespace

Call* Call::current() {
  return t_call;
}

Call::Call(uint32_t callback_id, const char* function, const void* parameters,
           CUfunction launched) noexcept
    : listener_(g_listener.load(std::memory_order_acquire)), outer_(t_call) {
  if (!listener_) return;  // it left between the test and here
  t_call = this;
  call_.callback_id = callback_id;
  call_.function = function;
  call_.parameters = parameters;
  call_.correlation = next_correlation();
  if (outer_ || !listener_->call) return;
  std::shared_ptr<Context> context;
  if (current_context(context) == CUDA_SUCCESS) {
    call_.context = context->handle;
    call_.context_id = static_cast<uint32_t>(context->id);
  }
  if (launched) call_.symbol = name_of(launched);
  listener_->call(call_);
}

Call::~Call() {
  if (listener_) t_call = outer_;
}

CUresult Call::finish(CUresult result) noexcept {
  if (!listener_ || outer_) return result;
  for (const Teller& tell : later_) tell(*listener_);
  later_.clear();
  call_.site = Site::exit;
  returned_ = result;
  call_.result = &returned_;
  if (listener_->call) listener_->call(call_);
  return returned_;
}

void Call::tell_later(Teller teller) {
  if (!outer_ && listener_->resource) later_.push_back(std::move(teller));
}

void Call::tell_now(const ResourceEvent& event) {
  if (!outer_ && listener_->resource) listener_->resource(event);
}

}  // namespace softgpu::driver
