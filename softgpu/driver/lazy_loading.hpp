// SPDX-License-Identifier: MIT
// When is a function on the device? CUDA_MODULE_LOADING=LAZY (the default since CUDA 12.2) leaves
// it to the function's first use, EAGER loads it with its module or library.
//
//   if (CUresult r = first_use(*function); r != CUDA_SUCCESS) return r;   // then launch it
//
// A driver may have to wait for the context before it can put code on the device ("Lazy Loading",
// potential hazards, in the CUDA programming guide). Whether it does depends on the driver and on
// the moment, so programs that break by it break rarely. This device always waits: a kernel that
// spins until another, not yet loaded one has run never sees it run, each time. For the same reason
// a first use is a potentially unsafe call: a capture that prohibits those is invalidated by it.
#pragma once

#include "driver/cuda_api.hpp"

namespace softgpu::driver {

struct Function;
struct Context;

bool lazy_loading();

// Waits for the function's context when this is the first use. STREAM_CAPTURE_UNSUPPORTED in a
// capture; the context's fault if it has one. Not to be called with a lock held: what it waits for
// may want it.
CUresult first_use(Function& function);

// EAGER: a context that comes after a library has its code from the beginning.
void load_libraries_into(Context& context);

}  // namespace softgpu::driver
