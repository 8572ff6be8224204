// SPDX-License-Identifier: MIT
// What CUPTI shows, into the registry of buffers and the store of code: the one place where the
// CUPTI session and the hooks meet.
//
// The same call is seen by both when both are there: its hook runs on the same thread, around the
// driver's function and with it around the callback. Then the hook registers, and the callback is
// not concerned; so nothing is registered twice, and the two cannot disagree. What is left for
// CUPTI are calls that reached the driver past the hooks (private tables, RTLD_DEEPBIND, a pointer
// from before). With NONANS_SOURCES=cupti it is the other way round: hooks register nothing and
// callbacks everything, and both forget, which is always safe.
//
// An image comes before its handle: MODULE_LOADED is told inside the load, and the handle stands in
// the call's result. It waits here, by thread, in a copy, since CUPTI's bytes are gone after the
// callback. A callback comes to the end of its call unless the place was given away meanwhile; what
// then waits is dropped by the thread's next load.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>

#include "cupti/receiver.hpp"

namespace nonans::interpose {

class Runtime;

class CuptiReceiver final : public cupti::Receiver {
 public:
  explicit CuptiReceiver(Runtime& runtime) : runtime_(runtime) {}

  bool concerned() noexcept override;
  void allocated(const cupti::Allocation& allocation) override;
  void freeing(uint64_t base) override;
  void code_call_begins() override;
  void image_shown(CUcontext context, uint32_t module_id, const void* bytes, size_t size) override;
  void module_returned(CUmodule module) override;
  void library_returned(CUlibrary library) override;
  void kernel_used(CUkernel kernel) override;
  void module_going(CUmodule module) override;
  void library_going(CUlibrary library) override;
  void module_id_going(uint32_t module_id) override;
  void context_created(CUcontext context) override;
  void context_going(CUcontext context) override;
  void launched(bool) override {}

  // Registered from here.
  uint64_t images() const noexcept { return images_.load(std::memory_order_relaxed); }
  uint64_t buffers() const noexcept { return buffers_.load(std::memory_order_relaxed); }

 private:
  struct Shown {
    std::string bytes;
    uint64_t context = 0;
    uint32_t module_id = 0;
  };
  // What this thread was shown in its present call; empty bytes if nothing.
  Shown take_shown();
  void forget_code(uint64_t handle);

  Runtime& runtime_;
  std::atomic<uint64_t> images_{0}, buffers_{0};
  std::mutex mutex_;  // what follows; never held while the driver or the store is called
  std::unordered_map<std::thread::id, Shown> shown_;
  std::unordered_map<uint32_t, uint64_t> modules_;  // CUPTI's number of a module → its handle
};

}  // namespace nonans::interpose
