// SPDX-License-Identifier: MIT
// A process as a launch hook meets it when training is under way: a context, a kernel that is
// known, live buffers. The code is the library's own, from the trampoline down; the driver is a
// function that returns at once, so that what is measured is ours.
//
//   Scene scene(10'000);
//   scene.launch(direct);                 // the driver's entry itself
//   scene.launch(trampoline);             // through the hook: three pointers looked up, a scan
//   launched behind scene.look_up();                      // only what that launch needs to know:
//   kernel, context, three buffers
//
// One at a time, one thread. The runtime stays for the rest of the process, as it does in a
// program.
#pragma once

#include <cuda.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace fake {
class Driver;
}

namespace nonans::bench {

using Launch = CUresult (*)(CUfunction, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,
                            unsigned, CUstream, void**, void**);

// The driver's cuLaunchKernel: does nothing.
extern const Launch direct;
// The exported cuLaunchKernel of the library, with `direct` behind it.
extern const Launch trampoline;

class Scene {
 public:
  explicit Scene(size_t buffers);
  ~Scene();
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  // One launch of a kernel with three pointers, into buffers that change from call to call.
  CUresult launch(Launch through) noexcept;
  // How many of kernel, context and three buffers were found: 5.
  int look_up() noexcept;
  // Scans launched since the start.
  static uint64_t scans() noexcept;

 private:
  CUdeviceptr next() noexcept { return addresses_[at_++ & (addresses_.size() - 1)]; }

  std::unique_ptr<fake::Driver> driver_;
  std::vector<CUdeviceptr> addresses_;  // inside buffers, in no order; a power of two of them
  size_t at_ = 0;
};

// Before any Scene: the trampoline has nothing to do but pass on. `off`: the process is not watched
// at all.
void watch_nothing(bool off) noexcept;

}  // namespace nonans::bench
