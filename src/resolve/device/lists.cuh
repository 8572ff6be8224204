// SPDX-License-Identifier: MIT
// The lists of elements that may be repaired. A clean scan needs none, so a context has a few for
// all its slots: the first element to be listed claims one.
//
//   hold_list     any thread that found something: the list of this scan, claimed if it has none
//   wanted_entries, list_size, list_entry     the last block
//   give_list_back                            one thread of the last block
//
// Nobody waits. Threads that find the slot without a list each take a free one and then offer it to
// the slot; one offer is taken, the others put theirs back. A free list is empty: whoever gives one
// back zeroes its count before the owner.
#pragma once

#include "resolve/device/walk.cuh"

namespace nonans_device {

enum { kRegionShift = 56 };

__device__ inline nn_ring_device* ring_of(const nn_scan_params& p) {
  return (nn_ring_device*)p.ring_device;
}
// `held` as nn_slot.list: from 1.
__device__ inline nn_list* list_of(const nn_scan_params& p, nn_u32 held) {
  return &ring_of(p)->lists[held - 1];
}
__device__ inline nn_u32 held_list(const nn_scan_params& p) {
  return ((volatile const nn_slot*)p.slot)->list;
}
__device__ inline void free_list(const nn_scan_params& p, nn_u32 held) {
  __threadfence();
  atomicExch(&ring_of(p)->list_owner[held - 1], 0ull);
}

__device__ inline nn_u32 hold_list(const nn_scan_params& p) {
  nn_u32 held = held_list(p);
  if (held) return held;
  nn_u32 mine = NN_NO_LIST;
#pragma unroll 1
  for (nn_u32 i = 0; i < NN_LISTS && mine == NN_NO_LIST; ++i)
    if (atomicCAS(&ring_of(p)->list_owner[i], 0ull, (nn_u64)p.slot) == 0) mine = i + 1;
  held = atomicCAS(&((nn_slot*)p.slot)->list, 0u, mine);
  if (held == 0) return mine;
  if (mine != NN_NO_LIST) free_list(p, mine);
  return held;
}

// More than NN_LIST_ENTRIES: some did not fit.
__device__ inline nn_u32 wanted_entries(const nn_scan_params& p) {
  const nn_u32 held = held_list(p);
  if (!held || held == NN_NO_LIST) return 0;
  return ((volatile const nn_list*)list_of(p, held))->count;
}
__device__ inline nn_u32 list_size(const nn_scan_params& p) {
  const nn_u32 count = wanted_entries(p);
  return count < NN_LIST_ENTRIES ? count : NN_LIST_ENTRIES;
}
__device__ inline nn_u64 list_entry(const nn_scan_params& p, nn_u32 i) {
  return ((volatile const nn_list*)list_of(p, held_list(p)))->entries[i];
}
__device__ inline nn_u64 entry_index(nn_u64 entry) {
  return entry & ((1ull << kRegionShift) - 1);
}

__device__ inline void give_list_back(const nn_scan_params& p) {
  nn_slot* slot = (nn_slot*)p.slot;
  const nn_u32 held = held_list(p);
  if (!held) return;
  if (held != NN_NO_LIST) {
    list_of(p, held)->count = 0;
    free_list(p, held);
  }
  slot->list = 0;
}

}  // namespace nonans_device
