// SPDX-License-Identifier: MIT
// Device memory of the trainer, in one of the two ways programs have it.
//
//   Memory memory(cuda, /*pool=*/true);
//   CUdeviceptr weights = memory.allocate(bytes);     // zeroed; freed with `memory`
//
// Without the pool every buffer is an allocation of its own, and whoever watches the driver knows
// where it ends. With it the driver sees one allocation of 64 MiB and the buffers are cut from it
// in blocks of 512 B, as PyTorch's caching allocator does: neighbours touch, and nothing outside
// this program knows where one ends.
#pragma once

#include <cstddef>
#include <vector>

#include "driver.hpp"

namespace train {

class Memory {
 public:
  Memory(const Driver& cuda, bool pool);
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  CUdeviceptr allocate(size_t bytes);

 private:
  CUdeviceptr from_driver(size_t bytes);

  const Driver& cuda_;
  std::vector<CUdeviceptr> owned_;
  CUdeviceptr pool_ = 0;
  size_t used_ = 0;
};

}  // namespace train
