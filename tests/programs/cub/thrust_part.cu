// SPDX-License-Identifier: MIT
// Thrust, which calls CUB and allocates by itself.
#include <thrust/device_vector.h>
#include <thrust/functional.h>
#include <thrust/sort.h>
#include <thrust/transform_reduce.h>

#include <algorithm>
#include <numeric>

#include "support.cuh"

namespace {

struct Square {
  __host__ __device__ long long operator()(int value) const {
    return static_cast<long long>(value) * value;
  }
};

}  // namespace

void thrust_cases(Results& results, std::size_t size) {
  for (const std::size_t count : sizes_up_to(size)) {
    const auto keys = random_values<int>(count, 51, 1u << 12);
    std::vector<float> values(count);
    std::iota(values.begin(), values.end(), 0.0F);

    thrust::device_vector<int> device_keys(keys.begin(), keys.end());
    thrust::device_vector<float> device_values(values.begin(), values.end());
    thrust::stable_sort_by_key(device_keys.begin(), device_keys.end(), device_values.begin());
    std::vector<float> sorted(count);
    thrust::copy(device_values.begin(), device_values.end(), sorted.begin());
    std::stable_sort(values.begin(), values.end(), [&](float x, float y) {
      return keys[static_cast<std::size_t>(x)] < keys[static_cast<std::size_t>(y)];
    });
    tell(results, "thrust sort by key", sorted, values);

    const long long total = thrust::transform_reduce(device_keys.begin(), device_keys.end(),
                                                     Square{}, 0LL, thrust::plus<long long>());
    long long wanted = 0;
    for (const int key : keys) wanted += Square{}(key);
    tell(results, "thrust sum of squares", std::vector<long long>{total},
         std::vector<long long>{wanted});
  }
}
