// SPDX-License-Identifier: MIT
// The scan behind a launch: look at what it wrote, and where every proof holds, repair it before
// the next launch reads it.
//
// Most launches are clean, so the kernel is a read of the outputs and little else: sixteen bytes a
// load, about a dozen integer instructions each, one ticket per block, one word of completion. All
// judgement is in the one block that takes the last ticket, and only when something was found:
//
//   every block   look at its share -> counts in shared memory, candidates in a list -> ticket
//   last block    totals -> inputs -> origin -> refusals -> repair from the list -> record
//   per dirty output -> zero slot
//
// Candidates are elements of a class that the policy would replace and the kernel does not put
// there on purpose; only they count against the list and the refusals, so that a mask of a million
// −Inf does not hide three overflows.
//
// Order between blocks: what a block wrote to the slot is fenced before its ticket; the last block
// fences after its own ticket and reads the slot with volatile loads. Order towards the host: a
// record's sequence is stored last, release.sys. Nothing here depends on blocks of more than one
// thread or on their number.
#include "resolve/device/conclude.cuh"
#include "resolve/device/lists.cuh"

namespace nonans_device {

// Tells a block's shared totals and the scan's list of what a thread found.
struct OutputSink {
  const nn_scan_params* params;
  nn_u32 region;
  nn_u32 candidates;  // bit per class
  nn_u32 listed;      // bit per class: candidates of a region that may be repaired
  nn_u32 nan = 0, pos_inf = 0, neg_inf = 0;
  nn_u64 first = 0;
  bool full = false;

  __device__ bool done() const { return false; }
  __device__ void found(nn_u64 index, nn_u32 value_class) {
    nan += value_class == kNan;
    pos_inf += value_class == kPosInf;
    neg_inf += value_class == kNegInf;
    const nn_u64 key = first_key(index, candidates >> value_class & 1);
    if (key > first) first = key;
    if ((listed >> value_class & 1) && !full) append(index);
  }

 private:
  // One atomic for the lanes that are here together.
  __device__ void append(nn_u64 index) {
    const nn_u32 lanes = __activemask();
    const nn_u32 leader = __ffs((int)lanes) - 1, lane = threadIdx.x & 31;
    nn_u32 at = NN_LIST_ENTRIES, held = 0;
    if (lane == leader) {
      held = hold_list(*params);
      if (held != NN_NO_LIST) at = atomicAdd(&list_of(*params, held)->count, (nn_u32)__popc(lanes));
    }
    held = __shfl_sync(lanes, held, (int)leader);
    at = __shfl_sync(lanes, at, (int)leader) + (nn_u32)__popc(lanes & ((1u << lane) - 1));
    if (at < NN_LIST_ENTRIES)
      list_of(*params, held)->entries[at] = (nn_u64)region << kRegionShift | index;
    else
      full = true;  // the count stays above the limit, or there is no list: that is the refusal
  }
};

__device__ inline void look_at_outputs(const nn_scan_params& p, Shared& shared) {
  const nn_u64 threads = (nn_u64)gridDim.x * blockDim.x;
  const nn_u64 thread = (nn_u64)blockIdx.x * blockDim.x + threadIdx.x;
#pragma unroll 1
  for (nn_u32 o = 0; o < output_count(p); ++o) {
    const nn_u32 flags = p.outputs[o].flags;
    OutputSink sink;
    sink.params = &p;
    sink.region = o;
    sink.candidates = candidate_classes(p, flags);
    sink.listed = flags & NN_REPAIR ? sink.candidates : 0;
    walk(run_of(p.outputs[o]), thread, threads, sink);
    if (!sink.first) continue;
    atomicAdd(&shared.found[o].nan, (nn_u64)sink.nan);
    atomicAdd(&shared.found[o].pos_inf, (nn_u64)sink.pos_inf);
    atomicAdd(&shared.found[o].neg_inf, (nn_u64)sink.neg_inf);
    atomicMax(&shared.found[o].first, sink.first);
    __threadfence();  // the list entries, before this block's ticket
  }
}

// One thread, after the whole block has looked: totals into the slot, then the ticket.
__device__ inline bool take_ticket(const nn_scan_params& p, const Shared& shared) {
  nn_slot* slot = (nn_slot*)p.slot;
  for (nn_u32 o = 0; o < output_count(p); ++o) {
    const Found& found = shared.found[o];
    if (!found.first) continue;
    nn_tally& tally = slot->outputs[o];
    if (found.nan) atomicAdd(&tally.nan, found.nan);
    if (found.pos_inf) atomicAdd(&tally.pos_inf, found.pos_inf);
    if (found.neg_inf) atomicAdd(&tally.neg_inf, found.neg_inf);
    atomicMax(&tally.first, found.first);
  }
  __threadfence();
  const nn_u32 ticket = atomicAdd(&slot->tickets, 1u);
  __threadfence();
  return ticket == gridDim.x - 1;
}

}  // namespace nonans_device

extern "C" __global__ void __launch_bounds__(NN_SCAN_THREADS)
    nonans_scan(const __grid_constant__ nn_scan_params p) {
  using namespace nonans_device;
  __shared__ Shared shared;
  for (nn_u32 o = threadIdx.x; o < NN_MAX_OUTPUTS; o += blockDim.x)
    shared.found[o] = Found{0, 0, 0, 0};
  __syncthreads();
  look_at_outputs(p, shared);
  __syncthreads();
  if (threadIdx.x == 0) shared.last = take_ticket(p, shared);
  __syncthreads();
  if (shared.last) conclude(p, shared);
}
