// SPDX-License-Identifier: MIT
// SOFTGPU_CLOCK=model: how long operations take on the clock of a modelled H100 (softgpu/model).
//
// An operation begins when all that it depends on has ended (its stream, events, the legacy stream,
// nodes before it) and everything that the submitting thread had waited for; then comes the gap of
// a launch, then its own time. So time passes along the same edges that order the work, and the
// host's clock is in none of it: the same calls give the same times in each run. The time that the
// host itself takes counts nothing. Streams do not slow each other down: each has the device to
// itself.
//
// Each kernel, copy and fill adds a line to the trace, marked "modelled".
#pragma once

#include <cstdint>
#include <string>

#include "model/work.hpp"

namespace softgpu::driver {

class Operation;
struct Side;

// What %globaltimer reads at time 0: not 0, which programs take for "not set".
inline constexpr uint64_t kModelEpoch = 1'000'000'000;

// All in nanoseconds. The gap between what came before and the operation; a kernel's own time; the
// whole time of a copy or fill, with its gap.
int64_t modelled_gap(const Operation& operation);
int64_t modelled_kernel(const std::string& name, uint64_t grid_id, int64_t start,
                        const model::Work& work);
int64_t modelled_copy(const Operation& operation, const Side& to, const Side& from, uint64_t bytes);
int64_t modelled_fill(const Operation& operation, uint64_t bytes);

}  // namespace softgpu::driver
