// SPDX-License-Identifier: MIT
// Watching kernels run: every instruction, memory access, barrier, fence and fault.
//
//   struct CountStores : Observer {
//     struct InLaunch : LaunchObserver {
//       struct InBlock : BlockObserver {
//         void access(const AccessEvent& a) override { stores += a.writes() ? 1 : 0; }
//         uint64_t stores = 0;
//       };
//       std::unique_ptr<BlockObserver> begin(const BlockInfo&) override {
//         return std::make_unique<InBlock>();
//       }
//     };
//     std::unique_ptr<LaunchObserver> begin(const LaunchInfo&) override {
//       return std::make_unique<InLaunch>();
//     }
//   };
//   CountStores counter;
//   launch.observer = &counter;       // this launch; or observe(&counter): every launch from now
//   on
//
// One object for each block, so that what a checker keeps about a block needs no lock:
//   Observer        begin(launch): launches may begin at the same time, on different threads
//   LaunchObserver  begin(block), exception(): called from all worker threads at once
//   BlockObserver   one thread at a time, with everything before an event visible to the next,
//                   though the thread changes; destroyed when the block has ended
// begin() may answer nullptr: nothing to say about this launch (or block). A launch that nobody
// watches runs the interpreter's plain loop, which does not know about observers at all.
//
// Order within a block: instruction, then its accesses (one event for each space it reaches), both
// before its effect. An instruction that waits for other lanes (shfl.sync, bar.warp.sync …) is told
// when its group is complete, once for the group. An access that faults is not told; the fault is.
// Parameters of calls that the device itself copies between local frames are told as writes of the
// call instruction.
//
// Observers must not throw and must not launch.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/engine.hpp"

namespace softgpu::engine {

struct LaunchInfo {
  const Kernel& kernel;
  const Launch& launch;
  const ptx::Module& module;  // lives as long as the program
};

struct BlockInfo {
  Dim3 index;
  uint64_t linear = 0;
  uint32_t threads = 0;       // thread t is lane t % 32 of warp t / 32
  uint32_t shared_bytes = 0;  // static and dynamic
  uint32_t stack_bytes = 0;   // of the local space of one thread
};

struct InstructionEvent {
  const ptx::Instruction& instruction;
  uint32_t warp = 0;
  uint32_t active = 0;  // lanes that stand here
  uint32_t mask = 0;    // of them, those whose guard is true; may be 0
};

enum class AccessSpace : uint8_t { global, shared, local, param };
// `atomic`: atom, red and operations on mbarriers: read and write in one. `async_*`: the two sides
// of cp.async: the read is told when the copy is issued, the write when the bytes move, which is
// when the copy is waited for.
enum class AccessKind : uint8_t { read, write, atomic, async_read, async_write };
// What the instruction says of itself (ISA 8.3); volatile and mmio count as relaxed.
enum class AccessOrder : uint8_t { weak, relaxed, acquire, release, acq_rel };

struct AccessEvent {
  const ptx::Instruction& instruction;
  uint32_t warp = 0;
  AccessSpace space = AccessSpace::global;
  AccessKind kind = AccessKind::read;
  AccessOrder order = AccessOrder::weak;
  uint32_t size = 0;  // bytes of each lane
  uint32_t mask = 0;
  const uint64_t* address = nullptr;       // [32]; for shared, local and param offsets in the space
  const std::byte* const* host = nullptr;  // [32] where the bytes are now
  // For st only: the bytes that each lane is about to store, [32]; else nullptr.
  const std::byte* const* stored = nullptr;

  bool reads() const {
    return kind == AccessKind::read || kind == AccessKind::atomic || kind == AccessKind::async_read;
  }
  bool writes() const { return !(kind == AccessKind::read || kind == AccessKind::async_read); }
};

struct BarrierEvent {
  const ptx::Instruction* instruction = nullptr;  // arrive: which; release: nullptr
  uint32_t number = 0;                            // 16: barrier.cluster
  uint32_t warp = 0, mask = 0;                    // arrive: who
  bool waits = true;                              // arrive: false for bar.arrive
  uint32_t expected = 0;  // arrive: how many threads complete it; 0: all of the block
};

// What %globaltimer, and %clock and %clock64, read in a warp.
struct WarpTime {
  uint64_t nanoseconds = 0, cycles = 0;
};

class BlockObserver {
 public:
  virtual ~BlockObserver() = default;
  virtual void instruction(const InstructionEvent&) {}
  virtual void access(const AccessEvent&) {}
  virtual void barrier_arrive(const BarrierEvent&) {}
  virtual void barrier_release(const BarrierEvent&) {}  // complete: those who waited go on
  virtual void fence(const InstructionEvent&) {}        // membar, fence
  // For an observer that keeps the time of a modelled device: true, and the warp reads `out`
  // instead of the host's clock.
  virtual bool time(uint32_t /*warp*/, WarpTime& /*out*/) const { return false; }
};

class LaunchObserver {
 public:
  virtual ~LaunchObserver() = default;  // the launch has ended, all blocks are gone
  virtual std::unique_ptr<BlockObserver> begin(const BlockInfo&) { return nullptr; }
  // Device code allocated memory by malloc(); its contents are undefined.
  virtual void allocated(uint64_t /*address*/, uint64_t /*size*/) {}
  // The launch fails: the first fault of all blocks.
  virtual void exception(const Fault&) {}
};

class Observer {
 public:
  virtual ~Observer() = default;
  virtual std::unique_ptr<LaunchObserver> begin(const LaunchInfo&) { return nullptr; }
  // From the driver, any thread. Device memory came to be, with undefined contents; went; was
  // written by a copy or a fill.
  virtual void allocated(uint64_t /*address*/, uint64_t /*size*/) {}
  virtual void released(uint64_t /*address*/, uint64_t /*size*/) {}
  virtual void written(uint64_t /*address*/, uint64_t /*size*/) {}
};

// Adds an observer of every launch that begins from now on. It must live as long as the process.
// False: there are 16 already.
bool observe(Observer* observer);
// The observers added so far; what the driver tells goes to these. Empty: nobody.
std::span<Observer* const> observers();

}  // namespace softgpu::engine
