// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "failing_malloc.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../library_text.h"

// libc's own, under names that nobody replaces: looking the others up would allocate.
extern void* __libc_malloc(size_t);
extern void* __libc_calloc(size_t, size_t);
extern void* __libc_realloc(void*, size_t);
extern void* __libc_memalign(size_t, size_t);

#define EXPORT __attribute__((visibility("default")))

static long counted, wanted;
static int from_then_on;

EXPORT void failing_malloc_set(long nth, int forever) {
  __atomic_store_n(&wanted, nth, __ATOMIC_SEQ_CST);
  from_then_on = forever;
  __atomic_store_n(&counted, 0, __ATOMIC_SEQ_CST);
}
EXPORT long failing_malloc_count(void) {
  return __atomic_load_n(&counted, __ATOMIC_SEQ_CST);
}

static int refused(const void* from) {
  if (!from_library(from)) return 0;
  const long n = __atomic_add_fetch(&counted, 1, __ATOMIC_SEQ_CST);
  const long limit = __atomic_load_n(&wanted, __ATOMIC_SEQ_CST);
  if (limit == 0 || n < limit || (n > limit && !from_then_on)) return 0;
  errno = ENOMEM;
  return 1;
}

EXPORT void* malloc(size_t size) {
  return refused(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}
EXPORT void* calloc(size_t count, size_t size) {
  return refused(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}
EXPORT void* realloc(void* block, size_t size) {
  return refused(__builtin_return_address(0)) ? NULL : __libc_realloc(block, size);
}
EXPORT void* aligned_alloc(size_t alignment, size_t size) {
  return refused(__builtin_return_address(0)) ? NULL : __libc_memalign(alignment, size);
}
EXPORT int posix_memalign(void** block, size_t alignment, size_t size) {
  if (refused(__builtin_return_address(0))) return ENOMEM;
  *block = __libc_memalign(alignment, size);
  return *block != NULL ? 0 : ENOMEM;
}
