// SPDX-License-Identifier: MIT
// usage: PROGRAM COUNT [FOLDER]    feeds COUNT pseudo-random inputs to the fuzz target: noise, and
// noise with long runs of zeros and ones, as lengths and counters often are. With a folder of
// seeds: each seed as it is, and then every second input is a seed that was cut and changed in a
// few places. Always the same ones.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

using Input = std::vector<uint8_t>;

std::vector<Input> read_seeds(const char* folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) paths.push_back(entry);
  std::sort(paths.begin(), paths.end());
  std::vector<Input> seeds;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return seeds;
}

Input noise(std::mt19937& random, bool runs) {
  Input bytes(random() % 2048);
  uint8_t fixed = 0;
  for (size_t at = 0; at < bytes.size(); ++at) {
    if (at % 16 == 0) fixed = random() % 3 ? 0 : random() % 2 ? 0xff : 1;
    bytes[at] = runs && random() % 4 ? fixed : static_cast<uint8_t>(random());
  }
  return bytes;
}

Input changed(std::mt19937& random, Input seed) {
  if (random() % 4 == 0) seed.resize(random() % (seed.size() + 1));
  for (size_t changes = random() % 4; changes > 0 && !seed.empty(); --changes) {
    seed[random() % seed.size()] = static_cast<uint8_t>(random());
  }
  return seed;
}

}  // namespace

int main(int count, char** arguments) {
  const long inputs = count > 1 ? std::strtol(arguments[1], nullptr, 10) : 1000;
  const std::vector<Input> seeds = count > 2 ? read_seeds(arguments[2]) : std::vector<Input>();
  std::mt19937 random(1);
  for (const Input& seed : seeds) LLVMFuzzerTestOneInput(seed.data(), seed.size());
  for (long i = 0; i < inputs; ++i) {
    const Input bytes = !seeds.empty() && i % 2 ? changed(random, seeds[random() % seeds.size()])
                                                : noise(random, i % 4 > 1);
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  }
  std::printf("%ld inputs, %zu seeds\n", inputs, seeds.size());
  return 0;
}
