// SPDX-License-Identifier: MIT
// The memory through which the blocks of a cooperative launch wait for each other: two 32-bit words
// at the address in %envreg1 (high half) and %envreg2, the size of the workspace and a counter that
// starts at zero. CUDA's cooperative groups read it (cooperative_groups/details/driver_abi.h); it
// is 0 in every other launch.
#pragma once

#include "state.hpp"

namespace softgpu::engine {

inline constexpr u64 kGridWorkspaceBytes = 8;

class GraphConditions;

// What every GridInfo of a launch is part of (launch.cpp).
struct RunningGrid : GridInfo {
  u64 workspace = 0;
  GraphConditions* conditions = nullptr;  // of a launch in a graph (graph_conditions.hpp)
};

inline u64 grid_workspace(const GridInfo& grid) {
  return static_cast<const RunningGrid&>(grid).workspace;
}
inline GraphConditions* graph_conditions(const GridInfo& grid) {
  return static_cast<const RunningGrid&>(grid).conditions;
}

}  // namespace softgpu::engine
