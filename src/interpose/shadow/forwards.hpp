// SPDX-License-Identifier: MIT
// What the shadow exports for the driver functions that are not hooked: an entry each that jumps to
// the real driver's.
//
//   cuCtxGetCurrent:   load nonans_forward_entries[i]; jump to it        (forwards_x86_64.S,
//   forwards_aarch64.S)
//
// No register and no stack slot of the call is touched, so nobody needs to know the functions'
// types, and the driver sees the application as its caller. An entry of the table is null until its
// function is first called: then the stub asks nonans_resolve_forward(), which opens the driver if
// nobody has.
//
// The names come from cuda.h, cudaProfiler.h, and from cudaGL.h, cudaEGL.h and cudaVDPAU.h, whose
// functions are in the same library (api/generated/forwards.inc).
#pragma once

#include <atomic>
#include <cstdint>

namespace nonans::interpose::shadow {

enum ForwardIndex : uint32_t {
#define NONANS_FORWARD(index, name) kForward_##name = index,
#include "api/generated/forwards.inc"
#undef NONANS_FORWARD
  kForwardCount
};

// Is this address one of the stubs?
bool is_forward(const void* address) noexcept;

}  // namespace nonans::interpose::shadow

extern "C" {
[[gnu::visibility("hidden")]] extern std::atomic<void*>
    nonans_forward_entries[nonans::interpose::shadow::kForwardCount];
// Where the stub is to jump: the driver's entry, or, where it has none, a function that answers
// CUDA_ERROR_SHARED_OBJECT_SYMBOL_NOT_FOUND.
[[gnu::visibility("hidden")]] void* nonans_resolve_forward(uint32_t index) noexcept;
// The first and the last byte of the stubs' section.
[[gnu::visibility("hidden")]] extern const char nonans_forwards_begin[];
[[gnu::visibility("hidden")]] extern const char nonans_forwards_end[];
}
