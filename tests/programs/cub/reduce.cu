// SPDX-License-Identifier: MIT
// DeviceReduce and DeviceSegmentedReduce.
#include <algorithm>
#include <cub/device/device_reduce.cuh>
#include <cub/device/device_segmented_reduce.cuh>
#include <numeric>

#include "support.cuh"

using program::DeviceArray;

namespace {

// Values are whole numbers whose sums are exact in T, so the order of additions does not matter.
template <typename T>
void sum(Results& results, const char* type, std::size_t size) {
  const auto values = random_values<T>(size, 1, 8);
  const DeviceArray<T> in(values), out(1);
  run_cub([&](void* scratch, std::size_t& bytes) {
    return cub::DeviceReduce::Sum(scratch, bytes, in.data(), out.data(), static_cast<int>(size));
  });
  T wanted{};
  for (const T value : values) wanted = static_cast<T>(wanted + value);
  tell(results, std::string("reduce sum ") + type, out.to_host(), std::vector<T>{wanted});
}

void arg_min(Results& results, std::size_t size) {
  const auto values = random_values<float>(size, 2, 1u << 20);
  const DeviceArray<float> in(values), least(1);
  const DeviceArray<int> place(1);
  run_cub([&](void* scratch, std::size_t& bytes) {
    return cub::DeviceReduce::ArgMin(scratch, bytes, in.data(), least.data(), place.data(),
                                     static_cast<int>(size));
  });
  const auto at = std::min_element(values.begin(), values.end());
  tell(results, "reduce arg-min", place.to_host(),
       std::vector<int>{static_cast<int>(at - values.begin())});
  tell(results, "reduce minimum", least.to_host(), std::vector<float>{*at});
}

void segments(Results& results, std::size_t size) {
  // Segments of 0 to 299 elements.
  program::Random random(3);
  const auto values = random_values<double>(size, 3, 100);
  std::vector<int> begins{0};
  while (static_cast<std::size_t>(begins.back()) < size) {
    begins.push_back(static_cast<int>(std::min<std::size_t>(
        size, static_cast<std::size_t>(begins.back()) + random.bits() % 300)));
  }
  const std::size_t count = begins.size() - 1;
  const DeviceArray<double> in(values), out(count);
  const DeviceArray<int> offsets(begins);
  run_cub([&](void* scratch, std::size_t& bytes) {
    return cub::DeviceSegmentedReduce::Sum(scratch, bytes, in.data(), out.data(),
                                           static_cast<int>(count), offsets.data(),
                                           offsets.data() + 1);
  });
  std::vector<double> wanted(count);
  for (std::size_t i = 0; i < count; ++i) {
    wanted[i] = std::accumulate(values.begin() + begins[i], values.begin() + begins[i + 1], 0.0);
  }
  tell(results, "segmented reduce", out.to_host(), wanted);
}

}  // namespace

void reduce_cases(Results& results, std::size_t size) {
  for (const std::size_t count : sizes_up_to(size)) {
    sum<int>(results, "int", count);
    sum<float>(results, "float", count);
    sum<double>(results, "double", count);
    arg_min(results, count);
    segments(results, count);
  }
}
