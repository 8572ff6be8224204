// SPDX-License-Identifier: MIT
// The variables that conditional nodes of a graph look at, as kernels of the graph see them.
//
//   class Table : public engine::GraphConditions { bool set(uint64_t handle, uint32_t value)
//   override … }; engine::run(kernel, launch, space, &table);
//
// CUDA C++ declares cudaGraphSetConditional(handle, value) (cuda_device_runtime_api.h); nvcc makes
// of it a call of an `.extern .func` of that name, which drivers resolve by themselves when they
// load or link the PTX. A handle that is none of the graph's, and any handle in a launch that is no
// part of a graph, faults like a store to an address that is not there.
#pragma once

#include "engine.hpp"

namespace softgpu::engine {

class GraphConditions {
 public:
  virtual ~GraphConditions() = default;
  // False: no such handle in this graph. Called by several threads at once.
  virtual bool set(uint64_t handle, uint32_t value) = 0;
};

// `conditions` may be null; it must outlive the call.
std::optional<Fault> run(const Kernel& kernel, const Launch& launch, AddressSpace& space,
                         GraphConditions* conditions);

}  // namespace softgpu::engine
