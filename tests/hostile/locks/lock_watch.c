// SPDX-License-Identifier: MIT
// Counts the locks that libnonans.so holds, per thread. Preloaded in front of it:
//
//   LD_PRELOAD="lock_watch.so libnonans.so"     then lock_watch_held() says how many this thread
//                                               holds; the fault-injecting driver asks at each call
//
// libnonans has its C++ library linked in, so a std::mutex of its own reaches libc's
// pthread_mutex_lock from an address in its text, and that is how its locks are told from the
// program's. Mutexes, read-write locks, spin locks and once-flags are counted; waiting on a
// condition gives the mutex up and takes it again, and is not seen.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "../library_text.h"

static __thread int held;

__attribute__((visibility("default"))) int lock_watch_held(void) {
  return held;
}

// The next definition of `name`, looked up once; threads that race find the same.
#define REAL(name)                                                         \
  static void* address;                                                    \
  if (__atomic_load_n(&address, __ATOMIC_ACQUIRE) == NULL)                 \
    __atomic_store_n(&address, dlsym(RTLD_NEXT, #name), __ATOMIC_RELEASE); \
  __typeof__(&name) real;                                                  \
  *(void**)&real = address

#define EXPORT __attribute__((visibility("default")))
#define WATCH(name, type, change)                                                   \
  EXPORT int name(type* lock) {                                                     \
    REAL(name);                                                                     \
    const int result = real(lock);                                                  \
    if (result == 0 && from_library(__builtin_return_address(0))) held += (change); \
    return result;                                                                  \
  }

WATCH(pthread_mutex_lock, pthread_mutex_t, 1)
WATCH(pthread_mutex_trylock, pthread_mutex_t, 1)
WATCH(pthread_mutex_unlock, pthread_mutex_t, -1)
WATCH(pthread_rwlock_rdlock, pthread_rwlock_t, 1)
WATCH(pthread_rwlock_wrlock, pthread_rwlock_t, 1)
WATCH(pthread_rwlock_tryrdlock, pthread_rwlock_t, 1)
WATCH(pthread_rwlock_trywrlock, pthread_rwlock_t, 1)
WATCH(pthread_rwlock_unlock, pthread_rwlock_t, -1)
WATCH(pthread_spin_lock, pthread_spinlock_t, 1)
WATCH(pthread_spin_trylock, pthread_spinlock_t, 1)
WATCH(pthread_spin_unlock, pthread_spinlock_t, -1)

EXPORT int pthread_once(pthread_once_t* once, void (*routine)(void)) {
  REAL(pthread_once);
  const int counted = from_library(__builtin_return_address(0));
  held += counted;
  const int result = real(once, routine);
  held -= counted;
  return result;
}
