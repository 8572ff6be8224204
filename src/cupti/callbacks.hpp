// SPDX-License-Identifier: MIT
// The callbacks that a session enables, and what each tells the receiver.
//
// Single ids, never a domain and never activity: a domain costs every call of the program two
// callbacks, and activity records were seen to cost 10 to 20 % of a training step. What is left is
// calls that are slow by themselves: loads, allocations, contexts.
//
//   RESOURCE    MODULE_LOADED (the image, inside the call), MODULE_UNLOAD_STARTING,
//               CONTEXT_CREATED, CONTEXT_DESTROY_STARTING
//   DRIVER_API  every spelling of the allocations and frees of plain, pitched, managed, pooled and
//               host memory; module and library loads and unloads; on request, launches
//
// Older versions do not know every id; what they do not know they do not call.
#pragma once

#include "cupti/library.hpp"
#include "cupti/receiver.hpp"

namespace nonans::cupti {

// `user` is a Receiver.
void CUPTIAPI on_callback(void* user, CUpti_CallbackDomain domain, CUpti_CallbackId id,
                          const void* data) noexcept;

// Not success: an id that every version knows was refused.
CUptiResult enable_callbacks(const Library& library, CUpti_SubscriberHandle handle, bool launches);

}  // namespace nonans::cupti
