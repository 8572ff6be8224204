// SPDX-License-Identifier: MIT
// The way to the software device's libcuda.so.1.
//
// It is the one that is loaded, or the one the loader finds. NVIDIA's own driver has no table for
// us: then nothing here can work, every function says so and answers CUPTI_ERROR_NOT_INITIALIZED.
#pragma once

#include "cupti/api.hpp"
#include "driver/export_table.hpp"

namespace softgpu::cupti {

// nullptr if there is none.
const driver::TraceTable* trace_table();

// What we are told by the driver; installed as long as a subscriber or an activity kind needs it.
void update_listening();

// Nanoseconds: CLOCK_REALTIME, or what the client's callback says.
uint64_t now();

}  // namespace softgpu::cupti
