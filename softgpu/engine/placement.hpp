// SPDX-License-Identifier: MIT
// Where variables live: addresses of module variables, offsets in shared memory and in local
// frames.
//
// Local frame of a device function: [parameters][results][.local and .param variables]. Its caller
// copies arguments in and results out. Kernel parameters are not there; they are read from the
// launch's parameter block.
//
// Shared memory: a variable that several kernels reach stands at the same offset for all of them
// (device functions have its offset in their code); the others of a kernel follow. Dynamic shared
// memory starts after a kernel's own static part, so the address of an `extern .shared` array is
// known at run time only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "code.hpp"

namespace softgpu::engine {

struct Place {
  ptx::Space space = ptx::Space::generic;  // global (also for .const), shared, local or param
  u64 value = 0;                           // address or offset
  bool dynamic_shared = false;
};

struct FunctionPlacement {
  std::vector<Place> params, returns, variables;
  u32 local_bytes = 0;
};

struct Placement {
  std::vector<Place> module;  // by index of Module::variables
  std::vector<FunctionPlacement> functions;
  std::vector<u32> static_shared;         // by function: bytes an entry needs (0 for others)
  std::vector<std::vector<u32>> callees;  // direct ones
  std::vector<bool> calls_indirect;
  std::vector<u64> owned;         // addresses to release
  std::vector<Variable> symbols;  // named module variables, for find_variable()
  u32 constant_bytes = 0;

  const Place& of(const ptx::Operand& operand, u32 function) const;
};

// Places everything and writes initial values. An error leaves nothing allocated.
std::optional<LoadError> place(const ptx::Module& module, AddressSpace& space, Placement& out);

// The address a function handle has: indirect calls and function pointers.
constexpr u64 function_handle(u32 index) {
  return kCodeWindow + 16ULL * (index + 1ULL);
}

}  // namespace softgpu::engine
