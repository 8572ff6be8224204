// SPDX-License-Identifier: MIT
// Lookups whose answer depends on the object that makes them. Compiled at -O0, where each is a
// call, and at -O2, where the compiler makes it a jump; into the program and into a library of its
// own.
#define _GNU_SOURCE
#include <dlfcn.h>

#define NAME2(a, b) a##b
#define NAME1(a, b) NAME2(a, b)

__attribute__((visibility("default"))) void* NAME1(look_default_, LOOKUP_TAG)(const char* name) {
  return dlsym(RTLD_DEFAULT, name);
}
__attribute__((visibility("default"))) void* NAME1(look_next_, LOOKUP_TAG)(const char* name) {
  return dlsym(RTLD_NEXT, name);
}
