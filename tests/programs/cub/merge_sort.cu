// SPDX-License-Identifier: MIT
// DeviceMergeSort with a comparison of the program's own, and DeviceHistogram.
#include <algorithm>
#include <cub/device/device_histogram.cuh>
#include <cub/device/device_merge_sort.cuh>

#include "support.cuh"

using program::DeviceArray;

namespace {

// By the last digit, then by value.
struct ByLastDigit {
  __host__ __device__ bool operator()(int x, int y) const {
    return x % 10 != y % 10 ? x % 10 < y % 10 : x < y;
  }
};

void merge_sort(Results& results, std::size_t size) {
  auto keys = random_values<int>(size, 31, 1u << 20);
  const DeviceArray<int> device(keys);
  run_cub([&](void* scratch, std::size_t& bytes) {
    return cub::DeviceMergeSort::StableSortKeys(scratch, bytes, device.data(),
                                                static_cast<int>(size), ByLastDigit{});
  });
  std::stable_sort(keys.begin(), keys.end(), ByLastDigit{});
  tell(results, "merge sort", device.to_host(), keys);
}

void histogram(Results& results, std::size_t size) {
  constexpr int kBins = 64;
  const auto values = random_values<float>(size, 32, 1000);
  const DeviceArray<float> in(values);
  const DeviceArray<int> bins(kBins);
  run_cub([&](void* scratch, std::size_t& bytes) {
    return cub::DeviceHistogram::HistogramEven(scratch, bytes, in.data(), bins.data(), kBins + 1,
                                               0.0F, 1024.0F, static_cast<int>(size));
  });
  std::vector<int> wanted(kBins);
  for (const float value : values) ++wanted[static_cast<std::size_t>(value) / 16];
  tell(results, "histogram", bins.to_host(), wanted);
}

}  // namespace

void merge_sort_cases(Results& results, std::size_t size) {
  for (const std::size_t count : sizes_up_to(size)) {
    merge_sort(results, count);
    histogram(results, count);
  }
}
