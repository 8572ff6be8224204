// SPDX-License-Identifier: MIT
// How the threads of a scan share the bytes of a region: each byte is loaded once, sixteen at a
// time where all sixteen belong to the region, element by element at the edges. Nothing outside the
// region is ever touched: what stands there may be another allocation's redzone, or no memory at
// all.
//
//   flat   one run of bytes: threads take chunks in turn, four loads in flight each
//   rows   `rows` runs, `pitch` apart: a work item is one chunk of one row
//
// A sink is told of every non-finite element: found(index, class); done() ends the walk early.
#pragma once

#include "resolve/device/elements.cuh"

namespace nonans_device {

// A region as the walk needs it, in registers.
struct Run {
  Format format;
  nn_u64 base, rows, row_elems, pitch;
  nn_u32 judged;  // 0: type unknown or not aligned to it; not to be looked at

  __device__ nn_u64 elements() const { return rows * row_elems; }
  __device__ bool flat() const { return rows <= 1 || pitch == row_elems << format.log2_size; }
  __device__ nn_u64 address_of(nn_u64 index) const {
    if (flat()) return base + (index << format.log2_size);
    return base + index / row_elems * pitch + (index % row_elems << format.log2_size);
  }
};

__device__ inline Run run_of(const nn_region& region) {
  Run run;
  run.format = format_of(region.type);
  run.base = region.base;
  run.rows = region.rows;
  run.row_elems = region.row_elems;
  run.pitch = region.pitch;
  // A misaligned load would be error 716, for good, in the application's context.
  const nn_u64 low = (1u << run.format.log2_size) - 1;
  run.judged = run.format.known && ((run.base | (run.rows > 1 ? run.pitch : 0)) & low) == 0;
  return run;
}

template <class Sink>
__device__ inline void look_at_chunk(const Format& format, const Words& words, nn_u64 index,
                                     Sink& sink) {
  const nn_u32 elements = 16u >> format.log2_size;
#pragma unroll 1
  for (nn_u32 k = 0; k < elements; ++k) {
    const nn_u32 value_class = classify(format, element_of(words, k, format.log2_size));
    if (value_class != kFinite) sink.found(index + k, value_class);
  }
}

template <class Sink>
__device__ inline void look_at_element(const Format& format, nn_u64 address, nn_u64 index,
                                       Sink& sink) {
  const nn_u32 value_class = classify(format, load_element(address, format.log2_size));
  if (value_class != kFinite) sink.found(index, value_class);
}

template <class Sink>
__device__ inline void walk_flat(const Run& run, nn_u64 thread, nn_u64 threads, Sink& sink) {
  const nn_u32 log2_size = run.format.log2_size;
  const Packed packed = packed_of(run.format);
  const nn_u64 end = run.base + (run.elements() << log2_size);
  nn_u64 inner = (run.base + 15) & ~15ull;  // [inner, outer): whole aligned chunks
  if (inner > end) inner = end;
  nn_u64 outer = end & ~15ull;
  if (outer < inner) outer = inner;

  const nn_u64 head = (inner - run.base) >> log2_size;
  const nn_u64 edges = head + ((end - outer) >> log2_size);
  const nn_u64 tail_index = (outer - run.base) >> log2_size;
  for (nn_u64 e = thread; e < edges; e += threads) {
    const nn_u64 index = e < head ? e : tail_index + (e - head);
    look_at_element(run.format, run.base + (index << log2_size), index, sink);
  }

  const nn_u64 chunks = (outer - inner) >> 4;
  nn_u64 chunk = thread;
  for (; chunk + 3 * threads < chunks && !sink.done(); chunk += 4 * threads) {
    const Words a = load16(inner + (chunk << 4));
    const Words b = load16(inner + ((chunk + threads) << 4));
    const Words c = load16(inner + ((chunk + 2 * threads) << 4));
    const Words d = load16(inner + ((chunk + 3 * threads) << 4));
    if (!(is_dirty(packed, a) | is_dirty(packed, b) | is_dirty(packed, c) | is_dirty(packed, d)))
      continue;
#pragma unroll 1
    for (nn_u32 j = 0; j < 4; ++j) {
      const Words words = j == 0 ? a : j == 1 ? b : j == 2 ? c : d;
      if (is_dirty(packed, words))
        look_at_chunk(run.format, words, head + ((chunk + j * threads) << 4 >> log2_size), sink);
    }
  }
#pragma unroll 1
  for (; chunk < chunks && !sink.done(); chunk += threads) {
    const Words words = load16(inner + (chunk << 4));
    if (is_dirty(packed, words))
      look_at_chunk(run.format, words, head + (chunk << 4 >> log2_size), sink);
  }
}

template <class Sink>
__device__ inline void walk_rows(const Run& run, nn_u64 thread, nn_u64 threads, Sink& sink) {
  const nn_u32 log2_size = run.format.log2_size;
  const Packed packed = packed_of(run.format);
  const nn_u64 row_bytes = run.row_elems << log2_size;
  const nn_u64 per_row =
      ((row_bytes + 14) >> 4) + 1;  // aligned chunks a row can touch, wherever it begins
  // Item = (row, chunk in row); the step is divided once instead of the item each time.
  const nn_u64 step_rows = threads / per_row, step_chunks = threads % per_row;
  nn_u64 row = thread / per_row, chunk = thread % per_row;
  while (row < run.rows && !sink.done()) {
    const nn_u64 begin = run.base + row * run.pitch, end = begin + row_bytes;
    const nn_u64 here = (begin & ~15ull) + (chunk << 4);
    const nn_u64 row_index = row * run.row_elems;
    if (here >= begin && here + 16 <= end) {
      const Words words = load16(here);
      if (is_dirty(packed, words))
        look_at_chunk(run.format, words, row_index + ((here - begin) >> log2_size), sink);
    } else if (here < end) {
      const nn_u64 stop = here + 16 < end ? here + 16 : end;
      for (nn_u64 address = here < begin ? begin : here; address < stop; address += 1u << log2_size)
        look_at_element(run.format, address, row_index + ((address - begin) >> log2_size), sink);
    }
    row += step_rows;
    chunk += step_chunks;
    if (chunk >= per_row) {
      chunk -= per_row;
      ++row;
    }
  }
}

template <class Sink>
__device__ inline void walk(const Run& run, nn_u64 thread, nn_u64 threads, Sink& sink) {
  if (!run.judged || run.elements() == 0) return;
  if (run.flat())
    walk_flat(run, thread, threads, sink);
  else
    walk_rows(run, thread, threads, sink);
}

}  // namespace nonans_device
