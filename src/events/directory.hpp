// SPDX-License-Identifier: MIT
// What the drain must know about a kernel to say what a record means. The runtime, which numbered
// the kernels, answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "analyze/profile.hpp"

namespace nonans::events {

struct KernelFacts {
  std::string symbol;    // as the driver knows it, mangled or not
  uint32_t hazards = 0;  // analyze::Hazard bits on the way to this argument's stores
  std::string source;    // "train.cu:41" of one of its stores; empty without line information
};

// What a profile says about the writes through one parameter; the kernel's own hazards where no
// write is listed.
KernelFacts facts_of(const analyze::KernelProfile& profile, unsigned param_index);

class KernelDirectory {
 public:
  virtual ~KernelDirectory() = default;
  // Called from the drain thread only; may allocate, must not call CUDA. Nothing for an id that was
  // never given out: the ring is memory the application can scribble on.
  virtual std::optional<KernelFacts> find(uint32_t kernel_id, unsigned param_index) const = 0;
  // The names of the NVTX ranges that a record's label stands for; empty for 0 and for one that is
  // no longer known. As find().
  virtual std::string label(uint32_t) const { return {}; }
  // The training step at the launch of a graph that was execution number `replay` of a node;
  // nothing if it is not known. As find().
  virtual std::optional<uint32_t> step_of(uint32_t /*node*/, uint32_t /*replay*/) const {
    return std::nullopt;
  }
};

}  // namespace nonans::events
