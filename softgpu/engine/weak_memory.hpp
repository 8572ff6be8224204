// SPDX-License-Identifier: MIT
// Weak memory: what the memory model (ISA 8) lets a GPU do with plain loads and stores to global
// memory, made to happen.
//
// On hardware each SM has an L1 cache that is not coherent with the others. Here each block has a
// view of global memory of its own:
//
//   block 0 ── view ──┐        a line of 32 bytes:  data[32]
//   block 1 ── view ──┼─ memory                     valid  which bytes of it hold a value
//   block 2 ── view ──┘                             dirty  which of them memory has not got yet
//
//   plain store          goes into the view only; the other blocks do not see it
//   plain load           answers from the view; what it had to fetch from memory stays in the view,
//                        so the next load of it may be stale
//   fence, release       of a scope wider than the block: dirty bytes are written to memory, all of
//                        the block's, since bar.sync + fence by one thread publishes for the block
//   fence, acquire       ditto: the view forgets what it fetched
//   relaxed, volatile,   work on memory itself; the view first writes and forgets the bytes that
//   atomics              they touch, so that a thread never sees its own accesses out of order
//   ld.nc, ldu, const    answer from a second view that nothing but the end of the block empties
//   end of a block       its dirty bytes wait for the end of the kernel: another block that did not
//                        synchronise never sees them by luck (kMostWaiting bounds them)
//
// All threads of a block share its view, so bar.sync makes stores visible within the block and no
// further. Shared and local memory are not touched by any of this. A program that is correct by the
// memory model computes the same; one that forgets a fence fails, every time.
//
// Bounds: a view of more than kMostLines is written out and forgotten, which hardware may also do
// at any time.
#pragma once

#include <mutex>
#include <unordered_map>
#include <vector>

#include "code.hpp"

namespace softgpu::engine {

inline constexpr u32 kLineBytes = 32;
inline constexpr size_t kMostLines = 1U << 16;    // of one block: 2 MiB
inline constexpr size_t kMostWaiting = 1U << 18;  // of all blocks that have ended: 8 MiB

struct WeakLine {
  std::byte* memory = nullptr;  // where the line lies
  std::byte data[kLineBytes];
  u32 valid = 0, dirty = 0;  // bit for byte; dirty is part of valid
};

// The view of one block; used by the thread that runs the block.
class WeakView {
 public:
  // Where `size` bytes (a power of two, at most kLineBytes, aligned) at `memory` are read from or
  // written to. The pointer serves the running instruction.
  std::byte* load(std::byte* memory, u32 size);
  std::byte* store(std::byte* memory, u32 size);
  std::byte* load_read_only(std::byte* memory, u32 size);
  // The bytes go to memory, and the view forgets them: before an access that works on memory.
  void drop(std::byte* memory, u32 size);

  void publish();  // everything dirty goes to memory
  void forget();   // what is not dirty
  // Between two instructions: keeps the view within its bounds.
  void bound();

 private:
  friend class WeakMemory;
  WeakLine& line_of(std::byte* start, std::unordered_map<std::byte*, WeakLine>& lines);
  void fill(WeakLine& line, u32 wanted);
  std::unordered_map<std::byte*, WeakLine> lines_, read_only_;
};

// What the blocks of a launch leave behind when they end. Thread-safe.
class WeakMemory {
 public:
  ~WeakMemory();  // the kernel ends: everything is published
  void end_of(WeakView& view);

 private:
  std::mutex mutex_;
  std::vector<WeakLine> waiting_;
};

}  // namespace softgpu::engine
