// SPDX-License-Identifier: MIT
// The memory of one context's ring of records: pages that this process shares with the device and
// with nobody else.
//
// A memfd, so that the pages do not belong to the driver: they outlive the context, and a report
// can still be read after error 700 or a kill. Falls back to anonymous shared pages where
// memfd_create is not allowed.
#pragma once

#include <cstddef>

#include "resolve/scan_abi.h"

namespace nonans::interpose {

class SharedRing {
 public:
  SharedRing() = default;
  ~SharedRing() { close(); }
  SharedRing(const SharedRing&) = delete;
  SharedRing& operator=(const SharedRing&) = delete;

  bool open() noexcept;  // zeroed, version and capacity set
  void close() noexcept;
  nn_ring_host* get() const { return ring_; }
  static constexpr size_t kBytes = (sizeof(nn_ring_host) + 4095) / 4096 * 4096;

 private:
  nn_ring_host* ring_ = nullptr;
};

}  // namespace nonans::interpose
