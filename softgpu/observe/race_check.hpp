// SPDX-License-Identifier: MIT
// Finds races in shared memory: two threads of a block touch a byte, at least one writes it, and
// nothing puts one before the other.
//
//   RaceCheck check([](const std::string& report) { … });
//   launch.observer = &check;
//
// "Before" is what the program says, not what happened to happen: each thread knows up to where it
// has seen every other thread's work (a vector clock), and learns more only by
//   bar, barrier       all that take part; bar.arrive gives and does not take
//   bar.warp.sync      the lanes of its group (shuffles and votes order no memory)
//   atomics, mbarrier  who touches a word learns what those before it knew; the same for volatile,
//   and strong ld/st   relaxed, acquire and release accesses: a store gives, a load takes. Fences
//                      are taken to be where they belong: a missing one is not found here
//                      (SOFTGPU_WEAK finds it)
//   cp.async           writes when its thread waits for it, as if the thread stored then
//   exit               gives to every later barrier of all threads of the block
// So code that relies on lanes running in step is reported even though they do here, and a race is
// found in whatever order the threads ran.
//
// Not reported: two strong accesses; writes of the value that is there already (`flag = 1` by many
// threads). One report for each pair of instructions of a launch.
#pragma once

#include "observe/report.hpp"

namespace softgpu::observe {

class RaceCheck : public engine::Observer {
 public:
  explicit RaceCheck(Sink sink) : sink_(std::move(sink)) {}
  std::unique_ptr<engine::LaunchObserver> begin(const engine::LaunchInfo& launch) override;

 private:
  Sink sink_;
};

}  // namespace softgpu::observe
