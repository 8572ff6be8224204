// SPDX-License-Identifier: MIT
// Streams that wait for, or set, words of memory: the operation behind cuStreamWaitValue*,
// cuStreamWriteValue*, cuStreamBatchMemOp and batch nodes of graphs.
#pragma once

#include <span>

#include "driver/stream.hpp"

namespace softgpu::driver {

// Finds the words and checks the flags. INVALID_VALUE, or NOT_SUPPORTED for what this device cannot
// do (flushing remote writes). The operation does them one after the other. It looks the words up
// again at each access: those that have gone by then break the context with ILLEGAL_ADDRESS.
CUresult make_batch(const std::shared_ptr<Context>& context,
                    std::span<const CUstreamBatchMemOpParams> operations, OperationPtr& out);

}  // namespace softgpu::driver
