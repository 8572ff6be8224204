// SPDX-License-Identifier: MIT
// Copies between the memories of two devices.
#pragma once

#include "driver/copy.hpp"

namespace softgpu::driver {

// What the API says about one side of a peer copy: memory in the memory of this context.
// INVALID_CONTEXT for a handle that is none, INVALID_VALUE for a pointer into another device's
// memory, or the context's own fault.
CUresult check_peer(CUcontext context, uint64_t pointer);

// A synchronous copy in a default stream: it starts after everything submitted to either device,
// and what is submitted to either device later starts after it (CUDA C++ Programming Guide,
// "Peer-to-Peer Memory Copy"). Both sides are located; returns before the copy is done.
CUresult copy_between_devices(const StreamPtr& stream, const Side& to, const Side& from,
                              const Extent& extent);

}  // namespace softgpu::driver
