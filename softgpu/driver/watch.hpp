// SPDX-License-Identifier: MIT
// Tells observers (engine/observer.hpp) of device memory that comes, goes or is written by the
// host. Without observers each is one load and no call.
#pragma once

#include <cstdint>

#include "engine/observer.hpp"

namespace softgpu::driver {

inline void tell_allocated(uint64_t address, uint64_t size) {
  for (engine::Observer* observer : engine::observers()) observer->allocated(address, size);
}
inline void tell_released(uint64_t address, uint64_t size) {
  for (engine::Observer* observer : engine::observers()) observer->released(address, size);
}
inline void tell_written(uint64_t address, uint64_t size) {
  for (engine::Observer* observer : engine::observers()) observer->written(address, size);
}

}  // namespace softgpu::driver
