// SPDX-License-Identifier: MIT
#pragma once

namespace softgpu::driver {

// Says once on stderr that the function is not supported; answers CUDA_ERROR_NOT_SUPPORTED.
int not_supported(const char* function) noexcept;

}  // namespace softgpu::driver
