// SPDX-License-Identifier: MIT
#pragma once

#include "driver/stream.hpp"

namespace softgpu::driver {

// One call of a function of the program on a worker thread; none when the context is broken.
OperationPtr make_host_function(const std::shared_ptr<Context>& context, CUhostFn function,
                                void* data);

}  // namespace softgpu::driver
