// SPDX-License-Identifier: MIT
// When the hooks run, and when they must not any more.
//
//   lifecycle::add_stop_handler([](StopReason why) noexcept { … });    // the runtime: drain what
//   is there, no CUDA call
//
// fresh ──first hooked call──▶ on ──exit, or fork in the child──▶ off. Off is for good; trampolines
// then pass straight on.
//
// Start. The preload reaches every child of a training script: gcc, ptxas, shells. Nothing is done
// in a constructor (but see late_load.cpp); the first call of a hooked function (in practice
// cuInit) registers the two handlers below. A set-user-ID process (AT_SECURE) and NONANS_MODE=off
// go straight to `off`.
//
// Fork. A CUDA context does not survive fork: in the child every driver call fails, our ring
// belongs to the parent, our drain thread does not exist and a lock may be held by a thread that is
// gone. So the child of a process that used CUDA is off for good: handlers run with
// StopReason::fork_child and may only forget. A fork before the first hooked call (a data loader's
// zygote, a launcher) registers nothing and so changes nothing: that child may use CUDA and is
// watched.
//
// Exit. The driver is torn down by its own atexit handlers and destructors, in an order nobody
// documents, and calls made then return CUDA_ERROR_DEINITIALIZED or hang. Our handler is registered
// at the first hooked call, before the driver has initialised and registered its own, hence runs
// after the application's later ones and before destructors of objects made earlier; from then on
// the hooks are off. Stop handlers must not call the driver. _exit and SIGKILL skip all this.
// exit() in a signal handler that interrupted a hook skips the handlers: the locks that they would
// wait for are the thread's own.
#pragma once

#include <atomic>
#include <cstdint>

namespace nonans::interpose {

enum class StopReason : uint8_t { exit, fork_child };
using StopHandler = void (*)(StopReason why) noexcept;

namespace lifecycle {

enum class State : uint8_t { fresh, on, off };
extern constinit std::atomic<State> state;

inline bool on() noexcept {
  return state.load(std::memory_order_acquire) == State::on;
}
// The slow path of a trampoline that found `on()` false: starts if nothing was decided yet. True if
// the hooks run.
bool begin() noexcept;
// Off for good, with no handler called: the runtime gave up (say, no device code loads).
void give_up() noexcept;

// Called once, in the order of addition. At most four; false (and a notice) beyond.
bool add_stop_handler(StopHandler handler) noexcept;

}  // namespace lifecycle
}  // namespace nonans::interpose
