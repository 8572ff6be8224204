// SPDX-License-Identifier: MIT
#include "command/variables.hpp"

namespace softgpu::command {

std::span<const Variable> variables() {
  static constexpr Variable kVariables[] = {
      {"SOFTGPU_DEVICES", "--devices", "N", "how many devices there are"},
      {"SOFTGPU_CC", "--cc", "X.Y", "compute capability"},
      {"SOFTGPU_MEMORY", "--memory", "BYTES", "memory of a device: 512M, 8G"},
      {"SOFTGPU_THREADS", "--threads", "N", "host threads that execute blocks"},
      {"SOFTGPU_CLOCK", "--clock", "wall|model",
       "what events and %globaltimer follow: the time of the host, or modelled time of a GPU"},
      {"SOFTGPU_CHECK", "--check", "race,init", "checkers to turn on"},
      {"SOFTGPU_BOUNDS", "--bounds", "exact|page", "which overruns fault"},
      {"SOFTGPU_TRACE", "--trace", "FILE", "write down the bytes that each launch wrote and read"},
      {"SOFTGPU_SCHED", "--sched", "SEED", "run everything in an order drawn from this number"},
      {"SOFTGPU_WEAK", "--weak", "0|1", "delay plain stores as the memory model allows"},
  };
  return kVariables;
}

}  // namespace softgpu::command
