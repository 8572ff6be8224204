// SPDX-License-Identifier: MIT
// From what an operation did to how long an H100 would take for it: a roofline.
//
//   const Estimate e = kernel_time(counter.work());
//   e.seconds          // 4.1e-6
//   e.bound            // "memory": what took longest
//
// A kernel takes as long as the slowest of
//   memory           every 32-byte sector it touches once, at the bandwidth of device memory
//   issue            warp instructions
//   float, double, integer, special, convert, shuffle    thread instructions of that unit
//   shared           bytes read and written in shared memory
//   matrix           multiplications and additions of mma and wmma
// All but memory are shared by as many multiprocessors as the launch has blocks, at most 132.
//
// Left out, so that a kernel here is mostly faster than on hardware: latency, occupancy, caches
// that are too small, uncoalesced accesses and bank conflicts, atomics on one address, the tail of
// a grid that is no multiple of the multiprocessors, what ptxas makes of an instruction (a division
// counts as one), memory of the host or of a peer that a kernel reaches (counts as device memory).
#pragma once

#include "model/work.hpp"

namespace softgpu::model {

struct Estimate {
  double seconds = 0;
  const char* bound = "launch";  // nothing to do but to start
};

Estimate kernel_time(const Work& work);

enum class Route : uint8_t { within_device, to_or_from_host, between_devices, within_host };
double copy_time(uint64_t bytes, Route route);
double fill_time(uint64_t bytes);

}  // namespace softgpu::model
