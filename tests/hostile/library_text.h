/* SPDX-License-Identifier: MIT
 * Does a call come from libnonans.so? For libraries that are preloaded in front of it and stand in
 * for functions of libc: the return address tells whose call it is.
 *
 *   if (from_library(__builtin_return_address(0))) ...
 *
 * Include it in one file of a library. Looked up once, in a constructor: libnonans.so is loaded by
 * then, as all that is preloaded. Without it no call is the library's. */
#pragma once
#ifndef _GNU_SOURCE
#error "define _GNU_SOURCE first: dl_iterate_phdr"
#endif

#include <link.h>
#include <stdint.h>
#include <string.h>

static uintptr_t library_first, library_last;

static int find_library(struct dl_phdr_info* info, size_t size, void* data) {
  (void)size, (void)data;
  const char* slash = strrchr(info->dlpi_name, '/');
  if (strncmp(slash != NULL ? slash + 1 : info->dlpi_name, "libnonans.so", 12) != 0) return 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)* header = &info->dlpi_phdr[i];
    if (header->p_type != PT_LOAD || (header->p_flags & PF_X) == 0) continue;
    library_first = info->dlpi_addr + header->p_vaddr;
    library_last = library_first + header->p_memsz;
  }
  return 1;
}

__attribute__((constructor)) static void find_library_text(void) {
  dl_iterate_phdr(find_library, NULL);
}

static int from_library(const void* address) {
  return (uintptr_t)address >= library_first && (uintptr_t)address < library_last;
}
