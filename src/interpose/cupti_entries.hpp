// SPDX-License-Identifier: MIT
// The four functions by which a program takes and leaves CUPTI's place for a subscriber:
// cuptiSubscribe, cuptiSubscribe_v2, cuptiUnsubscribe, cuptiFinalize.
//
// They are exported, for programs that link libcupti (Kineto does), and handed out by dlsym
// (dlsym_routing.cpp), for those that open it. Each passes the call on to the library that it was
// meant for, with our own subscription out of the way (cupti/slot.hpp), and returns what that
// library answered. Nothing else of CUPTI is touched.
//
// Not seen: a call through a pointer that was found without dlsym, or under RTLD_DEEPBIND. It finds
// the place taken, if we have it.
#pragma once

namespace nonans::interpose {

// Which of the four, or -1.
int cupti_entry_named(const char* name) noexcept;
bool is_cupti_entry(const void* address) noexcept;
// What to hand out for `found`, that function of some copy of libcupti: an entry that passes on to
// that very copy. With more copies than places, `found` itself.
void* cupti_entry_for(int function, void* found) noexcept;

}  // namespace nonans::interpose
