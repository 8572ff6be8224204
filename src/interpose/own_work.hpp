// SPDX-License-Identifier: MIT
// What this thread asks of the driver now is the library's own work, not the program's.
//
//   const OwnWork mark;                     // hooks/quietly.hpp sets it around all that it runs
//   …cuModuleLoadDataEx, cuMemAlloc…        // CUPTI reports these too: OwnWork::here() there
//
// The guard (guard.hpp) does not tell: it is held during the program's own call as well.
#pragma once

namespace nonans::interpose {

class OwnWork {
 public:
  OwnWork() noexcept : outer_(here_) { here_ = true; }
  ~OwnWork() { here_ = outer_; }
  OwnWork(const OwnWork&) = delete;
  OwnWork& operator=(const OwnWork&) = delete;

  static bool here() noexcept { return here_; }

 private:
  bool outer_;
  // Initial-exec for the reason given in guard.hpp.
  [[gnu::tls_model("initial-exec")]] static inline thread_local constinit bool here_ = false;
};

}  // namespace nonans::interpose
