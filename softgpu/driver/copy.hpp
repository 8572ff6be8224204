// SPDX-License-Identifier: MIT
// Copies and fills as operations. memcpy.cpp, memcpy_rect.cpp and memset.cpp translate the API's
// forms into these.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "driver/stream.hpp"

namespace softgpu::driver {

// One side of a copy: `depth` slices of `height` rows of `width` bytes. Row (y, z) starts at
// base + z * slice_pitch + y * pitch.
struct Side {
  uint64_t base = 0;
  uint64_t pitch = 0, slice_pitch = 0;
  std::byte* host = nullptr;  // where base's bytes are in this process
  bool device = false;        // device-only memory: checked again when the copy runs
  bool pageable = false;      // plain host memory, neither pinned nor registered
  int ordinal = 0;            // of device-only memory: whose
};

struct Extent {
  uint64_t width = 0, height = 1, depth = 1;
  bool empty() const { return width == 0 || height == 0 || depth == 0; }
};

enum class Accepts { device_pointer, host_pointer, any };

// Finds the memory of a side. INVALID_VALUE for a freed or unknown device pointer, one whose rows
// run past its allocation, or a pageable host pointer where a device pointer is wanted.
CUresult locate(Side& side, const Extent& extent, Accepts accepts);

// How the host takes part: `async` follows the documented rules for pageable memory (read before
// the call returns; written before the call returns), `sync` waits.
// Both sides of a copy as the API describes it (memcpy_rect.cpp), found in memory as above.
CUresult sides_of(const CUDA_MEMCPY3D& copy, Side& to, Side& from, Extent& extent);

// One execution of a copy or fill between located sides.
OperationPtr make_copy(const std::shared_ptr<Context>& context, const Side& to, const Side& from,
                       const Extent& extent);
OperationPtr make_fill(const std::shared_ptr<Context>& context, const Side& to,
                       const Extent& extent, uint32_t pattern, unsigned pattern_bytes);

enum class HostWaits { async, sync };
CUresult copy(const StreamPtr& stream, Side to, Side from, const Extent& extent, HostWaits waits);

// Fills rows with a pattern of 1, 2 or 4 bytes; width counts bytes.
CUresult fill(const StreamPtr& stream, Side to, const Extent& extent, uint32_t pattern,
              unsigned pattern_bytes, HostWaits waits);

}  // namespace softgpu::driver
