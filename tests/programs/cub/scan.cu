// SPDX-License-Identifier: MIT
// DeviceScan: one pass, in which each block looks back at the blocks before it and spins until one
// of them has published its prefix. Without progress of all blocks it never ends; without the fence
// between prefix and flag it is wrong under weak memory.
#include <cub/device/device_scan.cuh>

#include "support.cuh"

using program::DeviceArray;

namespace {

template <typename T>
void sums(Results& results, const char* type, std::size_t size) {
  const auto values = random_values<T>(size, 11, 5);
  const DeviceArray<T> in(values), out(size);
  std::vector<T> inclusive(size), exclusive(size);
  T running{};
  for (std::size_t i = 0; i < size; ++i) {
    exclusive[i] = running;
    running = static_cast<T>(running + values[i]);
    inclusive[i] = running;
  }
  run_cub([&](void* scratch, std::size_t& bytes) {
    return cub::DeviceScan::InclusiveSum(scratch, bytes, in.data(), out.data(),
                                         static_cast<int>(size));
  });
  tell(results, std::string("inclusive scan ") + type, out.to_host(), inclusive);
  run_cub([&](void* scratch, std::size_t& bytes) {
    return cub::DeviceScan::ExclusiveSum(scratch, bytes, in.data(), out.data(),
                                         static_cast<int>(size));
  });
  tell(results, std::string("exclusive scan ") + type, out.to_host(), exclusive);
}

}  // namespace

void scan_cases(Results& results, std::size_t size) {
  for (const std::size_t count : sizes_up_to(size)) {
    sums<int>(results, "int", count);
    sums<double>(results, "double", count);
  }
}
