// SPDX-License-Identifier: MIT
// The environment a program needs to run under NoNans.
//
//   Device device = choose_device(Device::automatic);  // says so when it falls back to software
//   use_device(device);
//   preload(find_library());                           // keeps what is preloaded already
#pragma once

#include <string>

namespace nonans::cli {

enum class Device { automatic, gpu, soft };

// `automatic` becomes `gpu` if a CUDA driver with a device answers, else `soft`. The driver is
// asked in a child process: a broken one must not take us down, and nothing of it may stay in a
// process that goes on to be another program.
Device choose_device(Device wanted);

// Puts the software device first where the loader looks for libcuda.so.1, or leaves everything as
// it is. Throws std::runtime_error when the software device is wanted and not installed.
void use_device(Device device);

// Adds `library` to LD_PRELOAD, behind what is there: AddressSanitizer, for one, must be first.
// The other of libnonans.so and libnonans-shadow.so is taken out: two of us in one process would
// both hook. Throws std::runtime_error if the path cannot be written in LD_PRELOAD.
void preload(const std::string& library);

}  // namespace nonans::cli
