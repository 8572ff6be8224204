// SPDX-License-Identifier: MIT
// Decoded code: what the interpreter runs.
//
// A PTX instruction becomes one Op, sometimes a few (a wider destination register, a special
// register used as an operand, a vector). All functions of a program lie in one array of Ops; a
// program counter is an index into it. Within a function the basic blocks lie in reverse post-order
// with loop bodies contiguous (layout.cpp), so that "the fragment that is earliest in the control
// flow" is simply the one with the smallest program counter.
//
// Operands are byte offsets. Bit 31 clear: into the register frame of the running function. Bit 31
// set: into the program's constant pool, where every constant stands once per lane, so that a body
// never asks which it has:
//
//   frame:  [0] the always-true predicate   [128 …] one slot for each register
//     predicate          4 bytes: one bit per lane
//     up to 32 bits    128 bytes: uint32_t[32]; 8- and 16-bit values stand zero-extended
//     64 bits          256 bytes: uint64_t[32]
//     128 bits         512 bytes: unsigned __int128[32]
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "engine.hpp"

namespace softgpu::engine {

using u8 = uint8_t;
using u16 = uint16_t;
using u32 = uint32_t;
using u64 = uint64_t;
using s8 = int8_t;
using s16 = int16_t;
using s32 = int32_t;
using s64 = int64_t;
__extension__ typedef unsigned __int128 u128;
__extension__ typedef __int128 s128;

inline constexpr u32 kLanes = 32;
inline constexpr u32 kAllLanes = 0xffffffffU;

struct Warp;
struct Op;
// Runs one Op for the lanes of `mask` (never empty). Faults leave by throwing FaultSignal
// (fault.hpp).
using Handler = void (*)(Warp&, const Op&, u32 mask);

// What the scheduler has to do beside (or instead of) calling the handler.
enum class Flow : u8 {
  next,           // nothing: call the handler, go on
  branch,         // aux = target
  branch_index,   // o[0] = index register, aux = list of targets
  call,           // aux = call site
  call_indirect,  // o[0] = function handle, aux = call site
  ret,
  exit,
  sync,     // o[kSyncMask] = member mask: wait for its lanes, then call the handler per group
  barrier,  // aux = barrier form (barrier.hpp)
  yield,    // call the handler, then let others run (nanosleep)
};

enum class Rounding : u8 { rn, rz, rm, rp, rna };

inline constexpr u32 kConstantBit = 0x80000000U;
inline constexpr u32 kNoOperand = 0xffffffffU;
inline constexpr u32 kTruePredicate = 0;    // frame offset of a predicate that is always true
inline constexpr u32 kFalsePredicate = 8;   // one that is always false
inline constexpr u32 kCarryPredicate = 4;   // and the carry flags of add.cc and its kin
inline constexpr u32 kFirstRegister = 128;  // frame offset of the first slot
inline constexpr unsigned kOperands = 9;
inline constexpr unsigned kSyncMask = 8;  // Flow::sync: where the member mask stands
inline constexpr unsigned kAddress = 8;   // memory: the base register; data in o[0 …]

struct Op {
  Handler run = nullptr;
  u32 guard = kTruePredicate;  // frame offset of the guard predicate
  u32 guard_flip = 0;          // xor-ed with it: all ones for @!p
  u32 origin = 0;              // index into Code::origins
  u32 o[kOperands] = {kNoOperand, kNoOperand, kNoOperand, kNoOperand, kNoOperand,
                      kNoOperand, kNoOperand, kNoOperand, kNoOperand};
  u32 aux = 0;  // branch target, index of a side table, cache slot
  Flow flow = Flow::next;
  Rounding rounding = Rounding::rn;
  u8 weight = 1;  // how much of a time slice it costs; polls cost more, so that spinning yields
  u8 small = 0;   // a form's own small number (boolean operation, vector length …)
  u8 count = 1;   // memory: elements of the vector
  bool address_is_wide = false;  // memory: the base register has 64 bits
  u64 imm = 0;                   // address offset, immediate
};
static_assert(sizeof(Op) == 80);

// Where an argument or a result of a call lies in the caller's local frame.
struct CallSlot {
  u32 offset = 0, size = 0;
};
struct CallSite {
  u32 function = 0;  // direct calls
  std::vector<CallSlot> args, results;
};

enum class Builtin : u8 { none, vprintf, assertfail, malloc, free, set_conditional };

struct FunctionCode {
  std::string name;
  bool is_entry = false;
  Builtin builtin = Builtin::none;
  u32 entry = 0;        // first Op
  u32 frame_bytes = 0;  // registers of one frame
  u32 local_bytes = 0;  // local frame: parameters, results, .local variables, .param variables
  std::vector<CallSlot> params, results;  // in its own local frame (device functions)
  std::vector<u32> callees;
  bool calls_indirect = false;
  bool allocates = false;  // has an alloca
};

struct Origin {
  const ptx::Instruction* instruction = nullptr;
  u32 function = 0;
};

// What device code has allocated with malloc() and not freed.
struct DeviceHeap {
  std::mutex mutex;
  std::set<u64> live;
};

struct Facts;  // watch.hpp

struct Code {
  std::unique_ptr<DeviceHeap> heap = std::make_unique<DeviceHeap>();
  std::vector<Op> ops;
  std::vector<std::byte> constants;
  std::vector<Origin> origins;
  std::vector<FunctionCode> functions;  // by index of ptx::Module::functions
  std::vector<CallSite> call_sites;
  std::vector<std::vector<u32>> lists;   // branch targets; registers of a vector
  std::vector<std::string> unsupported;  // messages of forms that fail when reached (fail_late)
  ptx::Module module;                    // owns what origins point to
  // What observers and weak memory ask about instructions; made by the first launch that needs it.
  mutable std::once_flag facts_once;
  mutable std::shared_ptr<const Facts> facts;
};

struct KernelImpl {
  const Code* code = nullptr;
  u32 function = 0;
  u32 stack_bytes = 0;  // per thread, all frames
};

// Where dynamic shared memory starts behind a kernel's static part.
constexpr u32 dynamic_shared_start(u32 static_bytes) {
  return (static_bytes + 15U) & ~15U;
}

// Address windows of the spaces that are private to a block or thread. They start above the 47 bits
// of host (and therefore device) addresses, so a generic address tells its space by its top 16
// bits.
inline constexpr u64 kSharedWindow = 0x0001'0000'0000'0000ULL;
inline constexpr u64 kLocalWindow = 0x0002'0000'0000'0000ULL;
inline constexpr u64 kParamWindow = 0x0003'0000'0000'0000ULL;
inline constexpr u64 kCodeWindow =
    0x0004'0000'0000'0000ULL;  // function handles: window + 16 * (index + 1)
inline constexpr unsigned kWindowShift = 48;

}  // namespace softgpu::engine
