// SPDX-License-Identifier: MIT
// Contexts and the per-thread stack of current contexts.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "driver/cuda_api.hpp"
#include "driver/handles.hpp"
#include "driver/memory.hpp"
#include "driver/peer_access.hpp"
#include "driver/scheduler.hpp"

namespace softgpu::driver {

struct Stream;
struct Function;

struct Context : std::enable_shared_from_this<Context> {
  Context(int device_, unsigned flags_, bool primary_);

  CUcontext handle = nullptr;
  uint64_t id = 0;
  unsigned api_version = 3020;
  const int device;
  std::atomic<unsigned> flags;
  const bool primary;
  std::atomic<bool> destroyed{false};
  ContextSpace space;
  PeerContexts peers;  // whose memory it may touch

  // The first fault of a kernel or copy stays: every later call answers it, as on hardware.
  CUresult sticky() const { return static_cast<CUresult>(sticky_.load(std::memory_order_acquire)); }
  void break_with(CUresult code, const std::string& message);

  // Streams. `submission` makes "read the tails, submit, set the tail" one step, so that what one
  // thread submits to the legacy stream and another to a blocking stream has one order.
  std::mutex submission;
  std::shared_ptr<Stream> legacy;
  std::map<uint64_t, std::shared_ptr<Stream>> per_thread;  // by thread number
  std::vector<std::shared_ptr<Stream>> streams;            // created ones, alive
  std::vector<OperationPtr> orphans;                       // last operations of destroyed streams
  int64_t orphans_ended = 0;     // of those dropped: the latest end, on the model's clock
  void drop_finished_orphans();  // under `submission`
  // Waits until everything submitted so far is done.
  CUresult synchronize();

  std::mutex settings;
  std::map<CUlimit, size_t> limits;
  CUfunc_cache cache_config = CU_FUNC_CACHE_PREFER_NONE;
  CUsharedconfig shared_config = CU_SHARED_MEM_CONFIG_DEFAULT_BANK_SIZE;

 private:
  std::atomic<int> sticky_{CUDA_SUCCESS};
};

using ContextTable = HandleTable<Context, CUcontext, HandleKind::context>;
ContextTable& contexts();

std::shared_ptr<Context> create_context(int device, unsigned flags, bool primary);
// Waits for its work, then takes down all it owns: streams, events, modules, memory (pinned memory
// is unmapped).
void destroy_context(const std::shared_ptr<Context>& context);

// INVALID_CONTEXT when none is current, CONTEXT_IS_DESTROYED when it is gone.
CUresult current_context(std::shared_ptr<Context>& out);
// What cuCtxGetCurrent answers.
CUcontext current_handle();
// The device's primary context if it is active.
std::shared_ptr<Context> active_primary_context(int device);

uint64_t thread_number();  // unique for the life of the process

}  // namespace softgpu::driver
