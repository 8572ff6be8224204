// SPDX-License-Identifier: MIT
// The few things the scan needs that CUDA C++ has no portable word for: loads that bypass a stale
// L1, a release store the host can see, a block-wide view of time. The unit tests compile the
// kernel for the host with their own set of these (NONANS_HOST_DEVICE) and one thread per block.
//
// Every access is one element wide: a wider read-modify-write would put back a neighbour that
// another stream has just changed. Data is never read through the non-coherent path (.nc): the
// launch before us wrote it.
#pragma once

#if !defined(NONANS_HOST_DEVICE)

#include "resolve/scan_abi.h"

namespace nonans_device {

struct Words {
  nn_u32 w[4];
};

__device__ inline Words load16(nn_u64 address) {
  Words r;
  asm volatile("ld.global.v4.u32 {%0, %1, %2, %3}, [%4];"
               : "=r"(r.w[0]), "=r"(r.w[1]), "=r"(r.w[2]), "=r"(r.w[3])
               : "l"(address));
  return r;
}

// Plain, once per byte: the look.
__device__ inline nn_u64 load_element(nn_u64 address, nn_u32 log2_size) {
  nn_u32 narrow;
  nn_u64 wide;
  switch (log2_size) {
    case 0:
      asm volatile("ld.global.u8 %0, [%1];" : "=r"(narrow) : "l"(address));
      return narrow;
    case 1:
      asm volatile("ld.global.u16 %0, [%1];" : "=r"(narrow) : "l"(address));
      return narrow;
    case 2:
      asm volatile("ld.global.u32 %0, [%1];" : "=r"(narrow) : "l"(address));
      return narrow;
    default:
      asm volatile("ld.global.u64 %0, [%1];" : "=l"(wide) : "l"(address));
      return wide;
  }
}

// Volatile, so that it is the memory's value now and not this multiprocessor's: the second look
// before a repair.
__device__ inline nn_u64 reload_element(nn_u64 address, nn_u32 log2_size) {
  nn_u32 narrow;
  nn_u64 wide;
  switch (log2_size) {
    case 0:
      asm volatile("ld.volatile.global.u8 %0, [%1];" : "=r"(narrow) : "l"(address));
      return narrow;
    case 1:
      asm volatile("ld.volatile.global.u16 %0, [%1];" : "=r"(narrow) : "l"(address));
      return narrow;
    case 2:
      asm volatile("ld.volatile.global.u32 %0, [%1];" : "=r"(narrow) : "l"(address));
      return narrow;
    default:
      asm volatile("ld.volatile.global.u64 %0, [%1];" : "=l"(wide) : "l"(address));
      return wide;
  }
}

__device__ inline void store_element(nn_u64 address, nn_u64 bits, nn_u32 log2_size) {
  const nn_u32 narrow = (nn_u32)bits;
  switch (log2_size) {
    case 0:
      asm volatile("st.global.u8 [%0], %1;" ::"l"(address), "r"(narrow) : "memory");
      break;
    case 1:
      asm volatile("st.global.u16 [%0], %1;" ::"l"(address), "r"(narrow) : "memory");
      break;
    case 2:
      asm volatile("st.global.u32 [%0], %1;" ::"l"(address), "r"(narrow) : "memory");
      break;
    default:
      asm volatile("st.global.u64 [%0], %1;" ::"l"(address), "l"(bits) : "memory");
      break;
  }
}

__device__ inline void store_release_system(nn_u64* address, nn_u64 value) {
  asm volatile("st.release.sys.global.u64 [%0], %1;" ::"l"(address), "l"(value) : "memory");
}

__device__ inline nn_u64 global_time() {
  nn_u64 time;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(time));
  return time;
}

}  // namespace nonans_device

#endif
