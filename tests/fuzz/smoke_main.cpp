// SPDX-License-Identifier: MIT
// usage: PROGRAM COUNT    feeds COUNT pseudo-random inputs to the fuzz target: noise, and noise
// with long runs of zeros and ones, as lengths and counters often are. Always the same ones.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int main(int count, char** arguments) {
  const long inputs = count > 1 ? std::strtol(arguments[1], nullptr, 10) : 1000;
  std::mt19937 random(1);
  for (long i = 0; i < inputs; ++i) {
    std::vector<uint8_t> bytes(random() % 2048);
    uint8_t fixed = 0;
    for (size_t at = 0; at < bytes.size(); ++at) {
      if (at % 16 == 0) fixed = random() % 3 ? 0 : random() % 2 ? 0xff : 1;
      bytes[at] = i % 2 && random() % 4 ? fixed : static_cast<uint8_t>(random());
    }
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  }
  std::printf("%ld inputs\n", inputs);
  return 0;
}
