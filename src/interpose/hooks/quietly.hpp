// SPDX-License-Identifier: MIT
// Our share of a hook: whatever goes wrong in it, the application's call has been or will be made
// and answered.
//
//   quietly([&](Runtime& runtime) { runtime.buffers.add(…); });
//
// For hooks that may take their time (they start the runtime and see the current context); launch
// hooks do not use it.
#pragma once

#include <pthread.h>

#include <exception>

#include "interpose/notice.hpp"
#include "interpose/own_work.hpp"
#include "interpose/runtime/runtime.hpp"

namespace nonans::interpose::hooks {

// pthread_cancel acts in open, read and write, which our work may call: it would unwind through the
// hook, and that ends the process.
class Uncancelled {
 public:
  Uncancelled() noexcept { pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before_); }
  ~Uncancelled() { pthread_setcancelstate(before_, nullptr); }
  Uncancelled(const Uncancelled&) = delete;
  Uncancelled& operator=(const Uncancelled&) = delete;

 private:
  int before_ = PTHREAD_CANCEL_ENABLE;
};

template <typename Work>
void quietly(Work work) noexcept {
  const Uncancelled uncancelled;
  const OwnWork mark;
  try {
    if (Runtime* runtime = Runtime::start()) {
      runtime->discovery.look_up(runtime->code);
      work(*runtime);
      runtime->cupti.attend();
    }
  } catch (const std::exception& failure) {
    // Out of memory, most likely. What was not recorded is unknown to us, and what is unknown is
    // left alone.
    note(Notice::hook_failed, failure.what());
  } catch (...) {
    note(Notice::hook_failed, "unknown");
  }
}

// The same for hooks that have nothing to do while the runtime has not seen a context.
template <typename Work>
void quietly_if_running(Work work) noexcept {
  const OwnWork mark;
  try {
    if (Runtime* runtime = Runtime::get()) work(*runtime);
  } catch (...) {
  }
}

}  // namespace nonans::interpose::hooks
