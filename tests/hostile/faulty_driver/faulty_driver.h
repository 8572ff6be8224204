/* SPDX-License-Identifier: MIT */
/* A libcuda.so.1 that stands before another one, passes every call on, and fails those that it is
 * told to.
 *
 *   struct faulty_plan plan = {"cuMemAlloc_v2", FAULTY_LIBRARY, 1, 0, CUDA_ERROR_OUT_OF_MEMORY};
 *   faulty_set(&plan);         // the first allocation that libnonans makes for itself fails
 *   …run the program's calls…
 *   faulty_set(NULL);          // all is well again
 *   faulty_calls("cuMemAlloc_v2", FAULTY_LIBRARY)        how often it was called since the start
 *   faulty_live(FAULTY_MEMORY)                           made by libnonans and not given back
 *
 * The functions below are exports like any other: find them by dlsym. A program that knows nothing
 * of this library is steered by the environment:
 *
 *   FAULTY_PLAN="cuModuleLoadDataEx library 1 before 2"  function ("*": any), who, which (0: every
 *                                                        one), before or after, code
 *   FAULTY_REPORT=PATH   at exit: "made NAME BY N", "live KIND N", "locked NAME N", "refused N"
 *
 * Who calls? Each function exists twice: as an export, and as an address of its own that
 * cuGetProcAddress answers with. A program that gets everything by cuGetProcAddress, as the CUDA
 * runtime does, comes in by the second, also when its call passes through a hook of libnonans.
 * libnonans finds the driver's functions for itself by dlsym and so comes in by the first, with a
 * return address in its text. A program that calls exports itself, without libnonans between,
 * is told apart by its return address; its hooked calls are taken for libnonans's own.
 */
#ifndef NONANS_FAULTY_DRIVER_H
#define NONANS_FAULTY_DRIVER_H

#ifdef __cplusplus
extern "C" {
#endif

enum faulty_who { FAULTY_ANYBODY, FAULTY_APPLICATION, FAULTY_LIBRARY };

struct faulty_plan {
  const char* function; /* exported name; NULL: any */
  enum faulty_who who;
  long nth;  /* 0: every matching call; n: the n-th from now on, and no other */
  int after; /* 0: the call is not made; 1: it is made, and then said to have failed */
  int code;  /* what is returned */
};

enum faulty_kind {
  FAULTY_MEMORY, /* of the device or pinned, mapped ranges and pools included */
  FAULTY_REGISTRATION,
  FAULTY_MODULE,
  FAULTY_STREAM,
  FAULTY_EVENT,
  FAULTY_GRAPH,
  FAULTY_CONTEXT,
  FAULTY_KINDS
};

#define FAULTY_EXPORT __attribute__((visibility("default")))
/* One plan at a time; the names are copied. */
FAULTY_EXPORT void faulty_set(const struct faulty_plan* plan);
/* How many calls the plan has refused since faulty_set(). */
FAULTY_EXPORT long faulty_refused(void);
/* The function that was refused last; NULL: none. */
FAULTY_EXPORT const char* faulty_last_refused(void);
/* NULL: of all functions. */
FAULTY_EXPORT long faulty_calls(const char* function, enum faulty_who who);
/* Objects that libnonans made. What it tried to give back while that was being refused counts as
 * given back. */
FAULTY_EXPORT long faulty_live(enum faulty_kind kind);
/* Calls that came from libnonans, for itself or for the program, while it held a lock (lock_watch.c
 * must be preloaded), and the name of the first such function. */
FAULTY_EXPORT long faulty_locked(const char** first);

typedef void (*faulty_set_fn)(const struct faulty_plan*);
typedef long (*faulty_refused_fn)(void);
typedef const char* (*faulty_last_refused_fn)(void);
typedef long (*faulty_calls_fn)(const char*, enum faulty_who);
typedef long (*faulty_live_fn)(enum faulty_kind);
typedef long (*faulty_locked_fn)(const char**);

#ifdef __cplusplus
}
#endif
#endif
