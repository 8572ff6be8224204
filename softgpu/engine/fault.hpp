// SPDX-License-Identifier: MIT
// Faults leave the interpreter as an exception and become a Fault value at the edge (launch.cpp).
#pragma once

#include "code.hpp"
#include "state.hpp"

namespace softgpu::engine {

struct FaultSignal {
  Fault fault;
};

struct Access {
  u64 address = 0;
  u32 size = 0;
  bool is_write = false;
};

// `lane`: the first lane concerned. `what` starts the message: "illegal address".
[[noreturn]] void raise(const Warp& w, const Op& op, u32 lane, FaultKind kind, std::string what);
[[noreturn]] void raise_access(const Warp& w, const Op& op, u32 lane, FaultKind kind,
                               const Access& access);
// Everything is blocked: names the first instruction that waits.
[[noreturn]] void raise_deadlock(const Block& block);
// Body of a form that the engine lacks, when a program was loaded with fail_late.
[[noreturn]] void raise_unsupported(Warp& w, const Op& op, u32 mask);

}  // namespace softgpu::engine
