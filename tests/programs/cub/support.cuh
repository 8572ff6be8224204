// SPDX-License-Identifier: MIT
// Calling CUB: each algorithm is called twice, first with null for the bytes of scratch that it
// needs.
//
//   run_cub([&](void* scratch, size_t& bytes) { return cub::DeviceReduce::Sum(scratch, bytes, ...);
//   });
#pragma once

#include <vector>

#include "cases.hpp"
#include "support/program.hpp"

template <typename Call>
void run_cub(const Call& call) {
  std::size_t bytes = 0;
  CHECK_CUDA(call(nullptr, bytes));
  const program::DeviceArray<unsigned char> scratch(bytes);
  CHECK_CUDA(call(scratch.data(), bytes));
  CHECK_CUDA(cudaDeviceSynchronize());
}

template <typename T>
void tell(Results& results, const std::string& what, const std::vector<T>& got,
          const std::vector<T>& wanted) {
  results.tell(what, wanted.size(), program::fingerprint(got),
               got.size() == wanted.size() &&
                   std::memcmp(got.data(), wanted.data(), got.size() * sizeof(T)) == 0);
}

// Whole numbers below `below`.
template <typename T>
std::vector<T> random_values(std::size_t count, std::uint64_t seed, std::uint64_t below) {
  program::Random random(seed + count);
  std::vector<T> values(count);
  for (T& value : values) value = static_cast<T>(random.bits() % below);
  return values;
}

// One element, a part of a tile, an odd number of tiles, and the size asked for.
inline std::vector<std::size_t> sizes_up_to(std::size_t size) {
  std::vector<std::size_t> sizes = {1, 1000, 10007};
  while (!sizes.empty() && sizes.back() >= size) sizes.pop_back();
  sizes.push_back(size);
  return sizes;
}
