// SPDX-License-Identifier: MIT
#include "interpose/notice.hpp"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "events/quiet_write.hpp"

namespace nonans::interpose {

namespace {

constinit std::atomic<uint64_t> counts[static_cast<int>(Notice::count)] = {};

constexpr const char* kTexts[] = {
    "cannot find libc's dlsym; driver functions looked up by name are not watched: ",
    "this driver has a newer form of a function than this build knows; it is not watched: ",
    "a driver function was called, but no CUDA driver is loaded that has it: ",
    "no CUDA driver could be opened, so every driver function fails: ",
    "internal: too many parts want to be told of the end of the process: ",
    "no memory, or another failure of the library's own; part of this program runs unwatched: ",
    "opened with dlopen, which is too late: what the program has looked up is not watched; start "
    "it with LD_PRELOAD or `nonans run`",
};
static_assert(std::size(kTexts) == static_cast<size_t>(Notice::count));

}  // namespace

void note(Notice notice, const char* detail) noexcept {
  if (counts[static_cast<int>(notice)].fetch_add(1, std::memory_order_relaxed) != 0) return;
  char line[256];
  size_t used = 0;
  for (const char* part : {"nonans: ", kTexts[static_cast<int>(notice)], detail, "\n"}) {
    size_t room = sizeof line - used;
    size_t length = strnlen(part, room);
    memcpy(line + used, part, length);
    used += length;
  }
  // A closed or full stderr is the application's affair; there is nobody else to tell.
  if (!events::standard_error_is_open()) return;
  const int saved = errno;
  const iovec whole{line, used};
  events::write_without_signal(STDERR_FILENO, &whole, 1);
  errno = saved;
}

uint64_t noted(Notice notice) noexcept {
  return counts[static_cast<int>(notice)].load(std::memory_order_relaxed);
}

}  // namespace nonans::interpose
