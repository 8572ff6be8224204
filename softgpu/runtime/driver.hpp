// SPDX-License-Identifier: MIT
// The driver underneath: found as NVIDIA's runtime finds it, at the first call that needs it.
//
// Everything goes through cuGetProcAddress of whatever library answers to libcuda.so.1, so that a
// library which interposes that way sees this runtime exactly as it sees NVIDIA's.
#pragma once

#include "runtime/runtime_api.hpp"

namespace softgpu::runtime {

struct Driver {
#define SOFTGPU_DRIVER(name, version) PFN_##name##_v##version name = nullptr;
#define SOFTGPU_DRIVER_STREAM(name, version, per_thread) PFN_##name##_v##version name = nullptr;
#include "runtime/driver_functions.inc"
#undef SOFTGPU_DRIVER
#undef SOFTGPU_DRIVER_STREAM
};

// Which stream the handle 0 means: the legacy one, or the calling thread's (functions ending in
// _ptsz and _ptds).
enum class Streams { legacy, per_thread };

// The driver, loaded and initialised, in the variant that takes 0 for the given stream. Otherwise
// what is wrong:
//   cudaErrorInsufficientDriver     no libcuda.so.1, or it is older than this runtime
//   what cuInit answered            cudaErrorNoDevice, cudaErrorInitializationError after a fork,
//   ...
// Thread-safe; the answer of loading stays, that of cuInit is asked again until it is success.
cudaError_t find_driver(Streams streams, const Driver*& out);

// The driver if it has been initialised in this very process, else null. Never loads it.
const Driver* initialised_driver();

// cuGetProcAddress of the driver, for cudaGetDriverEntryPoint; no cuInit.
cudaError_t find_resolver(PFN_cuGetProcAddress_v12000& out);

}  // namespace softgpu::runtime
