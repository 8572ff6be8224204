// SPDX-License-Identifier: MIT
// Finding dlsym when dlsym is us.
//
// Asking the loader for "dlsym" by calling dlsym enters our own override; the private ways around
// it, _dl_sym and
// __libc_dlsym, are gone from glibc 2.34 and 2.36. And since we override dlvsym too, the usual
// trick dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.2.5") also ends in us. So the first step asks nobody:
// it reads the dynamic symbol table of libc.so.6 (libdl.so.2 before glibc 2.34) in memory and takes
// dlvsym from it. The second step asks that dlvsym for the *next* dlsym after us, which is libc's,
// or that of another preloaded tool that should keep its turn. Versions tried: 2.34 (where libdl
// moved into libc), 2.2.5 (the first of x86-64), 2.17 (the first of aarch64).
//
// The first lookup may come before anything works. A program built with a sanitizer replaces
// strcmp, dl_iterate_phdr and hundreds more by wrappers, and its runtime calls dlsym to find the
// originals: a wrapper called from here would jump through a null pointer. So up to the point where
// both addresses are known, nothing but memory is read: the loader's list of objects is walked by
// hand (all that come before libc were there from the start and stay), names are compared by hand,
// and CMakeLists.txt keeps the compiler from making library calls of the loops.
//
// Nothing here takes a lock or a once-flag: the loader's own lock is held by our callers at times,
// and a thread that waits for a flag whose owner waits for the loader hangs for good. Threads that
// race find the same two pointers.
#include "interpose/real_dlsym.hpp"

#include <dlfcn.h>
#include <link.h>

#include "interpose/elf_symbols.hpp"
#include "interpose/notice.hpp"

constinit std::atomic<void*> nonans_real_dlsym = nullptr;
constinit std::atomic<void*> nonans_real_dlvsym = nullptr;

namespace nonans::interpose {

namespace {

using DlsymFn = void* (*)(void*, const char*);
using DlvsymFn = void* (*)(void*, const char*, const char*);

struct Found {
  void* dlsym = nullptr;
  void* dlvsym = nullptr;
};

bool same(const char* a, const char* b) {
  while (*a != '\0' && *a == *b) ++a, ++b;
  return *a == *b;
}

const char* file_of(const char* path) {
  const char* file = path;
  for (; *path != '\0'; ++path) {
    if (*path == '/') file = path + 1;
  }
  return file;
}

Found look_into_libc() {
  Found found;
  for (const link_map* m = _r_debug.r_map; m != nullptr; m = m->l_next) {
    const char* file = file_of(m->l_name);
    if (!same(file, "libc.so.6") && !same(file, "libdl.so.2")) continue;
    if (found.dlsym == nullptr) found.dlsym = find_symbol(m->l_addr, m->l_ld, "dlsym");
    if (found.dlvsym == nullptr) found.dlvsym = find_symbol(m->l_addr, m->l_ld, "dlvsym");
    if (found.dlsym != nullptr && found.dlvsym != nullptr) break;
  }
  return found;
}

void* next_of(void* libc_dlvsym, const char* name, void* fallback) {
  for (const char* version : {"GLIBC_2.34", "GLIBC_2.2.5", "GLIBC_2.17"}) {
    void* next = reinterpret_cast<DlvsymFn>(libc_dlvsym)(RTLD_NEXT, name, version);
    if (next != nullptr) return next;
  }
  return fallback;
}

}  // namespace

bool find_real_dlsym() noexcept {
  if (nonans_real_dlsym.load(std::memory_order_acquire) != nullptr) return true;
  const Found found = look_into_libc();
  if (found.dlsym == nullptr || found.dlvsym == nullptr) {
    note(Notice::no_real_dlsym, "every lookup in this process fails");
    return false;
  }
  // dlvsym first: a reader that sees dlsym set may use both.
  nonans_real_dlvsym.store(next_of(found.dlvsym, "dlvsym", found.dlvsym),
                           std::memory_order_release);
  nonans_real_dlsym.store(next_of(found.dlvsym, "dlsym", found.dlsym), std::memory_order_release);
  return true;
}

void* lookup(void* handle, const char* name, const char* version) noexcept {
  if (!find_real_dlsym()) return nullptr;
  // The result passes through a volatile so that no compiler turns the call into a jump: RTLD_NEXT
  // is decided by the return address, which must lie in this library.
  void* volatile found =
      version == nullptr
          ? reinterpret_cast<DlsymFn>(nonans_real_dlsym.load(std::memory_order_acquire))(handle,
                                                                                         name)
          : reinterpret_cast<DlvsymFn>(nonans_real_dlvsym.load(std::memory_order_acquire))(
                handle, name, version);
  return found;
}

}  // namespace nonans::interpose
