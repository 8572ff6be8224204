// SPDX-License-Identifier: MIT
// What stands behind the hook bodies: one object per process, made when the first context is seen,
// never destroyed.
//
//   if (Runtime* runtime = Runtime::get()) …                // launch hooks: null before the first
//   context and after the end Runtime::start()->see_context();                        // hooks that
//   may take their time
//
// Life: fresh → start() reads the settings and registers the stop handler → see_context() prepares
// each context it meets (context_state.hpp), starts the drain thread and prints one line → at exit,
// or in a forked child, get() becomes null; at exit the rings are emptied and the summary is
// printed, with no CUDA call.
//
// Threads: everything may be called from any thread. No lock is held while a driver function runs.
// Launch hooks use what is marked [launch]: no lock, no allocation.
#pragma once

#include <cuda.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "cupti/session.hpp"
#include "events/drain.hpp"
#include "events/sinks.hpp"
#include "interpose/code/code_store.hpp"
#include "interpose/code/discovery.hpp"
#include "interpose/lifecycle.hpp"
#include "interpose/runtime/context_state.hpp"
#include "interpose/runtime/cupti_receiver.hpp"
#include "interpose/runtime/handle_map.hpp"
#include "interpose/runtime/kernel_table.hpp"
#include "interpose/runtime/legacy_launch.hpp"
#include "interpose/runtime/record_directory.hpp"
#include "interpose/runtime/statistics.hpp"
#include "interpose/runtime/step_counter.hpp"
#include "memory/buffer_registry.hpp"
#include "memory/owned_ranges.hpp"
#include "memory/reach.hpp"
#include "memory/tensor_maps.hpp"
#include "memory/virtual_memory.hpp"
#include "resolve/planner.hpp"
#include "settings/settings.hpp"

namespace nonans::interpose {

namespace graphs {
class GraphWatch;
}

class Runtime {
 public:
  static Runtime* get() noexcept { return instance_.load(std::memory_order_acquire); }  // [launch]
  // Null when the settings say off, or the process is about to end.
  static Runtime* start();

  // Prepares the calling thread's current context if it is new.
  void see_context();
  // The same for a context that is not current. Loading the scan may wait for what runs in a
  // context: best before anything does.
  void see_context(CUcontext context);
  // Before a context is destroyed or reset: empties its ring, gives its memory back, forgets what
  // lived in it.
  void context_going(CUcontext context);
  // Primary contexts are counted by the driver, and not all that hold one are seen: whether one is
  // gone is asked when the release was made.
  void primary_retained(CUdevice device, CUcontext context);
  void primary_releasing(CUdevice device);  // before
  void primary_released(CUdevice device);   // after, if the driver agreed
  // Around a reset, which ends the context for all.
  void primary_ending(CUdevice device);
  void primary_gone(CUdevice device, bool certain);
  // cuCtxAttach and cuCtxDetach, before CUDA 4; the last of the latter destroys the context.
  void context_attached(CUcontext context);
  void context_detaching(CUcontext context);
  // A green context is a context of its own for us (its streams, its multiprocessors), with the
  // memory and code of the primary context, which it retains.
  void green_created(CUgreenCtx green, CUdevice device, CUcontext primary);
  void green_converted(CUgreenCtx green, CUcontext converted);
  // Before it is destroyed. Its device, for primary_released() afterwards; none if it is unknown.
  std::optional<CUdevice> green_going(CUgreenCtx green);
  void stream_going(CUstream stream, api::StreamFlavour flavour);

  // The prepared state of the calling thread's current context, or null. [launch]
  ContextState* current_context() const noexcept;
  // The same for a context that need not be current. [launch]
  ContextState* known_context(CUcontext context) const noexcept;
  // Is it a scan of ours, in whichever context? Takes a lock.
  const ContextState* context_of_scan_kernel(CUfunction function) const;
  bool is_scan_kernel(CUfunction function) const {
    return context_of_scan_kernel(function) != nullptr;
  }
  // The context that owns the memory and code which the calling thread sees, as a number: the
  // current one, or the primary context of a green one. 0 if none is current. [launch]
  static uint64_t current_context_key() noexcept;
  // The CUdevice of the current context; kUnknownDevice without one.
  static int32_t current_device() noexcept;
  // 10 * major + minor of the current context's device, or of device 0.
  static uint32_t compute_capability() noexcept;

  // False: images and buffers come from CUPTI alone. What is freed or unloaded is forgotten by the
  // hooks all the same.
  bool hooks_register() const noexcept { return settings_.sources != Sources::cupti; }

  resolve::Mode mode() const { return settings_.mode; }  // [launch]
  resolve::Policy policy() const noexcept;               // [launch]
  resolve::Governor& governor() { return governor_; }    // [launch]
  graphs::GraphWatch& graphs() { return *graphs_; }      // [launch]

  memory::BufferRegistry buffers;
  memory::VirtualMemory virtual_memory{buffers};
  memory::Pools pools{buffers};
  memory::PeerAccess peer_access{buffers};
  memory::OwnedRanges owned_ranges;
  memory::TensorMaps tensor_maps;
  KernelTable kernels;
  StepCounter steps;
  Statistics statistics;
  CodeStore code;
  Discovery discovery;
  cupti::Session cupti;
  LegacyLaunches legacy;

 private:
  explicit Runtime(Settings settings);
  ~Runtime();  // never called
  static void on_stop(StopReason why) noexcept;
  static uint64_t raw_context_key() noexcept;  // of what is current, green or not
  uint64_t owner_of(uint64_t context) const noexcept;
  // Of the device's primary context and of the green contexts on it.
  std::vector<ContextState*> primary_states(CUdevice device) const;
  void forget_contents(uint64_t context);
  void introduce(const ContextState& state, const std::string& failure);
  void summarize();

  static constinit std::atomic<Runtime*> instance_;

  Settings settings_;
  CuptiReceiver cupti_receiver_;
  resolve::ScanAll governor_;
  events::JsonlSink file_;
  events::NoticeSink notices_;
  const std::unique_ptr<graphs::GraphWatch> graphs_;
  const RecordDirectory directory_;
  events::Drain drain_;

  mutable std::mutex mutex_;  // what follows; never held across a driver call
  HandleMap<ContextState> contexts_;
  // Never freed: a launch on another thread may be looking while its context goes.
  std::vector<std::unique_ptr<ContextState>> states_;
  struct Primary {
    CUcontext context = nullptr;  // null: nobody whom we saw has asked for it yet
    int retained = 0;             // by those whom we saw
    bool held_by_others = false;  // it stayed when the last of those gave it up
  };
  std::unordered_map<CUdevice, Primary> primaries_;
  struct Green {
    CUdevice device = 0;
    CUcontext primary = nullptr, converted = nullptr;
  };
  std::unordered_map<CUgreenCtx, Green> greens_;
  HandleMap<std::remove_pointer_t<CUcontext>> owners_;  // from a converted context to its primary
  std::unordered_map<uint64_t, int> attached_;          // by context: times beyond the first
  bool introduced_ = false;
  bool said_failure_ = false;
  bool draining_ = false;
  uint64_t open_contexts_peak_ = 0, open_contexts_ = 0;
};

// One line to stderr, whole, without stdio.
void say(std::string_view line) noexcept;

}  // namespace nonans::interpose
