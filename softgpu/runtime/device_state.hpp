// SPDX-License-Identifier: MIT
// Each thread's current device, and the primary contexts that this library has retained.
#pragma once

#include "runtime/driver.hpp"

namespace softgpu::runtime {

// A context is current afterwards: whatever the program made current, else the primary context of
// the thread's device.
cudaError_t ensure_context(const Driver& driver);

// The device of the current context, or without one that of the thread (0 until cudaSetDevice).
// Makes no context.
cudaError_t current_device(const Driver& driver, CUdevice& device);

// cudaErrorInvalidDevice unless there is a device of that number.
cudaError_t check_device(const Driver& driver, int device);

// Retains the primary context of a device if this library does not hold it already.
cudaError_t primary_context(const Driver& driver, CUdevice device, CUcontext& context);

// cudaSetDevice: the primary context of the device becomes the current one of this thread.
cudaError_t select_device(const Driver& driver, int device);

// cudaDeviceReset: the primary context is taken down; the next call makes it anew.
cudaError_t reset_device(const Driver& driver, CUdevice device);

}  // namespace softgpu::runtime
