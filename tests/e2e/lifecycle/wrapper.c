// SPDX-License-Identifier: MIT
// Another tool that is preloaded: it wraps cuLaunchKernel as such tools do, and counts.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>

static long launches;

#pragma GCC visibility push(default)
int cuLaunchKernel(void* f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by,
                   unsigned bz, unsigned shared, void* stream, void** params, void** extra) {
  static int (*next)(void*, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,
                     void*, void**, void**);
  if (!next) *(void**)&next = dlsym(RTLD_NEXT, "cuLaunchKernel");
  ++launches;
  return next(f, gx, gy, gz, bx, by, bz, shared, stream, params, extra);
}

#pragma GCC visibility pop

__attribute__((destructor)) static void say(void) {
  fprintf(stdout, "wrapped %ld\n", launches);
}
