// SPDX-License-Identifier: MIT
// Copies of libcupti: one as it should be (as far as is looked at), one of CUDA 11, one without a
// function, one that cannot say its version.
#include <stddef.h>
#include <stdint.h>

#if defined(FAKE_CUPTI_old)
enum { kVersion = 17 };
#else
enum { kVersion = 28 };
#endif

int cuptiGetVersion(uint32_t* version) {
#if defined(FAKE_CUPTI_broken)
  (void)version;
  return 15;
#else
  *version = kVersion;
  return 0;
#endif
}

int cuptiSubscribe(void** subscriber, void* callback, void* userdata) {
  (void)callback;
  (void)userdata;
  *subscriber = NULL;
  return 15;
}

int cuptiUnsubscribe(void* subscriber) {
  (void)subscriber;
  return 0;
}

#if !defined(FAKE_CUPTI_lame)
int cuptiEnableCallback(uint32_t enable, void* subscriber, int domain, uint32_t id) {
  (void)enable;
  (void)subscriber;
  (void)domain;
  (void)id;
  return 0;
}
#endif
