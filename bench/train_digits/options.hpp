// SPDX-License-Identifier: MIT
// What the command line of train_digits asks for.
#pragma once

#include <cstdint>
#include <string>

namespace train {

struct Options {
  std::string data = "build/data/digits.csv";
  std::string precision = "f16";  // f16: the hidden activations are __half; f32: the reference
  std::string image = "fatbin";   // fatbin: machine code and PTX; ptx: PTX alone; else a file
  float learning_rate = 0.03F;
  int steps = 300;
  int batch = 32;
  uint64_t seed = 2;
  int log_every = 25;        // 0: say nothing but the result
  bool pool = false;         // cut every buffer from one allocation, as PyTorch's allocator does
  bool stop_on_nan = false;  // leave the loop at the first non-finite loss
  std::string json;          // where to write the result, empty: nowhere
  std::string save_weights;  // where to write the weights, raw, empty: nowhere
};

// Prints help or an error and leaves the program where the command line asks for that.
Options parse_options(int argc, char** argv);

}  // namespace train
