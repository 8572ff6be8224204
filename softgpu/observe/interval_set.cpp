// SPDX-License-Identifier: MIT
#include "observe/interval_set.hpp"

#include <algorithm>

namespace softgpu::observe {
namespace {

constexpr size_t kCollect = 1U << 14;

}  // namespace

void IntervalSet::add(uint64_t address, uint64_t size) {
  if (size == 0) return;
  if (!collected_.empty()) {
    Interval& last = collected_.back();
    if (address >= last.address && address <= last.address + last.size) {
      last.size = std::max(last.size, address + size - last.address);
      return;
    }
  }
  collected_.push_back({address, size});
  // As much again as there is: sorting stays a small part of the work.
  if (collected_.size() >= std::max(kCollect, merged_.size())) merge();
}

void IntervalSet::add(const IntervalSet& other) {
  for (const Interval& i : other.intervals()) add(i.address, i.size);
}

void IntervalSet::merge() const {
  merged_.insert(merged_.end(), collected_.begin(), collected_.end());
  collected_.clear();
  std::sort(merged_.begin(), merged_.end(),
            [](const Interval& a, const Interval& b) { return a.address < b.address; });
  size_t out = 0;
  for (const Interval& i : merged_) {
    if (out > 0 && i.address <= merged_[out - 1].address + merged_[out - 1].size) {
      Interval& last = merged_[out - 1];
      last.size = std::max(last.size, i.address + i.size - last.address);
    } else {
      merged_[out++] = i;
    }
  }
  merged_.resize(out);
}

const std::vector<Interval>& IntervalSet::intervals() const {
  if (!collected_.empty()) merge();
  return merged_;
}

uint64_t IntervalSet::bytes() const {
  uint64_t sum = 0;
  for (const Interval& i : intervals()) sum += i.size;
  return sum;
}

}  // namespace softgpu::observe
