// SPDX-License-Identifier: MIT
// The one subscriber, and which callbacks it has enabled.
#pragma once

#include "cupti/api.hpp"

namespace softgpu::cupti {

bool subscribed();
// Whether there is a subscriber that has the callback enabled: a few loads.
bool wanted(CUpti_CallbackDomain domain, CUpti_CallbackId id);
// Calls it, if it is still there.
void deliver(CUpti_CallbackDomain domain, CUpti_CallbackId id, const void* data);
// Removes the subscriber, whoever it is.
void drop_subscriber();

}  // namespace softgpu::cupti
