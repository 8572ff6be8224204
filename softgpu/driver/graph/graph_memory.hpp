// SPDX-License-Identifier: MIT
// Memory of allocation nodes.
//
// The address is fixed when the node is made, the memory comes and goes with each launch: what the
// device sees begins when the allocation node executes and ends when a free node, cuMemFree,
// cuMemFreeAsync or the automatic free of the next launch is reached. `allocated` is the API's side
// of it, set when a launch or a free is submitted: a second free and a launch that would allocate
// twice are refused there.
#pragma once

#include <memory>

#include "driver/memory.hpp"
#include "driver/scheduler.hpp"

namespace softgpu::driver {

struct Stream;

struct GraphAllocation {
  CUdeviceptr address = 0;
  uint64_t size = 0, footprint = 0, buffer_id = 0;
  int device = 0;
  const Allocation* memory = nullptr;
  std::shared_ptr<Context> context;

  // Under the graph lock.
  const void* owner = nullptr;     // the graph of the allocation node
  const void* freed_in = nullptr;  // the graph that has a free node for it
  bool allocated = false;

  GraphAllocation() = default;
  ~GraphAllocation();
  GraphAllocation(const GraphAllocation&) = delete;
  GraphAllocation& operator=(const GraphAllocation&) = delete;
};
using GraphAllocationPtr = std::shared_ptr<GraphAllocation>;

// nullptr when there is no memory.
GraphAllocationPtr make_graph_allocation(const std::shared_ptr<Context>& context, uint64_t size,
                                         int device, std::shared_ptr<const DeviceAccess> access);
// By its address; nullptr if no node's memory begins there.
GraphAllocationPtr find_graph_allocation(CUdeviceptr address);

OperationPtr make_show(const GraphAllocationPtr& allocation);
OperationPtr make_hide(const GraphAllocationPtr& allocation);

// Notes that the memory is allocated (and lives on when its graph is destroyed), or free again.
void set_allocated(const GraphAllocationPtr& allocation, bool allocated);

// A context goes away, and its memory with it.
void forget_graph_memory_of(const Context& context);

// cuMemFreeAsync and cuMemFree of such memory. INVALID_VALUE if it is not allocated or its own
// graph frees it.
CUresult free_graph_memory(CUdeviceptr address, const std::shared_ptr<Stream>& stream);

}  // namespace softgpu::driver
