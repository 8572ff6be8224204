// SPDX-License-Identifier: MIT
// What the getting-in half says when it leaves something alone: one line on stderr the first time,
// a counter always.
//
//   note(Notice::unknown_abi, "cuCtxCreate");
//   noted(Notice::unknown_abi)                    // how often, for the summary
//
// Written with one write(2) from a buffer on the stack: it may run inside dlsym, before
// constructors, in any thread.
#pragma once

#include <cstdint>

namespace nonans::interpose {

enum class Notice : uint8_t {
  no_real_dlsym,  // libc's own dlsym was not found: lookups return null
  unknown_abi,  // the driver answered with a variant that cuda.h of our build does not know: passed
                // on
  missing_entry,  // a hooked function was called through our export, but no driver in the process
                  // has it
  no_driver,      // the shadow stands where the driver should be, and found none behind it
  stop_handlers,  // more stop handlers than places: the extra one is not called
  hook_failed,    // our share of a hook threw: what the call was about is not known to us
  opened_late,    // not preloaded but opened with dlopen, when all pointers have been handed out
  count,
};

void note(Notice notice, const char* detail) noexcept;
uint64_t noted(Notice notice) noexcept;

}  // namespace nonans::interpose
