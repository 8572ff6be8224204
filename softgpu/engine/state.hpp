// SPDX-License-Identifier: MIT
// What runs: a grid of blocks, a block of warps, a warp of fragments.
//
// A warp is a set of fragments: lanes that stand at the same instruction, in the same depth of
// calls. The scheduler (scheduler.cpp) runs one until it branches, meets another (then they become
// one) or waits. Nothing lives on the host's stack between two instructions, so a worker can leave
// a block at any instruction and another worker can go on with it.
#pragma once

#include <array>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include "code.hpp"

namespace softgpu::engine {

struct Block;
struct Extent;      // memory.hpp
struct Located;     // memory.hpp
struct GridWatch;   // watch.hpp: observers, weak memory and random order of a launch
struct BlockWatch;  // watch.hpp: the same of one block

// The running launch: what is the same for all blocks. Scheduling of blocks: launch.cpp.
struct GridInfo {
  const Kernel* kernel = nullptr;
  const Launch* launch = nullptr;
  const Code* code = nullptr;
  AddressSpace* space = nullptr;
  GridWatch* watch = nullptr;  // nullptr: nobody watches, the plain order of things
  std::atomic<bool> stop{false};
};

// A range of device memory that an Op met last: most accesses of one instruction hit one
// allocation.
struct CachedRange {
  u64 address = 0, size = 0;
  std::byte* host = nullptr;
  bool writable = false;
};
inline constexpr u32 kRangeCache = 16;

// Finds what the short ways (ranges below, Block::open_shared) do not; see locate() in memory.hpp.
using LocateRest = void (*)(Warp&, const Op&, u32 mask, const Extent&, Located&);
void locate_each(Warp& w, const Op& op, u32 mask, const Extent& extent, Located& at);

struct Worker {
  // A launch that is watched keeps the ranges empty and sets another function here, so that every
  // access passes it; a launch that is not pays nothing for that.
  LocateRest locate_rest = &locate_each;
  std::array<CachedRange, kRangeCache> ranges{};
  u64 instructions = 0, thread_instructions = 0, bytes_read = 0, bytes_written = 0;
  u32 index = 0, count = 1;  // %smid, %nsmid
};

// One call frame of a warp: the registers of 32 lanes and where each lane returns to.
struct Frame {
  struct Free {
    void operator()(std::byte* p) const { ::operator delete[](p, std::align_val_t{64}); }
  };
  std::unique_ptr<std::byte[], Free> registers;  // aligned for vector instructions
  u32 function = 0;
  u32 depth = 0;
  u32 return_pc[kLanes] = {};
  Frame* caller[kLanes] = {};
  u32 local_base[kLanes] = {};  // offset of the lane's local frame in its stack
  u32 allocated[kLanes] = {};   // bytes behind it that alloca took
};

enum class Wait : u8 { none, sync, barrier };

struct Fragment {
  u32 pc = 0;
  u32 mask = 0;
  Frame* frame = nullptr;
  u32 penalty = 0;  // raised each time it used up its turn while others waited
  u32 spent = 0;    // of its turn
  Wait wait = Wait::none;
  u8 barrier = 0;
};

struct Warp {
  // Registers of the running fragment's frame, and the constant pool. Bodies read nothing else.
  std::byte* base[2] = {nullptr, nullptr};
  Frame* frame = nullptr;
  Block* block = nullptr;
  Worker* worker = nullptr;
  u32 index = 0;    // in the block
  u32 present = 0;  // lanes that exist
  u32 live = 0;     // lanes that have not exited
  u32 next_penalty = 0;
  std::vector<Fragment> fragments;
  std::vector<std::unique_ptr<Frame>> frames;
  u32 tid[3][kLanes] = {};

  template <class T>
  [[gnu::always_inline]] T* at(u32 operand) const {
    return reinterpret_cast<T*>(base[operand >> 31] + (operand & ~kConstantBit));
  }
  u32& predicate(u32 operand) const { return *at<u32>(operand); }
  // The frame for calls of `function` at `depth`; all lanes of the warp share it, whoever called.
  Frame* frame_for(u32 function, u32 depth, const Code& code);
};

// A named barrier: threads are counted, warps with dead lanes count as full (9.7.13 of the ISA:
// counts are multiples of the warp size).
struct Barrier {
  u32 expected = 0;        // 0: all threads of the block
  u32 arrived = 0;         // threads
  std::vector<u32> warps;  // which lanes of each warp arrived
  u32 true_count = 0;      // bar.red
  bool active = false;
};

// barrier.cluster of a cluster of one block, by lanes of each warp.
struct ClusterBarrier {
  std::vector<u32> arrived;      // in the phase that is not complete
  std::vector<u32> outstanding;  // have arrived and not yet waited
};

struct AsyncCopies;  // async_copy.hpp

struct FreeMemory {
  void operator()(std::byte* p) const { std::free(p); }
};

struct Block {
  GridInfo* grid = nullptr;
  Dim3 index;
  u32 linear = 0;
  u32 threads = 0;
  std::vector<Warp> warps;
  std::vector<std::byte> shared;  // static + dynamic
  u32 open_shared = 0;            // bytes of it reached the short way: all, or none when watched
  std::unique_ptr<std::byte[], FreeMemory>
      local;            // the stacks of all threads; calloc, so untouched is free
  u32 stack_bytes = 0;  // of one thread
  std::array<Barrier, 16> barriers;
  ClusterBarrier cluster;
  std::shared_ptr<AsyncCopies> async_copies;  // none before the first cp.async
  u32 live_threads = 0;
  std::shared_ptr<BlockWatch> watch;  // of a launch that is watched

  std::byte* stack(const Warp& warp, u32 lane) const {
    return local.get() + static_cast<size_t>(warp.index * kLanes + lane) * stack_bytes;
  }
};

}  // namespace softgpu::engine
