// SPDX-License-Identifier: MIT
// Which kinds of activity records are collected: for all contexts, and for single ones.
#pragma once

#include <cstdint>

#include "cupti/api.hpp"

namespace softgpu::cupti {

// What cuptiActivityEnableContext or DisableContext said of the context, else what was said for
// all.
bool kind_enabled(CUpti_ActivityKind kind, uint32_t context_id);
bool any_kind_enabled();
// Kernels, copies and fills: what the driver has to time.
bool any_work_kind_enabled();
// CUPTI_ACTIVITY_KIND_DRIVER with the choices of cuptiActivityEnableDriverApi.
bool api_record_wanted(CUpti_CallbackId id, uint32_t context_id);
void disable_all_kinds();

}  // namespace softgpu::cupti
