// SPDX-License-Identifier: MIT
// The parts of program_cub, one translation unit each, because CUB's templates take long to
// compile.
#pragma once

#include <cstddef>
#include <string>

struct Results {
  int failed = 0;
  // Tells one comparison on stdout; `bits` is the fingerprint of what the device computed.
  void tell(const std::string& what, std::size_t size, const std::string& bits, bool good);
};

// `size` is the largest number of elements; smaller ones, down to 1, are derived from it.
void reduce_cases(Results& results, std::size_t size);
void scan_cases(Results& results, std::size_t size);
void radix_sort_cases(Results& results, std::size_t size);
void merge_sort_cases(Results& results, std::size_t size);
void select_cases(Results& results, std::size_t size);
void thrust_cases(Results& results, std::size_t size);
