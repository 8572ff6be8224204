// SPDX-License-Identifier: MIT
// What the scan must do, written from src/resolve/scan_abi.h and DESIGN's rules and from nothing of
// the kernel: one element at a time, values decoded to double, no masks, no lists.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "resolve/scan_abi.h"

namespace scan_test {

// One output or input: its elements' bits in index order, and how they lie in memory.
struct Tensor {
  uint8_t type = NN_F32;
  uint64_t rows = 1, row_elems = 0;
  uint64_t gap = 0;     // bytes between the end of a row and the next row
  uint64_t offset = 0;  // bytes from a 256-aligned address to the first element
  bool exact = false;   // the allocation ends where the last element ends
  uint8_t flags = 0;
  uint16_t arg = 0;
  std::vector<uint64_t> bits;
};

struct Scenario {
  std::vector<Tensor> outputs, inputs;
  uint8_t mode = 1;
  uint8_t policy_nan = NN_ZERO, policy_pos_inf = NN_SATURATE, policy_neg_inf = NN_KEEP;
  bool raced = false, captured = false;
  uint32_t max_dirty_launches = 0, step = 0, kernel_id = 3;
  unsigned blocks = 4;
};

struct Expected {
  bool dirty = false;
  uint64_t nan = 0, pos_inf = 0, neg_inf = 0, repaired = 0, first_index = 0, first_bits = 0,
           fill_bits = 0;
  unsigned origin = 0, resolution = 0;
  std::vector<uint64_t> bits;  // afterwards
};

unsigned bytes_of(unsigned type);
enum class Class { finite, nan, pos_inf, neg_inf };
Class class_of(unsigned type, uint64_t bits);
// Some value of that class; for e4m3, which has no infinity, NaN. `finite` gives one near the
// largest.
uint64_t bits_of(unsigned type, Class value_class);

// `earlier`: dirty launches of the same kernel and step before this one.
std::vector<Expected> reference(const Scenario& scenario, uint32_t earlier = 0);

}  // namespace scan_test
