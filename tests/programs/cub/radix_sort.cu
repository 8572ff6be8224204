// SPDX-License-Identifier: MIT
// DeviceRadixSort: keys of 32 and 64 bits, floats with signed zeros and infinities, pairs.
#include <algorithm>
#include <cub/device/device_radix_sort.cuh>
#include <limits>
#include <numeric>

#include "support.cuh"

using program::DeviceArray;

namespace {

void pairs(Results& results, std::size_t size) {
  const auto keys = random_values<std::uint32_t>(size, 21, 1u << 16);
  std::vector<int> places(size);
  std::iota(places.begin(), places.end(), 0);
  const DeviceArray<std::uint32_t> keys_in(keys), keys_out(size);
  const DeviceArray<int> values_in(places), values_out(size);
  run_cub([&](void* scratch, std::size_t& bytes) {
    return cub::DeviceRadixSort::SortPairs(scratch, bytes, keys_in.data(), keys_out.data(),
                                           values_in.data(), values_out.data(),
                                           static_cast<int>(size));
  });
  // A radix sort is stable, so the places are determined.
  std::stable_sort(places.begin(), places.end(), [&](int x, int y) {
    return keys[static_cast<std::size_t>(x)] < keys[static_cast<std::size_t>(y)];
  });
  std::vector<std::uint32_t> sorted(keys);
  std::sort(sorted.begin(), sorted.end());
  tell(results, "radix sort of pairs, keys", keys_out.to_host(), sorted);
  tell(results, "radix sort of pairs, values", values_out.to_host(), places);
}

void floats(Results& results, std::size_t size) {
  program::Random random(size);
  std::vector<float> keys(size);
  for (float& key : keys) key = random.signed_unit() * 1e6F;
  if (size > 4) {
    keys[1] = std::numeric_limits<float>::infinity();
    keys[2] = -keys[1];
    keys[3] = 0.0F;
  }
  const DeviceArray<float> in(keys), out(size);
  run_cub([&](void* scratch, std::size_t& bytes) {
    return cub::DeviceRadixSort::SortKeysDescending(scratch, bytes, in.data(), out.data(),
                                                    static_cast<int>(size));
  });
  std::sort(keys.begin(), keys.end(), std::greater<>());
  tell(results, "radix sort of floats, descending", out.to_host(), keys);
}

}  // namespace

void radix_sort_cases(Results& results, std::size_t size) {
  for (const std::size_t count : sizes_up_to(size)) {
    pairs(results, count);
    floats(results, count);
  }
}
