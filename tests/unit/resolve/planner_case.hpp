// SPDX-License-Identifier: MIT
// A launch for the planner's tests, put together from accesses whose extents are given.
//
//   Case c;
//   c.buffers.add({.base = a, .size = n, .context = kContext, .device = kDevice});
//   c.write(a, ElementType::f32, exact(a, a + 64));
//   const Plan plan = c.plan();                      // and c.scan: what the device would get
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "memory/buffer_registry.hpp"
#include "resolve/planner.hpp"

namespace nonans::test {

using analyze::Access;
using analyze::ElementType;
using analyze::Extent;
using resolve::Mode;
using resolve::Plan;

inline constexpr uint64_t kContext = 0xc0;
inline constexpr int32_t kDevice = 1;

// Access::line is the index of its extent here.
inline thread_local std::vector<Extent> extents;
inline Extent given(const Access& access, const analyze::LaunchShape&) {
  return extents[access.line];
}

struct Case {
  analyze::KernelProfile profile;
  std::vector<uint64_t> arguments;
  memory::BufferRegistry buffers;
  resolve::Policy policy;
  nn_scan_params scan = {};
  Mode mode = Mode::resolve;
  resolve::Place place{.context = kContext, .device = kDevice, .multiprocessors = 4};

  Case() {
    extents.clear();
    profile.complete_writes = profile.complete_reads = true;
  }
  Access& access(std::vector<Access>& list, uint64_t root, ElementType type, Extent extent) {
    Access a;
    a.param_offset = static_cast<uint16_t>(arguments.size() * 8);
    a.param_index = static_cast<int16_t>(arguments.size());
    a.type = type;
    a.line = static_cast<uint32_t>(extents.size());
    arguments.push_back(root);
    extent.root = root;
    extents.push_back(extent);
    list.push_back(a);
    return list.back();
  }
  Access& write(uint64_t root, ElementType type, Extent extent) {
    return access(profile.writes, root, type, extent);
  }
  Access& read(uint64_t root, ElementType type, Extent extent) {
    return access(profile.reads, root, type, extent);
  }
  Plan plan(resolve::Decision::What what = resolve::Decision::What::full) {
    scan = {};
    analyze::LaunchShape shape;
    shape.params = std::as_bytes(std::span(arguments));
    return resolve::plan_scan(profile, shape, buffers, mode, policy, {what}, place, scan, &given);
  }
};

inline Extent exact(uint64_t begin, uint64_t end) {
  return {.root = begin,
          .may = {true, begin, end},
          .must = {.known = true,
                   .base = begin,
                   .rows = 1,
                   .row_bytes = end - begin,
                   .pitch = end - begin},
          .exact = true};
}
inline Extent rows(uint64_t base, uint64_t count, uint64_t row_bytes, uint64_t pitch) {
  return {
      .root = base,
      .may = {true, base, base + (count - 1) * pitch + row_bytes},
      .must = {.known = true, .base = base, .rows = count, .row_bytes = row_bytes, .pitch = pitch},
      .exact = true};
}
inline Extent superset(uint64_t begin, uint64_t end) {
  return {.root = begin, .may = {true, begin, end}, .must = {}, .exact = false};
}
inline const Extent kUnknown = {};

}  // namespace nonans::test
