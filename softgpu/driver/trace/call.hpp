// SPDX-License-Identifier: MIT
// One call of an exported function while a tool listens (listener.hpp).
//
//   Call call(307, "cuLaunchKernel", &parameters, f);
//   return call.finish(softgpu_cuLaunchKernel(f, …));
//
// Nobody listens: entry points test tracing(), one load and a branch, and make no Call.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "driver/cuda_api.hpp"
#include "driver/trace/listener.hpp"

namespace softgpu::driver {

extern std::atomic<Listener*> g_listener;
inline bool tracing() {
  return g_listener.load(std::memory_order_relaxed) != nullptr;
}

class Call {
 public:
  Call(uint32_t callback_id, const char* function, const void* parameters,
       CUfunction launched) noexcept;
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  // What happened meanwhile is told first, then the exit. The listener may change the result.
  CUresult finish(CUresult result) noexcept;

  // The call this thread is in; nullptr on worker threads and when nobody listens.
  static Call* current();
  Listener& listener() { return *listener_; }
  uint32_t correlation() const { return call_.correlation; }
  // Locks of the driver may be held now, and the listener may call the driver, so what was created
  // is told when the call is done.
  using Teller = std::function<void(Listener&)>;
  void tell_later(Teller teller);
  // For what is about to go away. No lock of the driver may be held.
  void tell_now(const ResourceEvent& event);

 private:
  Listener* const listener_;
  Call* const outer_;  // set when this call is made by the listener itself, or inside the driver
  ApiCall call_;
  CUresult returned_ = CUDA_SUCCESS;
  std::vector<Teller> later_;
};

}  // namespace softgpu::driver
