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
// Nothing here takes a lock or a once-flag: the loader's own lock is held by our callers at times,
// and a thread that waits for a flag whose owner waits for the loader hangs for good. Threads that
// race find the same two pointers.
#include "interpose/real_dlsym.hpp"

#include <dlfcn.h>
#include <link.h>

#include <cstring>

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

bool ends_with_file(const char* path, const char* file) {
  const char* slash = std::strrchr(path, '/');
  return std::strcmp(slash == nullptr ? path : slash + 1, file) == 0;
}

int look_into(dl_phdr_info* info, size_t, void* result) {
  if (info->dlpi_name == nullptr) return 0;
  if (!ends_with_file(info->dlpi_name, "libc.so.6") &&
      !ends_with_file(info->dlpi_name, "libdl.so.2"))
    return 0;
  auto* found = static_cast<Found*>(result);
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    if (info->dlpi_phdr[i].p_type != PT_DYNAMIC) continue;
    auto* dynamic =
        reinterpret_cast<const ElfW(Dyn)*>(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
    if (found->dlsym == nullptr) found->dlsym = find_symbol(info->dlpi_addr, dynamic, "dlsym");
    if (found->dlvsym == nullptr) found->dlvsym = find_symbol(info->dlpi_addr, dynamic, "dlvsym");
  }
  return found->dlsym != nullptr && found->dlvsym != nullptr;
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
  Found found;
  dl_iterate_phdr(look_into, &found);
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
