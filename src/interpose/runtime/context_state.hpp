// SPDX-License-Identifier: MIT
// What we keep in one CUDA context: the scan kernel, its counters in device memory, and the ring of
// records.
//
//   auto state = std::make_unique<ContextState>(context, id, owner);
//   if (!state->open(reason)) …one notice, the context runs unwatched…
//   …before cuCtxDestroy:  drain.remove_ring(state->ring());  state->close();
//
// open() and close() need the context to be current and are called from hooks that may take their
// time (context, module and memory functions), never from a launch. What they cost: one module
// load, one cuMemAlloc, one registration of host memory, one private stream to zero the memory on.
// Ours to the end of the context; we never retain a context.
//
//   device memory (one allocation, 4 MiB):   nn_ring_device | slots of streams | slots of graph
//   nodes host memory (0.6 MiB, mapped):           nn_ring_host
#pragma once

#include <cuda.h>

#include <cstdint>
#include <string>

#include "interpose/runtime/node_slots.hpp"
#include "interpose/runtime/shared_ring.hpp"
#include "interpose/runtime/stream_slots.hpp"
#include "memory/buffer_registry.hpp"
#include "resolve/scan_abi.h"

namespace nonans::interpose {

class ContextState {
 public:
  // `memory_owner`: the context that its memory belongs to, as memory::Buffer names it; of a green
  // context, the primary one.
  ContextState(CUcontext context, uint32_t id, uint64_t memory_owner)
      : context_(context), id_(id), memory_owner_(memory_owner) {}
  ~ContextState() = default;  // close() is the owner's business: it needs the context
  ContextState(const ContextState&) = delete;
  ContextState& operator=(const ContextState&) = delete;

  // False: nothing is left behind, `reason` says why in words.
  bool open(std::string& reason);
  void close() noexcept;
  // The context is gone, and with it what we had in it: no driver call is made. `unmap` the ring
  // only if that is certain.
  void abandon(bool unmap) noexcept;

  // For launch hooks; true between open() and close().
  bool ready() const noexcept { return ready_.load(std::memory_order_acquire); }
  CUcontext context() const { return context_; }
  uint32_t id() const { return id_; }
  uint64_t memory_owner() const { return memory_owner_; }
  CUfunction scan() const { return scan_; }
  int32_t device() const { return device_; }  // CUdevice
  // That the context may use: all of the device, or a green context's share.
  uint32_t multiprocessors() const { return multiprocessors_; }
  uint64_t ring_device() const { return memory_; }
  uint64_t ring_mapped() const { return ring_mapped_; }
  uint64_t slot_address(uint32_t index) const {
    return memory_ + kSlotsOffset + uint64_t{index} * sizeof(nn_slot);
  }
  nn_ring_host* ring() const { return ring_.get(); }
  StreamSlots& slots() { return slots_; }
  NodeSlots& node_slots() { return node_slots_; }
  // For scans of nothing in graphs, all of them; 0 if there is none.
  uint64_t idle_slot() const { return idle_slot_; }
  // A stream is about to be destroyed: its slots are free when what runs on it has finished.
  void release_stream(CUstream stream, api::StreamFlavour flavour);

  static constexpr uint64_t kSlotsOffset = (sizeof(nn_ring_device) + 255) / 256 * 256;
  static constexpr uint64_t kNodeSlotsOffset =
      (kSlotsOffset + StreamSlots::kCount * sizeof(nn_slot) + 255) / 256 * 256;
  static constexpr uint64_t kDeviceBytes = 4u << 20;  // as much as a context may cost (DESIGN)
  static_assert(kNodeSlotsOffset + (2u << 20) <= kDeviceBytes && SharedRing::kBytes <= 4u << 20,
                "half of it is for graphs");

 private:
  bool load_module(std::string& reason);
  bool make_memory(std::string& reason);

  CUcontext context_;
  uint32_t id_;
  uint64_t memory_owner_;
  std::atomic<bool> ready_{false};
  CUmodule module_ = nullptr;
  CUfunction scan_ = nullptr;
  CUdeviceptr memory_ = 0;
  uint64_t ring_mapped_ = 0;
  bool registered_ = false;
  int32_t device_ = memory::kUnknownDevice;
  uint32_t multiprocessors_ = 1;
  SharedRing ring_;
  StreamSlots slots_;
  NodeSlots node_slots_;
  uint64_t idle_slot_ = 0;
  // Slots of streams that were destroyed while busy: free when the event recorded behind their work
  // has passed.
  CUevent limbo_[StreamSlots::kCount] = {};
};

}  // namespace nonans::interpose
