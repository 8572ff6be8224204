// SPDX-License-Identifier: MIT
// From a record to the client's buffers.
//
// A record may come up anywhere: in an API call, on a worker thread of the driver. The client's
// functions are slow and may do anything, so a record is only queued there. It gets into a buffer
// of the client's on the delivery thread, or in cuptiActivityFlushAll.
#pragma once

#include <cstddef>

#include "cupti/api.hpp"

namespace softgpu::cupti {

// Without memory for it a record counts as dropped.
void append_bytes(const void* record, size_t size) noexcept;

template <typename Record>
void append(const Record& record) {
  append_bytes(&record, sizeof record);
}

// Bytes of a record of this kind; 0 for kinds that are not collected.
size_t size_of(CUpti_ActivityKind kind);

// Hands over everything, including buffers that are not full. INVALID_OPERATION without callbacks.
CUptiResult flush();

}  // namespace softgpu::cupti
