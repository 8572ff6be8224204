// SPDX-License-Identifier: MIT
// Where a scan runs in a test: on a CUDA device through the driver API, or compiled for the host
// with one thread per block. The suite does not know which.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "resolve/scan_abi.h"

namespace scan_test {

class Device {
 public:
  virtual ~Device() = default;
  virtual uint64_t allocate(size_t bytes) = 0;  // aligned to 256; freed by release()
  virtual void release() = 0;                   // everything allocated so far
  virtual void write(uint64_t address, const void* bytes, size_t size) = 0;
  virtual void read(uint64_t address, void* bytes, size_t size) = 0;
  // Runs nonans_scan to the end. ring_host is set to the device's address of ring().
  virtual void launch(nn_scan_params params, unsigned blocks) = 0;
  virtual nn_ring_host& ring() = 0;
  // How many random cases a second of test time buys here.
  virtual int random_cases() const = 0;
};

// Defined by the executable.
Device& test_device();

}  // namespace scan_test
