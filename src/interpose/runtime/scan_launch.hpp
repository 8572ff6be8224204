// SPDX-License-Identifier: MIT
// Queues the scan kernel behind an application's launch. For launch hooks: no lock, no allocation.
//
// The scan goes to the same stream through the same entry variant (ptsz or not). Attributes of the
// application's cuLaunchKernelEx that decide when work runs and who sees its stores are copied:
// priority and memory synchronisation domain. Those that shape the kernel (clusters, cooperative,
// shared memory) are not.
#pragma once

#include <cuda.h>

#include <cstdint>

#include "api/function.hpp"
#include "resolve/scan_abi.h"

namespace nonans::interpose {

// True if the launch lets others go on before it has finished (programmatic or launch-completion
// events): what reads its outputs may be ahead of the scan, so that the scan must only look.
bool releases_early(const CUlaunchConfig* config) noexcept;

// Takes back every claim that rests on the profile being that of the code which ran.
void unprove(nn_scan_params& scan) noexcept;

CUresult launch_scan(CUfunction kernel, uint32_t blocks, CUstream stream,
                     api::StreamFlavour flavour, const CUlaunchConfig* config,
                     nn_scan_params& scan) noexcept;

}  // namespace nonans::interpose
