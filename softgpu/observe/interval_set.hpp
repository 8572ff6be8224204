// SPDX-License-Identifier: MIT
// A set of bytes as disjoint intervals of addresses.
//
//   IntervalSet set;
//   set.add(0x1000, 4);
//   set.add(0x1004, 4);
//   for (auto [address, size] : set.intervals()) …   // one interval: 0x1000, 8
//
// add() is cheap for neighbours that come one after the other and otherwise collects; intervals()
// sorts what was collected. No locks.
#pragma once

#include <cstdint>
#include <vector>

namespace softgpu::observe {

struct Interval {
  uint64_t address = 0, size = 0;
  bool operator==(const Interval&) const = default;
};

class IntervalSet {
 public:
  void add(uint64_t address, uint64_t size);
  void add(const IntervalSet& other);
  // Ascending, not empty, none touches the next.
  const std::vector<Interval>& intervals() const;
  uint64_t bytes() const;

 private:
  void merge() const;
  mutable std::vector<Interval> merged_, collected_;
};

}  // namespace softgpu::observe
