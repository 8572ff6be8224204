// SPDX-License-Identifier: MIT
// What must not be: a library that calls the driver while it holds a lock. It is named
// libnonans.so, so that lock_watch.c and the fault-injecting driver take it for the one they watch:
// the test of locks can fail.
//
//   with -DPROGRAM: the program that it is preloaded into
#include <dlfcn.h>
#include <pthread.h>

#ifdef PROGRAM
__attribute__((weak)) int call_with_lock(void);

int main(void) {
  return call_with_lock != 0 ? call_with_lock() : 3;
}
#else
__attribute__((visibility("default"))) int call_with_lock(void) {
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  int (*initialise)(unsigned) = 0;
  int (*version)(int*) = 0;
  int found = 0;
  void* driver = dlopen("libcuda.so.1", RTLD_NOW);
  if (driver == 0) return 1;
  *(void**)&initialise = dlsym(driver, "cuInit");
  *(void**)&version = dlsym(driver, "cuDriverGetVersion");
  if (initialise == 0 || version == 0 || initialise(0) != 0) return 2;
  pthread_mutex_lock(&mutex);
  const int result = version(&found);
  pthread_mutex_unlock(&mutex);
  return result;
}
#endif
