// SPDX-License-Identifier: MIT
// What a launch needs beside the plain interpreter when it is watched by observers (observer.hpp),
// runs with weak memory (weak_memory.hpp) or in a random order (Modes::schedule).
//
// None of it costs a launch that has none of it. GridInfo::watch is then nullptr, the scheduler
// runs the instance of its loop that was compiled without these questions, and accesses take the
// short ways of locate(). A launch that is watched keeps the short ways shut (no cached ranges, no
// open shared memory), so that each access arrives at locate_watched(). What is rare anyway
// (barriers, fences, calls) asks for the pointer.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "memory.hpp"
#include "observer.hpp"
#include "state.hpp"
#include "weak_memory.hpp"

namespace softgpu::engine {

// What the modifiers of an instruction say about memory.
struct InstructionFacts {
  AccessOrder order = AccessOrder::weak;
  bool atomic = false;       // atom, red, mbarrier
  bool async = false;        // cp.async
  bool stores = false;       // st: the data are operands o[0 …]
  bool read_only = false;    // .nc, ldu, .const: cached for as long as the kernel runs
  bool block_scope = false;  // .cta: concerns no other block
};

struct Facts {
  std::vector<InstructionFacts> of;  // by Op::origin
  std::vector<u8> tells;             // by Op: 1 where its instruction is told
  bool may_split = true;  // no instruction means "the lanes that happen to be here" (shfl without
                          // .sync)
};
const Facts& facts_of(const Code& code);

// splitmix64: a stream of numbers for each block, the same for the same seed.
class Random {
 public:
  explicit Random(u64 seed = 0) : state_(seed) {}
  u64 next();
  u32 below(u32 n) { return static_cast<u32>(next() % n); }  // n > 0
  bool one_in(u32 n) { return below(n) == 0; }

 private:
  u64 state_;
};

struct GridWatch {
  GridWatch(const Kernel& kernel, const Launch& launch, const Code& code);
  // The launch goes another way than the plain one.
  static bool needed(const Launch& launch);

  const Facts& facts;
  std::vector<std::unique_ptr<LaunchObserver>> observers;
  std::unique_ptr<WeakMemory> weak;  // nullptr: not weak
  bool random = false;
  Random order;  // of blocks; under the grid's mutex
  u64 seed = 0;
};

struct BlockWatch {
  BlockWatch(GridWatch& grid, const Block& block);
  ~BlockWatch();
  BlockWatch(const BlockWatch&) = delete;
  BlockWatch& operator=(const BlockWatch&) = delete;

  GridWatch& grid;
  std::vector<std::unique_ptr<BlockObserver>> observers;
  std::unique_ptr<WeakView> weak;
  bool random = false;
  Random order;  // of warps and lanes
};

// Worker::locate_rest of a watched launch.
void locate_watched(Warp& w, const Op& op, u32 mask, const Extent& extent, Located& at);

// The device itself reads memory (host_bytes): what the block's view holds of it comes first.
void before_host_reads(Warp& w, std::byte* host, u32 size);

// Each tells the observers of w's block; the block is watched.
void tell_instruction(Warp& w, const Op& op, u32 active, u32 mask);
// These ask whether it is.
void tell_arrive(Warp& w, const Op& op, u32 mask, u32 number, bool waits, u32 expected);
void tell_release(Block& block, u32 number);
void tell_fence(Warp& w, const Op& op, u32 mask);
// The device itself copies parameters or results into `slots` at `base` of the lane's stack.
void tell_copied(Warp& w, const Op& op, u32 lane, u32 base, const std::vector<CallSlot>& slots);

}  // namespace softgpu::engine
