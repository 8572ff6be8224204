// SPDX-License-Identifier: MIT
// The UCI handwritten digits: 1,797 images of 8 x 8 pixels, 0..16 each, and the digit they show.
//
//   Dataset all = read_digits("build/data/digits.csv");  // throws, naming file and line
//   auto [train, test] = split(all, 360, rng);
//
// The network sees the pixels as counts of a detector, not brought to unit range: (pixel - 8) *
// 1280, so up to +-10,240. That is what 14-bit cameras, X-ray detectors and audio converters
// deliver, and all of it fits fp16. It leaves a factor of six to the largest fp16 number, which a
// layer or two can use up.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace train {

inline constexpr int kPixels = 64;
inline constexpr int kClasses = 10;
inline constexpr float kCountsPerLevel = 1280.0F;

struct Dataset {
  std::vector<float> x;         // samples * kPixels
  std::vector<int32_t> labels;  // samples
  int samples() const { return static_cast<int>(labels.size()); }
};

// splitmix64: the same numbers on every machine, which std::shuffle and the std distributions do
// not promise.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next();
  uint32_t below(uint32_t bound);
  float uniform(float from, float to);

 private:
  uint64_t state_;
};

std::vector<int> shuffled(int count, Random& random);

Dataset read_digits(const std::string& path);
Dataset pick(const Dataset& from, const std::vector<int>& order, int first, int count);
// {training, test}, drawn at random.
std::pair<Dataset, Dataset> split(const Dataset& all, int test_samples, Random& random);

}  // namespace train
