// SPDX-License-Identifier: MIT
// CUDA_INJECTION64_PATH: a tool that cuInit brings into the process.
//
// NVIDIA's driver opens the library that the variable names and calls its `int
// InitializeInjection(void)` before cuInit returns; that is how its own profilers get in, and what
// CUPTI's sample cupti_trace_injection is built on. What it does when that fails is not documented:
// here one line on stderr says so, and the program goes on.
#pragma once

namespace softgpu::driver {

// Once, by the cuInit that initialised the driver. No lock may be held: the tool subscribes to
// CUPTI and may call the driver.
void bring_in_tool() noexcept;

}  // namespace softgpu::driver
