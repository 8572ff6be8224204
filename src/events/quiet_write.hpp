// SPDX-License-Identifier: MIT
// Writing from inside a stranger's process.
//
//   if (standard_error_is_open()) write_without_signal(STDERR_FILENO, parts, 2);
//
// A pipe whose reader is gone raises SIGPIPE in the thread that writes, and that ends the program
// by default: a program that never writes to such a pipe itself must not be ended by our line. And
// a program that was started with its standard error closed gets that number for the next file it
// opens: our lines must not end up in there.
#pragma once

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace nonans::events {

// writev(2), which raises no signal. errno is that of the write.
inline ssize_t write_without_signal(int descriptor, const iovec* parts, int count) noexcept {
  sigset_t pipe, before, pending;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  sigemptyset(&pending);
  sigpending(&pending);
  pthread_sigmask(SIG_BLOCK, &pipe, &before);
  ssize_t written;
  do {
    written = writev(descriptor, parts, count);
  } while (written < 0 && errno == EINTR);
  const int error = errno;
  // Ours to take back, unless one was waiting for the program before.
  if (written < 0 && error == EPIPE && !sigismember(&pending, SIGPIPE)) {
    const timespec at_once{};
    while (sigtimedwait(&pipe, nullptr, &at_once) < 0 && errno == EINTR) {
    }
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return written;
}

// Whether it was at the first call; whoever opens it later means something else by it.
inline bool standard_error_is_open() noexcept {
  enum : int { unknown, open, closed };
  static constinit std::atomic<int> known{unknown};
  int now = known.load(std::memory_order_relaxed);
  if (now != unknown) return now == open;
  const int saved = errno;
  const int found = fcntl(STDERR_FILENO, F_GETFD) < 0 ? closed : open;
  errno = saved;
  if (known.compare_exchange_strong(now, found)) now = found;
  return now == open;
}

}  // namespace nonans::events
