// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "fake_driver.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  SUCCESS = 0,
  INVALID_VALUE = 1,
  STUB_LIBRARY = 34,
  NOT_FOUND = 500,
  NOT_SUPPORTED = 801,
};
enum { STATUS_SUCCESS, STATUS_SYMBOL_NOT_FOUND, STATUS_VERSION_NOT_SUFFICIENT };

// Per thread, so that a test of many threads stays a test of the library between.
static __thread struct fake_call last;
static long init_result;

struct fake_function* fake_find(const char* name) {
  for (int i = 0; i < fake_function_count; ++i) {
    if (strcmp(fake_functions[i].name, name) == 0) return &fake_functions[i];
  }
  return NULL;
}
const struct fake_call* fake_last(void) {
  return &last;
}
void fake_set_init(long result) {
  init_result = result;
}

// With FAKE_LOG=PATH, each good request is appended to PATH as "symbol version flags".
static void log_request(const char* symbol, int version, unsigned long flags) {
  const char* path = getenv("FAKE_LOG");
  if (path == NULL) return;
  FILE* log = fopen(path, "a");
  if (log == NULL) return;
  fprintf(log, "%s %d %lu\n", symbol, version, flags);
  fclose(log);
}

// The functions of one base are neighbours: [first, last).
static void range_of(const char* base, int* first, int* last) {
  int low = 0, high = fake_function_count;
  while (low < high) {
    const int middle = (low + high) / 2;
    if (strcmp(fake_functions[middle].base, base) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  *first = low;
  while (low < fake_function_count && strcmp(fake_functions[low].base, base) == 0) ++low;
  *last = low;
}

const struct fake_function* fake_answer(const char* symbol, int version, unsigned long flags) {
  const struct fake_function* best = NULL;
  int first, last_of_base;
  range_of(symbol, &first, &last_of_base);
  if (first == last_of_base && fake_is_named) return fake_find(symbol);
  for (int i = first; i < last_of_base; ++i) {
    const struct fake_function* f = &fake_functions[i];
    if (f->version > version || (f->per_thread && flags != 2)) continue;
    if (best == NULL || f->per_thread > best->per_thread ||
        (f->per_thread == best->per_thread && f->version > best->version)) {
      best = f;
    }
  }
  return best;
}

static int is_base(const char* symbol) {
  int first, last_of_base;
  range_of(symbol, &first, &last_of_base);
  return first != last_of_base;
}

static long get_proc_address(const char* symbol, void** pfn, int version, unsigned long flags,
                             int* status) {
  if (fake_is_stub) return STUB_LIBRARY;
  if (symbol == NULL || pfn == NULL || flags > 2 || version > fake_version) return INVALID_VALUE;
  const struct fake_function* best = fake_answer(symbol, version, flags);
  if (best == NULL && fake_is_old) return NOT_FOUND;  // and *pfn is left as it was
  *pfn = best == NULL ? NULL : best->answer;
  if (status != NULL) {
    *status = best != NULL      ? STATUS_SUCCESS
              : is_base(symbol) ? STATUS_VERSION_NOT_SUFFICIENT
                                : STATUS_SYMBOL_NOT_FOUND;
  }
  if (symbol[0] != '\0') log_request(symbol, version, flags);
  return SUCCESS;
}

// Real drivers look up their own entries, while the loader is still at work on them and inside
// their functions. Whoever stands between must neither take a lock that the dlopen above us holds,
// nor hand the driver anything but its own entry.
static struct fake_self self;
const struct fake_self* fake_self(void) {
  return &self;
}

__attribute__((constructor)) static void look_up_myself(void) {
  self.next = dlsym(RTLD_NEXT, "cuInit");  // nothing lies behind the driver
  self.early = dlsym(RTLD_DEFAULT, "cuInit");
}

static void call_myself(const char* name) {
  long (*own)(FAKE_PARAMETERS);
  *(void**)&own = self.inside = dlsym(RTLD_DEFAULT, name);
  if (own != NULL) own(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}

long fake_record(int index, const void* entry, const void* from, FAKE_PARAMETERS) {
  struct fake_function* function = &fake_functions[index];
  if (strcmp(function->name, "cuGetProcAddress_v2") == 0) {
    __atomic_fetch_add(&function->calls, 1, __ATOMIC_RELAXED);
    return get_proc_address((const char*)a, (void**)b, (int)c, (unsigned long)d, (int*)e);
  }
  if (strcmp(function->name, "cuGetProcAddress") == 0) {
    __atomic_fetch_add(&function->calls, 1, __ATOMIC_RELAXED);
    return get_proc_address((const char*)a, (void**)b, (int)c, (unsigned long)d, NULL);
  }
  if (strcmp(function->name, "cuModuleLoadData") == 0) call_myself("cuMemAlloc_v2");
  __atomic_fetch_add(&function->calls, 1, __ATOMIC_RELAXED);
  last = (struct fake_call){function, entry, from, {FAKE_ARGUMENTS}};
  if (fake_is_stub) return STUB_LIBRARY;
  if (strcmp(function->name, "cuInit") == 0) {
    const char* wanted = getenv("FAKE_INIT");
    return wanted != NULL ? atol(wanted) : init_result;
  }
  if (strcmp(function->name, "cuDriverGetVersion") == 0) {
    *(int*)a = fake_version;
    return SUCCESS;
  }
  if (strcmp(function->name, "cuGetExportTable") == 0) return NOT_SUPPORTED;
  return SUCCESS;
}
