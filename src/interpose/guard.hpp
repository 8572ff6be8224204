// SPDX-License-Identifier: MIT
// The re-entrancy guard: on this thread, are we inside a hook?
//
//   Guard guard;
//   if (!guard.entered()) return real(…);          // the driver calling itself, or our own work
//   inside a hook: hands off return hooks::cuLaunchKernel(HookCall{guard, …}, real, …);
//
// Drivers and the CUDA runtime call driver functions from within driver functions, through the very
// pointers we handed out. Without a guard a hooked allocation made by the driver inside
// cuModuleLoad would be taken for the application's, and a hook that calls the driver through an
// exported name would enter itself.
//
// A hook body takes a HookCall, which holds a `const Guard&`: no body can run without one.
//
// The flag is thread-local with the initial-exec model: one load relative to the thread pointer.
// The default model would call __tls_get_addr, which may allocate on a thread's first access,
// inside whatever allocator made the call. Initial-exec takes a few bytes of static TLS, which a
// preloaded library is sure to get and a dlopened one nearly so (glibc keeps 1,664 bytes of surplus
// for that).
#pragma once

namespace nonans::interpose {

class Guard {
 public:
  Guard() noexcept : outermost_(!inside_) { inside_ = true; }
  ~Guard() {
    if (outermost_) inside_ = false;
  }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

  // True in the outermost scope of this thread: the call comes from the application.
  bool entered() const noexcept { return outermost_; }
  static bool inside() noexcept { return inside_; }

 private:
  bool outermost_;
  [[gnu::tls_model("initial-exec")]] static thread_local constinit bool inside_;
};

}  // namespace nonans::interpose
