// SPDX-License-Identifier: MIT
// From addresses to host memory: windows, bounds, alignment.
//
// Every access is checked for each lane: the whole access lies in one live range of its space, and
// its address is a multiple of its size. Global accesses are done as single aligned host loads and
// stores, which are relaxed atomics on the hosts we run on; a vector access is one of these for
// each element, as on hardware.
#pragma once

#include "fault.hpp"
#include "state.hpp"

namespace softgpu::engine {

class Emitter;
struct Form;

enum class MemorySpace : u8 { generic, global, shared, local, param };

struct Located {
  u64 address[kLanes];
  std::byte* host[kLanes];
};

// The addresses that op's address operand has, in every lane.
void addresses_of(const Warp& w, const Op& op, u64* out);

// Finds the host memory behind `size` bytes at the address of each lane of `mask`; Op::small names
// the space. Throws the fault of the lowest lane that has one.
//
// Two short ways serve most accesses: all lanes in the range of global memory that the instruction
// met last, or all in the block's shared memory. The rest goes through Worker::locate_rest, which
// gets the addresses and fills Located::host: locate_each (state.hpp), or locate_watched
// (watch.hpp) when the launch is watched.
void locate(Warp& w, const Op& op, u32 mask, u32 size, bool is_write, Located& out);

// What an access that is not at op's address operand, or not aligned to its size, is: partial and
// second operands, copies that are done later than they were asked for.
struct Extent {
  MemorySpace space = MemorySpace::generic;
  u32 size = 0;       // bytes of each lane
  u32 alignment = 1;  // what each address must be a multiple of
  bool is_write = false;
};
// As locate(), of the addresses that stand in `at`.
void locate_at(Warp& w, const Op& op, u32 mask, const Extent& extent, Located& at);
// As locate_at() for an access that happens later: raises its faults now, is no access.
void check_at(Warp& w, const Op& op, u32 mask, const Extent& extent, Located& at);

// The lane's bytes at a generic address that only the host reads: strings and argument buffers of
// device calls.
const std::byte* host_bytes(Warp& w, const Op& op, u32 lane, u64 address, u32 size);

// Binds the address operand of a memory instruction: space, base register, offset, range cache
// (memory_rows.cpp).
bool set_memory_operand(Emitter& e, const Form& f, const ptx::Operand& address, Op& op);

// Between a slot and the local frame of the running function: parameters that are registers.
bool store_local(Emitter& e, u32 offset, u32 source, ptx::Type type);
bool load_local(Emitter& e, u32 destination, u32 offset, ptx::Type type);

}  // namespace softgpu::engine
