// SPDX-License-Identifier: MIT
// What nvcc made of sample.cu.
#pragma once

#include <fstream>
#include <iterator>
#include <string>

#include "support/catch.hpp"

namespace image_test {

inline std::string sample(const std::string& name) {
  std::ifstream file(std::string(IMAGE_SAMPLES "/") + name, std::ios::binary);
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace image_test
