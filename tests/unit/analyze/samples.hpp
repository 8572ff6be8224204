// SPDX-License-Identifier: MIT
// The kernels of tests/kernels/analysis_samples.cu as profiles, and launches for them.
//
//   for (int arch : kArchs) { const KernelProfile& p = sample(arch, "add_f32"); … }
//   Arguments a; a.pointer(0x10000).pointer(0x20000).i32(1000);
//   Extent e = evaluate(p.writes[0], a.launch({4, 1, 1}, {256, 1, 1}));
#pragma once

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "analyze/profile.hpp"

namespace nonans::test {

inline constexpr int kArchs[] = {75, 90};

const analyze::KernelProfile& sample(int arch, const std::string& kernel);

// Parses a module and profiles its only kernel. Fails the test when the text does not parse.
analyze::KernelProfile profile_of(const std::string& ptx);
// The same for a kernel body: `params` and registers are declared for it, see the .cpp.
analyze::KernelProfile profile_of_body(const std::string& params, const std::string& body);

class Arguments {
 public:
  Arguments& pointer(uint64_t v) { return put(v); }
  Arguments& i32(int32_t v) { return put(v); }
  Arguments& u32(uint32_t v) { return put(v); }
  Arguments& u64(uint64_t v) { return put(v); }
  Arguments& f32(float v) { return put(v); }
  analyze::LaunchShape launch(std::array<uint32_t, 3> grid, std::array<uint32_t, 3> block) const {
    analyze::LaunchShape s;
    for (unsigned i = 0; i < 3; ++i) {
      s.grid[i] = grid[i];
      s.block[i] = block[i];
    }
    s.params = bytes_;
    return s;
  }

 private:
  template <typename T>
  Arguments& put(T v) {
    while (bytes_.size() % sizeof v) bytes_.push_back(std::byte{0});
    const size_t at = bytes_.size();
    bytes_.resize(at + sizeof v);
    std::memcpy(bytes_.data() + at, &v, sizeof v);
    return *this;
  }
  std::vector<std::byte> bytes_;
};

}  // namespace nonans::test
