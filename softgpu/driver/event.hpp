// SPDX-License-Identifier: MIT
// Events: a point in a stream, and when it was reached.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "driver/stream.hpp"

namespace softgpu::driver {

// The operation that cuEventRecord puts on a stream. A broken context still completes it, without a
// time.
class RecordOperation final : public StreamOperation {
 public:
  using StreamOperation::StreamOperation;
  // On the clock that the device keeps; for differences only.
  int64_t nanoseconds() const { return at_.load(std::memory_order_acquire); }

 private:
  void run(Context&) override;
  std::atomic<int64_t> at_{0};
};

struct CapturedRecord;

struct Event {
  CUevent handle = nullptr;
  std::shared_ptr<Context> context;
  unsigned flags = 0;

  // The latest cuEventRecord; nullptr if there was none.
  std::shared_ptr<RecordOperation> recorded() const {
    const std::lock_guard lock(mutex);
    return record;
  }
  mutable std::mutex mutex;
  std::shared_ptr<RecordOperation> record;

  // If the latest record was in a capture; under the graph lock.
  std::shared_ptr<CapturedRecord> captured;
};
using EventPtr = std::shared_ptr<Event>;

using EventTable = HandleTable<Event, CUevent, HandleKind::event>;
EventTable& events();
void destroy_events_of(const Context& context);

}  // namespace softgpu::driver
