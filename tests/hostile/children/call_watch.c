// SPDX-License-Identifier: MIT
// Counts what libnonans.so does to a process: files, threads, output. Preloaded in front of it:
//
//   CALL_WATCH=PATH LD_PRELOAD="call_watch.so libnonans.so"
//
// At its end each process appends to PATH "watched PROGRAM", and "FUNCTION N" for every function
// below that was called from libnonans's text. What libc does inside itself is not seen, what its
// callers ask of it is.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../library_text.h"

enum { OPEN, CREATE, FOLDER, WRITE, THREAD, LIBRARY, KINDS };
static const char* const names[KINDS] = {"open",  "memfd",          "mkdir",
                                         "write", "pthread_create", "dlopen"};
static long calls[KINDS];

static void count(int kind, const void* from) {
  if (from_library(from)) __atomic_add_fetch(&calls[kind], 1, __ATOMIC_RELAXED);
}

#define EXPORT __attribute__((visibility("default")))
#define REAL(name)        \
  __typeof__(&name) real; \
  *(void**)&real = dlsym(RTLD_NEXT, #name)
#define COUNT(kind) count(kind, __builtin_return_address(0))

#define OPENER(name)                                  \
  EXPORT int name(const char* path, int flags, ...) { \
    va_list rest;                                     \
    va_start(rest, flags);                            \
    const mode_t mode = va_arg(rest, mode_t);         \
    va_end(rest);                                     \
    COUNT(OPEN);                                      \
    REAL(name);                                       \
    return real(path, flags, mode);                   \
  }
OPENER(open)
OPENER(open64)

EXPORT int openat(int folder, const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = va_arg(rest, mode_t);
  va_end(rest);
  COUNT(OPEN);
  REAL(openat);
  return real(folder, path, flags, mode);
}
EXPORT FILE* fopen(const char* path, const char* mode) {
  COUNT(OPEN);
  REAL(fopen);
  return real(path, mode);
}
EXPORT FILE* fopen64(const char* path, const char* mode) {
  COUNT(OPEN);
  REAL(fopen64);
  return real(path, mode);
}
EXPORT int memfd_create(const char* name, unsigned flags) {
  COUNT(CREATE);
  REAL(memfd_create);
  return real(name, flags);
}
EXPORT int mkdir(const char* path, mode_t mode) {
  extern int mkdirat(int, const char*, mode_t);
  COUNT(FOLDER);
  return mkdirat(AT_FDCWD, path, mode);
}
EXPORT ssize_t write(int file, const void* bytes, size_t size) {
  COUNT(WRITE);
  REAL(write);
  return real(file, bytes, size);
}
EXPORT ssize_t writev(int file, const struct iovec* parts, int number) {
  COUNT(WRITE);
  REAL(writev);
  return real(file, parts, number);
}
EXPORT int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                          void* (*begin)(void*), void* argument) {
  COUNT(THREAD);
  REAL(pthread_create);
  return real(thread, attributes, begin, argument);
}
EXPORT void* dlopen(const char* path, int flags) {
  if ((flags & RTLD_NOLOAD) == 0) COUNT(LIBRARY);  // else it is only asked what is there
  REAL(dlopen);
  return real(path, flags);
}

__attribute__((destructor)) static void report(void) {
  const char* path = getenv("CALL_WATCH");
  REAL(fopen);
  FILE* file = path != NULL ? real(path, "a") : NULL;
  if (file == NULL) return;
  fprintf(file, "watched %s\n", program_invocation_short_name);
  for (int kind = 0; kind < KINDS; ++kind)
    if (calls[kind] != 0) fprintf(file, "%s %ld\n", names[kind], calls[kind]);
  fclose(file);
}
