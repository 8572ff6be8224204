// SPDX-License-Identifier: MIT
// A module that is opened with RTLD_DEEPBIND: its dlsym is libc's, whatever was preloaded.
#define _GNU_SOURCE
#include <dlfcn.h>

__attribute__((visibility("default"))) void* deep_dlsym(void* handle, const char* name) {
  return dlsym(handle, name);
}
__attribute__((visibility("default"))) void* deep_address_of_dlsym(void) {
  return (void*)dlsym;
}
