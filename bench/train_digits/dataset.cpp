// SPDX-License-Identifier: MIT
#include "dataset.hpp"

#include <charconv>
#include <fstream>
#include <numeric>
#include <stdexcept>

namespace train {

uint64_t Random::next() {
  uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

uint32_t Random::below(uint32_t bound) {
  return static_cast<uint32_t>(((next() >> 32) * bound) >> 32);
}

float Random::uniform(float from, float to) {
  return from + (to - from) * static_cast<float>(next() >> 40) * 0x1p-24F;
}

std::vector<int> shuffled(int count, Random& random) {
  std::vector<int> order(static_cast<size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  for (size_t i = order.size(); i > 1; --i) {
    std::swap(order[i - 1], order[random.below(static_cast<uint32_t>(i))]);
  }
  return order;
}

Dataset read_digits(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error(path + ": cannot be read; scripts/setup.sh fetches it");
  Dataset data;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    const char* at = line.data();
    const char* end = at + line.size();
    int values[kPixels + 1];
    for (int i = 0; i <= kPixels; ++i) {
      auto [next, error] = std::from_chars(at, end, values[i]);
      int top = i < kPixels ? 16 : kClasses - 1;
      bool separated = i == kPixels || (next < end && *next == ',');
      if (error != std::errc{} || values[i] < 0 || values[i] > top || !separated) {
        throw std::runtime_error(path + ":" + std::to_string(number) + ": value " +
                                 std::to_string(i + 1) + " is not a number from 0 to " +
                                 std::to_string(top));
      }
      at = next + 1;
    }
    for (int i = 0; i < kPixels; ++i) {
      data.x.push_back(static_cast<float>(values[i] - 8) * kCountsPerLevel);
    }
    data.labels.push_back(values[kPixels]);
  }
  return data;
}

Dataset pick(const Dataset& from, const std::vector<int>& order, int first, int count) {
  Dataset data;
  for (int i = first; i < first + count; ++i) {
    int sample = order[static_cast<size_t>(i)];
    auto row = from.x.begin() + static_cast<std::ptrdiff_t>(sample) * kPixels;
    data.x.insert(data.x.end(), row, row + kPixels);
    data.labels.push_back(from.labels[static_cast<size_t>(sample)]);
  }
  return data;
}

std::pair<Dataset, Dataset> split(const Dataset& all, int test_samples, Random& random) {
  if (all.samples() <= test_samples) {
    throw std::runtime_error("only " + std::to_string(all.samples()) + " samples, of which " +
                             std::to_string(test_samples) + " are needed for the test");
  }
  std::vector<int> order = shuffled(all.samples(), random);
  int training = all.samples() - test_samples;
  return {pick(all, order, 0, training), pick(all, order, training, test_samples)};
}

}  // namespace train
