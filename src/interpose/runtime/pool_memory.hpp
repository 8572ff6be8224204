// SPDX-License-Identifier: MIT
// Whose memory a pool hands out.
#pragma once

#include "memory/buffer_registry.hpp"

namespace nonans::interpose {

// Fills in the kind and the device of a buffer that came from a pool. The pool may be of another
// device than the current context's, of the host, or managed: only the driver knows, and is asked.
// For a pointer that it cannot place (cuPointerGetAttributes then answers 0 for the memory type)
// the device stays unknown, and the buffer is left alone.
void describe_pool_memory(memory::Buffer& buffer) noexcept;

}  // namespace nonans::interpose
