// SPDX-License-Identifier: MIT
// Finds reads of memory that nobody has written.
//
//   InitCheck check([](const std::string& report) { … });
//   check.allocated(address, size);   // the driver tells; in tests, the test
//   check.written(address, 16);       // so do copies and fills
//   launch.observer = &check;
//
// Kept for each byte: written or not, since the memory came to be. For global memory that is since
// its allocation (allocations that nobody told of count as written: module variables, pinned and
// managed memory, which the host writes without a call); for shared and local memory since the
// block started. A copy marks its destination as written whatever its source was. The stack of a
// thread is not cleared between calls, so a local variable that takes the place of an earlier one
// counts as written. Reads of parameters are not checked.
//
// One report for each instruction of a launch.
#pragma once

#include <memory>

#include "observe/report.hpp"

namespace softgpu::observe {

class GlobalShadow;  // init_check.cpp

class InitCheck : public engine::Observer {
 public:
  explicit InitCheck(Sink sink);
  ~InitCheck() override;
  std::unique_ptr<engine::LaunchObserver> begin(const engine::LaunchInfo& launch) override;
  void allocated(uint64_t address, uint64_t size) override;
  void released(uint64_t address, uint64_t size) override;
  void written(uint64_t address, uint64_t size) override;

 private:
  Sink sink_;
  std::unique_ptr<GlobalShadow> global_;
};

}  // namespace softgpu::observe
