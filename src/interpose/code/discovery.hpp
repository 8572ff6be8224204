// SPDX-License-Identifier: MIT
// Functions that are launched although nobody told us of them.
//
//   if (!kernel) runtime.discovery.offer(function);          // launch hook, after a good launch
//   runtime.discovery.look_up(runtime.code);                 // a hook that may take its time
//   runtime.discovery.forget();                              // before anything is unloaded
//
// A CUfunction can come from one of the runtime's private tables, from a library that found the
// driver without us (RTLD_DEEPBIND), or from before we were there. Its module may be known all the
// same. The launch hook is the one place where such a handle is sure to be good, for the driver has
// just taken it: so its module and its name are asked for there, once per handle, by two calls that
// only read (cuFuncGetModule of 11.0, cuFuncGetName of 12.3; without both nothing can be found).
// What they answer goes into a ring of kPlaces; matching the name and analysing the image wait for
// the next hook that has time. From then on the function is known.
//
// offer() takes no lock and allocates nothing. A full ring loses the offer, and a later launch
// makes it again. forget() starts a new generation: what was offered before it is not looked up any
// more (its module may be gone and its number given to another), and every handle may be asked for
// anew.
#pragma once

#include <cuda.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "interpose/code/content_hash.hpp"

namespace nonans::interpose {

class CodeStore;

class Discovery {
 public:
  static constexpr size_t kPlaces = 64;
  static constexpr size_t kRemembered = 1024;

  void offer(CUfunction function) noexcept;  // [launch]
  void look_up(CodeStore& code) {
    if (waiting_.load(std::memory_order_acquire) != 0) look_up_waiting(code);
  }
  void forget() noexcept { generation_.fetch_add(1, std::memory_order_acq_rel); }

 private:
  enum State : uint32_t { empty, writing, full, reading };
  struct Place {
    std::atomic<uint32_t> state{empty};
    uint64_t generation = 0, handle = 0, module = 0;
    ContentHash name;
  };
  void look_up_waiting(CodeStore& code);

  std::atomic<uint64_t> generation_{1};
  std::atomic<uint32_t> waiting_{0};
  std::atomic<uint32_t> next_{0};
  Place places_[kPlaces];
  std::atomic<uint64_t> asked_[kRemembered] = {};  // handle and generation, mixed
};

// A kernel's name as a number.
ContentHash hash_of_name(const char* name) noexcept;

}  // namespace nonans::interpose
