// SPDX-License-Identifier: MIT
// The dlsym and dlvsym that we stand in for, and lookups through them that do not depend on who
// asks.
#pragma once

#include <atomic>

namespace nonans::interpose {

// False if they cannot be found: then every lookup answers null. Cheap after the first call.
bool find_real_dlsym() noexcept;

// The real dlsym (or dlvsym, with a version), called from this library: RTLD_NEXT means "after us".
// A failure leaves its text for dlerror().
void* lookup(void* handle, const char* name, const char* version = nullptr) noexcept;

}  // namespace nonans::interpose

// What the assembler stubs jump to. Set before they do.
extern "C" {
[[gnu::visibility("hidden")]] extern std::atomic<void*> nonans_real_dlsym;
[[gnu::visibility("hidden")]] extern std::atomic<void*> nonans_real_dlvsym;
}
