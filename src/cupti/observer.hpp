// SPDX-License-Identifier: MIT
// Counts what CUPTI shows: all there is to do where the library came too late for its hooks.
//
//   Observer observer(&lifecycle::on);
//   Session session(observer, process_slot(), {.use = Use::load, .launches = true, …});
//   say(observer.summary());   // "12 launches, 0 graph launches, 1 image (3.1 KiB), …"
//
// Safe from any thread. Counters only: an address that is freed was live if it is remembered here.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

#include "cupti/receiver.hpp"

namespace nonans::cupti {

class Observer final : public Receiver {
 public:
  explicit Observer(bool (*running)() noexcept) : running_(running) {}

  bool concerned() noexcept override { return running_(); }
  void allocated(const Allocation& allocation) override;
  void freeing(uint64_t base) override;
  void code_call_begins() override {}
  void image_shown(CUcontext context, uint32_t module_id, const void* bytes, size_t size) override;
  void module_returned(CUmodule) override {}
  void library_returned(CUlibrary) override {}
  void kernel_used(CUkernel) override {}
  void module_going(CUmodule) override {}
  void library_going(CUlibrary) override {}
  void module_id_going(uint32_t) override {}
  void context_created(CUcontext) override {}
  void context_going(CUcontext context) override;
  void launched(bool graph) override;

  std::string summary() const;

 private:
  struct Live {
    uint64_t size = 0;
    CUcontext context = nullptr;
  };

  bool (*const running_)() noexcept;
  std::atomic<uint64_t> launches_{0}, graph_launches_{0}, images_{0}, image_bytes_{0};
  mutable std::mutex mutex_;  // what follows
  std::unordered_map<uint64_t, Live> live_;
  uint64_t allocations_ = 0, live_bytes_ = 0, most_bytes_ = 0;
};

}  // namespace nonans::cupti
