// SPDX-License-Identifier: MIT
// DeviceSelect: by a predicate and by flags; the look-back here carries counts.
#include <cub/device/device_select.cuh>

#include "support.cuh"

using program::DeviceArray;

namespace {

struct DivisibleBy3 {
  __host__ __device__ bool operator()(int value) const { return value % 3 == 0; }
};

std::vector<int> first(const DeviceArray<int>& values, const DeviceArray<int>& count) {
  std::vector<int> all = values.to_host();
  all.resize(static_cast<std::size_t>(count.to_host()[0]));
  return all;
}

}  // namespace

void select_cases(Results& results, std::size_t size) {
  for (const std::size_t count : sizes_up_to(size)) {
    const auto values = random_values<int>(count, 41, 1u << 16);
    const auto flags = random_values<unsigned char>(count, 42, 2);
    std::vector<int> divisible, flagged;
    for (std::size_t i = 0; i < count; ++i) {
      if (DivisibleBy3{}(values[i])) divisible.push_back(values[i]);
      if (flags[i] != 0) flagged.push_back(values[i]);
    }
    const DeviceArray<int> in(values), out(count), selected(1);
    const DeviceArray<unsigned char> device_flags(flags);
    run_cub([&](void* scratch, std::size_t& bytes) {
      return cub::DeviceSelect::If(scratch, bytes, in.data(), out.data(), selected.data(),
                                   static_cast<int>(count), DivisibleBy3{});
    });
    tell(results, "select by predicate", first(out, selected), divisible);
    run_cub([&](void* scratch, std::size_t& bytes) {
      return cub::DeviceSelect::Flagged(scratch, bytes, in.data(), device_flags.data(), out.data(),
                                        selected.data(), static_cast<int>(count));
    });
    tell(results, "select by flags", first(out, selected), flagged);
  }
}
