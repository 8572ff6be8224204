// SPDX-License-Identifier: MIT
// Were we there in time?
//
// A preloaded library comes before all others, and hence before libc, in the loader's list; one
// that a program opens with dlopen comes behind it. Pointers that were handed out before are never
// asked for again, so a library that comes late sees next to nothing. It says so, once, and does no
// harm: its exports are found by nobody, or lead to the driver as ever.
//
// The driver itself opens what CUDA_INJECTION64_PATH names, and NVTX what NVTX_INJECTION64_PATH
// names, late by design: nothing is said then.
//
// This is the one thing that happens when the library is loaded, into whatever process. It reads a
// list and compares a pointer, by hand: other libraries' constructors may not have run
// (real_dlsym.cpp).
#include <link.h>

#include <cstdlib>

#include "interpose/notice.hpp"

namespace nonans::interpose {
namespace {

bool is_libc(const char* path) {
  const char* file = path;
  for (; *path != '\0'; ++path)
    if (*path == '/') file = path + 1;
  const char* wanted = "libc.so.6";
  while (*wanted != '\0' && *file == *wanted) ++file, ++wanted;
  return *file == *wanted;
}

[[gnu::constructor]] void look_when_loaded() {
  for (const link_map* m = _r_debug.r_map; m != nullptr; m = m->l_next) {
    if (m->l_ld == _DYNAMIC) return;
    if (!is_libc(m->l_name)) continue;
    if (std::getenv("CUDA_INJECTION64_PATH") == nullptr &&
        std::getenv("NVTX_INJECTION64_PATH") == nullptr)
      note(Notice::opened_late, "");
    return;
  }
}

}  // namespace
}  // namespace nonans::interpose
