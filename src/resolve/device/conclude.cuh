// SPDX-License-Identifier: MIT
// What the block with the last ticket does: decide, repair, report, clean up.
//
// The order of the questions is the order of the answers a user gets: was it meant (intended), is
// it a class that is left alone, were there too many such launches, is the write proven, was it
// born here, and only then how much of the output it is. A repair is refused as a whole or done as
// a whole; it never depends on time or on the order of the list.
#pragma once

#include "resolve/device/lists.cuh"
#include "resolve/device/walk.cuh"

namespace nonans_device {

struct Found {
  nn_u64 nan, pos_inf, neg_inf;
  nn_u64 first;  // as nn_tally.first
  __device__ nn_u64 of(nn_u32 value_class) const {
    return value_class == kNan ? nan : value_class == kPosInf ? pos_inf : neg_inf;
  }
};

struct Shared {
  Found found[NN_MAX_OUTPUTS];  // this block's, then (in the last block) everybody's
  nn_u32 last;
  nn_u32 dirty_outputs;  // bit per output
  nn_u32 limited;
  nn_u32 input_dirty;  // a walk over one input has found something
  nn_u64 dirty_args;
  nn_u32 inputs_judged;
  nn_u32 whole_row;
  nn_u32 resolution;
  nn_u32 repaired;
};

__device__ inline nn_u32 output_count(const nn_scan_params& p) {
  return p.n_outputs < NN_MAX_OUTPUTS ? p.n_outputs : NN_MAX_OUTPUTS;
}
__device__ inline nn_u32 input_count(const nn_scan_params& p) {
  return p.n_inputs < NN_MAX_INPUTS ? p.n_inputs : NN_MAX_INPUTS;
}

__device__ inline nn_u64 first_key(nn_u64 index, nn_u64 candidate) {
  return candidate << 63 | (~index & ~0ull >> 1);
}
__device__ inline nn_u64 index_of(nn_u64 key) {
  return ~key & ~0ull >> 1;
}

__device__ inline nn_u32 policy_of(const nn_scan_params& p, nn_u32 value_class) {
  return value_class == kNan      ? p.policy_nan
         : value_class == kPosInf ? p.policy_pos_inf
                                  : p.policy_neg_inf;
}
__device__ inline nn_u32 intended_classes(nn_u32 flags) {
  return (flags & NN_INTENDED_NAN ? 1u << kNan : 0) |
         (flags & NN_INTENDED_POS ? 1u << kPosInf : 0) |
         (flags & NN_INTENDED_NEG ? 1u << kNegInf : 0);
}
// Bit per class that would be replaced: the policy has something to put there and the kernel did
// not mean it.
__device__ inline nn_u32 candidate_classes(const nn_scan_params& p, nn_u32 flags) {
  nn_u32 classes = 0;
  for (nn_u32 c = kNan; c <= kNegInf; ++c)
    if (policy_of(p, c) != NN_KEEP) classes |= 1u << c;
  return classes & ~intended_classes(flags);
}
__device__ inline nn_u32 present_classes(const Found& found) {
  return (found.nan ? 1u << kNan : 0) | (found.pos_inf ? 1u << kPosInf : 0) |
         (found.neg_inf ? 1u << kNegInf : 0);
}
__device__ inline nn_u64 count_of(const Found& found, nn_u32 classes) {
  nn_u64 count = 0;
  for (nn_u32 c = kNan; c <= kNegInf; ++c)
    if (classes >> c & 1) count += found.of(c);
  return count;
}

// Counts this launch for its kernel and step; true when there were more than allowed. A captured
// scan has no step of its own and is not limited.
__device__ inline bool over_limit(const nn_scan_params& p) {
  if (!p.max_dirty_launches || p.captured) return false;
  nn_u64* counter =
      &((nn_ring_device*)p.ring_device)->dirty_launches[p.kernel_id % NN_KERNEL_COUNTERS];
  const nn_u64 step = (nn_u64)p.step << 32;
  nn_u64 seen = *(volatile nn_u64*)counter;
  for (;;) {
    const nn_u64 next = (seen & ~0xffffffffull) == step ? seen + 1 : step | 1;
    const nn_u64 old = atomicCAS(counter, seen, next);
    if (old == seen) return (nn_u32)next > p.max_dirty_launches;
    seen = old;
  }
}

struct InputSink {
  nn_u32* dirty;
  __device__ bool done() const { return *(volatile nn_u32*)dirty != 0; }
  __device__ void found(nn_u64, nn_u32) { atomicOr(dirty, 1u); }
};

// All threads. One block reads whole inputs here; it happens only behind a dirty launch, and ends
// at the first find.
__device__ inline void look_at_inputs(const nn_scan_params& p, Shared& shared) {
#pragma unroll 1
  for (nn_u32 i = 0; i < input_count(p); ++i) {
    const Run run = run_of(p.inputs[i]);
    if (!run.judged || (p.inputs[i].flags & NN_IN_PLACE)) continue;
    if (threadIdx.x == 0) shared.input_dirty = 0;
    __syncthreads();
    InputSink sink{&shared.input_dirty};
    walk(run, threadIdx.x, blockDim.x, sink);
    __syncthreads();
    if (threadIdx.x == 0) {
      ++shared.inputs_judged;
      const nn_u32 arg = p.inputs[i].arg;
      if (shared.input_dirty) shared.dirty_args |= 1ull << (arg < 63 ? arg : 63);
    }
    __syncthreads();
  }
}

__device__ inline nn_u32 origin_of(const nn_scan_params& p, const Shared& shared, nn_u32 o) {
  const nn_u32 flags = p.outputs[o].flags;
  if (p.raced) return NN_ORIGIN_RACED;
  if ((present_classes(shared.found[o]) & ~intended_classes(flags)) == 0) return NN_ORIGIN_INTENDED;
  if (shared.dirty_args) return NN_ORIGIN_PROPAGATED;
  if (shared.limited || shared.inputs_judged != input_count(p)) return NN_ORIGIN_UNKNOWN;
  if (flags & (NN_INPUTS_UNKNOWN | NN_MAY_ONLY)) return NN_ORIGIN_UNKNOWN;
  // What one output overwrote may have been what another was computed from.
  for (nn_u32 other = 0; other < output_count(p); ++other)
    if (p.outputs[other].flags & NN_IN_PLACE) return NN_ORIGIN_UNKNOWN;
  return NN_ORIGIN_HERE;
}

// One thread. Everything but the row rule, which needs the whole block; NN_REPAIRED stands for
// "nothing against it".
__device__ inline nn_u32 objections(const nn_scan_params& p, const Shared& shared, nn_u32 o,
                                    nn_u32 origin, nn_u64 candidates, nn_u64 elements) {
  if (origin == NN_ORIGIN_INTENDED) return NN_OBSERVED;
  if (candidates == 0) return NN_REFUSED_CLASS;
  if (shared.limited) return NN_REFUSED_LIMIT;
  if (!(p.outputs[o].flags & NN_REPAIR)) return NN_REFUSED_UNPROVEN;
  if (origin != NN_ORIGIN_HERE) return NN_REFUSED_ORIGIN;
  if (held_list(p) == NN_NO_LIST) return NN_REFUSED_NO_LIST;
  if (wanted_entries(p) > NN_LIST_ENTRIES) return NN_REFUSED_OVERFLOW;
  if (candidates > elements / 8) return NN_REFUSED_FRACTION;
  return NN_REPAIRED;
}

// All threads. A row without a finite value is not a fault in an element (failure of a whole
// sequence, a masked row): it must not be filled. Each candidate asks its neighbours, going round
// its row; the first finite one answers, usually the next.
__device__ inline void find_whole_row(const nn_scan_params& p, const Run& run, nn_u32 o,
                                      Shared& shared) {
  for (nn_u32 i = threadIdx.x; i < list_size(p); i += blockDim.x) {
    const nn_u64 entry = list_entry(p, i);
    if (entry >> kRegionShift != o) continue;
    const nn_u64 index = entry_index(entry), row = index - index % run.row_elems;
    nn_u64 at = index;
    bool finite = false;
    do {
      at = at + 1 < row + run.row_elems ? at + 1 : row;
      finite =
          classify(run.format, reload_element(run.address_of(at), run.format.log2_size)) == kFinite;
    } while (!finite && at != index && !*(volatile nn_u32*)&shared.whole_row);
    if (!finite) atomicOr(&shared.whole_row, 1u);
  }
}

// All threads. The value is read again: what another stream has put right or overwritten meanwhile
// stays.
__device__ inline void repair(const nn_scan_params& p, const Run& run, nn_u32 o, nn_u32 classes,
                              Shared& shared) {
  nn_u32 repaired = 0;
  for (nn_u32 i = threadIdx.x; i < list_size(p); i += blockDim.x) {
    const nn_u64 entry = list_entry(p, i);
    if (entry >> kRegionShift != o) continue;
    const nn_u64 address = run.address_of(entry_index(entry));
    const nn_u32 value_class = classify(run.format, reload_element(address, run.format.log2_size));
    if (!(classes >> value_class & 1)) continue;
    store_element(address, fill_for(run.format, value_class, policy_of(p, value_class)),
                  run.format.log2_size);
    ++repaired;
  }
  if (repaired) atomicAdd(&shared.repaired, repaired);
}

// One thread. A place in the ring, or nullptr when the host has not read what stands there.
__device__ inline nn_record* claim_record(const nn_scan_params& p, nn_u64& ticket) {
  nn_ring_device* ring = (nn_ring_device*)p.ring_device;
  nn_ring_host* host = (nn_ring_host*)p.ring_host;
  ticket = *(volatile nn_u64*)&ring->head;
  for (;;) {
    if (ticket - *(volatile nn_u64*)&host->tail >= NN_RING_RECORDS) {
      *(volatile nn_u64*)&host->dropped = atomicAdd(&ring->dropped, 1ull) + 1;
      return nullptr;
    }
    const nn_u64 old = atomicCAS(&ring->head, ticket, ticket + 1);
    if (old == ticket) break;
    ticket = old;
  }
  __threadfence_system();  // the host's last read of this record came before its new tail
  return &host->records[ticket % NN_RING_RECORDS];
}

__device__ inline void publish(const nn_scan_params& p, const nn_record& r) {
  nn_u64 ticket;
  nn_record* record = claim_record(p, ticket);
  if (!record) return;
  record->launch_id = r.launch_id;
  record->kernel_id = r.kernel_id;
  record->context_id = r.context_id;
  record->arg = r.arg;
  record->region = r.region;
  record->type = r.type;
  record->origin = r.origin;
  record->resolution = r.resolution;
  record->flags = r.flags;
  record->policy = r.policy;
  record->nan = r.nan;
  record->pos_inf = r.pos_inf;
  record->neg_inf = r.neg_inf;
  record->repaired = r.repaired;
  record->step = r.step;
  record->elements = r.elements;
  record->first_index = r.first_index;
  record->first_address = r.first_address;
  record->first_bits = r.first_bits;
  record->dirty_args = r.dirty_args;
  record->global_time = r.global_time;
  record->fill_bits = r.fill_bits;
  record->inputs_judged = r.inputs_judged;
  record->replay = r.replay;
  record->label = r.label;
  record->node = r.node;
  store_release_system(&record->sequence, ticket + 1);
}

// All threads: one dirty output from verdict to record.
__device__ inline void settle(const nn_scan_params& p, Shared& shared, nn_u32 o) {
  const nn_region& region = p.outputs[o];
  const Run run = run_of(region);
  const Found found = shared.found[o];
  const nn_u32 classes = candidate_classes(p, region.flags);
  const nn_u64 candidates = count_of(found, classes);
  const nn_u64 first_index = index_of(found.first), first_address = run.address_of(first_index);
  nn_u64 first_bits = 0;
  nn_u32 origin = 0;

  if (threadIdx.x == 0) {
    origin = origin_of(p, shared, o);
    first_bits = reload_element(first_address, run.format.log2_size);  // before it is repaired
    shared.resolution = objections(p, shared, o, origin, candidates, run.elements());
    shared.whole_row = 0;
    shared.repaired = 0;
  }
  __syncthreads();
  const bool ask_rows = shared.resolution == NN_REPAIRED && run.rows > 1 && run.row_elems > 1;
  if (ask_rows) find_whole_row(p, run, o, shared);
  __syncthreads();
  const bool go_on = shared.resolution == NN_REPAIRED && !shared.whole_row;
  if (go_on && p.mode == 1) repair(p, run, o, classes, shared);
  __syncthreads();

  if (threadIdx.x == 0) {
    nn_u32 resolution = shared.resolution;
    if (resolution == NN_REPAIRED)
      resolution = shared.whole_row ? NN_REFUSED_ROW : p.mode == 1 ? NN_REPAIRED : NN_WOULD_REPAIR;
    const nn_u32 first_class = classify(run.format, first_bits);
    nn_record r;
    r.launch_id = p.launch_id;
    r.kernel_id = p.kernel_id;
    r.context_id = p.context_id;
    r.arg = region.arg;
    r.region = (nn_u8)o;
    r.type = region.type;
    r.origin = (nn_u8)origin;
    r.resolution = (nn_u8)resolution;
    r.flags = region.flags;
    r.policy = (nn_u8)(p.policy_nan | p.policy_pos_inf << 2 | p.policy_neg_inf << 4);
    r.nan = found.nan;
    r.pos_inf = found.pos_inf;
    r.neg_inf = found.neg_inf;
    r.repaired = resolution == NN_REPAIRED       ? shared.repaired
                 : resolution == NN_WOULD_REPAIR ? (nn_u32)candidates
                                                 : 0;
    r.step = p.step;
    r.elements = run.elements();
    r.first_index = first_index;
    r.first_address = first_address;
    r.first_bits = first_bits;
    r.dirty_args = shared.dirty_args;
    r.global_time = global_time();
    r.fill_bits = classes >> first_class & 1
                      ? fill_for(run.format, first_class, policy_of(p, first_class))
                      : 0;
    r.inputs_judged = shared.inputs_judged;
    r.replay = p.captured ? ((volatile const nn_slot*)p.slot)->replays + 1 : 0;
    r.label = p.label;
    r.node = p.node;
    publish(p, r);
  }
  __syncthreads();
}

// One thread: the slot as the next scan on this stream must find it, and the mark that this one is
// done.
__device__ inline void finish(const nn_scan_params& p, const Shared& shared) {
  nn_slot* slot = (nn_slot*)p.slot;
  for (nn_u32 o = 0; o < output_count(p); ++o) {
    if (!(shared.dirty_outputs >> o & 1)) continue;
    slot->outputs[o] = nn_tally{0, 0, 0, 0};
  }
  give_list_back(p);
  slot->tickets = 0;
  slot->replays += 1;
  nn_ring_device* ring = (nn_ring_device*)p.ring_device;
  nn_ring_host* host = (nn_ring_host*)p.ring_host;
  *(volatile nn_u64*)&host->completed = atomicAdd(&ring->completed, 1ull) + 1;
}

__device__ inline void conclude(const nn_scan_params& p, Shared& shared) {
  if (threadIdx.x == 0) {
    volatile const nn_slot* slot = (volatile const nn_slot*)p.slot;
    shared.dirty_outputs = 0;
    shared.dirty_args = 0;
    shared.inputs_judged = 0;
    for (nn_u32 o = 0; o < output_count(p); ++o) {
      Found& found = shared.found[o];
      volatile const nn_tally& tally = slot->outputs[o];
      found.first = tally.first;
      if (!found.first) continue;
      found.nan = tally.nan;
      found.pos_inf = tally.pos_inf;
      found.neg_inf = tally.neg_inf;
      shared.dirty_outputs |= 1u << o;
    }
    shared.limited = shared.dirty_outputs && over_limit(p);
  }
  __syncthreads();
  if (shared.dirty_outputs && !shared.limited) look_at_inputs(p, shared);
#pragma unroll 1
  for (nn_u32 o = 0; o < output_count(p); ++o)
    if (shared.dirty_outputs >> o & 1) settle(p, shared, o);
  if (threadIdx.x == 0) finish(p, shared);
}

}  // namespace nonans_device
