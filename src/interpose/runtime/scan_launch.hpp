// SPDX-License-Identifier: MIT
// Queues the scan kernel behind an application's launch. For launch hooks: no lock, no allocation.
//
// The scan goes to the same stream through the same entry variant (ptsz or not). Attributes of the
// application's cuLaunchKernelEx that decide when work runs and who sees its stores are copied:
// priority, memory synchronisation domain and its map. (A stream's own attributes hold for the scan
// as for any launch.) Everything else is not, attributes of a future cuda.h included: what shapes
// the kernel (clusters, cooperative, shared memory, access-policy window), and what ties it to
// others (programmatic launch, events, device-updatable nodes).
//
// Programmatic dependent launch (PROGRAMMATIC_STREAM_SERIALIZATION) lets a kernel begin before the
// one before it in the stream has ended. With a scan between the two, that one is the scan: it has
// no such attribute, so it begins when its kernel has ended, and gives no early signal, so the next
// kernel begins when the scan has ended. The overlap is lost and the order is right.
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
