// SPDX-License-Identifier: MIT
// Kernels that are left alone because of what they are, whatever is known about their code.
//
//   if (waits_for_other_devices("ncclDevKernel_AllReduce_Sum_f32_RING_LL(…)")) …no scan…
//
// Kernels of collective communication spin until the other devices' kernels arrive. Where the
// hardware runs two streams through one queue, a scan behind such a kernel can stand before what
// another device waits for: all devices then wait for ever. What they write is also written to by
// others while they run. So no scan follows them; they are known by name.
//
// Decided once, when a kernel becomes known, never in a launch hook.
#pragma once

#include <string_view>

namespace nonans::resolve {

// `name`: demangled, or the symbol itself where it is no mangled name.
bool waits_for_other_devices(std::string_view name) noexcept;

}  // namespace nonans::resolve
