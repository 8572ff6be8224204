// SPDX-License-Identifier: MIT
#include "interpose/lifecycle.hpp"

#include <pthread.h>
#include <sys/auxv.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "interpose/guard.hpp"
#include "interpose/notice.hpp"

namespace nonans::interpose::lifecycle {

constinit std::atomic<State> state = State::fresh;

namespace {

constinit std::atomic<StopHandler> handlers[4] = {};
constinit pid_t owner = 0;

void stop(StopReason why) noexcept {
  if (state.exchange(State::off, std::memory_order_acq_rel) != State::on) return;
  for (auto& handler : handlers) {
    if (StopHandler call = handler.exchange(nullptr, std::memory_order_acq_rel)) call(why);
  }
}

void at_exit() {
  // A child of a bare clone or _Fork: nobody told us of it.
  if (getpid() != owner) return stop(StopReason::fork_child);
  // exit() from a signal handler that interrupted a hook: this thread may hold our locks, and
  // nobody else will ever give them back. The summary is lost; the program ends.
  if (Guard::inside()) return state.store(State::off, std::memory_order_release);
  stop(StopReason::exit);
}
void in_fork_child() {
  stop(StopReason::fork_child);
}

bool unwanted() {
  if (getauxval(AT_SECURE) != 0) return true;
  const char* mode = std::getenv("NONANS_MODE");
  return mode != nullptr && std::string_view(mode) == "off";
}

}  // namespace

bool begin() noexcept {
  if (state.load(std::memory_order_acquire) == State::off) return false;
  State expected = State::fresh;
  // Several threads may make the first call at once: one decides. None waits, for nothing here
  // depends on the others.
  if (state.compare_exchange_strong(expected, unwanted() ? State::off : State::on)) {
    if (state.load() == State::on) {
      owner = getpid();
      pthread_atfork(nullptr, nullptr, in_fork_child);
      std::atexit(at_exit);
    }
  }
  return on();
}

void give_up() noexcept {
  state.store(State::off, std::memory_order_release);
}

bool add_stop_handler(StopHandler handler) noexcept {
  for (auto& place : handlers) {
    StopHandler empty = nullptr;
    if (place.compare_exchange_strong(empty, handler)) return true;
  }
  note(Notice::stop_handlers, "one is not called");
  return false;
}

}  // namespace nonans::interpose::lifecycle
