// SPDX-License-Identifier: MIT
// A fake libcuda.so.1: records each call and answers cuGetProcAddress by the contract of cuda.h. It
// computes nothing.
//
// A test asks it through these exports, found with dlsym like anything else (they do not begin with
// "cu"):
//
//   fake_find("cuInit")->calls      how often it was called
//   fake_last()                     the last call that was not a resolver's: which, the first
//   arguments, from where fake_answered()                 the function that the last good
//   cuGetProcAddress answered with
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

struct fake_function {
  const char* name;
  const char* base;
  int version;
  int per_thread;
  void* address;  // its export; null if it is not exported
  void* answer;   // what cuGetProcAddress hands out
  long calls;
};

struct fake_call {
  const struct fake_function* function;
  const void* entry;  // its export, or its private address
  const void* from;   // return address: who called
  long arguments[11];
};

#define FAKE_EXPORT __attribute__((visibility("default")))
FAKE_EXPORT struct fake_function* fake_find(const char* name);
FAKE_EXPORT const struct fake_call* fake_last(void);
FAKE_EXPORT const struct fake_function* fake_answer(const char* symbol, int version,
                                                    unsigned long flags);
// What cuInit returns from now on (0 at first). The environment variable FAKE_INIT sets it too.
FAKE_EXPORT void fake_set_init(long result);

// What the driver found when it looked up its own entries.
struct fake_self {
  void* early;   // cuInit in the default scope, from its constructor
  void* next;    // cuInit behind itself: there is none
  void* inside;  // cuMemAlloc_v2 in the default scope, from within cuModuleLoadData
};
FAKE_EXPORT const struct fake_self* fake_self(void);

// Eleven words cover the longest entry, cuLaunchKernel; a callee may read more than its caller
// passed, and ignores it.
#define FAKE_PARAMETERS \
  long a, long b, long c, long d, long e, long f, long g, long h, long i, long j, long k
#define FAKE_ARGUMENTS a, b, c, d, e, f, g, h, i, j, k
#define FAKE_RETURN_ADDRESS __builtin_return_address(0)

long fake_record(int index, const void* entry, const void* from, FAKE_PARAMETERS);

extern struct fake_function fake_functions[];
extern const int fake_function_count, fake_version, fake_is_stub, fake_is_old, fake_is_named;

#ifdef __cplusplus
}
#endif
