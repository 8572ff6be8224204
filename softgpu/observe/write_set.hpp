// SPDX-License-Identifier: MIT
// Which bytes of global memory each launch wrote and read.
//
//   WriteSet set;
//   launch.observer = &set;
//   engine::run(kernel, launch, space);
//   for (auto [address, size] : set.last().written.intervals()) …
//
// Exact: a byte is written if an active lane's st, atom, red, or copy wrote it, and read likewise
// (an atomic does both). Predicated-off lanes and accesses that fault do not count. Under weak
// memory a store counts when it is executed. .const variables are global memory.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "engine/observer.hpp"
#include "observe/interval_set.hpp"

namespace softgpu::observe {

struct LaunchBytes {
  std::string kernel;
  engine::Dim3 grid, block;
  uint64_t grid_id = 0;
  std::string fault;  // its message; empty: the launch ended well
  IntervalSet written, read;
};

// Calls `done` when a launch has ended, on the thread that ran it.
class LaunchBytesObserver : public engine::Observer {
 public:
  explicit LaunchBytesObserver(std::function<void(LaunchBytes&&)> done) : done_(std::move(done)) {}
  std::unique_ptr<engine::LaunchObserver> begin(const engine::LaunchInfo& launch) override;

 private:
  std::function<void(LaunchBytes&&)> done_;
};

// Keeps them. Launches may run on several threads; read it when none does.
class WriteSet : public LaunchBytesObserver {
 public:
  WriteSet();
  const std::vector<LaunchBytes>& launches() const { return launches_; }
  const LaunchBytes& last() const { return launches_.back(); }
  // What the last launch wrote.
  const std::vector<Interval>& intervals() const { return last().written.intervals(); }

 private:
  std::mutex mutex_;
  std::vector<LaunchBytes> launches_;
};

}  // namespace softgpu::observe
